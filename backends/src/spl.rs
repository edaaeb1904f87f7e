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
use crate::content::{analytic, macros, raw, tstats};

/// The target `spl`.
#[derive(Debug)]
pub struct Spl;

const RAW: OutputFormat = OutputFormat {
    name: "raw",
    summary: "the query and a table of its fields, to paste",
    pipeline: None,
};
const ANALYTIC: OutputFormat = OutputFormat {
    name: "analytic",
    summary: "a search in the style of ESCU, with stats and macros",
    pipeline: None,
};
const TSTATS: OutputFormat = OutputFormat {
    name: "tstats",
    summary: "a search of a data model in the style of ESCU; its pipeline is splunk_cim",
    pipeline: Some("splunk_cim"),
};
const MACROS: OutputFormat = OutputFormat {
    name: "macros",
    summary: "macros.conf with the macros that the analytics of these rules use",
    pipeline: None,
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
        &[QUERY, RAW, ANALYTIC, TSTATS, MACROS]
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
            "for tstats: data models of Splunk_SA_CIM, `security_content_summariesonly` with summariesonly=false \
             and fillnull_value=null",
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
        let queries = if options.format == TSTATS.name {
            tstats::lower(rule, options.inline_macros)?
        } else {
            lower::lower(rule)?
        };
        queries.into_iter().map(|(query, losses)| finish(query, losses, rule, options)).collect()
    }

    fn evaluate(&self, rule: &Rule<Mapped>, trials: &[Trial]) -> Result<Answers, Vec<Refusal>> {
        let macros = macros::definitions(rule).map_err(|refusal| vec![refusal])?;
        Ok(answer(lower::lower(rule)?, trials, |query, trial| {
            evaluate::evaluate(query, &macros, trial.event, trial.scoped)
        }))
    }
}

/// Gives a query its format, prints it, reads it back and compares.
fn finish(
    mut query: ast::Query,
    mut losses: Vec<Loss>,
    rule: &Rule<Mapped>,
    options: &Options,
) -> Result<Query, Vec<Refusal>> {
    match options.format {
        it if it == RAW.name => raw::extend(&mut query, rule).map_err(|refusal| vec![refusal])?,
        it if it == ANALYTIC.name || it == MACROS.name => {
            losses.extend(analytic::extend(&mut query, rule).map_err(|refusal| vec![refusal])?);
        }
        _ => {}
    }
    let definitions = macros::definitions(rule).map_err(|refusal| vec![refusal])?;
    if options.inline_macros {
        query = macros::inline(&query, &definitions).map_err(|refusal| vec![refusal])?;
    }
    let used: Vec<Macro> = macros::used(&query, &definitions);
    let printed = read_back(print::print(&query, options.width), &query.joined(), parse::parse)?;
    Ok(Query { printed, losses, macros: used, unverified: rule.body.unverified })
}
