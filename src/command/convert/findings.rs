//! What `convert` says beside its result: findings, losses, counts.

use std::collections::BTreeSet;
use std::io::IsTerminal;

use isogloss_compiler::diagnostic::{Diagnostic, Label, Severity};
use isogloss_compiler::source::{SourceMap, Span};

use super::outcome::{Lost, Outcome, Translation};
use super::{Plan, Settings};
use crate::cli::{Convert, Talk};
use crate::exit::Exit;
use crate::json::Status;
use crate::output::Output;
use crate::policy::{Level, severity};
use crate::report::{LossRow, Reporter, loss_table};

/// Losses are shown one by one up to this number of rules; beyond it as a table.
const FEW_RULES: usize = 20;

/// Reports everything, and says whether any of it was an error.
pub(super) fn report(
    outcomes: &[Outcome],
    settings: &Settings,
    talk: &Talk,
    sources: &SourceMap,
    reporter: &mut Reporter,
) -> Exit {
    let in_full = talk.verbose || outcomes.len() <= FEW_RULES;
    let findings = collect(outcomes, settings, in_full);
    let shown = findings.iter().filter(|it| talk.verbose || it.severity > Severity::Note);
    reporter.findings(shown, sources);
    if !in_full {
        for line in loss_table(&loss_rows(outcomes, settings, sources)) {
            reporter.line(&line);
        }
    }
    if findings.iter().any(Diagnostic::is_error) { Exit::Findings } else { Exit::Fine }
}

/// All findings in the order of the files. Losses that are denied are always among them.
fn collect(outcomes: &[Outcome], settings: &Settings, in_full: bool) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for outcome in outcomes {
        findings.extend(outcome.diagnostics.iter().cloned());
        for (translation, plan) in outcome.translations.iter().zip(&settings.plans) {
            findings.extend(translation.refusals.iter().cloned());
            let shown = translation.losses.iter().filter(|it| in_full || it.level == Level::Deny);
            findings.extend(shown.filter_map(|it| describe(it, outcome.document.span, plan)));
        }
    }
    findings
}

/// A loss as a finding; `None` if the policy says nothing of it.
fn describe(lost: &Lost, rule: Span, plan: &Plan) -> Option<Diagnostic> {
    let Lost { loss, level, spans, .. } = lost;
    let (kind, way) = (loss.kind.as_str(), loss.direction.as_str());
    let message = format!("{} loses `{kind}` ({way}): {}", plan.backend.title(), loss.message);
    let place = spans.first().copied().unwrap_or(rule);
    let mut diagnostic = Diagnostic::new(loss.kind.code(), place, message);
    diagnostic.severity = severity(*level)?;
    let others = spans.iter().skip(1).map(|span| Label { span: *span, text: String::new() });
    diagnostic.labels.extend(others);
    Some(diagnostic)
}

/// One row a rule, target and kind of loss.
fn loss_rows(outcomes: &[Outcome], settings: &Settings, sources: &SourceMap) -> Vec<LossRow> {
    let mut rows = Vec::new();
    for outcome in outcomes {
        let path = sources.get(outcome.file.source).map(|it| it.path.clone()).unwrap_or_default();
        for (translation, plan) in outcome.translations.iter().zip(&settings.plans) {
            let mut kinds = Vec::new();
            for Lost { loss, level, .. } in &translation.losses {
                if *level == Level::Allow || kinds.contains(&loss.kind) {
                    continue;
                }
                kinds.push(loss.kind);
                let (kind, direction) = (loss.kind.as_str(), loss.direction.as_str());
                rows.push(LossRow {
                    target: plan.backend.name(),
                    kind,
                    direction,
                    path: path.clone(),
                });
            }
        }
    }
    rows
}

/// On a terminal: which macros the queries call, and how to get them.
pub(super) fn macros_used(
    outcomes: &[Outcome],
    arguments: &Convert,
    output: &Output,
) -> Option<String> {
    let shown = matches!(output, Output::Stdout) && std::io::stdout().is_terminal();
    if !shown || arguments.format == "macros" {
        return None;
    }
    let queries = outcomes.iter().flat_map(|it| &it.translations).flat_map(|it| &it.queries);
    let names: BTreeSet<&str> =
        queries.flat_map(|it| &it.macros).map(|it| it.name.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let hint = "`-f macros` prints them, `--macros inline` replaces them";
    (!names.is_empty()).then(|| format!("uses the macros {}: {hint}", names.join(", ")))
}

/// One line a target: `14 rules: 13 converted (12 exact, 1 with losses), 1 refused`.
pub(super) fn count(outcomes: &[Outcome], plans: &[Plan]) -> Vec<String> {
    let lines = plans.iter().enumerate().map(|(place, plan)| {
        let translations: Vec<&Translation> = outcomes.iter().filter_map(|it| it.translations.get(place)).collect();
        let with = |status: Status| translations.iter().filter(|it| it.status == status).count();
        let exact = translations.iter().filter(|it| it.is_without_loss()).count();
        let converted = with(Status::Converted);
        let invalid = match with(Status::Invalid) {
            0 => String::new(),
            count => format!(", {count} invalid"),
        };
        let target = if plans.len() > 1 { format!("{}: ", plan.backend.name()) } else { String::new() };
        let referenced = match with(Status::Referenced) {
            0 => String::new(),
            count => format!(", {count} referenced"),
        };
        let rules = if translations.len() == 1 { "rule" } else { "rules" };
        format!(
            "{target}{} {rules}: {converted} converted ({exact} exact, {} with losses), {} refused{referenced}{invalid}",
            translations.len(),
            converted - exact,
            with(Status::Refused),
        )
    });
    lines.collect()
}
