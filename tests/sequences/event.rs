//! Sequences of events with few distinct values.

use serde_json::{Map, Value, json};

use super::Drop;
use super::chance::Chance;
use super::rule::{Fields, Place};

const SECOND: i128 = 1_000_000_000;
const START: i128 = 1_700_000_000 * SECOND;

pub(super) fn draw(chance: &mut Chance, fields: &Fields, place: &Place, span: u64) -> Vec<Drop> {
    let mut events = Vec::new();
    let mut now = START + i128::from(chance.once_in(2)) * 123_456_000;
    let mut times = vec![now];
    let lists = chance.once_in(3);
    let with_ties = chance.once_in(2);
    for _ in 0..5 + chance.below(21) {
        let next = later(chance, now, &times, i128::from(span) * SECOND);
        now = if with_ties { next } else { next.max(now + 2_000) };
        times.push(now);
        let time = (!chance.once_in(40)).then_some(now);
        events.push(event(chance, fields, place, lists, time));
    }
    if chance.once_in(3) {
        for _ in 0..events.len() {
            let (one, other) = (chance.below(events.len()), chance.below(events.len()));
            events.swap(one, other);
        }
    }
    events
}

/// At once, soon, at the very edge of a window, a little behind it, or far behind.
fn later(chance: &mut Chance, now: i128, times: &[i128], span: i128) -> i128 {
    let edge = *chance.pick(times) + span;
    let next = match chance.below(10) {
        0 | 1 => now,
        2 | 3 => now + SECOND,
        4 => now + 250_000_000,
        5 => now + span / 4,
        6 => edge,
        7 => edge + 1_000,
        8 => edge - 1_000_000,
        _ => now + span / 2,
    };
    next.max(now)
}

fn event(
    chance: &mut Chance,
    fields: &Fields,
    place: &Place,
    lists: bool,
    time: Option<i128>,
) -> Drop {
    let mut sigma = Map::new();
    let source = if place.several {
        match chance.below(12) {
            0..=4 => json!("one"),
            5..=7 => json!("two"),
            8..=9 => json!("three"),
            10 if lists => json!(["one", "two"]),
            10 => json!("both"),
            _ => json!("other"),
        }
    } else {
        json!("one")
    };
    sigma.insert("src".to_owned(), source);
    let mut put = |chance: &mut Chance, name: &str, values: &[&str], numbers: bool| {
        let value = |chance: &mut Chance| {
            let text = *chance.pick(values);
            match text.parse::<serde_json::Number>() {
                Ok(number) if numbers && chance.once_in(2) => Value::Number(number),
                _ => json!(text),
            }
        };
        match chance.below(if name == "is" { 20 } else { 10 }) {
            0 => {}
            1 | 2 if lists => {
                let values = [value(chance), value(chance)];
                sigma.insert(name.to_owned(), json!(values));
            }
            _ => {
                let value = value(chance);
                sigma.insert(name.to_owned(), value);
            }
        }
    };
    put(chance, "is", &["a", "b", "c", "a", "b", "ab", "A", ""], false);
    for name in &fields.groups {
        put(chance, name, &["p", "q", "p", "q", "P", "", "p q"], false);
    }
    for name in &fields.measured {
        put(chance, name, &["1", "2", "3", "1", "2", "-1", "2.5", "x", "", "9"], true);
    }
    let mut mapped = sigma.clone();
    if place.renames {
        let sources = sigma["src"].to_string();
        let sources = sources.replace("both", "one two");
        let moved = if sources.contains("one") || !sources.contains("two") {
            mapped.get(&fields.groups[0]).cloned()
        } else {
            mapped.remove(&fields.groups[0])
        };
        if let Some(value) = moved.filter(|_| sources.contains("two")) {
            mapped.insert("renamed".to_owned(), value);
        }
    }
    Drop { sigma, mapped, time }
}
