//! Elastic's Event Query Language, as Elasticsearch runs it.

pub mod ast;
pub mod evaluate;
pub mod lower;
pub mod parse;
pub mod print;

use std::collections::BTreeSet;

use isogloss_compiler::ir::{Correlation, Mapped, Rule};

use crate::backend::{
    Answers, Backend, Options, OutputFormat, QUERY, Query, Refusal, TimedTrial, Trial, answer,
    read_back,
};
use crate::capability::Construct;

use evaluate::sequence::{self, Timed};

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
            Construct::Sequence,
        ]
    }

    fn assumes(&self) -> &'static [&'static str] {
        &[
            "elasticsearch >= 7.16",
            "process.name is the file name of process.executable",
            "for correlations: elasticsearch >= 8.6, which joins each value of a field",
            "for correlations: `maxspan` counts an event that is exactly so late, and a tiebreaker field puts \
             events of one time in the order in which they happened",
        ]
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
        let (statement, losses) = lower::lower_correlation(correlation)?;
        let printed = print::print_statement(&statement, options.width);
        let printed = read_back(printed, &statement.joined(), parse::parse_statement)?;
        let unverified = correlation.leaves().iter().any(|rule| rule.body.unverified);
        let (macros, tables) = (Vec::new(), Vec::new());
        Ok(Query { printed, language: self.name(), losses, macros, tables, unverified })
    }

    fn evaluate_correlation(
        &self,
        correlation: &Correlation<Mapped>,
        events: &[TimedTrial],
    ) -> Result<Answers, Vec<Refusal>> {
        let (statement, losses) = lower::lower_correlation(correlation)?;
        // Events without a time are in no sequence.
        let places = events.iter().enumerate();
        let mut timed: Vec<(usize, Timed)> = places
            .filter_map(|(place, it)| Some((place, Timed { event: it.event, time: it.time? })))
            .collect();
        timed.sort_by_key(|(place, it)| (it.time, *place));
        let ordered: Vec<Timed> = timed.iter().map(|(_, it)| *it).collect();
        let found = sequence::run(&statement, &ordered).unwrap_or_default();
        let found = found.into_iter().filter_map(|at| Some(timed.get(at)?.0));
        let found: BTreeSet<usize> = found.collect();
        let found = (0..events.len()).map(|place| found.contains(&place)).collect();
        Ok(Answers { found, losses })
    }
}
