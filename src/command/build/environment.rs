//! One environment: from its rules to the files of its targets, in memory.

use std::collections::BTreeSet;

use isogloss_backends::content::splunk::MacroSource;
use isogloss_compiler::Index;
use isogloss_compiler::diagnostic::Severity;
use isogloss_compiler::lint::{Known, Linter};

use super::findings::{Extra, report};
use super::output::Folder;
use super::rules::{Candidate, candidates, conflicts, output_name, pins, referenced, wanted};
use super::{Session, platform, target};
use crate::command::test::expectations;
use crate::config::Config;
use crate::count::count;
use crate::exit::Exit;
use crate::findings::shown;
use crate::input;
use crate::known;
use crate::lock::{Moved, Named};
use crate::outcome::{Job, Outcome, translate_all};
use crate::plan::Plan;
use crate::policy::Policy;

/// An environment as it was built.
pub(super) struct Built {
    /// What was found.
    pub(super) exit: Exit,
    /// True if a deployed rule would be lost, so that nothing is to be written.
    pub(super) is_held_back: bool,
    /// What each target gets.
    pub(super) folders: Vec<Folder>,
    /// What there is to say of it at the end.
    pub(super) lines: Vec<String>,
}

impl Built {
    /// There is nothing to be written.
    fn nothing(exit: Exit) -> Self {
        Self { exit, is_held_back: true, folders: Vec::new(), lines: Vec::new() }
    }
}

/// Reads, translates and renders. The error is one sentence, and nothing is to be written.
pub(super) fn build(config: &Config, session: &mut Session) -> Result<Built, String> {
    let mut policy = config.policy(&session.arguments.talk)?;
    policy.deny_what_cannot_run();
    config.keep_rules_out_of_outputs()?;
    let plans = platform::plans(config, session.sources, session.reporter)?;
    let input = input::read_for_lints(&config.places(&config.rules()), session.sources);
    if let Some(failure) = input.failures.first() {
        return Err(failure.clone());
    }
    let index = Index::new(input.files);
    policy.add_comments(index.files());
    let candidates = candidates(&index, config, session.sources);
    if candidates.is_empty() {
        session.reporter.failure("no rule was found, or none is selected");
        return Ok(Built::nothing(Exit::NoRule));
    }
    let referenced = referenced(&index, config, session.sources);
    let named = name(&candidates, config, session);
    let outcomes = translate(&index, &plans, &policy, config, (&candidates, &named), session);
    let mut extra = Extra::default();
    let in_conflict = conflicts(&named, &candidates, &mut extra);
    let idle = config.idle_filters(&index, session.sources);
    let talk = &session.arguments.talk;
    let gate = expectations(config, talk, session.sources, session.reporter)?;
    let (mut folders, mut notes) = (Vec::new(), Vec::new());
    // A filter that excludes nothing is one that somebody relies on.
    let mut is_held_back = !idle.is_empty() || gate.is_failed || has_denied_lint(&outcomes);
    for (place, plan) in plans.iter().enumerate() {
        let work = target::Work {
            place,
            plan,
            config,
            outcomes: &outcomes,
            candidates: &candidates,
            referenced: &referenced,
            in_conflict: &in_conflict,
            named: &named,
        };
        let built = work.build(session, &mut extra)?;
        is_held_back |= built.is_held_back;
        if built.left_out > 0 {
            let (name, count) = (&built.folder.name, built.left_out);
            let are = if count == 1 { "is" } else { "are" };
            notes.push(format!("{name}: {count} of these rules {are} not deployed"));
        }
        folders.push(built.folder);
    }
    session.reporter.findings(idle.iter().chain(&gate.findings), session.sources);
    let exit = report(&outcomes, &plans, &extra, (config, &policy), session)?;
    let mut lines = lines(&outcomes, &plans, &named, config);
    lines.extend(notes);
    lines.extend(idle_definitions(&outcomes, &plans, config));
    lines.extend(Some(gate.count).filter(|it| !it.is_empty()));
    Ok(Built { exit, is_held_back, folders, lines })
}

fn name(candidates: &[Candidate], config: &Config, session: &Session) -> Named {
    let wanted: Vec<_> = candidates.iter().map(wanted).collect();
    let prefix = platform::macro_prefix(config);
    let (output, label) = (output_name("spl", config), config.splunk().app(None).label);
    session.lock.names(&output, &wanted, &label, prefix, &session.relock)
}

fn translate<'i>(
    index: &'i Index,
    plans: &[Plan],
    policy: &Policy,
    config: &Config,
    (candidates, named): (&[Candidate], &Named),
    session: &Session,
) -> Vec<Outcome<'i>> {
    let lock = (&session.lock, &session.relock);
    let pins = pins(named, lock, candidates, (config, &output_name("elastic", config)));
    let known = if config.lints() { known::from_pipelines() } else { Known::default() };
    let linter = Linter::new(index, session.sources, &known);
    session.progress.stage("translating", index.rules().count());
    let outcomes = translate_all(&Job {
        index,
        sources: session.sources,
        policy,
        config,
        plans,
        linter: config.lints().then_some(&linter),
        coverage: false,
        shown: shown(candidates.len(), &session.arguments.talk, session.reporter),
        pins: Some(&pins),
        progress: Some(&session.progress),
    });
    session.progress.clear();
    outcomes
}

/// Definitions of macros that no search calls: a typing mistake would leave another definition in force.
fn idle_definitions(outcomes: &[Outcome], plans: &[Plan], config: &Config) -> Vec<String> {
    let Some((place, target)) =
        plans.iter().position(|it| it.backend.name() == "spl").zip(config.target("spl"))
    else {
        return Vec::new();
    };
    if target.macros() == MacroSource::Inline {
        return Vec::new();
    }
    let prefix = platform::macro_prefix(config);
    let queries =
        outcomes.iter().filter_map(|it| it.translations.get(place)).flat_map(|it| &it.queries);
    let called: BTreeSet<&str> =
        queries.flat_map(|it| &it.macros).filter_map(|it| it.name.strip_prefix(prefix)).collect();
    let idle = target.definitions().map(|(name, _)| name.split('(').next().unwrap_or(name));
    idle.filter(|name| !called.contains(name))
        .map(|name| format!("`targets.spl.define` has `{name}`, which no search calls"))
        .collect()
}

/// True if the policy denies a lint: an error of a rule leaves that rule out, but this is said of the whole.
fn has_denied_lint(outcomes: &[Outcome]) -> bool {
    let mut findings = outcomes.iter().flat_map(|it| &it.diagnostics);
    findings.any(|it| it.is_error() && it.code.severity() != Severity::Error)
}

/// How many rules were converted for each target, and which names were changed.
fn lines(outcomes: &[Outcome], plans: &[Plan], named: &Named, config: &Config) -> Vec<String> {
    let environment = config.environment().map(|it| format!("{it}: ")).unwrap_or_default();
    let counts = count(outcomes, plans).into_iter();
    let moved = named
        .moved
        .iter()
        .map(|Moved { old, new, .. }| format!("`{}` is now `{}`", old.stanza, new.stanza));
    counts.chain(moved).map(|line| format!("{environment}{line}")).collect()
}
