//! Commands behind a pipe: rows to rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::ast::{Call, Command};
use super::Run;
use super::order::{dedup, sort};
use super::row::{Mask, Row};
use super::stats::stats;
use super::streamstats::streamstats;
use super::time::{nanoseconds, seconds, span, write_time};
use super::worth::Worth;

/// Macros and subsearches may stand in one another this deep.
const MAX_DEPTH: usize = 100;
/// Takes the name of a dataset from the names of fields. Every site of Splunk's content has it.
const DROP_DATASET: &str = "drop_dm_object_name";

impl<'e> Run<'_, 'e> {
    pub(super) fn command(
        &self,
        command: &Command,
        mut rows: Vec<Row<'e>>,
        depth: usize,
    ) -> Vec<Row<'e>> {
        match command {
            Command::Search(search) => rows.retain(|row| self.context.search(search, row)),
            Command::Where(eval) => {
                rows.retain(|row| self.context.eval(eval, row) == Worth::Bool(true));
            }
            Command::Eval(assignments) => {
                for row in &mut rows {
                    for (name, eval) in assignments {
                        let worth = self.context.eval(eval, row).assigned();
                        row.set(name, worth);
                    }
                }
            }
            Command::Keep(names) => mask(&mut rows, Mask::Keep(names.clone())),
            Command::Drop(names) => mask(&mut rows, Mask::Drop(names.clone())),
            Command::Table(names) => mask(&mut rows, Mask::Table(names.clone())),
            Command::Fillnull { value, fields } => fillnull(&mut rows, value.as_deref(), fields),
            Command::Stats { columns, by } => return stats(&rows, columns, by),
            Command::Streamstats(command) => streamstats(&mut rows, command),
            Command::Bin { field, span } => {
                for row in &mut rows {
                    bin(row, field, span);
                }
            }
            Command::Sort { count, keys } => return sort(rows, *count, keys),
            Command::Dedup(fields) => return dedup(rows, fields),
            Command::Mvexpand(field) => return mvexpand(&rows, field),
            Command::Rename(names) => {
                for row in &mut rows {
                    for (old, new) in names {
                        rename(row, old, new);
                    }
                }
            }
            Command::Multisearch(queries) => {
                return queries.iter().flat_map(|query| self.query(query, depth + 1)).collect();
            }
            Command::Append(query) => rows.extend(self.query(query, depth + 1)),
            Command::Tstats(tstats) => return self.tstats(tstats),
            Command::Convert { timeformat, field } => {
                for row in &mut rows {
                    ctime(row, field, timeformat);
                }
            }
            Command::Call(call) => return self.expand(call, rows, depth),
            // No query of ours has these.
            Command::Other(_) => {}
        }
        rows
    }

    /// A macro. One without a definition leaves the rows as they are.
    fn expand(&self, call: &Call, mut rows: Vec<Row<'e>>, depth: usize) -> Vec<Row<'e>> {
        if depth >= MAX_DEPTH {
            return Vec::new();
        }
        let commands = self.context.defined_commands(&call.name, &call.arguments);
        if let ([], DROP_DATASET, [dataset]) =
            (commands.as_slice(), call.name.as_str(), call.arguments.as_slice())
        {
            for row in &mut rows {
                rename(row, &format!("{dataset}.*"), "*");
            }
        }
        commands.iter().fold(rows, |rows, command| self.command(command, rows, depth + 1))
    }
}

fn mask(rows: &mut [Row], mask: Mask) {
    let mask = Arc::new(mask);
    for row in rows {
        row.mask(&mask);
    }
}

/// Without fields, those that any row has are filled.
fn fillnull(rows: &mut [Row], value: Option<&str>, fields: &[String]) {
    let filler = value.unwrap_or("0");
    // One row has all the fields that it has.
    let known: BTreeSet<String> = if fields.is_empty() && rows.len() > 1 {
        rows.iter().flat_map(Row::names).collect()
    } else {
        fields.iter().cloned().collect()
    };
    for row in rows {
        for field in known.iter().filter(|field| row.lacks(field)).collect::<Vec<_>>() {
            row.set(field, Worth::Text(filler.to_owned()));
        }
    }
}

/// Spans are aligned to the start of 1970. What is no number stays, and a span of unknown length, such as
/// a month, makes the field null.
fn bin(row: &mut Row, field: &str, length: &str) {
    let time = if field == "_time" { row.time() } else { single(row, field) };
    let Some(time) = time else { return };
    let start = span(length).map(|length| time.div_euclid(length) * length);
    let start = start.map_or(Worth::Null, |start| Worth::number(&seconds(start)));
    row.set(field, start);
}

/// The only value of a field as a time.
fn single(row: &Row, field: &str) -> Option<i128> {
    match row.values(field).as_slice() {
        [single] => nanoseconds(single),
        _ => None,
    }
}

/// A row without the field stays.
fn mvexpand<'e>(rows: &[Row<'e>], field: &str) -> Vec<Row<'e>> {
    let expanded = rows.iter().flat_map(|row| match row.worth(field) {
        Worth::List(values) => {
            let single = |value| {
                let mut row = row.clone();
                row.set(field, Worth::Text(value));
                row
            };
            values.into_iter().map(single).collect()
        }
        Worth::Text(_) | Worth::Number(_) | Worth::Bool(_) | Worth::Null => vec![row.clone()],
    });
    expanded.collect()
}

/// `*` stands for the same on both sides.
fn rename(row: &mut Row, old: &str, new: &str) {
    let Some((start, end)) = old.split_once('*') else { return rename_one(row, old, new) };
    for name in row.names() {
        let rest = name.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
        if let Some(rest) = rest {
            rename_one(row, &name, &new.replacen('*', rest, 1));
        }
    }
}

/// The new name loses what it had, also if the old one has nothing.
fn rename_one(row: &mut Row, old: &str, new: &str) {
    let worth = row.worth(old);
    row.set(old, Worth::Null);
    row.set(new, worth);
}

/// Times become text; what is no time stays.
fn ctime(row: &mut Row, field: &str, form: &str) {
    let values = row.worth(field).into_values();
    let written = values.into_iter().map(|value| match nanoseconds(&value) {
        Some(time) => write_time(time, form),
        None => value,
    });
    let written = written.collect();
    row.set(field, Worth::of(written));
}
