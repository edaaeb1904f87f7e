//! What `convert` says beside its result: findings, losses, counts.

use std::collections::BTreeSet;
use std::io::IsTerminal;

use isogloss_compiler::diagnostic::{Diagnostic, Severity};
use isogloss_compiler::source::SourceMap;

use super::Settings;
use crate::cli::{Convert, Talk};
use crate::exit::Exit;
use crate::findings::{groups, loss_rows, shown};
use crate::outcome::Outcome;
use crate::output::Output;
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
