//! Kibana Query Language.

pub mod ast;
pub mod evaluate;
pub mod lower;
pub mod parse;
pub mod print;

use isogloss_compiler::ir::{Correlation, Mapped, Rule};

use crate::backend::{
    Answers, Backend, Options, OutputFormat, QUERY, Query, Refusal, TimedTrial, Trial, answer,
    read_back,
};
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

    fn also_called(&self) -> &'static [&'static str] {
        &["kibana", "lucene"]
    }

    fn default_pipeline(&self) -> &'static str {
        "ecs"
    }

    fn formats(&self) -> &'static [OutputFormat] {
        &[QUERY]
    }

    fn constructs(&self) -> &'static [Construct] {
        &[Construct::FieldName, Construct::Character, Construct::Count]
    }

    fn assumes(&self) -> &'static [&'static str] {
        &[
            "kibana >= 8.12.1",
            "process.name is the file name of process.executable",
            "for threshold rules that group by more than three fields: kibana >= 9.2",
        ]
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
        let queries = lower::lower(rule)?.into_iter().map(|(query, losses)| {
            let printed = print::print(&query, options.width);
            let printed = read_back(printed, &query.joined(), parse::parse)?;
            Ok(Query {
                printed,
                language: self.name(),
                losses,
                macros: Vec::new(),
                tables: Vec::new(),
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

    fn translate_correlation(
        &self,
        correlation: &Correlation<Mapped>,
        options: &Options,
    ) -> Result<Query, Vec<Refusal>> {
        let (threshold, losses) = lower::lower_correlation(correlation)?;
        let printed = print::print_threshold(&threshold, options.width);
        let printed = read_back(printed, &threshold.joined(), parse::parse_threshold)?;
        let unverified = correlation.leaves().iter().any(|rule| rule.body.unverified);
        let (macros, tables) = (Vec::new(), Vec::new());
        Ok(Query { printed, language: self.name(), losses, macros, tables, unverified })
    }

    fn evaluate_correlation(
        &self,
        correlation: &Correlation<Mapped>,
        events: &[TimedTrial],
    ) -> Result<Answers, Vec<Refusal>> {
        let (threshold, losses) = lower::lower_correlation(correlation)?;
        Ok(Answers { found: evaluate::evaluate_threshold(&threshold, events), losses })
    }
}
