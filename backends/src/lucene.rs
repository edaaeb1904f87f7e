//! Regular expressions in Lucene's dialect, which Elasticsearch runs: anchored at both ends, no
//! assertions, sixteen reserved characters, `.` matches line feeds too.

mod number;

use std::fmt::Write;

use isogloss_compiler::ir::{CharSet, Part, Pattern, RegexNode, siblings};

pub(crate) use number::{from_comparison, from_network};

/// Characters with a meaning in Lucene's dialect.
const RESERVED: &[char] = &[
    '.', '?', '+', '*', '|', '{', '}', '[', ']', '(', ')', '"', '\\', '#', '@', '&', '<', '>', '~',
];
/// Alternatives with anchors in them are multiplied out up to this number.
const MAX_BRANCHES: usize = 64;

/// A pattern as a regular expression for the operator that ignores the case of ASCII letters outside
/// of classes. Letters beyond ASCII are spelled out, since older versions do not fold them.
pub(crate) fn from_pattern(pattern: &Pattern) -> String {
    let mut out = String::new();
    for part in pattern.parts() {
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

fn push_folded(character: char, cased: bool, out: &mut String) {
    let group = if cased || character.is_ascii() { Vec::new() } else { siblings(character) };
    if group.len() < 2 {
        push_char(character, out);
        return;
    }
    out.push('[');
    out.extend(group);
    out.push(']');
}

/// A regular expression that is searched in a value, as one that matches the whole value. The error
/// says, in one sentence, what the dialect does not have.
pub(crate) fn from_regex(tree: &RegexNode) -> Result<String, &'static str> {
    let branches = branches(tree)?;
    let mut texts = Vec::with_capacity(branches.len());
    for branch in &branches {
        let mut text = String::from(if branch.start { "" } else { ".*" });
        write_operand(&branch.node, &mut text)?;
        text.push_str(if branch.end { "" } else { ".*" });
        texts.push(text);
    }
    Ok(texts.join("|"))
}

/// An alternative of the whole expression, and whether it is bound to the ends of the value.
#[derive(Clone)]
struct Branch {
    start: bool,
    node: RegexNode,
    end: bool,
}

impl Branch {
    fn free(node: RegexNode) -> Self {
        Self { start: false, node, end: false }
    }
}

/// Anchors at the ends of alternatives become a property of the alternative.
fn branches(node: &RegexNode) -> Result<Vec<Branch>, &'static str> {
    match node {
        RegexNode::Start => Ok(vec![Branch { start: true, ..Branch::free(RegexNode::Empty) }]),
        RegexNode::End => Ok(vec![Branch { end: true, ..Branch::free(RegexNode::Empty) }]),
        RegexNode::Alternate(nodes) if has_anchor(node) => {
            let all = nodes.iter().map(branches).collect::<Result<Vec<_>, _>>()?;
            Ok(all.concat())
        }
        RegexNode::Concat(nodes) if has_anchor(node) => {
            let first = vec![Branch::free(RegexNode::Empty)];
            nodes.iter().try_fold(first, |done, node| append(&done, &branches(node)?))
        }
        RegexNode::Empty
        | RegexNode::Char(_)
        | RegexNode::Set(_)
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary
        | RegexNode::Repeat { .. }
        | RegexNode::Concat(_)
        | RegexNode::Alternate(_) => Ok(vec![Branch::free(node.clone())]),
    }
}

fn append(done: &[Branch], next: &[Branch]) -> Result<Vec<Branch>, &'static str> {
    if done.len() * next.len() > MAX_BRANCHES {
        return Err("too many alternatives have an anchor");
    }
    let mut joined = Vec::with_capacity(done.len() * next.len());
    for (left, right) in done.iter().flat_map(|left| next.iter().map(move |right| (left, right))) {
        let misplaced_start = right.start && left.node != RegexNode::Empty;
        let misplaced_end = left.end && right.node != RegexNode::Empty;
        if misplaced_start || misplaced_end {
            return Err("an anchor stands inside the regular expression");
        }
        joined.push(Branch {
            start: left.start || right.start,
            node: RegexNode::concat([left.node.clone(), right.node.clone()]),
            end: left.end || right.end,
        });
    }
    Ok(joined)
}

fn has_anchor(node: &RegexNode) -> bool {
    match node {
        RegexNode::Start | RegexNode::End => true,
        RegexNode::Concat(nodes) | RegexNode::Alternate(nodes) => nodes.iter().any(has_anchor),
        RegexNode::Repeat { node, .. } => has_anchor(node),
        RegexNode::Empty
        | RegexNode::Char(_)
        | RegexNode::Set(_)
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => false,
    }
}

fn write_node(node: &RegexNode, out: &mut String) -> Result<(), &'static str> {
    match node {
        RegexNode::Empty => out.push_str("()"),
        RegexNode::Char(character) => push_char(*character, out),
        RegexNode::Set(set) => write_set(set, out)?,
        RegexNode::Start | RegexNode::End => {
            return Err("an anchor stands inside the regular expression");
        }
        RegexNode::LineStart | RegexNode::LineEnd => return Err("there are no anchors of lines"),
        RegexNode::WordBoundary | RegexNode::NotWordBoundary => {
            return Err("there are no boundaries of words");
        }
        RegexNode::Repeat { node, min, max } => {
            write_atom(node, out)?;
            write_count(*min, *max, out);
        }
        RegexNode::Concat(nodes) => {
            nodes.iter().try_for_each(|node| write_operand(node, out))?;
        }
        RegexNode::Alternate(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                out.push_str(if index > 0 { "|" } else { "" });
                write_node(node, out)?;
            }
        }
    }
    Ok(())
}

/// A part of a concatenation: alternatives need parentheses there.
fn write_operand(node: &RegexNode, out: &mut String) -> Result<(), &'static str> {
    if matches!(node, RegexNode::Alternate(_)) {
        write_atom(node, out)
    } else {
        write_node(node, out)
    }
}

fn write_atom(node: &RegexNode, out: &mut String) -> Result<(), &'static str> {
    if matches!(node, RegexNode::Char(_) | RegexNode::Set(_)) {
        return write_node(node, out);
    }
    out.push('(');
    write_node(node, out)?;
    out.push(')');
    Ok(())
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

/// The shorter of the set and its complement.
fn write_set(set: &CharSet, out: &mut String) -> Result<(), &'static str> {
    let complement = complement(&set.0);
    if set.0.is_empty() {
        return Err("a class of the regular expression is empty");
    }
    if complement.is_empty() {
        out.push('.');
        return Ok(());
    }
    let negated = set.0.last().is_some_and(|(_, end)| *end == char::MAX);
    out.push_str(if negated { "[^" } else { "[" });
    for (start, end) in if negated { &complement } else { &set.0 } {
        push_in_class(*start, out);
        if start != end {
            out.push('-');
            push_in_class(*end, out);
        }
    }
    out.push(']');
    Ok(())
}

/// The ranges between these ranges.
pub(crate) fn complement(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let mut gaps = Vec::new();
    let mut next = Some('\0');
    for (start, end) in ranges {
        if let Some(from) = next.filter(|from| from < start) {
            let mut before = from..*start;
            if let Some(last) = before.next_back() {
                gaps.push((from, last));
            }
        }
        let mut after = *end..=char::MAX;
        after.next();
        next = after.next();
    }
    gaps.extend(next.map(|from| (from, char::MAX)));
    gaps
}

fn push_char(character: char, out: &mut String) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[(char, char)]) -> RegexNode {
        RegexNode::Set(CharSet(ranges.to_vec()))
    }

    #[test]
    fn anchors_of_alternatives_are_multiplied_out() {
        let node = RegexNode::concat([
            RegexNode::alternate([RegexNode::Start, set(&[(' ', ' '), ('a', 'z')])]),
            RegexNode::Char('x'),
            RegexNode::End,
        ]);
        assert_eq!(from_regex(&node).unwrap(), "x|.*[ a-z]x");
    }

    #[test]
    fn alternatives_stay_between_the_runs() {
        let node = RegexNode::alternate([RegexNode::Char('a'), RegexNode::Char('b')]);
        assert_eq!(from_regex(&node).unwrap(), ".*(a|b).*");
    }

    #[test]
    fn reserved_characters_are_escaped() {
        let text: RegexNode = RegexNode::concat("a@b\"".chars().map(RegexNode::Char));
        assert_eq!(from_regex(&text).unwrap(), r#".*a\@b\".*"#);
        assert_eq!(from_regex(&set(&[('\0', '\t'), ('\u{b}', char::MAX)])).unwrap(), ".*[^\n].*");
        assert_eq!(from_regex(&set(&[('-', '-'), (']', ']')])).unwrap(), r".*[\-\]].*");
    }

    #[test]
    fn what_the_dialect_lacks_is_refused() {
        assert!(from_regex(&RegexNode::WordBoundary).is_err());
        let inside =
            RegexNode::concat([RegexNode::Char('a'), RegexNode::Start, RegexNode::Char('b')]);
        assert!(from_regex(&inside).is_err());
    }

    #[test]
    fn letters_beyond_ascii_are_spelled_out() {
        let pattern = Pattern::new([Part::AnyRun, Part::Text("Äkσ?".to_owned())]);
        assert_eq!(from_pattern(&pattern), ".*[Ää]k[Σςσ]\\?");
    }
}
