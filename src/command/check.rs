//! `isogloss check`: what is wrong with rules, and what each target would refuse or lose.

use isogloss_backends::{Options, WIDTH};
use isogloss_compiler::Index;
use isogloss_compiler::diagnostic::{Diagnostic, Severity};
use isogloss_compiler::lint::Linter;
use isogloss_compiler::source::SourceMap;

use crate::baseline::{self, Baseline};
use crate::cli::{Check, Talk};
use crate::config::{self, Config};
use crate::coverage;
use crate::exit::Exit;
use crate::findings::{groups, loss_rows, shown};
use crate::input;
use crate::known;
use crate::outcome::{Job, Outcome, translate_all};
use crate::plan::{Plan, plan, resolve_targets};
use crate::policy::Policy;
use crate::report::{Group, Reporter, Subject, finding_table, loss_table};
use crate::threads;

/// Everything that is settled before a rule is read.
struct Settings {
    plans: Vec<Plan>,
    config: Config,
    policy: Policy,
    baseline: Option<Baseline>,
}

/// Checks; the findings are the result, on standard output. Ends with the counts.
pub(crate) fn run(arguments: &Check) -> Exit {
    let mut reporter = Reporter::with_result(&arguments.talk);
    let mut sources = SourceMap::new();
    let mut settings = match settle(arguments, &mut sources, &mut reporter) {
        Ok(settings) => settings,
        Err(message) => {
            reporter.finish(&sources);
            reporter.failure(&message);
            return Exit::Usage;
        }
    };
    let places = settings.config.places(&arguments.paths);
    let input = input::read_for_lints(&places, &mut sources);
    let unreadable = input.report(&mut reporter);
    let index = Index::new(input.files);
    if index.rules().next().is_none() {
        reporter.finish(&sources);
        if unreadable == Exit::Fine {
            reporter.failure("no rule was found");
            return Exit::NoRule;
        }
        return unreadable;
    }
    settings.policy.add_comments(index.files());
    let known = known::from_pipelines();
    let linter = Linter::new(&index, &sources, &known);
    let job = Job {
        index: &index,
        sources: &sources,
        policy: &settings.policy,
        config: &settings.config,
        plans: &settings.plans,
        linter: Some(&linter),
        coverage: reporter.is_pretty(),
        shown: shown(index.rules().count(), &arguments.talk, &reporter),
        pins: None,
        progress: None,
    };
    let outcomes = translate_all(&job);
    if outcomes.is_empty() && unreadable == Exit::Fine {
        reporter.finish(&sources);
        reporter.failure("no rule is selected");
        return Exit::NoRule;
    }
    let found = finish(arguments, &outcomes, &settings, &sources, &mut reporter);
    let written = match reporter.failed() {
        Some(message) => {
            reporter.failure(&message);
            Exit::Usage
        }
        None => Exit::Fine,
    };
    found.max(unreadable).max(written)
}

/// Checks the command line against what there is. The error is one sentence.
fn settle(
    arguments: &Check,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Settings, String> {
    let config = config::load(&arguments.talk.configuration, sources, reporter)?
        .with_selection(&arguments.selecting);
    let policy = config.policy(&arguments.talk)?;
    let mut plans = Vec::new();
    for backend in resolve_targets(&arguments.targets, &config)? {
        let options = Options::query(Some(WIDTH));
        plans.push(plan(backend, &arguments.pipeline, options, &config, sources, reporter)?);
    }
    let baseline = arguments.baseline.clone().or_else(|| config.baseline());
    // A baseline that is to be written need not be there yet.
    let baseline = baseline.filter(|_| arguments.write_baseline.is_none());
    let baseline = baseline.map(|path| Baseline::read(&path)).transpose()?;
    threads::start(arguments.talk.jobs)?;
    Ok(Settings { plans, config, policy, baseline })
}

/// Reports what is left after policy and baseline.
fn finish(
    arguments: &Check,
    outcomes: &[Outcome],
    settings: &Settings,
    sources: &SourceMap,
    reporter: &mut Reporter,
) -> Exit {
    let mut groups = groups(outcomes, true, &settings.config, sources);
    let targets: Vec<&str> = settings.plans.iter().map(|it| it.backend.name()).collect();
    let is_whole = !settings.config.is_narrowed();
    let complete = is_whole && arguments.paths.iter().any(|path| path.is_dir());
    add_leftovers(
        settings.policy.leftovers(&targets, complete),
        &mut groups,
        outcomes,
        settings,
        sources,
    );
    let rules = outcomes.len();
    if let Some(path) = &arguments.write_baseline {
        return write_baseline(path, &groups, sources, reporter);
    }
    let mut known = 0;
    if let Some(baseline) = &settings.baseline {
        known = groups.iter_mut().map(|group| baseline.subtract(group, sources)).sum();
    }
    let counts = Counts::of(&groups, rules, known);
    show(groups, outcomes, settings, &arguments.talk, sources, reporter);
    for line in coverage::table(outcomes, &settings.plans) {
        reporter.result_line(&line);
    }
    reporter.finish(sources);
    if let Some(gone) = settings.baseline.as_ref().map(Baseline::gone).filter(|gone| *gone > 0) {
        let (findings, are) = if gone == 1 { ("finding", "is") } else { ("findings", "are") };
        reporter.line(&format!(
            "{gone} {findings} of the baseline {are} gone: --write-baseline brings it up to date"
        ));
    }
    reporter.line(&counts.line());
    if counts.errors > 0 { Exit::Findings } else { Exit::Fine }
}

/// What is wrong with the policy itself goes to the rule of the file, or to the configuration.
fn add_leftovers(
    leftovers: Vec<Diagnostic>,
    groups: &mut Vec<Group>,
    outcomes: &[Outcome],
    settings: &Settings,
    sources: &SourceMap,
) {
    for finding in leftovers {
        let Some(source) = finding.labels.first().map(|it| it.span.source) else { continue };
        let path = sources.get(source).map_or("", |it| it.path.as_str());
        let path = settings.config.relative(path);
        let judge =
            settings.policy.of_rule(&path, source, &isogloss_compiler::ast::Metadata::default());
        let Some(finding) = judge.of_finding(finding) else { continue };
        let place = outcomes.iter().position(|it| it.file.source == source);
        match place.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.findings.push(finding),
            None => match groups.iter_mut().find(|it| it.subject.path == path) {
                Some(group) => group.findings.push(finding),
                None => groups.push(Group {
                    subject: Subject { path, ..Subject::default() },
                    findings: vec![finding],
                }),
            },
        }
    }
    for group in groups {
        group.findings.sort_by_key(|it| it.labels.first().map(|label| label.span));
    }
}

fn write_baseline(
    path: &std::path::Path,
    groups: &[Group],
    sources: &SourceMap,
    reporter: &mut Reporter,
) -> Exit {
    match baseline::write(path, groups, sources) {
        Ok(count) => {
            reporter.finish(sources);
            let findings = if count == 1 { "finding" } else { "findings" };
            reporter.line(&format!("{count} {findings} written to {}", path.display()));
            Exit::Fine
        }
        Err(message) => {
            reporter.failure(&message);
            Exit::Usage
        }
    }
}

/// Few rules in full; of many the errors in full, the rest by code, and losses as a table.
fn show(
    groups: Vec<Group>,
    outcomes: &[Outcome],
    settings: &Settings,
    talk: &Talk,
    sources: &SourceMap,
    reporter: &mut Reporter,
) {
    let in_full = shown(outcomes.len(), talk, reporter).is_some();
    let mut rest = Vec::new();
    for mut group in groups {
        group.findings.retain(|it| talk.verbose || it.severity > Severity::Note);
        if !in_full {
            let (errors, others) = group.findings.into_iter().partition(Diagnostic::is_error);
            group.findings = errors;
            rest.extend::<Vec<Diagnostic>>(others);
        }
        reporter.group(group, sources);
    }
    if in_full {
        return;
    }
    let lints = rest.iter().filter(|it| !it.code.as_str().starts_with('L'));
    let mut table = finding_table(lints, sources);
    // With a baseline the table of losses would show what is known.
    if settings.baseline.is_some() {
        let losses = rest.iter().filter(|it| it.code.as_str().starts_with('L'));
        table.extend(finding_table(losses, sources));
    } else {
        table.extend(loss_table(&loss_rows(outcomes, &settings.plans, sources)));
    }
    if !table.is_empty() {
        table.push("-v shows all of them".to_owned());
    }
    for line in table {
        reporter.result_line(&line);
    }
}

/// What the run found.
struct Counts {
    rules: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    known: usize,
}

impl Counts {
    fn of(groups: &[Group], rules: usize, known: usize) -> Self {
        let with = |severity: Severity| {
            groups.iter().flat_map(|it| &it.findings).filter(|it| it.severity == severity).count()
        };
        Self {
            rules,
            errors: with(Severity::Error),
            warnings: with(Severity::Warning),
            notes: with(Severity::Note),
            known,
        }
    }

    /// `14 rules: 1 error, 2 warnings, 3 notes`.
    fn line(&self) -> String {
        let count = |count: usize, word: &str| {
            format!("{count} {word}{}", if count == 1 { "" } else { "s" })
        };
        let known = if self.known == 0 {
            String::new()
        } else {
            format!(", {} in the baseline", self.known)
        };
        format!(
            "{}: {}, {}, {}{known}",
            count(self.rules, "rule"),
            count(self.errors, "error"),
            count(self.warnings, "warning"),
            count(self.notes, "note")
        )
    }
}
