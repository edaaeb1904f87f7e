//! The functions of `stats` and `streamstats` (Splunk documentation, "Statistical and charting
//! functions").

use std::collections::BTreeSet;

use super::super::ast::Column;
use super::row::Row;
use super::worth::Worth;

/// `list` keeps this many values ("limits.conf", `list_maxsize`).
const MAX_LIST: usize = 100;

/// What a column says of one row: the values of its field there.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    time: Option<i128>,
    values: Vec<String>,
    /// True if the value is a number of `eval`, not the text of one.
    number: bool,
}

impl Cell {
    pub(super) fn of(column: &Column, row: &Row) -> Self {
        let field = column.field.as_deref();
        let worth = field.map_or(Worth::Null, |field| row.worth(field));
        let number = matches!(worth, Worth::Number(_));
        Self { time: row.time(), values: worth.into_values(), number }
    }

    /// One of its values, as `eval` sees it.
    fn typed(&self, text: &str) -> Worth {
        if self.number { Worth::number(text) } else { Worth::Text(text.to_owned()) }
    }
}

/// The name of a column.
pub(super) fn title(column: &Column) -> String {
    match (&column.alias, &column.field) {
        (Some(alias), _) => alias.clone(),
        (None, Some(field)) => format!("{}({field})", column.function),
        (None, None) => column.function.clone(),
    }
}

/// The value of a column over these rows. A field with several values counts with each.
pub(super) fn aggregate(column: &Column, cells: &[&Cell]) -> Worth {
    let function = column.function.as_str();
    if column.field.is_none() {
        let count = matches!(function, "count" | "c");
        return if count { Worth::count(cells.len()) } else { Worth::Null };
    }
    let values = || cells.iter().flat_map(|cell| cell.values.iter().map(String::as_str));
    match function {
        "count" | "c" => Worth::count(values().count()),
        "dc" | "distinct_count" | "estdc" => {
            Worth::count(values().collect::<BTreeSet<&str>>().len())
        }
        "values" => {
            let distinct: BTreeSet<&str> = values().collect();
            Worth::of(distinct.into_iter().map(str::to_owned).collect())
        }
        "list" => Worth::of(values().take(MAX_LIST).map(str::to_owned).collect()),
        "first" => {
            let first = cells.iter().find_map(|cell| Some(cell.typed(cell.values.first()?)));
            first.unwrap_or(Worth::Null)
        }
        "last" => {
            let last = cells.iter().rev().find_map(|cell| Some(cell.typed(cell.values.last()?)));
            last.unwrap_or(Worth::Null)
        }
        "earliest" => by_time(cells, false),
        "latest" => by_time(cells, true),
        "min" => extreme(values().collect(), false),
        "max" => extreme(values().collect(), true),
        "sum" | "avg" | "mean" | "range" | "median" => {
            of_numbers(function, &numbers(&mut values()))
        }
        _ => percent(function).map_or(Worth::Null, |percent| rank(numbers(&mut values()), percent)),
    }
}

/// The values that are numbers; others do not count.
fn numbers(values: &mut dyn Iterator<Item = &str>) -> Vec<f64> {
    values.filter_map(|it| it.parse().ok()).filter(|it: &f64| it.is_finite()).collect()
}

/// The value of the earliest or latest row that has one. Of rows at one time it is the last.
fn by_time(cells: &[&Cell], latest: bool) -> Worth {
    let timed = cells.iter().filter_map(|cell| Some((cell.time?, cell, cell.values.first()?)));
    let found = if latest {
        timed.max_by_key(|(time, ..)| *time)
    } else {
        timed.rev().min_by_key(|(time, ..)| *time)
    };
    found.map_or(Worth::Null, |(_, cell, value)| cell.typed(value))
}

/// Values are compared as numbers if all are, else as texts.
fn extreme(values: Vec<&str>, greatest: bool) -> Worth {
    let parsed: Option<Vec<f64>> =
        values.iter().map(|it| it.parse().ok().filter(|it: &f64| it.is_finite())).collect();
    if let Some(numbers) = parsed {
        let numbers = numbers.into_iter();
        let found = if greatest { numbers.reduce(f64::max) } else { numbers.reduce(f64::min) };
        return found.map_or(Worth::Null, Worth::Number);
    }
    let values = values.into_iter();
    let found = if greatest { values.max() } else { values.min() };
    found.map_or(Worth::Null, |text| Worth::Text(text.to_owned()))
}

fn of_numbers(function: &str, numbers: &[f64]) -> Worth {
    if numbers.is_empty() {
        return Worth::Null;
    }
    let sum: f64 = numbers.iter().sum();
    match function {
        "sum" => Worth::finite(sum),
        "median" => rank(numbers.to_vec(), (50, 100)),
        "range" => {
            let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            Worth::finite(greatest - least)
        }
        _ => Worth::count(numbers.len())
            .as_number()
            .map_or(Worth::Null, |count| Worth::finite(sum / count)),
    }
}

/// The part of `perc95`, `exactperc99.5`, `p50` as a fraction.
fn percent(function: &str) -> Option<(usize, usize)> {
    let names = ["exactperc", "upperperc", "perc", "p"];
    let digits = names.iter().find_map(|name| function.strip_prefix(name))?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let places = u32::try_from(fraction.len()).ok()?;
    let above = format!("{whole}{fraction}").parse().ok()?;
    let below = 10_usize.checked_pow(places)?.checked_mul(100)?;
    (above <= below).then_some((above, below))
}

/// The value whose place, counted from 0, is the whole part of `percent * count`: the nearest rank as
/// "limits.conf" describes it (`perc_method`). 100 percent is the last value.
fn rank(mut numbers: Vec<f64>, (above, below): (usize, usize)) -> Worth {
    numbers.sort_by(f64::total_cmp);
    let place = numbers.len().saturating_mul(above) / below;
    let place = place.min(numbers.len().saturating_sub(1));
    numbers.get(place).map_or(Worth::Null, |number| Worth::Number(*number))
}
