//! Lints on values of one item that say the same.

use std::collections::BTreeMap;

use super::{Context, has, has_patterns, texts};
use crate::ast::DetectionItem;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::value::parse_pattern;

/// Every pair of values is compared, so longer lists are left alone.
const MOST: usize = 500;

/// The text of a value as it is compared.
fn comparable(item: &DetectionItem, text: &str) -> String {
    let cased = ["cased", "re", "base64", "base64offset"].iter().any(|it| has(item, it));
    if cased { text.to_owned() } else { text.to_lowercase() }
}

/// A value that stands twice.
pub(super) fn duplicate_value(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for (text, span) in texts(item) {
        if let Some(first) = seen.insert(comparable(item, text), span) {
            let message = format!("`{text}` stands twice in the list");
            let finding = Diagnostic::new(Code::DuplicateValue, span, message);
            found.push(finding.with_place(first, "first here").with_help("delete one of them"));
        }
    }
}

/// Values that another value of the list covers: one finding for each value that covers others.
pub(super) fn covered_value(context: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    let Some(covers) = relation(item) else { return };
    if item.values.len() > MOST || !has_patterns(item) || has(item, "windash") {
        return;
    }
    let values: Vec<(String, Span)> = texts(item)
        .filter_map(|(text, span)| {
            let plain = parse_pattern(text).as_text()?.to_owned();
            (!plain.is_empty()).then(|| (comparable(item, &plain), span))
        })
        .collect();
    // Of values joined by `or` the narrower is of no use, of values joined by `and` the wider.
    let all = has(item, "all");
    let useless = |useless: &String, other: &String| {
        let (narrow, wide) = if all { (other, useless) } else { (useless, other) };
        narrow != wide && covers(narrow, wide)
    };
    let mut groups: BTreeMap<Span, Vec<Span>> = BTreeMap::new();
    for (value, span) in &values {
        // The most useful of the others: nothing covers the shortest, and nothing is part of the longest.
        let others = values.iter().filter(|(other, _)| useless(value, other));
        let longest =
            |(text, _): &&(String, Span)| if all { text.len() } else { usize::MAX - text.len() };
        if let Some((_, other)) = others.max_by_key(longest) {
            groups.entry(*other).or_default().push(*span);
        }
    }
    for (other, covered) in groups {
        let Some((first, rest)) = covered.split_first() else { continue };
        let (value, by) = (quote(context, *first), quote(context, other));
        let more =
            if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let message = if all {
            format!("{value}{more} is part of {by}, which has to match too")
        } else {
            format!("{by} matches all that {value}{more} would match")
        };
        let finding = Diagnostic::new(Code::CoveredValue, *first, message)
            .with_place(other, "this value is enough")
            .with_help("delete what is covered, or write what was meant");
        found.push(rest.iter().fold(finding, |it, span| it.with_place(*span, "")));
    }
}

/// The value as it is written, without its own quotes.
fn quote(context: &Context, span: Span) -> String {
    format!("`{}`", context.slice(span).trim_matches(['\'', '"']))
}

type Covers = fn(&String, &String) -> bool;

/// When the wider value matches all that the narrower matches.
fn relation(item: &DetectionItem) -> Option<Covers> {
    let parts: Vec<&str> = item
        .modifiers
        .iter()
        .map(|it| it.value.as_str())
        .filter(|it| matches!(*it, "contains" | "startswith" | "endswith"))
        .collect();
    match *parts {
        ["contains"] => Some(|narrow, wide| narrow.contains(wide.as_str())),
        ["startswith"] => Some(|narrow, wide| narrow.starts_with(wide.as_str())),
        ["endswith"] => Some(|narrow, wide| narrow.ends_with(wide.as_str())),
        _ => None,
    }
}
