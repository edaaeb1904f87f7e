//! The log sources of an event, from the scopes of a pipeline that are written in Sigma's own fields.

use super::Pipeline;
use crate::ast::{Body, Logsource};
use crate::ir::{Event, Expr, Origins, Sigma, evaluate};
use crate::lower::lower_body;

/// Log sources, and what holds for their events.
#[derive(Debug, Default)]
pub struct Sources {
    rows: Vec<(Logsource, Expr<Sigma>)>,
}

impl Sources {
    /// The table of pipelines: their scopes.
    pub fn new<'p>(pipelines: impl IntoIterator<Item = &'p Pipeline>) -> Self {
        let scopes = pipelines.into_iter().flat_map(|pipeline| &pipeline.extension.scopes);
        let rows = scopes.filter_map(|scope| {
            // Whether the terms can be lowered was checked when the pipeline was read.
            let lower = |body: &Option<Body>| {
                lower_body(body.as_ref()?, &mut Origins::default(), &mut Vec::new())
            };
            let except = lower(&scope.except).map(Expr::negate);
            let terms = [lower(&scope.terms), lower(&scope.any), except];
            Some((scope.logsource.clone(), Expr::all(terms.into_iter().flatten())?))
        });
        Self { rows: rows.collect() }
    }

    /// The log sources whose terms hold for the event, without those that contain another of them: an
    /// event of `process_creation` of Sysmon is not listed as one of Sysmon again.
    pub fn of(&self, event: &Event<Sigma>) -> Vec<Logsource> {
        let fitting = self.rows.iter().filter(|(_, terms)| evaluate(terms, event));
        let all: Vec<&Logsource> = fitting.map(|(logsource, _)| logsource).collect();
        let mut narrowest: Vec<Logsource> = Vec::new();
        for logsource in &all {
            let wider = all.iter().any(|other| *other != *logsource && logsource.contains(other));
            if !wider && !narrowest.contains(*logsource) {
                narrowest.push((*logsource).clone());
            }
        }
        narrowest
    }
}
