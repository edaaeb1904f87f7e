//! `streamstats`: what `stats` would say of the rows up to each row.

use std::collections::{BTreeMap, VecDeque};

use super::super::ast::{Column, Streamstats};
use super::aggregate::{Cell, aggregate, title};
use super::row::Row;
use super::time::span;
use super::worth::Worth;

/// A window holds this many rows at most, those of all groups together ("limits.conf",
/// `max_stream_window`).
const MAX_WINDOW: usize = 10_000;

/// The values by which a row belongs to its group.
type Key = Vec<String>;

/// The rows that count for the next one.
#[derive(Default)]
struct Window {
    /// Group and time of each row, in order.
    rows: VecDeque<(Key, Option<i128>)>,
    /// What the columns say of the rows of each group, in the same order.
    groups: BTreeMap<Key, VecDeque<Vec<Cell>>>,
}

/// Adds the columns to each row. A row that lacks a field of its group, or has several values there,
/// stays without them: the documents do not say what `streamstats` does with several values.
pub(super) fn streamstats(rows: &mut [Row], command: &Streamstats) {
    let length = command.time_window.as_deref().map(span);
    // A window of time needs rows in the order of time, and a length that is known.
    let unclear = length.is_some_and(|length| length.is_none() || !in_order(rows));
    let length = length.flatten();
    let mut window = Window::default();
    for row in rows {
        let time = row.time();
        let key = key(row, &command.by);
        let Some(key) = key.filter(|_| !unclear && (length.is_none() || time.is_some())) else {
            command.columns.iter().for_each(|column| row.set(&title(column), Worth::Null));
            continue;
        };
        if let Some(length) = length {
            window.leave(time, length);
        }
        let before = (!command.current).then(|| window.values(&key, &command.columns));
        let cells = command.columns.iter().map(|column| Cell::of(column, row)).collect();
        window.enter(key.clone(), time, cells);
        if length.is_some() && window.rows.len() > MAX_WINDOW {
            window.pop();
        }
        let values = before.unwrap_or_else(|| window.values(&key, &command.columns));
        for (column, value) in command.columns.iter().zip(values) {
            row.set(&title(column), value);
        }
    }
}

impl Window {
    fn enter(&mut self, key: Key, time: Option<i128>, cells: Vec<Cell>) {
        self.rows.push_back((key.clone(), time));
        self.groups.entry(key).or_default().push_back(cells);
    }

    /// Drops the rows that are too far from this time. Rows are in the order of time.
    fn leave(&mut self, now: Option<i128>, length: i128) {
        while self.rows.front().is_some_and(|(_, time)| !within(*time, now, length)) {
            self.pop();
        }
    }

    /// Drops the first row.
    fn pop(&mut self) {
        let Some((key, _)) = self.rows.pop_front() else { return };
        if let Some(group) = self.groups.get_mut(&key) {
            group.pop_front();
        }
    }

    /// The values of the columns over the rows of a group.
    fn values(&self, key: &Key, columns: &[Column]) -> Vec<Worth> {
        let rows = || self.groups.get(key).into_iter().flatten();
        let columns = columns.iter().enumerate();
        let values = columns.map(|(place, column)| {
            let cells: Vec<&Cell> = rows().filter_map(|cells| cells.get(place)).collect();
            aggregate(column, &cells)
        });
        values.collect()
    }
}

/// `None` if the row is in no group.
fn key(row: &Row, by: &[String]) -> Option<Key> {
    let single = |field: &String| match row.values(field).as_slice() {
        [single] => Some(single.clone().into_owned()),
        _ => None,
    };
    by.iter().map(single).collect()
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
