//! The commands of SPL on tables of events, as Splunk's documents describe them. The cases are in
//! `commands/*.txt`; adding one is adding lines:
//!
//! ```text
//! # What the documents say
//! @ name = definition of a macro
//! | * | the search
//! < {"an": "event"}
//! > {"a": "row", "that": ["it", "gives"]}
//! ```
//!
//! Numbers are compared by their text. Of the fields that begin with `_`, a row is asked for those that
//! the case names; of the others it has exactly those.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use isogloss_backends::spl::evaluate::{Input, Row, run};
use isogloss_backends::spl::parse::parse;
use isogloss_compiler::ir::{Event, Macro, Mapped};
use serde_json::{Map, Value};

const FILES: &[(&str, &str)] = &[
    ("eval", include_str!("commands/eval.txt")),
    ("fields", include_str!("commands/fields.txt")),
    ("searches", include_str!("commands/searches.txt")),
    ("sort", include_str!("commands/sort.txt")),
    ("stats", include_str!("commands/stats.txt")),
    ("streamstats", include_str!("commands/streamstats.txt")),
];

#[derive(Default)]
struct Case {
    title: String,
    macros: Vec<Macro>,
    query: String,
    events: Vec<Event<Mapped>>,
    rows: Vec<Map<String, Value>>,
}

fn cases(text: &str) -> Vec<Case> {
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    blocks.map(case).collect()
}

fn case(block: &str) -> Case {
    let mut case = Case::default();
    let fields = |text: &str| serde_json::from_str(text).expect(text);
    for line in block.lines() {
        let (kind, rest) = line.split_at_checked(2).expect(line);
        match kind {
            "# " => case.title.push_str(rest),
            "@ " => {
                let (name, definition) = rest.split_once(" = ").expect(line);
                let (name, definition) = (name.to_owned(), definition.to_owned());
                case.macros.push(Macro { name, definition });
            }
            "| " => case.query.push_str(rest),
            "< " => case.events.push(Event::new(fields(rest))),
            "> " => case.rows.push(fields(rest)),
            _ => assert!(kind.is_empty(), "no line of a case: {line}"),
        }
    }
    case
}

/// The fields of a row that a case asks for.
fn found(row: &Row, wanted: Option<&Map<String, Value>>) -> BTreeMap<String, Vec<String>> {
    let asked = |name: &String| {
        !name.starts_with('_') || wanted.is_some_and(|wanted| wanted.contains_key(name))
    };
    let names = row.names().into_iter().filter(asked);
    names
        .map(|name| {
            let values = row.values(&name).into_iter().map(Cow::into_owned).collect();
            (name, values)
        })
        .collect()
}

fn wanted(row: &Map<String, Value>) -> BTreeMap<String, Vec<String>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let texts = |value: &Value| {
        let list = value.as_array().map(Vec::as_slice);
        list.unwrap_or(std::slice::from_ref(value)).iter().map(text).collect()
    };
    row.iter().map(|(name, value)| (name.clone(), texts(value))).collect()
}

/// What is wrong in a file of cases.
fn faults(name: &str, text: &str) -> Vec<String> {
    let faults = cases(text).into_iter().filter_map(|case| {
        let Case { title, macros, query, events, rows } = case;
        let fault = |text: String| Some(format!("{name}: {title}\n{query}\n{text}"));
        let parsed = match parse(&query) {
            Ok(parsed) => parsed,
            Err(at) => return fault(format!("no SPL at {at}")),
        };
        let inputs = events.iter().map(|event| Input { event, time: None, scoped: true });
        let inputs: Vec<Input> = inputs.collect();
        let answer = run(&parsed, &macros, &inputs);
        let answer = answer.iter().enumerate().map(|(place, row)| found(row, rows.get(place)));
        let answer: Vec<_> = answer.collect();
        let rows: Vec<_> = rows.iter().map(wanted).collect();
        if answer == rows { None } else { fault(format!("gives {answer:?}\nnot   {rows:?}")) }
    });
    faults.collect()
}

#[test]
fn commands() {
    let faults = FILES.iter().flat_map(|(name, text)| faults(name, text));
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// A row knows the events that it comes from, and the last of them by time.
#[test]
fn rows_come_from_events() {
    let event = |text: &str| Event::<Mapped>::new(serde_json::from_str(text).expect(text));
    let events = [
        (event(r#"{"u": "a"}"#), Some(3_000_000_000)),
        (event(r#"{"u": "b"}"#), Some(1_000_000_000)),
        (event(r#"{"u": "a"}"#), Some(2_500_000_000)),
        (event(r#"{"u": "b"}"#), Some(1_000_000_000)),
        (event("{}"), None),
    ];
    let inputs = events.iter().map(|(event, time)| Input { event, time: *time, scoped: true });
    let inputs: Vec<Input> = inputs.collect();
    for (query, wanted) in [
        ("* | stats count by u", vec![(vec![0, 2], Some(0)), (vec![1, 3], Some(3))]),
        ("* | sort 0 _time | dedup u", vec![(vec![1], Some(1)), (vec![2], Some(2))]),
        (
            "* | sort 0 _time | streamstats count as n by u | where 'n'=2",
            vec![(vec![3], Some(3)), (vec![0], Some(0))],
        ),
        ("u=c | stats count", vec![(vec![], None)]),
        ("NOT u=*", vec![(vec![4], Some(4))]),
    ] {
        let query = parse(query).expect(query);
        let rows = run(&query, &[], &inputs);
        let found = rows.iter().map(|row| (row.events.iter().copied().collect(), row.last()));
        assert_eq!(found.collect::<Vec<(Vec<usize>, _)>>(), wanted, "{query:?}");
    }
}

/// `_time` is exact to the nanosecond where nothing changes it, and in windows.
#[test]
fn times_are_exact() {
    let event = Event::<Mapped>::new(Map::new());
    let start = 1_700_000_000_123_456_789_i128;
    let query = parse("* | streamstats time_window=5m count as n | where 'n'=2").expect("a query");
    for (gap, found) in [(300_000_000_000, 1), (300_000_000_001, 0)] {
        let times = [start, start + gap];
        let inputs = times.map(|time| Input { event: &event, time: Some(time), scoped: true });
        assert_eq!(run(&query, &[], &inputs).len(), found, "{gap}");
    }
}

/// A window of time holds 10,000 rows at most, those of all groups together.
#[test]
fn windows_have_a_limit() {
    let event = |user: &str| {
        Event::<Mapped>::new([("u".to_owned(), Value::from(user))].into_iter().collect())
    };
    let (first, other) = (event("a"), event("b"));
    let query = "* | streamstats time_window=1d count as n by u | where 'u'=\"a\" | table n";
    let query = parse(query).expect("a query");
    for (others, wanted) in [(9_998, "2"), (9_999, "1")] {
        let events = std::iter::repeat_n(&other, others);
        let events = std::iter::once(&first).chain(events).chain([&first]);
        let inputs = events.map(|event| Input { event, time: Some(0), scoped: true });
        let rows = run(&query, &[], &inputs.collect::<Vec<_>>());
        assert_eq!(rows.last().map(|row| row.values("n")), Some(vec![wanted.into()]), "{others}");
    }
}
