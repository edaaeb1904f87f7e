//! When a search runs, over which time, and what is not reported again for a while.
//!
//! A search runs once an hour, in a minute that its id decides, over the hour that ended ten minutes ago: events
//! have ten minutes to arrive. A correlation also looks back as far as its window, and does not report
//! a group again while what it found can be found again.

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use super::hash::hash;
use super::shape::Shape;
use crate::content::entry::{Correlated, Entry};
use crate::content::problem::Problem;

const CRON: &str = "H * * * *";
const WINDOW: &str = "auto";
/// Where the time ends, in minutes before now.
const DELAY: u64 = 10;
/// How long it is, in minutes.
const SPAN: u64 = 60;

/// When a search runs, and over which time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Times {
    pub(super) cron: String,
    pub(super) earliest: String,
    pub(super) latest: String,
    pub(super) window: String,
}

/// What is not reported again for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Suppress {
    pub(super) fields: Vec<String>,
    pub(super) period: String,
}

/// When the search of an entry runs.
pub(super) fn times(entry: &Entry) -> Times {
    let schedule = &entry.attributes.splunk.schedule;
    let or = |value: &Option<String>, default: &str| value.as_deref().unwrap_or(default).to_owned();
    let back = DELAY + SPAN + entry.facts.correlation.as_ref().map_or(0, minutes);
    Times {
        cron: spread(&or(&schedule.cron, CRON), &entry.id),
        earliest: or(&schedule.earliest, &format!("-{back}m@m")),
        latest: or(&schedule.latest, &format!("-{DELAY}m@m")),
        window: or(&schedule.window, WINDOW),
    }
}

/// The window of a correlation, in whole minutes.
fn minutes(correlated: &Correlated) -> u64 {
    correlated.timespan.div_ceil(60)
}

/// What is not reported again. Where results have no field, all have the same value for it: one result would
/// keep those of all others from being reported, so that only the groups of a correlation count then.
pub(super) fn suppress(entry: &Entry, shape: &Shape) -> Option<Suppress> {
    let fits = |it: &Suppress| it.fields.iter().all(|field| shape.fields.contains(field));
    throttle(entry).filter(fits).or_else(|| of_groups(entry).filter(fits))
}

/// What is not to be reported again, as it is wanted.
pub(super) fn throttle(entry: &Entry) -> Option<Suppress> {
    if let Some(throttle) = &entry.attributes.splunk.throttle {
        let (fields, period) = (throttle.fields.clone(), throttle.period.clone());
        return Some(Suppress { fields, period });
    }
    of_groups(entry)
}

/// The runs of a correlation overlap, and find the same group again.
fn of_groups(entry: &Entry) -> Option<Suppress> {
    let correlated = entry.facts.correlation.as_ref()?;
    let period = format!("{}m", SPAN + minutes(correlated));
    (!correlated.group_by.is_empty())
        .then(|| Suppress { fields: correlated.group_by.clone(), period })
}

/// `H` is a minute that the id decides, and `H/15` every 15 minutes from such a minute.
fn spread(cron: &str, id: &str) -> String {
    let Some((minute, rest)) = cron.split_once(' ') else { return cron.to_owned() };
    let step = match minute.strip_prefix('H') {
        Some("") => 60,
        Some(step) => match step.strip_prefix('/').and_then(|it| it.parse().ok()) {
            Some(step @ 1..=59) => step,
            Some(_) | None => return cron.to_owned(),
        },
        None => return cron.to_owned(),
    };
    let first = hash(id) % step;
    if step == 60 { format!("{first} {rest}") } else { format!("{first}-59/{step} {rest}") }
}

/// What is wrong with when the search runs.
pub(super) fn check(entry: &Entry, shape: &Shape) -> Vec<Problem> {
    let Times { cron, earliest, latest, window } = times(entry);
    let mut problems = Vec::new();
    problems.extend(check_cron(&cron).map(Problem::error));
    for (key, value) in [("earliest", &earliest), ("latest", &latest)] {
        if !TIME.as_ref().is_some_and(|it| it.is_match(value)) {
            problems.push(
                Problem::error(format!(
                    "`schedule.{key}` is `{value}`, which is no time of Splunk"
                ))
                .with_help("write a time such as `-70m@m`, `-1d@d` or `now`"),
            );
        }
    }
    if window != WINDOW && window.parse::<u16>().is_err() {
        problems.push(
            Problem::error(format!("`schedule.window` is `{window}`"))
                .with_help("write `auto` or a number of minutes"),
        );
    }
    problems.extend(check_reach(entry, &earliest, &latest));
    if let Some(suppress) = throttle(entry) {
        problems.extend(check_suppress(&suppress, shape));
    }
    problems
}

fn check_suppress(suppress: &Suppress, shape: &Shape) -> Vec<Problem> {
    let Suppress { fields, period } = suppress;
    let mut problems = Vec::new();
    let digits = period.strip_suffix(['s', 'm', 'h']).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        problems.push(
            Problem::error(format!("`throttle.period` is `{period}`"))
                .with_help("write a number and `s`, `m` or `h`, such as `1h`"),
        );
    }
    for field in fields.iter().filter(|it| !shape.fields.contains(*it)) {
        problems.push(Problem::warning(format!(
            "the results have no field `{field}`, by which `throttle` tells them apart: it is left out"
        )));
    }
    if fields.is_empty() {
        problems.push(Problem::warning(
            "`throttle` names no field: after one result no other is reported".to_owned(),
        ));
    }
    problems
}

/// A correlation that does not look back as far as its window misses what lies between two runs.
fn check_reach(entry: &Entry, earliest: &str, latest: &str) -> Option<Problem> {
    let correlated = entry.facts.correlation.as_ref()?;
    let reach = seconds_before(earliest)?.checked_sub(seconds_before(latest)?)?;
    (reach <= correlated.timespan).then(|| {
        Problem::warning(format!(
            "the search looks at {reach} seconds, and the window of the correlation is {} seconds: what lies \
             in two runs is not found",
            correlated.timespan
        ))
        .with_help("set `schedule.earliest` to the window and the time between two runs, or leave it out")
    })
}

/// How long before now a simple time is; `None` for others.
fn seconds_before(time: &str) -> Option<u64> {
    if time == "now" {
        return Some(0);
    }
    let offset = time.strip_prefix('-')?.split('@').next()?;
    let digits = offset.find(|it: char| !it.is_ascii_digit())?;
    let (number, unit) = offset.split_at_checked(digits)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// A time of Splunk: `now`, seconds since 1970, or offsets and snaps (Splunk documentation, "Time modifiers").
static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let unit = "(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|mon|months?|q|qtrs?|quarters?|y|yrs?|years?)";
    Regex::new(&format!(
        r"^(?:now(?:\(\))?|[0-9]+(?:\.[0-9]+)?|(?:[+-][0-9]*{unit}|@(?:{unit}|w[0-7]))+)$"
    ))
    .ok()
});

/// The fields of a cron expression and their numbers.
const FIELDS: [(&str, u8, u8); 5] = [
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 6),
];

fn check_cron(cron: &str) -> Option<String> {
    let parts: Vec<&str> = cron.split(' ').collect();
    if parts.len() != FIELDS.len() {
        return Some(format!("`schedule.cron` is `{cron}`, which does not have five fields"));
    }
    let wrong = parts.iter().zip(FIELDS).find(|(part, (_, least, most))| {
        part.split(',').any(|item| !is_cron_item(item, *least, *most))
    });
    let (part, (name, least, most)) = wrong?;
    Some(format!("`schedule.cron` is `{cron}`, where `{part}` is no {name} ({least} to {most})"))
}

/// `*`, `5`, `1-5`, each also with a step.
fn is_cron_item(item: &str, least: u8, most: u8) -> bool {
    let (range, step) = match item.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (item, None),
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        text.parse::<u8>().ok().filter(|it| digits && (least..=most).contains(it))
    };
    let has_step = step.is_none_or(|it| it.parse::<u8>().is_ok_and(|it| (1..=most).contains(&it)));
    let is_range = match range.split_once('-') {
        Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
        None => range == "*" || number(range).is_some() && step.is_none(),
    };
    has_step && is_range
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cron_has_five_fields_in_their_ranges() {
        for good in ["0 * * * *", "*/15 * * * *", "7-59/15 0-6,20 1,15 * 1-5", "5 4 * 12 0"] {
            assert_eq!(check_cron(good), None, "{good}");
        }
        for bad in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "*/0 * * * *",
            "5/2 * * * *",
            "5-1 * * * *",
            "a * * * *",
            "H * * * *",
            "0  * * * *",
            "+1 * * * *",
        ] {
            assert!(check_cron(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn h_is_a_minute_of_the_id() {
        let minute = spread("H * * * *", "a");
        assert_eq!(minute, spread("H * * * *", "a"));
        assert_eq!(check_cron(&minute), None, "{minute}");
        let quarters = spread("H/15 * * * *", "a");
        assert!(
            quarters.ends_with("-59/15 * * * *") && check_cron(&quarters).is_none(),
            "{quarters}"
        );
        assert_eq!(spread("H/0 * * * *", "a"), "H/0 * * * *");
    }

    #[test]
    fn times_of_splunk() {
        let is_time = |text: &str| TIME.as_ref().unwrap().is_match(text);
        for good in ["now", "0", "1700000000.5", "-70m@m", "-1d@d+2h", "@w1", "+5m", "-mon@mon"] {
            assert!(is_time(good), "{good}");
        }
        for bad in ["", "70m", "-70x", "-70m@", "rt", "-1d @d"] {
            assert!(!is_time(bad), "{bad}");
        }
        assert_eq!(seconds_before("-70m@m"), Some(4200));
        assert_eq!(seconds_before("@d"), None);
    }
}
