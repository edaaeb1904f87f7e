//! `sort` and `dedup`.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::super::ast::SortKey;
use super::row::Row;

/// What a row is ordered by in one field. Numbers come before texts, a missing field last in both
/// directions: neither is documented.
#[derive(Debug, Clone, PartialEq)]
enum Rank {
    Number(f64),
    Text(String),
    Missing,
}

impl Rank {
    fn of(row: &Row, field: &str) -> Self {
        let values = row.values(field);
        let Some(first) = values.first() else { return Self::Missing };
        match first.parse() {
            Ok(number) => Self::Number(number),
            Err(_) => Self::Text(first.clone().into_owned()),
        }
    }

    fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Missing, Self::Missing) => return Ordering::Equal,
            (Self::Missing, _) => return Ordering::Greater,
            (_, Self::Missing) => return Ordering::Less,
            (Self::Number(left), Self::Number(right)) => left.total_cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if descending { order.reverse() } else { order }
    }
}

/// Rows in the order of the keys, the most important first; rows that are equal keep their order.
pub(super) fn sort<'e>(rows: Vec<Row<'e>>, count: u32, keys: &[SortKey]) -> Vec<Row<'e>> {
    let ranks = |row: &Row| keys.iter().map(|key| Rank::of(row, &key.field)).collect::<Vec<_>>();
    let mut ranked: Vec<(Vec<Rank>, Row)> =
        rows.into_iter().map(|row| (ranks(&row), row)).collect();
    ranked.sort_by(|(left, _), (right, _)| {
        let orders = keys.iter().zip(left.iter().zip(right));
        let mut orders = orders.map(|(key, (left, right))| left.compare(right, key.descending));
        orders.find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
    });
    let limit = if count == 0 { usize::MAX } else { usize::try_from(count).unwrap_or(usize::MAX) };
    ranked.into_iter().map(|(_, row)| row).take(limit).collect()
}

/// The first row of each combination of values; a row that lacks one of the fields is dropped.
pub(super) fn dedup<'e>(mut rows: Vec<Row<'e>>, fields: &[String]) -> Vec<Row<'e>> {
    let mut seen: BTreeSet<Vec<Vec<String>>> = BTreeSet::new();
    rows.retain(|row| {
        let values = fields.iter().map(|field| {
            row.values(field).into_iter().map(std::borrow::Cow::into_owned).collect::<Vec<_>>()
        });
        let values: Vec<Vec<String>> = values.collect();
        values.iter().all(|it| !it.is_empty()) && seen.insert(values)
    });
    rows
}
