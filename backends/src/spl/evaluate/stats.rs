//! `stats`: one row for each group.

use std::collections::BTreeMap;

use super::super::ast::Column;
use super::aggregate::{Cell, aggregate, title};
use super::row::Row;
use super::worth::Worth;

/// The rows of one group.
struct Group<'r, 'e> {
    /// The values that make it.
    key: Vec<Worth>,
    rows: Vec<&'r Row<'e>>,
}

/// A row counts in the group of each of its values, once for each time that the value stands there, and
/// in none if it lacks one of the fields. Groups come in the order of their values.
pub(super) fn stats<'e>(rows: &[Row<'e>], columns: &[Column], by: &[String]) -> Vec<Row<'e>> {
    let mut groups: BTreeMap<Vec<String>, Group> = BTreeMap::new();
    for row in rows {
        for key in keys(row, by) {
            let text = key.iter().flat_map(|it| it.clone().into_values()).collect();
            let group = groups.entry(text).or_insert_with(|| Group { key, rows: Vec::new() });
            group.rows.push(row);
        }
    }
    // Without groups, what is counted is 0.
    if rows.is_empty() && by.is_empty() && columns.iter().any(is_count) {
        groups.insert(Vec::new(), Group { key: Vec::new(), rows: Vec::new() });
    }
    groups.into_values().map(|group| summarize(&group, columns, by)).collect()
}

fn is_count(column: &Column) -> bool {
    matches!(column.function.as_str(), "count" | "c" | "dc" | "distinct_count")
}

/// The combinations of the values of the fields.
fn keys(row: &Row, by: &[String]) -> Vec<Vec<Worth>> {
    by.iter().fold(vec![Vec::new()], |keys, field| {
        let values = each(row.worth(field));
        let longer = |key: &Vec<Worth>, value: &Worth| {
            key.iter().chain([value]).cloned().collect::<Vec<Worth>>()
        };
        keys.iter().flat_map(|key| values.iter().map(move |value| longer(key, value))).collect()
    })
}

fn each(worth: Worth) -> Vec<Worth> {
    match worth {
        Worth::List(values) => values.into_iter().map(Worth::Text).collect(),
        Worth::Text(_) | Worth::Number(_) => vec![worth],
        Worth::Bool(_) | Worth::Null => Vec::new(),
    }
}

fn summarize<'e>(group: &Group<'_, 'e>, columns: &[Column], by: &[String]) -> Row<'e> {
    let mut summary = Row::default();
    for (field, value) in by.iter().zip(&group.key) {
        summary.set(field, value.clone());
    }
    for column in columns {
        let cells: Vec<Cell> = group.rows.iter().map(|row| Cell::of(column, row)).collect();
        let cells: Vec<&Cell> = cells.iter().collect();
        summary.set(&title(column), aggregate(column, &cells));
    }
    for row in &group.rows {
        summary.join(row);
    }
    summary
}
