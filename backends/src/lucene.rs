//! Regular expressions in Lucene's dialect, which Elasticsearch runs (Elastic documentation, "Regular
//! expression syntax"): anchored at both ends, no assertions, sixteen reserved characters, `.` matches
//! line feeds too.
//!
//! An assertion is about the characters around it, so [`assertion`] moves it into the classes of its
//! neighbours. Everything here goes by languages: a node stands for the texts that it matches.

mod assertion;
mod class;
mod factor;
mod number;
mod states;
#[cfg(test)]
mod tests;
mod tree;
mod write;

use isogloss_compiler::ir::{CharSet, Part, Pattern, RegexNode, siblings};

pub(crate) use class::complement;
pub(crate) use number::{from_comparison, from_network};
pub(crate) use write::write_count;

use assertion::{Keep, resolve};
use write::{push_char, write, write_folded};

/// The longest regular expression that Elasticsearch takes, in UTF-16, unless an index is set otherwise
/// (`index.max_regex_length`).
const MAX_LENGTH: usize = 1000;
/// A regular expression that is too large is cut into at most so many.
const MAX_PROGRAMS: usize = 32;

/// A regular expression of Lucene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// The text.
    pub(crate) text: String,
    /// True if it is for the operator that ignores the case of letters outside of classes.
    pub(crate) folded: bool,
    /// The texts that it matches.
    node: RegexNode,
}

/// What a regular expression is in Lucene's dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Translation {
    /// No value matches.
    Never,
    /// Every value matches.
    Always,
    /// What any of these matches.
    Programs {
        /// The alternatives, each short enough.
        programs: Vec<Program>,
        /// What was left out, so that more matches than the author wrote.
        left_out: Option<&'static str>,
    },
}

/// What is tried, one after the other, until the result is small enough.
const ATTEMPTS: &[(Keep, Option<&str>)] = &[
    (Keep { words: true, ends: true, counts: true }, None),
    (Keep { words: true, ends: true, counts: false }, Some(COUNTS)),
    (Keep { words: false, ends: true, counts: true }, Some(WORDS)),
    (Keep { words: false, ends: true, counts: false }, Some(WORDS)),
    (Keep { words: false, ends: false, counts: true }, Some(ANCHORS)),
    (Keep { words: false, ends: false, counts: false }, Some(ANCHORS)),
];
const COUNTS: &str =
    "Elasticsearch does not take so large a regular expression, so repetitions are not counted";
const WORDS: &str = "Lucene has no boundaries of words, and here nothing else says the same";
const ANCHORS: &str = "Lucene has no anchors, and here nothing else says the same";

/// A regular expression that is searched in a value, as ones that match the whole value. `None` if none
/// that Elasticsearch takes can be written.
pub(crate) fn from_regex(tree: &RegexNode) -> Option<Translation> {
    ATTEMPTS.iter().find_map(|(keep, left_out)| {
        let alternatives = resolve(tree, *keep)?;
        translate(alternatives, *left_out)
    })
}

fn translate(alternatives: Vec<RegexNode>, left_out: Option<&'static str>) -> Option<Translation> {
    if alternatives.is_empty() {
        return Some(Translation::Never);
    }
    if alternatives.contains(&tree::anything()) {
        return Some(Translation::Always);
    }
    let whole = Program::new(tree::any_of(factor::factor(alternatives.clone())));
    if whole.fits() {
        return Some(Translation::Programs { programs: vec![whole], left_out });
    }
    let mut programs = Vec::new();
    let mut waiting = vec![tree::any_of(alternatives)];
    while let Some(node) = waiting.pop() {
        let program = Program::new(node);
        if program.fits() {
            programs.push(program);
        } else {
            waiting.extend(split(&program.node)?.into_iter().rev());
        }
        if programs.len() + waiting.len() > MAX_PROGRAMS {
            return None;
        }
    }
    Some(Translation::Programs { programs, left_out })
}

/// A row with the first half of the alternatives of its largest alternation, and one with the second.
fn split(node: &RegexNode) -> Option<[RegexNode; 2]> {
    let row = if let RegexNode::Concat(row) = node { row } else { std::slice::from_ref(node) };
    let alternations = row.iter().enumerate().filter_map(|(place, node)| {
        if let RegexNode::Alternate(nodes) = node { Some((place, nodes)) } else { None }
    });
    let (place, nodes) = alternations.max_by_key(|(_, nodes)| nodes.len())?;
    let (before, after) = (row.get(..place)?, row.get(place + 1..)?);
    let (first, second) = nodes.split_at(nodes.len() / 2);
    let with = |some: &[RegexNode]| {
        let some = [tree::any_of(some.iter().cloned())];
        tree::concat(before.iter().chain(&some).chain(after).cloned())
    };
    Some([with(first), with(second)])
}

/// A pattern for whole values. Letters beyond ASCII are spelled out, since older versions do not fold them.
/// `None` if it is more than Elasticsearch takes.
pub(crate) fn from_pattern(pattern: &Pattern) -> Option<Program> {
    let cased = pattern.is_cased();
    let mut text = String::new();
    let mut nodes = Vec::new();
    for part in pattern.parts() {
        match part {
            Part::AnyRun => {
                text.push_str(".*");
                nodes.push(tree::anything());
            }
            Part::AnyChar => {
                text.push('.');
                nodes.push(tree::any_char());
            }
            Part::Text(part) => {
                for character in part.chars() {
                    push_folded(character, cased, &mut text);
                    nodes.push(letter(character, cased));
                }
            }
        }
    }
    let program = Program { text, folded: !cased, node: tree::concat(nodes) };
    program.fits().then_some(program)
}

fn letter(character: char, cased: bool) -> RegexNode {
    if cased {
        return RegexNode::Char(character);
    }
    let ranges = siblings(character).into_iter().map(|it| (it, it)).collect();
    tree::set(CharSet(class::joined(ranges)))
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

impl Program {
    /// The shorter of its two forms.
    fn new(node: RegexNode) -> Self {
        let text = write(&node);
        match write_folded(&node) {
            Some(folded) if folded.len() < text.len() => Self { text: folded, folded: true, node },
            _ => Self { text, folded: false, node },
        }
    }

    /// Numbers, written digit by digit: the states are no more than the characters.
    fn of_digits(text: String) -> Option<Self> {
        let program = Self { text, folded: false, node: RegexNode::Empty };
        program.fits().then_some(program)
    }

    fn fits(&self) -> bool {
        all_fit(&[self])
    }
}

/// True if Elasticsearch takes these in one list: it joins them to one regular expression.
pub(crate) fn all_fit(programs: &[&Program]) -> bool {
    let lengths = programs.iter().map(|it| it.text.encode_utf16().count() + 1);
    lengths.sum::<usize>() <= MAX_LENGTH + 1
        && states::are_few(&programs.iter().map(|it| &it.node).collect::<Vec<_>>())
}
