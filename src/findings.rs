//! Outcomes as findings: what every command that translates has to say.

use isogloss_backends::title_of;
use isogloss_compiler::diagnostic::{Diagnostic, Label};
use isogloss_compiler::source::{SourceMap, Span};

use crate::cli::Talk;
use crate::config::Config;
use crate::outcome::{Lost, Outcome};
use crate::plan::Plan;
use crate::policy::Level;
use crate::report::{Group, LossRow, Reporter, Subject};

/// Losses are shown one by one up to this number of rules; beyond it as a table.
const FEW_RULES: usize = 20;

/// Which losses are shown one by one, from which level on; none where there are too many rules for people.
pub(crate) fn shown(rules: usize, talk: &Talk, reporter: &Reporter) -> Option<Level> {
    let in_full = talk.verbose || rules <= FEW_RULES || !reporter.is_for_people();
    in_full.then_some(if talk.verbose { Level::Note } else { Level::Warn })
}

/// What was found about each rule, in the order of the files. Losses that are denied are always among
/// them, others only if losses are shown in full.
pub(crate) fn groups(
    outcomes: &[Outcome],
    in_full: bool,
    config: &Config,
    sources: &SourceMap,
) -> Vec<Group> {
    let groups = outcomes.iter().map(|outcome| {
        let mut findings = outcome.diagnostics.clone();
        for translation in &outcome.translations {
            // What no target can say, such as an open placeholder, is said once.
            let new: Vec<Diagnostic> =
                translation.refusals.iter().filter(|it| !findings.contains(it)).cloned().collect();
            findings.extend(new);
            let shown = translation.losses.iter().filter(|it| in_full || it.level == Level::Deny);
            findings.extend(shown.filter_map(|it| describe(it, outcome.document.span)));
        }
        Group { subject: subject(outcome, config, sources), findings }
    });
    groups.collect()
}

fn subject(outcome: &Outcome, config: &Config, sources: &SourceMap) -> Subject {
    let metadata = &outcome.document.metadata;
    let path = sources.get(outcome.file.source).map_or("", |it| it.path.as_str());
    Subject { path: config.relative(path), id: metadata.id.clone(), title: metadata.title.clone() }
}

/// A loss as a finding; `None` if the policy says nothing of it.
fn describe(lost: &Lost, rule: Span) -> Option<Diagnostic> {
    let Lost { loss, language, exact_in, level, spans, .. } = lost;
    let (kind, way) = (loss.kind.as_str(), loss.direction.as_str());
    let message = format!("{} loses `{kind}` ({way}): {}", title_of(language), loss.message);
    let place = spans.first().copied().unwrap_or(rule);
    let mut diagnostic = Diagnostic::new(loss.kind.code(), place, message);
    diagnostic.severity = level.severity()?;
    let others = spans.iter().skip(1).map(|span| Label { span: *span, text: String::new() });
    diagnostic.labels.extend(others);
    Some(match exact_in {
        Some(target) => diagnostic.with_help(format!("`-t {target}` says the rule exactly")),
        None => diagnostic,
    })
}

/// One row a rule, target and kind of loss.
pub(crate) fn loss_rows(outcomes: &[Outcome], plans: &[Plan], sources: &SourceMap) -> Vec<LossRow> {
    let mut rows = Vec::new();
    for outcome in outcomes {
        let path = sources.get(outcome.file.source).map(|it| it.path.clone()).unwrap_or_default();
        for (translation, plan) in outcome.translations.iter().zip(plans) {
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
