//! What `build` says beside what it writes: findings, losses, what a platform would not take.

use isogloss_compiler::diagnostic::{Diagnostic, Severity};
use isogloss_compiler::source::Span;

use super::Session;
use crate::baseline::Baseline;
use crate::config::Config;
use crate::exit::Exit;
use crate::findings::{groups, loss_rows, shown};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::policy::Policy;
use crate::report::{finding_table, loss_table};

/// What was found about rules after they were translated, by the place of the rule.
#[derive(Debug, Default)]
pub(super) struct Extra(Vec<(Span, Diagnostic)>);

impl Extra {
    /// Adds a finding about the rule at a place; several targets find the same once.
    pub(super) fn add(&mut self, rule: Span, finding: Diagnostic) {
        if !self.0.iter().any(|(place, known)| *place == rule && *known == finding) {
            self.0.push((rule, finding));
        }
    }

    fn of(&self, rule: Span) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter().filter(move |(place, _)| *place == rule).map(|(_, finding)| finding)
    }
}

/// Reports everything but what the baseline knows, and says whether any of it was an error.
pub(super) fn report(
    outcomes: &[Outcome],
    plans: &[Plan],
    extra: &Extra,
    (config, policy): (&Config, &Policy),
    session: &mut Session,
) -> Result<Exit, String> {
    let Session { arguments, sources, reporter, .. } = session;
    let talk = &arguments.talk;
    let baseline = config.baseline().map(|path| Baseline::read(&path)).transpose()?;
    let in_full = shown(outcomes.len(), talk, reporter).is_some();
    let mut failed = false;
    let mut rest = Vec::new();
    for (mut group, outcome) in groups(outcomes, in_full, config, sources).into_iter().zip(outcomes)
    {
        let document = outcome.document;
        let judge = policy.of_rule(&group.subject.path, outcome.file.source, &document.metadata);
        let found = extra.of(document.span).cloned();
        group.findings.extend(found.filter_map(|it| judge.of_finding(it)));
        if let Some(baseline) = &baseline {
            baseline.subtract(&mut group, sources);
        }
        failed |= group.findings.iter().any(Diagnostic::is_error);
        group.findings.retain(|it| talk.verbose || it.severity > Severity::Note);
        if !in_full {
            let (errors, others) = group.findings.into_iter().partition(Diagnostic::is_error);
            group.findings = errors;
            rest.extend::<Vec<Diagnostic>>(others);
        }
        reporter.group(group, sources);
    }
    if !in_full {
        let mut table = finding_table(&rest, sources);
        table.extend(loss_table(&loss_rows(outcomes, plans, sources)));
        for line in table {
            reporter.line(&line);
        }
    }
    Ok(if failed { Exit::Findings } else { Exit::Fine })
}
