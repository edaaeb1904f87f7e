//! Kibana Query Language.

pub mod ast;
pub mod evaluate;
pub mod lower;
pub mod parse;
pub mod print;

use isogloss_compiler::ir::{Loss, Mapped, Rule};

use crate::backend::{Backend, Options, OutputFormat, QUERY, Query, Refusal};
use crate::capability::Construct;

/// The target `kql`.
#[derive(Debug)]
pub struct Kql;

impl Backend for Kql {
    fn name(&self) -> &'static str {
        "kql"
    }

    fn title(&self) -> &'static str {
        "KQL"
    }

    fn default_pipeline(&self) -> &'static str {
        "ecs"
    }

    fn formats(&self) -> &'static [OutputFormat] {
        &[QUERY]
    }

    fn constructs(&self) -> &'static [Construct] {
        &[Construct::FieldName, Construct::Character]
    }

    fn assumes(&self) -> &'static [&'static str] {
        &["kibana >= 8.12.1", "process.name is the file name of process.executable"]
    }

    fn comment(&self, text: &str) -> String {
        // The language has no comments; these are for people who read a listing.
        format!("// {}", isogloss_compiler::text::one_line(text))
    }

    fn translate(
        &self,
        rule: &Rule<Mapped>,
        options: &Options,
    ) -> Result<Vec<Query>, Vec<Refusal>> {
        lower::lower(rule)?
            .into_iter()
            .map(|(query, losses)| finish(&query, losses, options))
            .collect()
    }
}

/// Prints a query, reads it back and compares.
fn finish(query: &ast::Query, losses: Vec<Loss>, options: &Options) -> Result<Query, Vec<Refusal>> {
    let printed = print::print(query, options.width);
    if parse::parse(&printed.text).as_ref() != Ok(&query.joined()) {
        return Err(vec![Refusal::NotReadBack { text: printed.text }]);
    }
    Ok(Query { printed, losses, macros: Vec::new() })
}
