//! What `convert` says beside its result: findings, losses, counts.

use std::collections::BTreeSet;
use std::io::IsTerminal;

use isogloss_compiler::diagnostic::{Diagnostic, Severity};
use isogloss_compiler::ir::Fidelity;
use isogloss_compiler::source::SourceMap;

use super::Settings;
use crate::cli::{Convert, Talk};
use crate::exit::Exit;
use crate::findings::{groups, loss_rows, shown};
use crate::json::Status;
use crate::outcome::{Outcome, Translation};
use crate::output::Output;
use crate::plan::Plan;
use crate::report::{Reporter, loss_table};

/// Reports everything, and says whether any of it was an error.
pub(super) fn report(
    outcomes: &[Outcome],
    settings: &Settings,
    talk: &Talk,
    sources: &SourceMap,
    reporter: &mut Reporter,
) -> Exit {
    let in_full = shown(outcomes.len(), talk, reporter).is_some();
    let mut failed = false;
    for mut group in groups(outcomes, in_full, &settings.config, sources) {
        failed |= group.findings.iter().any(Diagnostic::is_error);
        group.findings.retain(|it| talk.verbose || it.severity > Severity::Note);
        reporter.group(group, sources);
    }
    if !in_full {
        for line in loss_table(&loss_rows(outcomes, &settings.plans, sources)) {
            reporter.line(&line);
        }
    }
    if failed { Exit::Findings } else { Exit::Fine }
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
        let unverified = translations
            .iter()
            .filter(|it| it.fidelity() == Some(Fidelity::Unverified))
            .count();
        let unchecked = match unverified {
            0 => String::new(),
            count => format!(", {count} unverified"),
        };
        let invalid = match with(Status::Invalid) {
            0 => String::new(),
            count => format!(", {count} invalid"),
        };
        let target = if plans.len() > 1 { format!("{}: ", plan.backend.name()) } else { String::new() };
        let referenced = match with(Status::Referenced) {
            0 => String::new(),
            count => format!(", {count} referenced"),
        };
        let languages = languages(&translations, plan);
        let rules = if translations.len() == 1 { "rule" } else { "rules" };
        format!(
            "{target}{} {rules}: {converted} converted ({exact} exact, {} with losses{unchecked}{languages}), {} refused{referenced}{invalid}",
            translations.len(),
            converted - exact - unverified,
            with(Status::Refused),
        )
    });
    lines.collect()
}

/// `; 12 eql, 1 kql`: how many rules are in each language, where the target has several.
fn languages(translations: &[&Translation], plan: &Plan) -> String {
    let count = |name: &&str| translations.iter().filter(|it| it.language() == Some(*name)).count();
    let names = plan.backend.languages().iter();
    let counts: Vec<String> = names.map(|name| format!("{} {name}", count(name))).collect();
    if counts.is_empty() { String::new() } else { format!("; {}", counts.join(", ")) }
}
