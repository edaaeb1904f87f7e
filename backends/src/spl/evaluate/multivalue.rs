//! Functions of `eval` on fields with several values (Splunk documentation, "Multivalue eval functions").

use std::collections::BTreeSet;

use super::context::Context;
use super::worth::Worth;

/// `None` if the function is none of these or does not know what to do with its arguments.
pub(super) fn apply(function: &str, arguments: &[Worth], context: &Context) -> Option<Worth> {
    Some(match (function, arguments) {
        ("mvcount", [operand]) => count(operand),
        // Null adds nothing.
        ("mvappend", values) => {
            Worth::of(values.iter().cloned().flat_map(Worth::into_values).collect())
        }
        ("mvdedup", [operand]) => dedup(operand),
        ("mvsort", [operand]) => {
            let mut values = operand.clone().into_values();
            values.sort();
            Worth::of(values)
        }
        ("mvfind", [operand, Worth::Text(pattern)]) => {
            let place = operand.texts().iter().position(|it| context.matches(pattern, it));
            place.map_or(Worth::Null, number)
        }
        ("mvindex", [operand, start]) => index(operand, start.whole()?, start.whole()?),
        ("mvindex", [operand, start, end]) => index(operand, start.whole()?, end.whole()?),
        ("mvjoin", [Worth::Null, _]) => Worth::Null,
        ("mvjoin", [operand, Worth::Text(delimiter)]) => {
            Worth::Text(operand.texts().join(delimiter))
        }
        ("mvzip", [left, right]) => zip(left, right, ","),
        ("mvzip", [left, right, Worth::Text(delimiter)]) => zip(left, right, delimiter),
        _ => return None,
    })
}

fn number(place: usize) -> Worth {
    Worth::count(place)
}

/// A missing field is null, not 0.
fn count(operand: &Worth) -> Worth {
    match operand {
        Worth::List(values) => Worth::count(values.len()),
        Worth::Text(_) | Worth::Number(_) => Worth::count(1),
        Worth::Bool(_) | Worth::Null => Worth::Null,
    }
}

/// The first of each value, with case.
fn dedup(operand: &Worth) -> Worth {
    let Worth::List(values) = operand else { return operand.clone() };
    let mut seen = BTreeSet::new();
    Worth::of(values.iter().filter(|it| seen.insert(it.as_str())).cloned().collect())
}

/// From one place to another, both included, counted from 0, or from the end if negative.
fn index(operand: &Worth, start: i64, end: i64) -> Worth {
    let values = operand.clone().into_values();
    let total = i64::try_from(values.len()).unwrap_or(i64::MAX);
    let place = |at: i64| usize::try_from(if at < 0 { at.saturating_add(total) } else { at }).ok();
    match (place(start), place(end)) {
        (Some(start), Some(end)) => {
            Worth::of(values.into_iter().take(end.saturating_add(1)).skip(start).collect())
        }
        _ => Worth::Null,
    }
}

/// The first with the first, the second with the second.
fn zip(left: &Worth, right: &Worth, delimiter: &str) -> Worth {
    let (left, right) = (left.texts(), right.texts());
    Worth::of(
        left.iter().zip(&right).map(|(left, right)| format!("{left}{delimiter}{right}")).collect(),
    )
}
