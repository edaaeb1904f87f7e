//! What `convert` says beside its result: findings, losses, counts.

use isogloss_compiler::File;
use isogloss_compiler::diagnostic::{Diagnostic, Label, Severity};
use isogloss_compiler::ir::Fidelity;
use isogloss_compiler::source::{SourceMap, Span};

use super::outcome::{Lost, Outcome, Translation};
use super::{Plan, Settings};
use crate::cli::Talk;
use crate::exit::Exit;
use crate::json::Status;
use crate::policy::{Level, severity};
use crate::report::{LossRow, Reporter, loss_table};

/// Losses are shown one by one up to this number of rules; beyond it as a table.
const FEW_RULES: usize = 20;

/// Reports everything, and says whether any of it was an error.
pub(super) fn report(
    files: &[File],
    outcomes: &[Outcome],
    settings: &Settings,
    talk: &Talk,
    sources: &SourceMap,
    reporter: &mut Reporter,
) -> Exit {
    let in_full = talk.verbose || outcomes.len() <= FEW_RULES;
    let findings = collect(files, outcomes, settings, in_full);
    let shown = findings.iter().filter(|it| talk.verbose || it.severity > Severity::Note);
    reporter.findings(shown, sources);
    if !in_full {
        loss_table(&loss_rows(outcomes, settings, sources))
            .iter()
            .for_each(|line| reporter.line(line));
    }
    if findings.iter().any(Diagnostic::is_error) { Exit::Findings } else { Exit::Fine }
}

/// All findings in the order of the files. Losses that are denied are always among them.
fn collect(
    files: &[File],
    outcomes: &[Outcome],
    settings: &Settings,
    in_full: bool,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut rest = outcomes.iter().peekable();
    for file in files {
        findings.extend(file.diagnostics.iter().cloned());
        while let Some(outcome) = rest.next_if(|it| it.file.source == file.source) {
            findings.extend(outcome.diagnostics.iter().cloned());
            for (translation, plan) in outcome.translations.iter().zip(&settings.plans) {
                findings.extend(translation.refusals.iter().cloned());
                let shown =
                    translation.losses.iter().filter(|it| in_full || it.level == Level::Deny);
                findings.extend(shown.filter_map(|it| describe(it, outcome.document.span, plan)));
            }
        }
    }
    let is_lint = |it: &Diagnostic| it.code.as_str().starts_with('W');
    let settled = findings
        .into_iter()
        .filter_map(|it| if is_lint(&it) { settings.policy.of_lint(it) } else { Some(it) });
    settled.collect()
}

/// A loss as a finding; `None` if the policy says nothing of it.
fn describe(lost: &Lost, rule: Span, plan: &Plan) -> Option<Diagnostic> {
    let loss = &lost.loss;
    let (kind, direction) = (loss.kind.as_str(), loss.direction.as_str());
    let message =
        format!("{} loses `{kind}` ({direction}): {}", plan.backend.title(), loss.message);
    let first = lost.spans.first().copied().unwrap_or(rule);
    let mut diagnostic = Diagnostic::new(loss.kind.code(), first, message);
    diagnostic.severity = severity(lost.level)?;
    let others = lost.spans.iter().skip(1).map(|span| Label { span: *span, text: String::new() });
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

/// One line a target: `14 rules: 13 converted (12 exact, 1 with losses), 1 refused`.
pub(super) fn count(outcomes: &[Outcome], plans: &[Plan]) -> Vec<String> {
    let lines = plans.iter().enumerate().map(|(place, plan)| {
        let translations: Vec<&Translation> = outcomes.iter().filter_map(|it| it.translations.get(place)).collect();
        let with = |status: Status| translations.iter().filter(|it| it.status == status).count();
        let exact = translations.iter().filter(|it| it.fidelity() == Some(Fidelity::Exact)).count();
        let converted = with(Status::Converted);
        let invalid = match with(Status::Invalid) {
            0 => String::new(),
            count => format!(", {count} invalid"),
        };
        let target = if plans.len() > 1 { format!("{}: ", plan.backend.name()) } else { String::new() };
        let rules = if outcomes.len() == 1 { "rule" } else { "rules" };
        format!(
            "{target}{} {rules}: {converted} converted ({exact} exact, {} with losses), {} refused{invalid}",
            outcomes.len(),
            converted - exact,
            with(Status::Refused),
        )
    });
    lines.collect()
}
