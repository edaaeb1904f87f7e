//! Elastic's Event Query Language, as Elasticsearch runs it.

pub mod ast;
pub mod evaluate;
pub mod lower;
pub mod parse;
pub mod print;

use isogloss_compiler::ir::{Mapped, Rule};

use crate::backend::{Backend, Options, OutputFormat, QUERY, Query, Refusal};
use crate::capability::Construct;

/// The target `eql`.
#[derive(Debug)]
pub struct Eql;

impl Backend for Eql {
    fn name(&self) -> &'static str {
        "eql"
    }

    fn title(&self) -> &'static str {
        "EQL"
    }

    fn default_pipeline(&self) -> &'static str {
        "ecs"
    }

    fn formats(&self) -> &'static [OutputFormat] {
        &[QUERY]
    }

    fn constructs(&self) -> &'static [Construct] {
        &[Construct::Regex, Construct::FieldName, Construct::Character]
    }

    fn assumes(&self) -> &'static [&'static str] {
        &["elasticsearch >= 7.16", "process.name is the file name of process.executable"]
    }

    fn comment(&self, text: &str) -> String {
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
fn finish(
    query: &ast::Query,
    losses: Vec<isogloss_compiler::ir::Loss>,
    options: &Options,
) -> Result<Query, Vec<Refusal>> {
    let printed = print::print(query, options.width);
    if parse::parse(&printed.text).as_ref() != Ok(&query.joined()) {
        return Err(vec![Refusal::NotReadBack { text: printed.text }]);
    }
    Ok(Query { printed, losses, macros: Vec::new() })
}
