//! The meaning of a correlation: the events at which it holds.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    AnyRule, Condition, Correlation, Decimal, Event, GroupField, HasName, Measure, Rule, Scalar,
    State, Trigger,
};
use crate::ast::{Bound, Relation};

/// An event and its time, in nanoseconds since 1970. Without a time it lies in no window.
#[derive(Debug, Clone)]
pub struct Timed<'e, S: State> {
    /// The event.
    pub event: Cow<'e, Event<S>>,
    /// Its time.
    pub time: Option<i128>,
}

/// The places of the events that complete a match, in ascending order. `matches` answers for a detection
/// rule and an event.
pub fn correlate<S: State>(
    correlation: &Correlation<S>,
    events: &[Timed<S>],
    matches: &dyn Fn(&Rule<S>, &Event<S>) -> bool,
) -> Vec<usize> {
    let found = run(correlation, events, matches);
    let places: BTreeSet<usize> = found.into_iter().map(|finding| finding.place).collect();
    places.into_iter().collect()
}

/// A match of a rule: an event, or the last event of a correlation with the fields of its group.
struct Finding<'e, S: State> {
    place: usize,
    time: i128,
    event: Cow<'e, Event<S>>,
}

/// A finding of a base rule in its group.
struct Hit<'f, 'e, S: State> {
    base: usize,
    finding: &'f Finding<'e, S>,
}

fn findings<'e, S: State>(
    rule: &AnyRule<S>,
    events: &'e [Timed<'e, S>],
    matches: &dyn Fn(&Rule<S>, &Event<S>) -> bool,
) -> Vec<Finding<'e, S>> {
    match rule {
        AnyRule::Detection(rule) => {
            let found = events.iter().enumerate().filter_map(|(place, timed)| {
                let time = timed.time?;
                let event = Cow::Borrowed(&*timed.event);
                matches(rule, &event).then_some(Finding { place, time, event })
            });
            found.collect()
        }
        AnyRule::Correlation(correlation) => run(correlation, events, matches),
    }
}

fn run<'e, S: State>(
    correlation: &Correlation<S>,
    events: &'e [Timed<'e, S>],
    matches: &dyn Fn(&Rule<S>, &Event<S>) -> bool,
) -> Vec<Finding<'e, S>> {
    let of_bases: Vec<Vec<Finding<S>>> =
        correlation.bases.iter().map(|base| findings(&base.rule, events, matches)).collect();
    let mut groups: BTreeMap<Vec<String>, Vec<Hit<S>>> = BTreeMap::new();
    for (base, found) in of_bases.iter().enumerate() {
        for finding in found {
            for group in combinations(&correlation.group_by, base, &finding.event) {
                groups.entry(group).or_default().push(Hit { base, finding });
            }
        }
    }
    let mut completed = Vec::new();
    for (group, mut hits) in groups {
        hits.sort_by_key(|hit| (hit.finding.time, hit.finding.place, hit.base));
        for (place, time) in completions(correlation, &hits) {
            let event = Cow::Owned(group_event(&correlation.group_by, &group));
            completed.push(Finding { place, time, event });
        }
    }
    completed.sort_by_key(|finding| (finding.time, finding.place));
    completed
}

/// Every combination of values of these fields; none if one of them has no value.
fn combinations<S: State>(
    fields: &[GroupField<S>],
    base: usize,
    event: &Event<S>,
) -> Vec<Vec<String>> {
    fields.iter().fold(vec![Vec::new()], |combinations, field| {
        let values = values_of(field, base, event);
        let longer = combinations.iter().flat_map(|combination| {
            values.iter().map(move |value| {
                combination.iter().cloned().chain([value.text().to_owned()]).collect()
            })
        });
        longer.collect()
    })
}

fn values_of<'e, S: State>(
    field: &GroupField<S>,
    base: usize,
    event: &'e Event<S>,
) -> Vec<Scalar<'e>> {
    let name = field.fields.get(base).and_then(Option::as_ref);
    name.map_or_else(Vec::new, |name| event.values(name.name()))
}

/// What a correlation that is about this one sees: the fields of the group.
fn group_event<S: State>(fields: &[GroupField<S>], group: &[String]) -> Event<S> {
    let pairs = fields.iter().zip(group);
    let fields: Map<String, Value> =
        pairs.map(|(field, value)| (field.name.clone(), Value::from(value.clone()))).collect();
    Event::new(fields)
}

/// Place and time of every event at which the trigger holds for the window that ends there.
fn completions<S: State>(correlation: &Correlation<S>, hits: &[Hit<S>]) -> Vec<(usize, i128)> {
    let span = i128::from(correlation.timespan) * 1_000_000_000;
    let mut completions = Vec::new();
    let mut first = 0;
    let mut end = 0;
    while let Some(hit) = hits.get(end) {
        let (place, time) = (hit.finding.place, hit.finding.time);
        // An event that several rules matched is one event.
        end += hits.iter().skip(end).take_while(|it| it.finding.place == place).count();
        first += hits.iter().skip(first).take_while(|it| time - it.finding.time > span).count();
        let window = hits.get(first..end).unwrap_or_default();
        if holds(correlation, window) {
            completions.push((place, time));
        }
    }
    completions
}

fn holds<S: State>(correlation: &Correlation<S>, window: &[Hit<S>]) -> bool {
    match &correlation.trigger {
        Trigger::Bounds { measure, bounds } => keeps(measure, bounds, window),
        Trigger::Extended(condition) => {
            let matched = |name: &str| {
                window.iter().any(|hit| {
                    correlation.bases.get(hit.base).is_some_and(|base| base.name == name)
                })
            };
            extended_holds(condition, &matched)
        }
    }
}

fn extended_holds(condition: &Condition, matched: &dyn Fn(&str) -> bool) -> bool {
    match condition {
        Condition::All(operands) => operands.iter().all(|it| extended_holds(it, matched)),
        Condition::Any(operands) => operands.iter().any(|it| extended_holds(it, matched)),
        Condition::Not(operand) => !extended_holds(operand, matched),
        Condition::Detection(name) => matched(name),
    }
}

/// True if the measure of a window keeps all bounds. Without any number there is no sum.
fn keeps<S: State>(measure: &Measure<S>, bounds: &[Bound], window: &[Hit<S>]) -> bool {
    let count = |count: usize| (Some(Decimal::from(count)), 1);
    let (measured, scale) = match measure {
        Measure::Events => count(events(window).count()),
        Measure::Distinct(fields) => count(distinct(fields, window)),
        Measure::Rules => count(window.iter().map(|hit| hit.base).collect::<BTreeSet<_>>().len()),
        Measure::RulesInOrder => count(longest_chain(window)),
        Measure::Sum(field) => (sum(&numbers(field, window)), 1),
        Measure::Mean(field) => {
            let numbers = numbers(field, window);
            (sum(&numbers), numbers.len())
        }
        Measure::Percentile(field, percentile) => {
            (nearest_rank(numbers(field, window), percentile), 1)
        }
    };
    let Some(measured) = measured else { return false };
    bounds.iter().all(|bound| {
        // A mean keeps a bound where the sum keeps so many times the bound.
        let number = bound.number.times(scale);
        match bound.relation {
            Relation::Equal => measured == number,
            Relation::NotEqual => measured != number,
            Relation::Compare(comparison) => comparison.holds(&measured, &number),
        }
    })
}

/// The hits of each event, in order.
fn events<'w, 'f, 'e, S: State>(
    window: &'w [Hit<'f, 'e, S>],
) -> impl Iterator<Item = &'w [Hit<'f, 'e, S>]> {
    window.chunk_by(|a, b| a.finding.place == b.finding.place)
}

fn distinct<S: State>(fields: &[GroupField<S>], window: &[Hit<S>]) -> usize {
    let values = window.iter().flat_map(|hit| combinations(fields, hit.base, &hit.finding.event));
    values.collect::<BTreeSet<_>>().len()
}

/// The length of the longest chain of rules in ascending order, each matched by a later event.
fn longest_chain<S: State>(window: &[Hit<S>]) -> usize {
    // The longest chain that ends with each rule.
    let mut chains: BTreeMap<usize, usize> = BTreeMap::new();
    for event in events(window) {
        let longer = event.iter().map(|hit| {
            let before = chains.range(..hit.base).map(|(_, length)| *length).max();
            (hit.base, before.unwrap_or(0) + 1)
        });
        for (base, length) in longer.collect::<Vec<_>>() {
            let known = chains.entry(base).or_default();
            *known = length.max(*known);
        }
    }
    chains.into_values().max().unwrap_or(0)
}

/// The numbers of a field, event by event; other values are left out. An event that two rules match has
/// those of both if they call the field differently, else once.
fn numbers<S: State>(field: &GroupField<S>, window: &[Hit<S>]) -> Vec<Decimal> {
    let mut numbers = Vec::new();
    for event in events(window) {
        let mut read = Vec::new();
        for hit in event {
            let source = (field.fields.get(hit.base), &*hit.finding.event);
            if read.contains(&source) {
                continue;
            }
            read.push(source);
            let values = values_of(field, hit.base, &hit.finding.event);
            numbers.extend(values.iter().filter_map(|value| Decimal::parse(value.text())));
        }
    }
    numbers
}

fn sum(numbers: &[Decimal]) -> Option<Decimal> {
    let sum = numbers.iter().fold(Decimal::zero(), |sum, number| sum.plus(number));
    (!numbers.is_empty()).then_some(sum)
}

fn nearest_rank(mut numbers: Vec<Decimal>, percentile: &Decimal) -> Option<Decimal> {
    numbers.sort();
    let wanted = percentile.times(numbers.len());
    // The first of which at least so many hundredths are not above.
    let rank = (1..=numbers.len()).find(|rank| Decimal::from(rank * 100) >= wanted)?;
    numbers.into_iter().nth(rank - 1)
}
