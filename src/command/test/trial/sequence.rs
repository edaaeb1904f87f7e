//! Correlations: their queries are asked about all events in their order.

use isogloss_backends::{Answers, TimedTrial};
use isogloss_compiler::ast::Logsource;
use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::ir::{AnyRule, Correlation, Event, Mapped, Sigma};
use isogloss_compiler::map_correlation;
use isogloss_compiler::pipeline::Applied;

use super::{Lowered, Outcome, Target, errors};

/// Asks the query of a correlation about events with Sigma's names. An event has the fields that it has
/// for each of the rules whose log source it may belong to.
///
/// If the log source of an event is not known, it is tried on the rules that it may belong to, and no
/// scope is asked.
pub(super) fn try_mapped(
    lowered: &Lowered,
    target: &Target,
    events: &[Event<Sigma>],
    times: &[Option<i128>],
) -> Outcome {
    let Some(AnyRule::Correlation(correlation)) = &lowered.rule else {
        return Err(errors(lowered));
    };
    let applied = apply_all(correlation, target)?;
    let mapped = events.iter().map(|event| target.pipelines.map_event_for_all(&applied, event));
    let mapped: Vec<Event<Mapped>> = mapped.collect();
    let mut meant = map_correlation(correlation.clone(), &target.pipelines)?;
    if events.iter().any(|event| event.logsources.is_empty()) {
        meant.ask_by_number();
    }
    ask_mapped(target, lowered, &meant, &mapped, times)
}

/// Asks the query of a correlation about events with the target's names.
pub(super) fn ask(
    target: &Target,
    lowered: &Lowered,
    correlation: &Correlation<Sigma>,
    events: &[Event<Mapped>],
    times: &[Option<i128>],
) -> Outcome {
    let mapped = map_correlation(correlation.clone(), &target.pipelines)?;
    ask_mapped(target, lowered, &mapped, events, times)
}

/// The log source of each rule that a correlation is about in the end, and what the pipelines do for it.
fn apply_all(
    correlation: &Correlation<Sigma>,
    target: &Target,
) -> Result<Vec<(Logsource, Applied)>, Vec<Diagnostic>> {
    let applied = correlation.leaves().into_iter().map(|rule| {
        let applied = target.pipelines.apply(rule.clone()).applied;
        let replayed = target.pipelines.check_replay(&applied);
        replayed.map(|()| (rule.logsource.clone(), applied))
    });
    applied.collect()
}

fn ask_mapped(
    target: &Target,
    lowered: &Lowered,
    correlation: &Correlation<Mapped>,
    events: &[Event<Mapped>],
    times: &[Option<i128>],
) -> Outcome {
    let pairs = events.iter().zip(times);
    let trials: Vec<TimedTrial> =
        pairs.map(|(event, time)| TimedTrial { event, time: *time }).collect();
    match target.backend.evaluate_correlation(correlation, &trials) {
        Ok(Answers { found, .. }) => {
            Ok(found.iter().enumerate().filter(|(_, it)| **it).map(|(place, _)| place).collect())
        }
        Err(refusals) => Err(refusals
            .iter()
            .map(|it| it.to_diagnostic(target.backend, &correlation.origins, lowered.document.span))
            .collect()),
    }
}
