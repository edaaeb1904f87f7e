//! Regular expressions as trees whose flags are resolved.
//!
//! The language is PCRE without look-around, back references and Unicode properties: search, case
//! kept, ASCII `\d \w \s \b`, `.` is all but a line feed, `^` and `$` are the very ends. Whether a
//! repetition is greedy cannot matter, since only the existence of a match counts.

use std::fmt::Write;

use super::chain;
use super::fold::{is_closed, siblings};

/// A regular expression: what the author wrote, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regex {
    /// The author's text, for messages only.
    pub text: String,
    /// The flags that modifiers set; the tree has them resolved.
    pub flags: RegexFlags,
    /// The meaning; every backend prints from it.
    pub tree: RegexNode,
}

/// The flags that change what a regular expression means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegexFlags {
    /// `i`: case does not matter.
    pub ignore_case: bool,
    /// `m`: `^` and `$` are the ends of lines.
    pub multi_line: bool,
    /// `s`: `.` is a line feed too.
    pub dot_all: bool,
}

/// A node of a regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegexNode {
    /// Matches the empty text.
    Empty,
    /// This character.
    Char(char),
    /// Any character of the set.
    Set(CharSet),
    /// The start of the value.
    Start,
    /// The end of the value.
    End,
    /// The start of a line.
    LineStart,
    /// The end of a line.
    LineEnd,
    /// Between a word character of ASCII and another character.
    WordBoundary,
    /// Not a word boundary.
    NotWordBoundary,
    /// The node, between `min` and `max` times.
    Repeat {
        /// What is repeated.
        node: Box<RegexNode>,
        /// At least so often.
        min: u32,
        /// At most so often.
        max: Option<u32>,
    },
    /// One after the other. At least two.
    Concat(Vec<RegexNode>),
    /// Any of them. At least two.
    Alternate(Vec<RegexNode>),
}

/// A set of characters: sorted ranges that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharSet(pub Vec<(char, char)>);

impl RegexNode {
    /// One after the other; flattens.
    pub fn concat(nodes: impl IntoIterator<Item = Self>) -> Self {
        let nodes = nodes.into_iter().filter(|node| *node != Self::Empty);
        let joined = chain(
            nodes,
            |it| if let Self::Concat(inner) = it { Ok(inner) } else { Err(it) },
            Self::Concat,
        );
        joined.unwrap_or(Self::Empty)
    }

    /// Any of them; flattens.
    pub fn alternate(nodes: impl IntoIterator<Item = Self>) -> Self {
        let joined = chain(
            nodes,
            |it| if let Self::Alternate(inner) = it { Ok(inner) } else { Err(it) },
            Self::Alternate,
        );
        joined.unwrap_or(Self::Empty)
    }
}

impl RegexNode {
    /// True if a text that is written in another case matches too, if it does.
    pub fn ignores_case(&self) -> bool {
        match self {
            Self::Char(character) => siblings(*character).len() < 2,
            Self::Set(set) => is_closed(&set.0),
            Self::Repeat { node, .. } => node.ignores_case(),
            Self::Concat(nodes) | Self::Alternate(nodes) => nodes.iter().all(Self::ignores_case),
            Self::Empty
            | Self::Start
            | Self::End
            | Self::LineStart
            | Self::LineEnd
            | Self::WordBoundary
            | Self::NotWordBoundary => true,
        }
    }
}

impl Regex {
    /// The regular expression in the syntax of the `regex` crate, which the evaluator runs.
    pub(super) fn to_program(&self) -> String {
        let mut program = String::new();
        write_node(&self.tree, &mut program);
        program
    }
}

fn write_node(node: &RegexNode, out: &mut String) {
    match node {
        RegexNode::Empty => out.push_str("(?:)"),
        RegexNode::Char(character) => {
            out.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
        }
        RegexNode::Set(set) => write_set(set, out),
        RegexNode::Start => out.push_str(r"\A"),
        RegexNode::End => out.push_str(r"\z"),
        RegexNode::LineStart => out.push_str("(?m:^)"),
        RegexNode::LineEnd => out.push_str("(?m:$)"),
        RegexNode::WordBoundary => out.push_str(r"(?-u:\b)"),
        RegexNode::NotWordBoundary => out.push_str(r"(?-u:\B)"),
        RegexNode::Repeat { node, min, max } => {
            out.push_str("(?:");
            write_node(node, out);
            let max = max.map_or(String::new(), |max| max.to_string());
            let _infallible = write!(out, "){{{min},{max}}}");
        }
        RegexNode::Concat(nodes) => nodes.iter().for_each(|node| write_node(node, out)),
        RegexNode::Alternate(nodes) => {
            out.push_str("(?:");
            for (index, node) in nodes.iter().enumerate() {
                if index > 0 {
                    out.push('|');
                }
                write_node(node, out);
            }
            out.push(')');
        }
    }
}

fn write_set(set: &CharSet, out: &mut String) {
    if set.0.is_empty() {
        // A class that no character is in.
        out.push_str(r"[^\x{0}-\x{10FFFF}]");
        return;
    }
    out.push('[');
    for (start, end) in &set.0 {
        let _infallible = write!(out, r"\x{{{:X}}}-\x{{{:X}}}", u32::from(*start), u32::from(*end));
    }
    out.push(']');
}
