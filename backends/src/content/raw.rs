//! The format `raw`: a query to paste, with a table of what it finds.
//!
//! ```text
//! search | table _time …
//! ```

use isogloss_compiler::ir::{Correlation, Mapped, Rule};

use super::analytic::shown_fields;
use crate::backend::Refusal;
use crate::spl::ast::{Command, Query};
use crate::spl::lower::group_columns;

/// Adds the table to a query, or says which field cannot stand in it.
pub(crate) fn extend(query: &mut Query, rule: &Rule<Mapped>) -> Result<(), Refusal> {
    let time = "_time".to_owned();
    let fields = shown_fields(rule)?.into_iter().filter(|it| *it != time);
    query.commands.push(Command::Table(std::iter::once(time.clone()).chain(fields).collect()));
    Ok(())
}

/// Adds the table to the query of a correlation: when, and in which group.
pub(crate) fn extend_correlation(query: &mut Query, correlation: &Correlation<Mapped>) {
    let fields = std::iter::once("_time".to_owned()).chain(group_columns(correlation));
    query.commands.push(Command::Table(fields.collect()));
}
