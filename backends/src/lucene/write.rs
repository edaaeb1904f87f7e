//! Regular expressions without assertions to text.

use std::fmt::Write;

use isogloss_compiler::ir::{CharSet, RegexNode, siblings};

use super::class::{complement, next};

/// Characters with a meaning in Lucene's dialect.
const RESERVED: &[char] = &[
    '.', '?', '+', '*', '|', '{', '}', '[', ']', '(', ')', '"', '\\', '#', '@', '&', '<', '>', '~',
];
/// Of a larger set it is not asked whether it holds both cases of its letters beyond ASCII.
const MAX_LETTERS: usize = 64;

/// The text for the operator that regards case.
pub(super) fn write(node: &RegexNode) -> String {
    let mut out = String::new();
    write_node(node, false, &mut out);
    out
}

/// The text for the operator that ignores case outside of classes; `None` if case matters.
pub(super) fn write_folded(node: &RegexNode) -> Option<String> {
    let mut out = String::new();
    ignores_case(node).then(|| write_node(node, true, &mut out))?;
    Some(out)
}

fn ignores_case(node: &RegexNode) -> bool {
    match node {
        RegexNode::Char(character) => siblings(*character).len() < 2,
        RegexNode::Set(set) => is_folded(set),
        RegexNode::Repeat { node, .. } => ignores_case(node),
        RegexNode::Concat(nodes) | RegexNode::Alternate(nodes) => nodes.iter().all(ignores_case),
        RegexNode::Empty
        | RegexNode::Start
        | RegexNode::End
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => true,
    }
}

/// True if the set, or what is not in it, has each of its letters in both cases.
fn is_folded(set: &CharSet) -> bool {
    let others = complement(&set.0);
    let letters = |ranges: &[(char, char)]| {
        let all = ranges.iter().flat_map(|(start, end)| *start..=*end);
        let some: Vec<char> = all.take(2 * MAX_LETTERS + 1).collect();
        (some.len() <= 2 * MAX_LETTERS).then_some(some)
    };
    let Some(some) = letters(&set.0).or_else(|| letters(&others)) else { return false };
    some.iter().all(|it| siblings(*it).iter().all(|it| some.contains(it)))
}

fn write_node(node: &RegexNode, folded: bool, out: &mut String) {
    match node {
        // What is left of an assertion is nothing.
        RegexNode::Empty
        | RegexNode::Start
        | RegexNode::End
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => out.push_str("()"),
        RegexNode::Char(character) => push_char(*character, out),
        RegexNode::Set(set) => match &*set.0 {
            [(upper, _), (lower, _)] if folded && is_letter(set) => {
                push_char(*upper.max(lower), out);
            }
            _ => write_set(set, out),
        },
        RegexNode::Repeat { node, min, max } => {
            write_atom(node, folded, out);
            write_count(*min, *max, out);
        }
        RegexNode::Concat(nodes) => {
            for node in nodes {
                write_operand(node, folded, out);
            }
        }
        RegexNode::Alternate(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                out.push_str(if index > 0 { "|" } else { "" });
                write_node(node, folded, out);
            }
        }
    }
}

/// True for both cases of one letter of ASCII.
fn is_letter(set: &CharSet) -> bool {
    match &*set.0 {
        [(upper, upper_end), (lower, lower_end)] => {
            upper == upper_end
                && lower == lower_end
                && upper.is_ascii_uppercase()
                && upper.to_ascii_lowercase() == *lower
        }
        _ => false,
    }
}

/// A part of a concatenation: alternatives need parentheses there.
fn write_operand(node: &RegexNode, folded: bool, out: &mut String) {
    if matches!(node, RegexNode::Alternate(_)) {
        write_atom(node, folded, out);
    } else {
        write_node(node, folded, out);
    }
}

fn write_atom(node: &RegexNode, folded: bool, out: &mut String) {
    let atom = matches!(node, RegexNode::Empty | RegexNode::Char(_) | RegexNode::Set(_));
    out.push_str(if atom { "" } else { "(" });
    write_node(node, folded, out);
    out.push_str(if atom { "" } else { ")" });
}

/// How often, in the shortest form.
pub(crate) fn write_count(min: u32, max: Option<u32>, out: &mut String) {
    let _infallible = match (min, max) {
        (0, None) => write!(out, "*"),
        (1, None) => write!(out, "+"),
        (0, Some(1)) => write!(out, "?"),
        (min, None) => write!(out, "{{{min},}}"),
        (min, Some(max)) if min == max => write!(out, "{{{min}}}"),
        (min, Some(max)) => write!(out, "{{{min},{max}}}"),
    };
}

/// The shorter of the set and its complement. `#` matches nothing.
fn write_set(set: &CharSet, out: &mut String) {
    let complement = complement(&set.0);
    match (set.0.is_empty(), complement.is_empty()) {
        (true, _) => return out.push('#'),
        (_, true) => return out.push('.'),
        (false, false) => {}
    }
    let negated = set.0.last().is_some_and(|(_, end)| *end == char::MAX);
    out.push_str(if negated { "[^" } else { "[" });
    for (start, end) in if negated { &complement } else { &set.0 } {
        push_range(*start, *end, out);
    }
    out.push(']');
}

/// A range from a backslash would be read as three characters: the backslash stands before the range.
fn push_range(start: char, end: char, out: &mut String) {
    push_in_class(start, out);
    match next(start) {
        Some(second) if start == '\\' && start < end => push_range(second, end, out),
        _ if start < end => {
            out.push('-');
            push_in_class(end, out);
        }
        _ => {}
    }
}

pub(super) fn push_char(character: char, out: &mut String) {
    if RESERVED.contains(&character) {
        out.push('\\');
    }
    out.push(character);
}

/// In a class every character may be escaped; letters and digits must not, they would get a meaning.
fn push_in_class(character: char, out: &mut String) {
    if character.is_ascii_punctuation() {
        out.push('\\');
    }
    out.push(character);
}
