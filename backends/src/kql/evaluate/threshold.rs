//! A threshold rule on a sequence of events (Elastic Security documentation, "Threshold rules"): it runs
//! once in an interval, counts in groups what it finds as far as it looks back, and gives an alert for a
//! group that has enough. Every event that an alert has counted is found.
//!
//! The runs are those at the multiples of the interval. That an alert is not given again for events that
//! another has counted, and how many alerts a run gives, are told as losses and not evaluated.

use std::collections::{BTreeMap, BTreeSet};

use isogloss_compiler::ir::{Event, Mapped};

use super::super::ast::{Key, Threshold};
use super::evaluate;
use crate::backend::TimedTrial;

const SECOND: i128 = 1_000_000_000;

/// For each event, whether an alert has counted it. Events without a time are in no run.
pub fn evaluate_threshold(threshold: &Threshold, events: &[TimedTrial]) -> Vec<bool> {
    let mut groups: BTreeMap<Vec<String>, Vec<Hit>> = BTreeMap::new();
    for (place, trial) in events.iter().enumerate() {
        let Some(time) = trial.time.filter(|_| evaluate(&threshold.query, trial.event, true))
        else {
            continue;
        };
        let field = threshold.cardinality.as_ref().map(|it| &it.field);
        let values = field.map_or_else(Vec::new, |field| texts(field, trial.event));
        for group in buckets(&threshold.fields, trial.event) {
            groups.entry(group).or_default().push(Hit { place, time, values: values.clone() });
        }
    }
    let counted: BTreeSet<usize> =
        groups.values().flat_map(|hits| places_of_alerts(threshold, hits)).collect();
    (0..events.len()).map(|place| counted.contains(&place)).collect()
}

/// An event that the query finds.
struct Hit {
    place: usize,
    time: i128,
    /// What is counted by its values.
    values: Vec<String>,
}

/// The first run that sees an event sees whatever a later one sees before it, so that it is enough to
/// look at the first run for each event.
fn places_of_alerts(threshold: &Threshold, hits: &[Hit]) -> Vec<usize> {
    let (interval, lookback) =
        (i128::from(threshold.interval) * SECOND, i128::from(threshold.lookback) * SECOND);
    let runs: BTreeSet<i128> = hits.iter().map(|hit| first_run(hit.time, interval)).collect();
    let mut places = Vec::new();
    for run in runs {
        let seen = || hits.iter().filter(|hit| run - lookback <= hit.time && hit.time <= run);
        let values: BTreeSet<&String> = seen().flat_map(|hit| &hit.values).collect();
        let many = |count: usize, least: u64| u64::try_from(count).is_ok_and(|it| it >= least);
        let enough = many(seen().count(), threshold.value)
            && threshold.cardinality.as_ref().is_none_or(|it| many(values.len(), it.value));
        if enough {
            places.extend(seen().map(|hit| hit.place));
        }
    }
    places
}

fn first_run(time: i128, interval: i128) -> i128 {
    let over = time.rem_euclid(interval);
    if over == 0 { time } else { time - over + interval }
}

/// An event is in a bucket for each combination of its values; in none if it lacks a field.
fn buckets(fields: &[Key], event: &Event<Mapped>) -> Vec<Vec<String>> {
    fields.iter().fold(vec![Vec::new()], |buckets, field| {
        let values = texts(field, event);
        let longer = buckets.iter().flat_map(|bucket| {
            values.iter().map(move |value| {
                bucket.iter().cloned().chain([value.clone()]).collect::<Vec<String>>()
            })
        });
        let longer: BTreeSet<Vec<String>> = longer.collect();
        longer.into_iter().collect()
    })
}

fn texts(field: &Key, event: &Event<Mapped>) -> Vec<String> {
    event.values(&field.name).iter().map(|it| it.text().to_owned()).collect()
}
