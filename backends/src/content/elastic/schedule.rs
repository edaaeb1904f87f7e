//! When a rule runs, and how far back a run looks.

use super::super::entry::Entry;
use super::RuleType;

/// How often a rule runs, in seconds, where nothing else is said: the default of Kibana.
const INTERVAL: u64 = 5 * 60;
/// How far a run looks back beyond the interval, for events that come late.
const LOOKBACK: u64 = 4 * 60;

/// The interval and what a run sees, as Kibana writes them.
pub(super) struct Schedule {
    pub(super) interval: String,
    pub(super) from: String,
    /// True if a run looks back beyond the interval.
    pub(super) looks_back: bool,
}

/// The schedule of a rule. `interval` is that of the query, if it has one of its own. The error is for people.
pub(super) fn schedule(
    entry: &Entry,
    kind: RuleType,
    interval: Option<u64>,
) -> Result<Schedule, String> {
    let settings = &entry.attributes.elastic;
    let said = |text: &Option<String>| text.as_deref().map(seconds).transpose();
    let own = said(&settings.interval)?;
    let interval = own.or(interval).unwrap_or(INTERVAL);
    if interval == 0 {
        return Err("the interval is nothing".to_owned());
    }
    // A threshold rule counts all that it sees: what it sees twice would count twice.
    let usual = if kind == RuleType::Threshold { 0 } else { LOOKBACK };
    let lookback = said(&settings.lookback)?.unwrap_or(usual);
    let window = entry.facts.correlation.as_ref().map_or(0, |it| it.timespan);
    let from = interval.saturating_add(lookback).saturating_add(window);
    let interval = match &settings.interval {
        Some(text) => text.clone(),
        None => duration(interval),
    };
    let looks_back = lookback > 0 || window > 0;
    Ok(Schedule { interval, from: format!("now-{}", duration(from)), looks_back })
}

/// `90s`, `5m`, `2h`, `1d` in seconds. The error is for people.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86400)];
    let read = |(letter, unit): (char, u64)| {
        let digits = text.strip_suffix(letter)?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u64>().ok()?.checked_mul(unit))?
    };
    let seconds = units.into_iter().find_map(read);
    seconds.ok_or_else(|| format!("`{text}` is no time such as `90s`, `5m`, `2h` or `1d`"))
}

/// A number of seconds in the largest unit that it is a multiple of; hours at most, which every key of
/// Kibana takes.
pub(super) fn duration(seconds: u64) -> String {
    let (value, unit) = value_and_unit(seconds);
    format!("{value}{unit}")
}

/// A number of seconds as a value and its unit.
pub(super) fn value_and_unit(seconds: u64) -> (u64, char) {
    let units = [(3600, 'h'), (60, 'm')];
    let fitting = units.into_iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit));
    fitting.map_or((seconds, 's'), |(unit, letter)| (seconds / unit, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (text, wanted) in [("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86400), ("0s", 0)] {
            assert_eq!(seconds(text), Ok(wanted));
        }
        for text in ["", "m", "5", "-5m", "+5m", "5 m", "5M", "1.5h", "99999999999999999999s"] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert_eq!([0, 90, 540, 86400].map(duration), ["0s", "90s", "9m", "24h"]);
    }
}
