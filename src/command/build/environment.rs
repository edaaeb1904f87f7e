//! One environment: from its rules to the files of its targets, in memory.

use isogloss_compiler::Index;
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
        return Err("no rule was found, or none is selected".to_owned());
    }
    let referenced = referenced(&index, config, session.sources);
    let named = name(&candidates, config, session);
    let outcomes = translate(&index, &plans, &policy, config, (&candidates, &named), session);
    let mut extra = Extra::default();
    let in_conflict = conflicts(&named, &candidates, &mut extra);
    let idle = config.idle_filters(&index, session.sources);
    let talk = &session.arguments.talk;
    let gate = expectations(config, talk, session.sources, session.reporter)?;
    let mut folders = Vec::new();
    // A filter that excludes nothing is one that somebody relies on.
    let mut is_held_back = !idle.is_empty() || gate.is_failed;
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
        folders.push(built.folder);
    }
    session.reporter.findings(idle.iter().chain(&gate.findings), session.sources);
    let exit = report(&outcomes, &plans, &extra, (config, &policy), session)?;
    let mut lines = lines(&outcomes, &plans, &named, config);
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
    let pins = pins(named, lock, candidates, &output_name("elastic", config));
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
