//! Elastic's Event Query Language, as Elasticsearch runs it.

pub mod ast;
pub mod evaluate;
pub mod lower;
pub mod parse;
pub mod print;

use isogloss_compiler::ir::{Mapped, Rule};

use crate::backend::{
    Answers, Backend, Options, OutputFormat, QUERY, Query, Refusal, Trial, answer, read_back,
};
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

    fn also_called(&self) -> &'static [&'static str] {
        &[]
    }

    fn default_pipeline(&self) -> &'static str {
        "ecs"
    }

    fn formats(&self) -> &'static [OutputFormat] {
        &[QUERY]
    }

    fn constructs(&self) -> &'static [Construct] {
        &[
            Construct::Regex,
            Construct::FieldName,
            Construct::Comparison,
            Construct::Network,
            Construct::FieldReference,
        ]
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
        let queries = lower::lower(rule)?.into_iter().map(|(query, losses)| {
            let printed = print::print(&query, options.width);
            let printed = read_back(printed, &query.joined(), parse::parse)?;
            Ok(Query {
                printed,
                language: self.name(),
                losses,
                macros: Vec::new(),
                unverified: rule.body.unverified,
            })
        });
        queries.collect()
    }

    fn evaluate(&self, rule: &Rule<Mapped>, trials: &[Trial]) -> Result<Answers, Vec<Refusal>> {
        Ok(answer(lower::lower(rule)?, trials, |query, trial| {
            evaluate::evaluate(query, trial.event, trial.scoped)
        }))
    }
}
