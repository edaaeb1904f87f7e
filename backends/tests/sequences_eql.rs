//! Sequences of EQL against Elastic's documents: a query, events in the order of time, the places of those that
//! complete a match.
//!
//! `[a]` is `[any where is == "a"]`. An event is `seconds names field=value,value …`; `-` is no name.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use isogloss_backends::eql::evaluate::sequence::{Timed, run};
use isogloss_backends::eql::parse::parse_statement;
use isogloss_compiler::ir::{Event, Mapped};
use serde_json::{Map, Value};

#[test]
fn sequences() {
    for (query, events, complete) in CASES {
        let mut text = (*query).to_owned();
        for name in ["a", "b", "c", "x"] {
            text = text.replace(&format!("[{name}]"), &format!("[any where is == \"{name}\"]"));
        }
        let statement = parse_statement(&text).expect(query);
        let events: Vec<(Event<Mapped>, i128)> = events.split("; ").map(event).collect();
        let timed: Vec<Timed> =
            events.iter().map(|(event, time)| Timed { event, time: *time }).collect();
        let found = run(&statement, &timed).expect("no sample");
        let found: Vec<usize> = found.into_iter().collect();
        assert_eq!(found, *complete, "{query}");
    }
}

fn event(text: &str) -> (Event<Mapped>, i128) {
    let mut words = text.split(' ');
    let time = words.next().expect("a time");
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let time = format!("{whole}{fraction:0<9}").parse().expect("seconds");
    let names = words.next().filter(|it| *it != "-").map(|it| ("is", it));
    let pairs = words.map(|it| it.split_once('=').expect("field=value"));
    let fields = names.into_iter().chain(pairs).map(|(field, values)| {
        let values = values.split(',').map(|it| Value::String(it.to_owned()));
        (field.to_owned(), Value::Array(values.collect()))
    });
    (Event::new(fields.collect::<Map<_, _>>()), time)
}

const CASES: &[(&str, &str, &[usize])] = &[
    // The example of the documents, with one machine for each user.
    (
        "sequence by u [a] [b] [c]",
        "1 a u=r; 2 a u=r; 3 b u=e; 4 b u=r; 5 b u=r; 6 a u=e; 7 a u=r; 8 b u=e; 9 c u=r; 10 c u=e; 11 c u=r",
        &[8, 9],
    ),
    // A match is used up by the event that completes it.
    ("sequence [a] [b]", "1 a; 2 b; 3 b; 4 a; 5 b", &[1, 4]),
    ("sequence [a] [b]", "1 b; 2 a", &[]),
    // A newer match takes the place of an older one.
    ("sequence with maxspan=10s [a] [b]", "0 a; 5 a; 12 b", &[2]),
    ("sequence with maxspan=10s [a] [b] [c]", "0 a; 1 b; 5 a; 6 b; 12 c", &[4]),
    ("sequence [a] [b] [c]", "0 a; 1 b; 5 a; 6 c; 7 c", &[3]),
    // The window is closed.
    ("sequence with maxspan=10s [a] [b]", "0 a; 10 b", &[1]),
    ("sequence with maxspan=10s [a] [b]", "0 a; 10.000000001 b", &[]),
    ("sequence with maxspan=1m [a] [b] [c]", "0 a; 40 b; 61 c", &[]),
    ("sequence with maxspan=500ms [a] [b]", "0 a; 0.5 b; 1 a; 1.501 b", &[1]),
    ("sequence [a] [b]", "0 a; 999999999 b", &[1]),
    // An event counts once for a match, and moves it before it begins another one.
    ("sequence [a] [b]", "0 a,b", &[]),
    ("sequence [a] [b]", "0 a,b; 1 a,b; 2 b", &[1, 2]),
    ("sequence [a] [a]", "0 a; 1 a; 2 a", &[1, 2]),
    // Runs are stages.
    ("sequence [a] with runs=3", "0 a; 1 a; 2 a; 3 a", &[2, 3]),
    ("sequence with maxspan=2s [a] with runs=3", "0 a; 1 a; 3 a; 4 a; 5 a", &[4]),
    ("sequence [a] [b] with runs=2 [c]", "0 a; 1 b; 2 c; 3 b; 4 c", &[4]),
    // Join keys: with case, by the names of each stage, without events that lack a field.
    ("sequence by u [a] [b]", "0 a u=p; 1 b u=P; 2 b u=q; 3 b; 4 b u=p", &[4]),
    ("sequence [a] by u [b] by w", "0 a u=p; 1 b u=p; 2 b w=p", &[2]),
    ("sequence by u [a] by v [b] by w", "0 a u=p v=1; 1 b u=q w=1; 2 b u=p w=1", &[2]),
    ("sequence by u, v [a] [b]", "0 a u=p v=q; 1 b u=q v=p; 2 b u=p v=q", &[2]),
    ("sequence by u [a] [b]", "0 a; 1 b", &[]),
    // Null is a value of an optional key.
    ("sequence by ?u [a] [b]", "0 a; 1 b u=p; 2 b", &[2]),
    ("sequence by u, ?v [a] [b]", "0 a u=p; 1 b u=p v=q; 2 b u=p", &[2]),
    // Each of several values.
    ("sequence by u [a] [b]", "0 a u=p,q; 1 b u=q; 2 b u=q; 3 b u=p", &[1, 3]),
    ("sequence by u, v [a] [b]", "0 a u=p,q v=1,2; 1 b u=q v=1; 2 b u=p v=2", &[1, 2]),
    // What expires a sequence: between its events, not behind them.
    ("sequence [a] [b] until [x]", "0 a; 1 b", &[1]),
    ("sequence [a] [b] until [x]", "0 a; 1 b; 2 x", &[1]),
    ("sequence [a] [b] until [x]", "0 a; 1 x; 2 b", &[]),
    ("sequence [a] [b] until [x]", "0 x; 1 a; 2 b", &[2]),
    ("sequence by u [a] [b] until [x]", "0 a u=p; 1 x u=q; 2 b u=p", &[2]),
    ("sequence [a] by u [b] by u until [x] by w", "0 a u=p; 1 x w=p; 2 b u=p", &[]),
    ("sequence [a] [b] [c] until [x]", "0 a; 1 b; 2 x; 3 c; 4 a; 5 b; 6 c", &[6]),
    // What is missing: between two events, behind the last one, before the first one.
    ("sequence with maxspan=9s [a] ![x] [b]", "0 a; 1 b; 2 a; 3 x; 4 b", &[1]),
    ("sequence by u with maxspan=9s [a] ![x] [b]", "0 a u=p; 1 x u=q; 2 b u=p", &[2]),
    ("sequence with maxspan=5s [a] ![x]", "0 a; 3 x; 10 a; 15 x; 20 a; 25.1 x", &[4]),
    ("sequence with maxspan=5s ![x] [a]", "0 x; 3 a; 10 x; 15 a; 20 x; 25.1 a", &[5]),
    ("sequence with maxspan=9s ![x] [a] ![c] [b]", "0 a; 1 c; 2 b; 10 a; 12 b", &[4]),
    ("sequence with maxspan=9s [a] ![x] ![c] [b]", "0 a; 1 c; 2 b; 10 a; 12 b", &[4]),
    ("sequence with maxspan=9s [a] ![x] [b]", "0 a,x; 1 b,x", &[1]),
    // Pipes: the earliest, the latest.
    ("sequence [a] [b] | head 1", "0 a; 1 b; 2 a; 3 b", &[1]),
    ("sequence [a] [b] | tail 1", "0 a; 1 b; 2 a; 3 b", &[3]),
    ("sequence [a] [b] | tail 2 | head 1", "0 a; 1 b; 2 a; 3 b; 4 a; 5 b", &[3]),
    ("any where is == \"a\"", "0 a; 1 b; 2 a", &[0, 2]),
    ("any where is == \"a\" | tail 1", "0 a; 1 b; 2 a", &[2]),
];
