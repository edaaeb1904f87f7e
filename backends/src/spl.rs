//! Splunk's Search Processing Language.

pub mod ast;
pub mod evaluate;
pub mod lower;
pub mod parse;
pub mod print;

use isogloss_compiler::ir::{Loss, Macro, Mapped, Rule};

use crate::backend::{
    Answers, Backend, Options, OutputFormat, QUERY, Query, Refusal, Trial, answer, read_back,
};
use crate::capability::Construct;
use crate::content::{analytic, macros};
use evaluate::Evaluator;

/// The target `spl`.
#[derive(Debug)]
pub struct Spl;

const ANALYTIC: OutputFormat = OutputFormat {
    name: "analytic",
    summary: "a search in the style of ESCU, with stats and macros",
};
const MACROS: OutputFormat = OutputFormat {
    name: "macros",
    summary: "macros.conf with the macros that the analytics of these rules use",
};

impl Backend for Spl {
    fn name(&self) -> &'static str {
        "spl"
    }

    fn title(&self) -> &'static str {
        "SPL"
    }

    fn also_called(&self) -> &'static [&'static str] {
        &["splunk"]
    }

    fn default_pipeline(&self) -> &'static str {
        "splunk"
    }

    fn formats(&self) -> &'static [OutputFormat] {
        &[QUERY, ANALYTIC, MACROS]
    }

    fn constructs(&self) -> &'static [Construct] {
        &[
            Construct::Keyword,
            Construct::Regex,
            Construct::RegexBoundary,
            Construct::TypedWildcard,
            Construct::AnalysedText,
            Construct::Comparison,
            Construct::Network,
            Construct::FieldReference,
            Construct::TimePart,
        ]
    }

    fn assumes(&self) -> &'static [&'static str] {
        &[
            "Splunk_TA_windows and Splunk_TA_microsoft_sysmon, XML events",
            "numbers that are compared have at most 15 significant digits",
            "the default segmentation of events, if keywords are searched",
        ]
    }

    fn comment(&self, text: &str) -> String {
        // Three backticks end a comment, and a macro would start with one.
        format!("``` {} ```", isogloss_compiler::text::one_line(text).replace('`', "'"))
    }

    fn translate(
        &self,
        rule: &Rule<Mapped>,
        options: &Options,
    ) -> Result<Vec<Query>, Vec<Refusal>> {
        let queries = lower::lower(rule)?;
        queries.into_iter().map(|(query, losses)| finish(query, losses, rule, options)).collect()
    }

    fn evaluate(&self, rule: &Rule<Mapped>, trials: &[Trial]) -> Result<Answers, Vec<Refusal>> {
        let macros = macros::definitions(rule).map_err(|refusal| vec![refusal])?;
        let queries = lower::lower(rule)?.into_iter();
        let queries = queries.map(|(query, losses)| (Evaluator::new(query, &macros), losses));
        Ok(answer(queries.collect(), trials, |query, trial| query.finds(trial.event, trial.scoped)))
    }
}

/// Gives a query its format, prints it, reads it back and compares.
fn finish(
    mut query: ast::Query,
    mut losses: Vec<Loss>,
    rule: &Rule<Mapped>,
    options: &Options,
) -> Result<Query, Vec<Refusal>> {
    if options.format != QUERY.name {
        losses.extend(analytic::extend(&mut query, rule).map_err(|refusal| vec![refusal])?);
    }
    let definitions = macros::definitions(rule).map_err(|refusal| vec![refusal])?;
    if options.inline_macros {
        query = macros::inline(&query, &definitions).map_err(|refusal| vec![refusal])?;
    }
    let used: Vec<Macro> = macros::used(&query, &definitions);
    let printed = read_back(print::print(&query, options.width), &query.joined(), parse::parse)?;
    Ok(Query { printed, losses, macros: used, unverified: rule.body.unverified })
}
