//! Text to the tree of a threshold rule: an object of JSON with exactly the keys that are written.

use isogloss_compiler::ir::Origin;
use serde::Deserialize;

use super::super::ast::{Cardinality, Key, Threshold};
use super::parse;

/// The keys of the rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    language: String,
    query: String,
    threshold: Counted,
    from: String,
    interval: String,
}

/// The keys of `threshold`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    field: Vec<String>,
    value: u64,
    #[serde(default)]
    cardinality: Vec<Distinct>,
}

/// The keys of an entry of `cardinality`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Distinct {
    field: String,
    value: u64,
}

/// Reads a threshold rule. The error is the byte at which the text is no longer one, as far as that is
/// known.
pub fn parse_threshold(text: &str) -> Result<Threshold, usize> {
    let rule: Rule = serde_json::from_str(text).map_err(|error| place_of(&error, text))?;
    if rule.kind != "threshold" || rule.language != "kuery" {
        return Err(0);
    }
    let Counted { field, value, cardinality } = rule.threshold;
    let mut cardinality = cardinality.into_iter();
    let distinct =
        cardinality.next().map(|it| Cardinality { field: key(it.field), value: it.value });
    let lookback = rule.from.strip_prefix("now-").and_then(seconds).ok_or(0_usize)?;
    let numbers = [value, distinct.as_ref().map_or(1, |it| it.value)];
    if cardinality.next().is_some() || field.len() > Threshold::MOST_FIELDS || numbers.contains(&0)
    {
        return Err(0);
    }
    Ok(Threshold {
        query: parse(&rule.query).map_err(|_| 0_usize)?,
        fields: field.into_iter().map(key).collect(),
        value,
        cardinality: distinct,
        lookback,
        interval: seconds(&rule.interval).ok_or(0_usize)?,
        origin: Origin::default(),
    })
}

fn key(name: String) -> Key {
    Key { name, origin: Origin::default() }
}

/// `90s`, `5m`, `2h`; never none.
fn seconds(text: &str) -> Option<u64> {
    let units = [('s', 1), ('m', 60), ('h', 3600)];
    let read = |(letter, unit): (char, u64)| {
        let number: u64 = text.strip_suffix(letter)?.parse().ok()?;
        number.checked_mul(unit)
    };
    units.into_iter().find_map(read).filter(|seconds| *seconds > 0)
}

/// The byte of a place that is given by line and column.
fn place_of(error: &serde_json::Error, text: &str) -> usize {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    (lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1)).min(text.len())
}
