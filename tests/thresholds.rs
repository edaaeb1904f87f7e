//! Threshold rules find what their correlations find, and more: on pointed sequences, and on correlations
//! and events that are drawn by lot. What they cannot say is refused.
//!
//! `CORRELATIONS=10000` draws so many correlations.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod sequences;

use std::collections::BTreeMap;

use isogloss_backends::kql::{lower, parse, print};
use isogloss_backends::{Refusal, kql::Kql};
use isogloss_compiler::ir::{Correlation, Direction, Loss, LossKind, Sigma};
use isogloss_compiler::map_correlation;
use isogloss_compiler::pipeline::Pipelines;
use rayon::prelude::*;
use sequences::{Drop, allowed, draw, found_by, how_many, meant, pipelines, read, shown};
use serde_json::{Map, Value, json};

const SECOND: i128 = 1_000_000_000;

/// A correlation over the rules `a` and `b`; seconds, rules and fields of events; which are found.
type Pointed = (&'static str, &'static [(i128, &'static str)], &'static [usize]);

/// The rule runs at the multiples of 300 seconds, and looks back the time span and 300 seconds.
const POINTED: &[Pointed] = &[
    // As many as are wanted, in one run; what is further apart than the span is counted too.
    (
        "type: event_count, rules: a, timespan: 10s, condition: {gte: 2}",
        &[(1, "a"), (2, "a")],
        &[0, 1],
    ),
    ("type: event_count, rules: a, timespan: 10s, condition: {gte: 3}", &[(1, "a"), (2, "a")], &[]),
    (
        "type: event_count, rules: a, timespan: 10s, condition: {gte: 2}",
        &[(1, "a"), (299, "a")],
        &[0, 1],
    ),
    (
        "type: event_count, rules: a, timespan: 10s, condition: {gt: 1}",
        &[(1, "a"), (2, "a")],
        &[0, 1],
    ),
    ("type: event_count, rules: a, timespan: 10s, condition: {gt: 2}", &[(1, "a"), (2, "a")], &[]),
    (
        "type: event_count, rules: a, timespan: 10s, condition: {gte: 0}",
        &[(1, "a"), (2, "b")],
        &[0],
    ),
    // Both bounds are kept.
    ("type: event_count, rules: a, timespan: 10s, condition: {gte: 1, gt: 1}", &[(1, "a")], &[]),
    // The run at 600 sees what is up to 310 seconds old, and no more.
    (
        "type: event_count, rules: a, timespan: 10s, condition: {gte: 2}",
        &[(290, "a"), (301, "a")],
        &[0, 1],
    ),
    (
        "type: event_count, rules: a, timespan: 10s, condition: {gte: 2}",
        &[(289, "a"), (301, "a")],
        &[],
    ),
    // The run at 300 sees what is there at 300.
    (
        "type: event_count, rules: a, timespan: 10s, condition: {gte: 2}",
        &[(1, "a"), (300, "a")],
        &[0, 1],
    ),
    // Groups, with case; an event lacks the field; several values are several groups.
    (
        "type: event_count, rules: a, group-by: [u], timespan: 10s, condition: {gte: 2}",
        &[(1, "a u=x"), (2, "a u=X"), (3, "a"), (4, "a u=y,x")],
        &[0, 3],
    ),
    (
        "type: event_count, rules: a, group-by: [u, w], timespan: 10s, condition: {gte: 2}",
        &[(1, "a u=x w=1"), (2, "a u=x w=2"), (3, "a u=x"), (4, "a u=x w=2")],
        &[1, 3],
    ),
    // Several rules: an event of both counts once.
    (
        "type: event_count, rules: [a, b], timespan: 10s, condition: {gte: 2}",
        &[(1, "a"), (2, "b")],
        &[0, 1],
    ),
    (
        "type: event_count, rules: [a, b], timespan: 10s, condition: {gte: 2}",
        &[(1, "a,b"), (400, "a")],
        &[],
    ),
    // Distinct values, of a field that not every event has.
    (
        "type: value_count, rules: a, timespan: 10s, condition: {field: v, gte: 2}",
        &[(1, "a v=1"), (2, "a v=1"), (3, "a"), (4, "a v=2")],
        &[0, 1, 2, 3],
    ),
    (
        "type: value_count, rules: a, timespan: 10s, condition: {field: v, gte: 2}",
        &[(1, "a v=1"), (2, "a v=1"), (3, "a")],
        &[],
    ),
    (
        "type: value_count, rules: a, group-by: [u], timespan: 10s, condition: {field: v, gt: 1}",
        &[(1, "a u=x v=1"), (2, "a u=y v=2"), (3, "a u=y v=1,3")],
        &[1, 2],
    ),
    (
        "type: value_count, rules: a, timespan: 10s, condition: {field: v, gte: 0}",
        &[(1, "a")],
        &[0],
    ),
];

/// What has no threshold rule, and why.
const REFUSED: &[(&str, &str)] = &[
    ("type: event_count, rules: a, timespan: 1m, condition: {lt: 2}", "lower bounds"),
    ("type: event_count, rules: a, timespan: 1m, condition: {eq: 2}", "lower bounds"),
    ("type: event_count, rules: a, timespan: 1m, condition: {gte: 2, lte: 5}", "lower bounds"),
    (
        "type: event_count, rules: a, timespan: 1m, condition: {gte: 18446744073709551616}",
        "does not count that far",
    ),
    ("type: value_count, rules: a, timespan: 1m, condition: {field: [v, w], gte: 2}", "one field"),
    (
        "type: value_count, rules: a, group-by: [v], timespan: 1m, condition: {field: v, gte: 2}",
        "forms groups",
    ),
    ("type: value_sum, rules: a, timespan: 1m, condition: {field: v, gte: 2}", "calculate"),
    ("type: temporal, rules: [a, b], timespan: 1m", "which rule"),
    ("type: temporal_ordered, rules: [a, b], timespan: 1m", "which rule"),
    ("type: temporal, rules: [a, b], timespan: 1m, condition: a and not b", "over several rules"),
    (
        "type: event_count, rules: [a, b], aliases: {k: {a: u, b: w}}, group-by: [k], timespan: 1m, \
         condition: {gte: 2}",
        "differently",
    ),
    (
        "type: event_count, rules: a, group-by: [f1, f2, f3, f4, f5, f6], timespan: 1m, condition: {gte: 2}",
        "at most 5",
    ),
];

fn pointed(body: &str) -> Correlation<Sigma> {
    let base = |name: &str| {
        format!(
            "---\ntitle: Base\nname: {name}\nlogsource: {{category: test}}\ndetection: {{is: {{is: {name}}}, \
             condition: is}}\n"
        )
    };
    let text =
        format!("{}{}---\ntitle: Drawn outer\ncorrelation: {{{body}}}\n", base("a"), base("b"));
    read(&text).expect("a correlation")
}

#[test]
fn what_a_run_sees_is_found() {
    for (body, events, wanted) in POINTED {
        let correlation = pointed(body);
        let events: Vec<Drop> = events.iter().map(|(time, words)| event(*time, words)).collect();
        let mapped = map_correlation(correlation.clone(), &Pipelines::default()).expect("mapped");
        let found = found_by(&Kql, &mapped, &events).expect("a threshold rule");
        assert_eq!(&found, wanted, "{body}");
        let meant = meant(&correlation, &events, false);
        assert!(meant.iter().all(|it| found.contains(it)), "{body}: {meant:?}");
    }
}

/// `a,b u=x,y`: an event of both rules, with two values of `u`.
fn event(time: i128, words: &str) -> Drop {
    let (rules, rest) = words.split_once(' ').unwrap_or((words, ""));
    let pairs = rest.split(' ').filter_map(|it| it.split_once('='));
    let fields = std::iter::once(("is", rules)).chain(pairs);
    let fields: Map<String, Value> = fields
        .map(|(name, values)| (name.to_owned(), json!(values.split(',').collect::<Vec<_>>())))
        .collect();
    Drop { sigma: fields.clone(), mapped: fields, time: Some(time * SECOND) }
}

#[test]
fn what_a_threshold_rule_cannot_say_is_refused() {
    for (body, why) in REFUSED {
        let mapped = map_correlation(pointed(body), &Pipelines::default()).expect("mapped");
        let refusals = lower::lower_correlation(&mapped).expect_err(body);
        assert_eq!(refusals.len(), 1, "{body}: {refusals:?}");
        assert!(refusals[0].reason().contains(why), "{body}: {}", refusals[0].reason());
    }
}

#[test]
fn correlations_and_threshold_rules_agree() {
    let many = how_many();
    let found: Vec<Result<String, String>> = (0..many).into_par_iter().map(agree).collect();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in found.iter().flatten() {
        *kinds.entry(kind).or_default() += 1;
    }
    println!("{kinds:#?}");
    let faults: Vec<&String> = found.iter().filter_map(|it| it.as_ref().err()).collect();
    assert!(faults.is_empty(), "{} disagree, such as\n{}", faults.len(), faults[0]);
    let said = kinds.get("wider").copied().unwrap_or_default();
    assert!(said * 20 > many, "only {said} threshold rules are only wider");
}

fn agree(number: usize) -> Result<String, String> {
    let drawn = draw(number);
    let Ok(correlation) = read(&drawn.rules) else { return Ok("not read".to_owned()) };
    let pipelines = pipelines(drawn.pipeline.as_deref());
    let Ok(mapped) = map_correlation(correlation.clone(), &pipelines) else {
        return Ok("not mapped".to_owned());
    };
    let (threshold, losses) = match lower::lower_correlation(&mapped) {
        Ok(lowered) => lowered,
        Err(why) => return Ok(format!("refused: {}", why.first().map_or("", Refusal::reason))),
    };
    for width in [None, Some(100)] {
        let text = print::print_threshold(&threshold, width).text;
        if parse::parse_threshold(&text) != Ok(threshold.joined()) {
            return Err(format!("{number}: not read back: {text}"));
        }
    }
    for events in &drawn.sequences {
        let meant = meant(&correlation, events, drawn.pipeline.is_some());
        let found = found_by(&Kql, &mapped, events).map_err(|_| format!("{number}: refused"))?;
        if !allowed(direction(&losses, events), &meant, &found) {
            let text = print::print_threshold(&threshold, Some(100)).text;
            return Err(format!(
                "{number}: found {found:?}, not {meant:?}\n{}\n{:?}\n{text}\n{losses:?}\n{}",
                drawn.rules,
                drawn.pipeline,
                shown(events)
            ));
        }
    }
    Ok(direction(&losses, &[]).map_or("exact", Direction::as_str).to_owned())
}

/// What the losses say together that these events may meet. What happens after an alert is not evaluated,
/// and no sequence comes near a limit.
fn direction(losses: &[Loss], events: &[Drop]) -> Option<Direction> {
    let mut texts = events.iter().filter_map(|it| it.mapped.get("is"));
    let has_capitals = texts.any(|it| it.to_string().contains(char::is_uppercase));
    let unfelt = [LossKind::Limit, LossKind::Overlap];
    let felt = losses.iter().filter(|it| !unfelt.contains(&it.kind));
    let felt = felt.filter(|it| has_capitals || it.kind != LossKind::Case);
    felt.map(|it| it.direction).reduce(Direction::and)
}
