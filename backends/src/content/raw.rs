//! The format `raw`: a query to paste, with a table of what it finds.
//!
//! ```text
//! search | table _time …
//! ```

use isogloss_compiler::ir::{Mapped, Rule};

use super::analytic::shown_fields;
use crate::backend::Refusal;
use crate::spl::ast::{Command, Query};

/// Adds the table to a query, or says which field cannot stand in it.
pub(crate) fn extend(query: &mut Query, rule: &Rule<Mapped>) -> Result<(), Refusal> {
    let time = "_time".to_owned();
    let fields = shown_fields(rule)?.into_iter().filter(|it| *it != time);
    query.commands.push(Command::Table(std::iter::once(time.clone()).chain(fields).collect()));
    Ok(())
}
