//! `streamstats`: what `stats` would say of the rows up to each row.

use std::collections::VecDeque;

use super::super::ast::Streamstats;
use super::aggregate::{Cell, aggregate, title};
use super::row::Row;
use super::time::span;
use super::worth::Worth;

/// A window holds this many rows at most, those of all groups together ("limits.conf",
/// `max_stream_window`).
const MAX_WINDOW: usize = 10_000;

/// What is kept of a row while it is in the window.
struct Seen {
    key: Vec<String>,
    time: Option<i128>,
    cells: Vec<Cell>,
}

/// Adds the columns to each row. A row that lacks a field of its group, or has several values there,
/// stays without them: the documents do not say what `streamstats` does with several values.
pub(super) fn streamstats(rows: &mut [Row], command: &Streamstats) {
    let length = command.time_window.as_deref().map(span);
    // A window of time needs rows in the order of time, and a length that is known.
    let unclear = length.is_some_and(|length| length.is_none() || !in_order(rows));
    let length = length.flatten();
    let mut window: VecDeque<Seen> = VecDeque::new();
    for row in rows {
        let seen =
            see(row, command).filter(|it| !unclear && (length.is_none() || it.time.is_some()));
        let Some(seen) = seen else {
            command.columns.iter().for_each(|column| row.set(&title(column), Worth::Null));
            continue;
        };
        let (key, time) = (seen.key.clone(), seen.time);
        if let Some(length) = length {
            window.retain(|it| within(it.time, time, length));
        }
        let before = (!command.current).then(|| columns(&window, &key, command));
        window.push_back(seen);
        if length.is_some() && window.len() > MAX_WINDOW {
            window.pop_front();
        }
        let values = before.unwrap_or_else(|| columns(&window, &key, command));
        for (column, value) in command.columns.iter().zip(values) {
            row.set(&title(column), value);
        }
    }
}

/// The values of the columns over the rows of the window that are in this group.
fn columns(window: &VecDeque<Seen>, key: &[String], command: &Streamstats) -> Vec<Worth> {
    let group: Vec<&Seen> = window.iter().filter(|it| it.key == key).collect();
    let columns = command.columns.iter().enumerate();
    let values = columns.map(|(place, column)| {
        let cells: Vec<&Cell> = group.iter().filter_map(|it| it.cells.get(place)).collect();
        aggregate(column, &cells)
    });
    values.collect()
}

/// `None` if the row is in no group.
fn see(row: &Row, command: &Streamstats) -> Option<Seen> {
    let key: Option<Vec<String>> = command
        .by
        .iter()
        .map(|field| match row.values(field).as_slice() {
            [single] => Some(single.clone().into_owned()),
            _ => None,
        })
        .collect();
    let cells = command.columns.iter().map(|column| Cell::of(column, row)).collect();
    Some(Seen { key: key?, time: row.time(), cells })
}

/// True if an earlier row is still in the window. "Limited by the range of _time values": a range as
/// long as the window is taken as in it, which the documents neither say nor deny.
fn within(earlier: Option<i128>, now: Option<i128>, length: i128) -> bool {
    match (earlier, now) {
        (Some(earlier), Some(now)) => (now - earlier).abs() <= length,
        _ => false,
    }
}

/// True if the times of the rows only rise or only fall.
fn in_order(rows: &[Row]) -> bool {
    let times: Vec<i128> = rows.iter().filter_map(Row::time).collect();
    times.is_sorted() || times.iter().rev().is_sorted()
}
