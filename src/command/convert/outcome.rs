//! What became of each rule, for each target.

use isogloss_backends::{Query, Refusal};
use isogloss_compiler::diagnostic::{Diagnostic, Severity};
use isogloss_compiler::ir::{Class, Fidelity, Loss, Origins, Sigma};
use isogloss_compiler::parse::abridge;
use isogloss_compiler::source::Span;
use isogloss_compiler::{File, Index, ast, ir, map_rule};
use rayon::prelude::*;

use super::Plan;
use crate::json::Status;
use crate::policy::{Level, Policy, severity};

/// One rule and what became of it.
pub(super) struct Outcome<'i> {
    pub(super) file: &'i File,
    pub(super) document: &'i ast::Document,
    /// What reading and lowering found; the same for all targets.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// One entry for each target.
    pub(super) translations: Vec<Translation>,
}

/// A rule in one target.
pub(super) struct Translation {
    pub(super) status: Status,
    pub(super) queries: Vec<Query>,
    /// What the target could not say.
    pub(super) refusals: Vec<Diagnostic>,
    /// What was lost, and what the policy says of it.
    pub(super) losses: Vec<Lost>,
}

/// A loss of one query.
pub(super) struct Lost {
    pub(super) loss: Loss,
    /// Which query, from 0.
    pub(super) query: usize,
    pub(super) level: Level,
    pub(super) spans: Vec<Span>,
}

impl Translation {
    /// How near all queries together are to the rule.
    pub(super) fn fidelity(&self) -> Option<Fidelity> {
        let losses = self.queries.iter().flat_map(|query| &query.losses);
        (self.status == Status::Converted).then(|| Fidelity::of(losses))
    }

    /// True if the query is the rule, and nothing depends on the environment.
    pub(super) fn is_without_loss(&self) -> bool {
        self.fidelity() == Some(Fidelity::Exact) && self.is_bound()
    }

    /// True if nothing depends on the environment.
    pub(super) fn is_bound(&self) -> bool {
        let unbound = self.losses.iter().any(|lost| lost.loss.kind.class() == Class::Environment);
        self.status == Status::Converted && !unbound
    }
}

/// Translates every rule to every target, on all cores; the order is that of the files.
pub(super) fn translate_all<'i>(
    index: &'i Index,
    plans: &[Plan],
    policy: &Policy,
) -> Vec<Outcome<'i>> {
    let rules: Vec<_> = index.rules().collect();
    let outcomes = rules.into_par_iter().map(|(id, file, document)| {
        let mut diagnostics = document.diagnostics.clone();
        let lowered = index.lower(id, &mut diagnostics);
        let mut diagnostics: Vec<_> =
            diagnostics.into_iter().filter_map(|it| policy.of_finding(it)).collect();
        diagnostics.sort_by_key(|it| it.labels.first().map(|label| label.span));
        let translations =
            plans.iter().map(|plan| translate(lowered.as_ref(), document, plan, policy)).collect();
        Outcome { file, document, diagnostics, translations }
    });
    outcomes.collect()
}

fn translate(
    rule: Option<&ir::Rule<Sigma>>,
    document: &ast::Document,
    plan: &Plan,
    policy: &Policy,
) -> Translation {
    let empty = |status: Status, refusals: Vec<Diagnostic>| Translation {
        status,
        queries: Vec::new(),
        refusals,
        losses: Vec::new(),
    };
    let Some(rule) = rule else { return empty(Status::Invalid, Vec::new()) };
    let mapped = map_rule(rule.clone(), &plan.pipelines);
    match plan.backend.translate(&mapped, &plan.options) {
        Ok(mut queries) => {
            // Only the text is written; where its parts come from would double the memory of a run.
            for query in &mut queries {
                query.printed.parts = Vec::new();
            }
            let losses = lost(&queries, &mapped.origins, plan.backend.name(), policy);
            if losses.iter().any(|it| it.level == Level::Deny) {
                return Translation { losses, ..empty(Status::Refused, Vec::new()) };
            }
            Translation { status: Status::Converted, queries, refusals: Vec::new(), losses }
        }
        Err(refusals) => {
            let found = refusals
                .iter()
                .filter_map(|it| refused(it, &mapped.origins, document, plan, policy));
            let mut found = found.collect();
            abridge(&mut found);
            empty(Status::Refused, found)
        }
    }
}

fn lost(queries: &[Query], origins: &Origins, target: &str, policy: &Policy) -> Vec<Lost> {
    let all = queries
        .iter()
        .enumerate()
        .flat_map(|(query, it)| it.losses.iter().map(move |loss| (query, loss)));
    all.map(|(query, loss)| Lost {
        loss: loss.clone(),
        query,
        level: policy.of_loss(loss, target),
        spans: origins.spans(&loss.origin).collect(),
    })
    .collect()
}

fn refused(
    refusal: &Refusal,
    origins: &Origins,
    document: &ast::Document,
    plan: &Plan,
    policy: &Policy,
) -> Option<Diagnostic> {
    let mut diagnostic = refusal.to_diagnostic(plan.backend, origins, document.span);
    diagnostic.severity = match refusal {
        Refusal::Unsupported { .. } => severity(policy.of_refusal())?,
        Refusal::NotReadBack { .. } => Severity::Error,
    };
    Some(diagnostic)
}
