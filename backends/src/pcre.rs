//! Regular expressions in PCRE, as Splunk's `match` runs them.
//!
//! A backslash, a quote and a pipe are written as `\x5c`, `\x22` and `\x7c`: Splunk's strings and PCRE both
//! remove backslashes before them, and these mean the same whether one or both do.

use std::fmt::Write;

use isogloss_compiler::ir::{CharSet, Part, Pattern, RegexNode, siblings};

use crate::lucene::{complement, write_count};

/// A pattern as a regular expression for whole values; `.` matches line feeds. An end at which any text
/// may stand has no anchor: the rest is searched.
pub(crate) fn from_pattern(pattern: &Pattern) -> String {
    let anchor = |end: Option<&Part>, anchor| if end == Some(&Part::AnyRun) { "" } else { anchor };
    let parts = pattern.parts();
    let start = anchor(parts.first(), "^");
    let end = anchor(parts.last(), "\\z");
    format!("{}{start}{}{end}", flags(pattern), inner(pattern))
}

/// The text of a keyword, anywhere in a value.
pub(crate) fn from_keyword(pattern: &Pattern) -> String {
    format!("{}{}", flags(pattern), inner(pattern))
}

fn flags(pattern: &Pattern) -> &'static str {
    if pattern.is_cased() { "(?s)" } else { "(?is)" }
}

/// The pattern without the runs at its ends.
fn inner(pattern: &Pattern) -> String {
    let parts = pattern.parts();
    let parts = parts.strip_prefix(&[Part::AnyRun]).unwrap_or(parts);
    let parts = parts.strip_suffix(&[Part::AnyRun]).unwrap_or(parts);
    let mut out = String::new();
    for part in parts {
        match part {
            Part::AnyRun => out.push_str(".*"),
            Part::AnyChar => out.push('.'),
            Part::Text(text) => {
                text.chars().for_each(|it| push_folded(it, pattern.is_cased(), &mut out));
            }
        }
    }
    out
}

/// A regular expression that is searched in a value.
pub(crate) fn from_regex(tree: &RegexNode) -> String {
    let mut out = String::new();
    write_node(tree, &mut out);
    out
}

/// The flag `i` folds ASCII letters; whether it folds others depends on how PCRE was built.
fn push_folded(character: char, cased: bool, out: &mut String) {
    let group = if cased || character.is_ascii() { Vec::new() } else { siblings(character) };
    if group.len() < 2 {
        push_char(character, out);
        return;
    }
    let group: Vec<String> = group.into_iter().map(String::from).collect();
    let _infallible = write!(out, "(?:{})", group.join("|"));
}

fn write_node(node: &RegexNode, out: &mut String) {
    match node {
        RegexNode::Empty => out.push_str("(?:)"),
        RegexNode::Char(character) => push_char(*character, out),
        RegexNode::Set(set) => write_set(set, out),
        RegexNode::Start => out.push_str("\\A"),
        RegexNode::End => out.push_str("\\z"),
        RegexNode::LineStart => out.push_str("(?m:^)"),
        RegexNode::LineEnd => out.push_str("(?m:$)"),
        RegexNode::WordBoundary => out.push_str("\\b"),
        RegexNode::NotWordBoundary => out.push_str("\\B"),
        RegexNode::Repeat { node, min, max } => {
            let atom = matches!(**node, RegexNode::Char(_) | RegexNode::Set(_));
            out.push_str(if atom { "" } else { "(?:" });
            write_node(node, out);
            out.push_str(if atom { "" } else { ")" });
            write_count(*min, *max, out);
        }
        RegexNode::Concat(nodes) => {
            for node in nodes {
                let grouped = matches!(node, RegexNode::Alternate(_));
                out.push_str(if grouped { "(?:" } else { "" });
                write_node(node, out);
                out.push_str(if grouped { ")" } else { "" });
            }
        }
        RegexNode::Alternate(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                out.push_str(if index > 0 { "|" } else { "" });
                write_node(node, out);
            }
        }
    }
}

/// Classes that have a name get it; others are ranges. A class that goes on to the last character is
/// written as its complement, which means the same whether PCRE counts bytes or characters.
fn write_set(set: &CharSet, out: &mut String) {
    match &*set.0 {
        [] => out.push_str("(?!)"),
        [('0', '9')] => out.push_str("\\d"),
        [('\0', char::MAX)] => out.push_str("(?s:.)"),
        [.., (_, char::MAX)] => write_ranges("[^", &complement(&set.0), out),
        ranges => write_ranges("[", ranges, out),
    }
}

fn write_ranges(open: &str, ranges: &[(char, char)], out: &mut String) {
    out.push_str(open);
    for (start, end) in ranges {
        push_in_class(*start, out);
        if start != end {
            out.push('-');
            push_in_class(*end, out);
        }
    }
    out.push(']');
}

/// Only printable ASCII and visible letters stand as they are.
fn push_char(character: char, out: &mut String) {
    match character {
        '\\' => out.push_str("\\x5c"),
        '"' => out.push_str("\\x22"),
        '|' => out.push_str("\\x7c"),
        '.' | '?' | '+' | '*' | '{' | '}' | '[' | ']' | '(' | ')' | '^' | '$' => {
            out.push('\\');
            out.push(character);
        }
        other => push_visible(other, out),
    }
}

fn push_in_class(character: char, out: &mut String) {
    match character {
        '\\' => out.push_str("\\x5c"),
        '"' => out.push_str("\\x22"),
        '-' | ']' | '[' | '^' | '&' | '~' => {
            out.push('\\');
            out.push(character);
        }
        other => push_visible(other, out),
    }
}

fn push_visible(character: char, out: &mut String) {
    match character {
        '\n' => return out.push_str("\\n"),
        '\r' => return out.push_str("\\r"),
        '\t' => return out.push_str("\\t"),
        _ => {}
    }
    if isogloss_compiler::text::is_hidden(character) || character == char::MAX {
        let _infallible = write!(out, "\\x{{{:x}}}", u32::from(character));
    } else {
        out.push(character);
    }
}
