//! Which events each rule finds: asked of the rule itself, or of its query in a language.

mod sequence;

use std::borrow::Cow;
use std::collections::BTreeMap;

use isogloss_backends::{Answers, Backend, Trial};
use isogloss_compiler::ast::{self, Logsource};
use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::ir::{
    AnyRule, Event, Mapped, Rule, Sigma, Timed, correlate, finds, time_of,
};
use isogloss_compiler::pass::run_passes;
use isogloss_compiler::pipeline::{Applied, Pipelines, Processed};
use isogloss_compiler::{File, Index, RuleId};
use rayon::prelude::*;

/// What answers.
#[derive(Debug, Clone)]
pub(super) enum Via {
    /// The rule itself.
    Ir,
    /// Its queries in a language, on events that are mapped as the rule is.
    Target(Target),
}

/// A language and the way into it.
#[derive(Clone)]
pub(super) struct Target {
    /// The language.
    pub(super) backend: &'static dyn Backend,
    /// From Sigma's names to the platform's.
    pub(super) pipelines: Pipelines,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.backend.name())
    }
}

impl Via {
    /// The word on the command line.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Ir => "ir",
            Self::Target(target) => target.backend.name(),
        }
    }
}

/// Events in one of the two states that they can be given in.
#[derive(Debug)]
pub(super) enum Input {
    /// With Sigma's names.
    Sigma {
        /// The events.
        events: Vec<Event<Sigma>>,
        /// Their times, in nanoseconds since 1970, which correlations go by.
        times: Vec<Option<i128>>,
    },
    /// With the target's names; scopes are evaluated too.
    Target {
        /// The events.
        events: Vec<Event<Mapped>>,
        /// Their times.
        times: Vec<Option<i128>>,
    },
}

impl Input {
    /// Events with Sigma's names; their time is in `field`, else where it usually is.
    pub(super) fn sigma(events: Vec<Event<Sigma>>, field: Option<&str>) -> Self {
        let times = events.iter().map(|event| time_of(event, field)).collect();
        Self::Sigma { events, times }
    }

    /// Events with the target's names; their time is in `field`, else where it usually is.
    pub(super) fn target(events: Vec<Event<Mapped>>, field: Option<&str>) -> Self {
        let times = events.iter().map(|event| time_of(event, field)).collect();
        Self::Target { events, times }
    }

    /// How many events have no time.
    pub(super) fn untimed(&self) -> usize {
        match self {
            Self::Sigma { times, .. } | Self::Target { times, .. } => {
                times.iter().filter(|time| time.is_none()).count()
            }
        }
    }

    /// How many events there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Sigma { events, .. } => events.len(),
            Self::Target { events, .. } => events.len(),
        }
    }
}

/// A document of the run and what it means, if it is a rule without errors.
pub(super) struct Lowered<'i> {
    pub(super) file: &'i File,
    pub(super) document: &'i ast::Document,
    pub(super) rule: Option<AnyRule<Sigma>>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The numbers of the events that a rule finds, or why it cannot be asked.
pub(super) type Outcome = Result<Vec<usize>, Vec<Diagnostic>>;

/// Lowers every rule, on all cores.
pub(super) fn lower_all(index: &Index) -> Vec<Lowered<'_>> {
    let rules: Vec<(RuleId, &File, &ast::Document)> = index.rules().collect();
    let lowered = rules.into_par_iter().map(|(id, file, document)| {
        let mut diagnostics = document.diagnostics.clone();
        let rule = index.lower(id, &mut diagnostics);
        Lowered { file, document, rule, diagnostics }
    });
    // A filter finds nothing by itself; one with an error is reported.
    lowered.filter(|it| it.document.kind != ast::Kind::Filter || !errors(it).is_empty()).collect()
}

/// Tries every rule on every event, on all cores; in the order of the rules.
pub(super) fn try_all(rules: &[Lowered], via: &Via, input: &Input) -> Vec<Outcome> {
    match (via, input) {
        (Via::Ir, Input::Sigma { events, times }) => {
            let outcomes = rules.par_iter().map(|it| try_directly(it, events, times));
            outcomes.collect()
        }
        (Via::Target(target), Input::Sigma { events, times }) => {
            try_mapped(rules, target, events, times)
        }
        (Via::Target(target), Input::Target { events, times }) => {
            let trials: Vec<_> =
                events.iter().map(|event| Trial { event, scoped: true }).enumerate().collect();
            let outcomes = rules.par_iter().map(|it| match it.rule.as_ref() {
                None => Err(errors(it)),
                Some(AnyRule::Detection(rule)) => {
                    ask(target, it, target.pipelines.apply(rule.clone()), &trials)
                }
                Some(AnyRule::Correlation(correlation)) => {
                    sequence::ask(target, it, correlation, events, times)
                }
            });
            outcomes.collect()
        }
        // Without a target there are no names of a target; the command line says so.
        (Via::Ir, Input::Target { .. }) => rules.iter().map(|_| Ok(Vec::new())).collect(),
    }
}

fn try_directly(lowered: &Lowered, events: &[Event<Sigma>], times: &[Option<i128>]) -> Outcome {
    let rule = lowered.rule.as_ref().ok_or_else(|| errors(lowered))?;
    refuse_placeholders(rule)?;
    match rule {
        AnyRule::Detection(rule) => {
            let found = events.iter().enumerate().filter(|(_, event)| finds(rule, event));
            Ok(found.map(|(number, _)| number).collect())
        }
        AnyRule::Correlation(correlation) => {
            let pairs = events.iter().zip(times);
            let sequence =
                pairs.map(|(event, time)| Timed { event: Cow::Borrowed(event), time: *time });
            Ok(correlate(correlation, &sequence.collect::<Vec<_>>(), &finds))
        }
    }
}

/// A rule with placeholders that nothing has filled in has no answer.
fn refuse_placeholders(rule: &AnyRule<Sigma>) -> Result<(), Vec<Diagnostic>> {
    match rule {
        AnyRule::Detection(rule) => {
            Pipelines::default().link(Pipelines::default().apply(rule.clone())).map(drop)
        }
        AnyRule::Correlation(correlation) => {
            correlation.bases.iter().try_for_each(|base| refuse_placeholders(&base.rule))
        }
    }
}

/// Events that are mapped alike: those for rules of one log source, by the same items.
type Group<'r> = (&'r Logsource, &'r Applied);

/// A rule about one event on its way to its query.
type Prepared<'l> = (&'l Rule<Sigma>, Result<Processed, Vec<Diagnostic>>);

/// Most rules of a log source map events alike, so that is done once for all of them.
fn try_mapped(
    rules: &[Lowered],
    target: &Target,
    events: &[Event<Sigma>],
    times: &[Option<i128>],
) -> Vec<Outcome> {
    let prepared: Vec<Option<Prepared>> = rules.par_iter().map(|it| prepare(it, target)).collect();
    let mut groups: BTreeMap<Group, Vec<(usize, Event<Mapped>)>> = BTreeMap::new();
    for (rule, processed) in prepared.iter().flatten() {
        if let Ok(processed) = processed {
            groups.entry((&rule.logsource, &processed.applied)).or_default();
        }
    }
    groups.par_iter_mut().for_each(|((logsource, applied), mapped)| {
        let fitting = events.iter().enumerate().filter(|(_, event)| event.is_for(logsource));
        mapped.extend(
            fitting.map(|(number, event)| (number, target.pipelines.map_event(applied, event))),
        );
    });
    let outcomes = rules.par_iter().zip(&prepared).map(|(lowered, prepared)| {
        let Some((rule, processed)) = prepared else {
            return sequence::try_mapped(lowered, target, events, times);
        };
        let processed = processed.as_ref().map_err(Clone::clone)?;
        let mapped = groups.get(&(&rule.logsource, &processed.applied));
        let trials: Vec<_> = mapped
            .into_iter()
            .flatten()
            .map(|(number, event)| (*number, Trial { event, scoped: !event.logsources.is_empty() }))
            .collect();
        ask(target, lowered, processed.clone(), &trials)
    });
    outcomes.collect()
}

/// A rule after its pipelines, if it is about one event.
fn prepare<'l>(lowered: &'l Lowered, target: &Target) -> Option<Prepared<'l>> {
    let rule = lowered.rule.as_ref()?.detection()?;
    let processed = target.pipelines.apply(rule.clone());
    let replayed = target.pipelines.check_replay(&processed.applied);
    Some((rule, replayed.map(|()| processed)))
}

/// Asks the queries of a rule.
fn ask(target: &Target, lowered: &Lowered, rule: Processed, trials: &[(usize, Trial)]) -> Outcome {
    let mapped = run_passes(target.pipelines.link(rule)?);
    let (numbers, trials): (Vec<usize>, Vec<Trial>) = trials.iter().copied().unzip();
    match target.backend.evaluate(&mapped, &trials) {
        Ok(Answers { found, .. }) => {
            Ok(numbers.into_iter().zip(found).filter(|it| it.1).map(|(number, _)| number).collect())
        }
        Err(refusals) => Err(refusals
            .iter()
            .map(|it| it.to_diagnostic(target.backend, &mapped.origins, lowered.document.span))
            .collect()),
    }
}

/// Why a rule could not be read.
fn errors(lowered: &Lowered) -> Vec<Diagnostic> {
    lowered.diagnostics.iter().filter(|it| it.is_error()).cloned().collect()
}
