//! Splunk's Search Processing Language.

pub mod ast;
pub mod evaluate;
pub mod lower;
pub mod parse;
pub mod print;

use std::collections::BTreeSet;

use isogloss_compiler::ir::{Correlation, Loss, Macro, Mapped, Rule};

use crate::backend::{
    Answers, Backend, Options, OutputFormat, QUERY, Query, Refusal, TimedTrial, Trial, answer,
    read_back,
};
use crate::capability::Construct;
use crate::content::analytic::filter_name;
use crate::content::lookup::{self, Lookup, with_lookups};
use crate::content::{analytic, macros, raw, tstats};
use crate::correlation::is_unverified;
use evaluate::{Input, Row};

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
            Construct::LargeRegex,
            Construct::TypedWildcard,
            Construct::AnalysedText,
            Construct::Comparison,
            Construct::Network,
            Construct::NetworkOfText,
            Construct::FieldReference,
            Construct::TimePart,
            Construct::Sequence,
            Construct::Correlation,
            Construct::Count,
        ]
    }

    fn assumes(&self) -> &'static [&'static str] {
        &[
            "Splunk_TA_windows and Splunk_TA_microsoft_sysmon, XML events",
            "numbers that are compared have at most 15 significant digits",
            "the default segmentation of events, if keywords are searched",
            "for correlations: `streamstats` counts an event that is as old as its window, and events of one \
             time come in the order in which they happened",
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
            tstats::lower(rule, options)?
        } else {
            lower::lower(rule)?
        };
        queries
            .into_iter()
            .zip(1..)
            .map(|((query, losses), number)| {
                let filter = filter_name(&rule.metadata, options, number);
                finish_rule(query, losses, rule, &Settings { options, filter: &filter })
            })
            .collect()
    }

    fn evaluate(&self, rule: &Rule<Mapped>, trials: &[Trial]) -> Result<Answers, Vec<Refusal>> {
        let options = Options::query(None);
        let macros = macros::definitions(rule, "", &options).map_err(|refusal| vec![refusal])?;
        let queries = lower::lower(rule)?;
        let ready = queries
            .iter()
            .map(|(query, losses)| (evaluate::Ready::new(query, &macros), losses.clone()));
        Ok(answer(ready.collect(), trials, |query, trial| query.finds(trial.event, trial.scoped)))
    }

    fn translate_correlation(
        &self,
        correlation: &Correlation<Mapped>,
        options: &Options,
    ) -> Result<Query, Vec<Refusal>> {
        let (mut query, losses) = lower::lower_correlation(correlation)?;
        let filter = filter_name(&correlation.metadata, options, 1);
        match options.format {
            it if it == ANALYTIC.name || it == MACROS.name => {
                analytic::extend_correlation(&mut query, correlation, &filter);
            }
            it if it == RAW.name => raw::extend_correlation(&mut query, correlation),
            it if it == TSTATS.name => return Err(vec![tstats::refuse_correlation(correlation)]),
            _ => {}
        }
        let definitions = macros::definitions_of_correlation(correlation, &filter, options)
            .map_err(|refusal| vec![refusal])?;
        let unverified = is_unverified(correlation);
        let settings = Settings { options, filter: &filter };
        finish(query, losses, &definitions, unverified, &settings)
    }

    fn evaluate_correlation(
        &self,
        correlation: &Correlation<Mapped>,
        events: &[TimedTrial],
    ) -> Result<Answers, Vec<Refusal>> {
        let (query, losses) = lower::lower_correlation(correlation)?;
        let macros = macros::definitions_of_correlation(correlation, "", &Options::query(None))
            .map_err(|refusal| vec![refusal])?;
        let timed: Vec<&TimedTrial> = events.iter().filter(|it| it.time.is_some()).collect();
        let inputs = timed.iter().map(|it| Input { event: it.event, time: it.time, scoped: true });
        let rows = evaluate::run(&query, &macros, &inputs.collect::<Vec<_>>());
        let places: BTreeSet<usize> = rows.iter().filter_map(Row::last).collect();
        // Events without a time are in no window.
        let mut timed = 0..;
        let found = events.iter().map(|it| {
            it.time.is_some() && timed.next().is_some_and(|place: usize| places.contains(&place))
        });
        let found = found.collect();
        Ok(Answers { found, losses })
    }
}

/// How a query is written.
struct Settings<'s> {
    options: &'s Options,
    /// The macro by which a team excludes what it knows.
    filter: &'s str,
}

/// Gives the query of a rule its format.
fn finish_rule(
    mut query: ast::Query,
    mut losses: Vec<Loss>,
    rule: &Rule<Mapped>,
    settings: &Settings,
) -> Result<Query, Vec<Refusal>> {
    let Settings { options, filter } = settings;
    match options.format {
        it if it == RAW.name => raw::extend(&mut query, rule).map_err(|refusal| vec![refusal])?,
        it if it == ANALYTIC.name || it == MACROS.name => {
            let lost = analytic::extend(&mut query, rule, filter);
            losses.extend(lost.map_err(|refusal| vec![refusal])?);
        }
        _ => {}
    }
    let definitions =
        macros::definitions(rule, filter, options).map_err(|refusal| vec![refusal])?;
    finish(query, losses, &definitions, rule.body.unverified, settings)
}

/// Prints a query, reads it back and compares.
fn finish(
    mut query: ast::Query,
    losses: Vec<Loss>,
    definitions: &[Macro],
    unverified: bool,
    settings: &Settings,
) -> Result<Query, Vec<Refusal>> {
    let Settings { options, filter } = settings;
    if options.inline_macros {
        // A filter that is named for deployment is there to be changed.
        let kept = options.names.as_ref().map(|_| *filter);
        query = macros::inline(&query, definitions, kept).map_err(|refusal| vec![refusal])?;
    }
    let (query, definitions) = macros::rename(query, definitions, filter, &options.macro_prefix);
    let mut macros: Vec<Macro> = macros::used(&query, &definitions);
    let name = lookup::name_of(filter);
    let moved = options.max_query_bytes.and_then(|most| with_lookups(&query, most, &name));
    let (query, tables) = moved.unwrap_or((query, Vec::new()));
    macros.extend(tables.iter().map(Lookup::to_macro));
    let printed = read_back(print::print(&query, options.width), &query.joined(), parse::parse)?;
    Ok(Query { macros, tables, ..Query::new(Spl.name(), printed, losses, unverified) })
}
