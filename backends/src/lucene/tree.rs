//! Regular expressions without assertions, as languages. No character at all is a class that is empty: a
//! text with it never matches.

use isogloss_compiler::ir::{CharSet, RegexNode};

use super::class::{Beside, intersection};

/// The end of a text that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The first character.
    First,
    /// The last character.
    Last,
}

/// Matches nothing.
pub(super) fn never() -> RegexNode {
    RegexNode::Set(CharSet(Vec::new()))
}

/// Matches one character.
pub(super) fn any_char() -> RegexNode {
    RegexNode::Set(CharSet(vec![('\0', char::MAX)]))
}

/// Matches every text.
pub(super) fn anything() -> RegexNode {
    RegexNode::Repeat { node: Box::new(any_char()), min: 0, max: None }
}

pub(super) fn is_never(node: &RegexNode) -> bool {
    matches!(node, RegexNode::Set(set) if set.0.is_empty())
}

/// A class; of one character, the character.
pub(super) fn set(set: CharSet) -> RegexNode {
    match &*set.0 {
        [(start, end)] if start == end => RegexNode::Char(*start),
        _ => RegexNode::Set(set),
    }
}

/// One after the other. Beside any text, what can be left out says nothing.
pub(super) fn concat(nodes: impl IntoIterator<Item = RegexNode>) -> RegexNode {
    let any_text = anything();
    let mut row: Vec<RegexNode> = Vec::new();
    for node in nodes {
        if is_never(&node) {
            return node;
        }
        let nodes = if let RegexNode::Concat(inner) = node { inner } else { vec![node] };
        for node in nodes {
            if node == any_text {
                while row.last().is_some_and(|last| is_plain(last) && is_nullable(last)) {
                    row.pop();
                }
                row.push(node);
                continue;
            }
            let last = row.last();
            let idle = last == Some(&any_text) && is_plain(&node) && is_nullable(&node);
            if !(idle || is_run(&node) && last == Some(&node)) {
                row.push(node);
            }
        }
    }
    RegexNode::concat(row)
}

fn is_run(node: &RegexNode) -> bool {
    matches!(node, RegexNode::Repeat { min: 0, max: None, .. })
}

/// Any of them; without any, nothing.
pub(super) fn any_of(nodes: impl IntoIterator<Item = RegexNode>) -> RegexNode {
    let mut some: Vec<RegexNode> = Vec::new();
    let mut optional = false;
    for node in nodes {
        let nodes = if let RegexNode::Alternate(inner) = node { inner } else { vec![node] };
        for node in nodes {
            optional |= node == RegexNode::Empty;
            if node != RegexNode::Empty && !is_never(&node) && !some.contains(&node) {
                some.push(node);
            }
        }
    }
    match (some.is_empty(), optional) {
        (true, true) => RegexNode::Empty,
        (true, false) => never(),
        (false, true) => repeat(RegexNode::alternate(some), 0, Some(1)),
        (false, false) => RegexNode::alternate(some),
    }
}

/// The node so often.
pub(super) fn repeat(node: RegexNode, min: u32, max: Option<u32>) -> RegexNode {
    match (&node, min, max) {
        (RegexNode::Empty, ..) | (_, _, Some(0)) => RegexNode::Empty,
        (node, 0, _) if is_never(node) => RegexNode::Empty,
        (_, 1, Some(1)) => node,
        (node, ..) if is_never(node) => never(),
        // More of a run is the run; `(a?)?` is `a?`, and `(a+)?` is `a*`.
        (RegexNode::Repeat { min: 0, max: None, .. }, ..)
        | (RegexNode::Repeat { min: 0, max: Some(1), .. }, 0, Some(1)) => node,
        (RegexNode::Repeat { node, min: 1, max: None }, 0, _) => {
            RegexNode::Repeat { node: node.clone(), min: 0, max: None }
        }
        _ => RegexNode::Repeat { node: Box::new(node), min, max },
    }
}

/// The same language, put together by the functions above. Assertions stay.
pub(super) fn simplified(node: &RegexNode) -> RegexNode {
    match node {
        RegexNode::Empty
        | RegexNode::Char(_)
        | RegexNode::Start
        | RegexNode::End
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => node.clone(),
        RegexNode::Set(characters) => set(characters.clone()),
        RegexNode::Repeat { node, min, max } => repeat(simplified(node), *min, *max),
        RegexNode::Concat(nodes) => concat(nodes.iter().map(simplified)),
        RegexNode::Alternate(nodes) => any_of(nodes.iter().map(simplified)),
    }
}

/// True if there is no assertion in it.
pub(super) fn is_plain(node: &RegexNode) -> bool {
    match node {
        RegexNode::Start
        | RegexNode::End
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => false,
        RegexNode::Concat(nodes) | RegexNode::Alternate(nodes) => nodes.iter().all(is_plain),
        RegexNode::Repeat { node, .. } => is_plain(node),
        RegexNode::Empty | RegexNode::Char(_) | RegexNode::Set(_) => true,
    }
}

/// True if the empty text matches.
pub(super) fn is_nullable(node: &RegexNode) -> bool {
    match node {
        RegexNode::Char(_) | RegexNode::Set(_) => false,
        RegexNode::Empty
        | RegexNode::Start
        | RegexNode::End
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => true,
        RegexNode::Repeat { node, min, .. } => *min == 0 || is_nullable(node),
        RegexNode::Concat(nodes) => nodes.iter().all(is_nullable),
        RegexNode::Alternate(nodes) => nodes.iter().any(is_nullable),
    }
}

/// How many characters and classes there are.
pub(super) fn size(node: &RegexNode) -> usize {
    match node {
        RegexNode::Repeat { node, .. } => size(node),
        RegexNode::Concat(nodes) | RegexNode::Alternate(nodes) => nodes.iter().map(size).sum(),
        RegexNode::Empty
        | RegexNode::Char(_)
        | RegexNode::Set(_)
        | RegexNode::Start
        | RegexNode::End
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => 1,
    }
}

/// The kinds of characters that stand at this end of texts that are not empty.
pub(super) fn edge(node: &RegexNode, side: Side) -> Beside {
    match node {
        RegexNode::Char(character) => Beside::of(&CharSet(vec![(*character, *character)])),
        RegexNode::Set(set) => Beside::of(set),
        RegexNode::Empty
        | RegexNode::Start
        | RegexNode::End
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => Beside::NONE,
        RegexNode::Repeat { node, .. } => edge(node, side),
        RegexNode::Alternate(nodes) => {
            nodes.iter().fold(Beside::NONE, |all, node| all | edge(node, side))
        }
        RegexNode::Concat(nodes) => {
            let outer = |index: usize| match side {
                Side::First => nodes.get(..index).unwrap_or_default(),
                Side::Last => nodes.get(index + 1..).unwrap_or_default(),
            };
            let reached =
                nodes.iter().enumerate().filter(|(index, _)| outer(*index).iter().all(is_nullable));
            reached.fold(Beside::NONE, |all, (_, node)| all | edge(node, side))
        }
    }
}

/// The texts of `node` that are not empty and have such a character at this end.
pub(super) fn with_edge(node: &RegexNode, wanted: Beside, side: Side) -> RegexNode {
    if !is_nullable(node) && wanted.holds(edge(node, side)) {
        return node.clone();
    }
    match node {
        RegexNode::Char(character) => {
            set(intersection(&CharSet(vec![(*character, *character)]), &wanted.characters()))
        }
        RegexNode::Set(characters) => set(intersection(characters, &wanted.characters())),
        RegexNode::Empty
        | RegexNode::Start
        | RegexNode::End
        | RegexNode::LineStart
        | RegexNode::LineEnd
        | RegexNode::WordBoundary
        | RegexNode::NotWordBoundary => never(),
        RegexNode::Alternate(nodes) => {
            any_of(nodes.iter().map(|node| with_edge(node, wanted, side)))
        }
        // Of the repetitions, the outermost that is not empty decides.
        RegexNode::Repeat { node, min, max } => {
            let one = with_edge(node, wanted, side);
            let others =
                repeat((**node).clone(), min.saturating_sub(1), max.map(|it| it.saturating_sub(1)));
            match side {
                Side::First => concat([one, others]),
                Side::Last => concat([others, one]),
            }
        }
        RegexNode::Concat(nodes) => any_of(rows_with_edge(nodes, wanted, side)),
    }
}

/// A row by which of its nodes is the outermost that is not empty.
fn rows_with_edge(nodes: &[RegexNode], wanted: Beside, side: Side) -> Vec<RegexNode> {
    let mut rows = Vec::new();
    let places: Vec<usize> = match side {
        Side::First => (0..nodes.len()).collect(),
        Side::Last => (0..nodes.len()).rev().collect(),
    };
    for place in places {
        let Some(node) = nodes.get(place) else { break };
        let one = std::iter::once(with_edge(node, wanted, side));
        let row = match side {
            Side::First => {
                concat(one.chain(nodes.get(place + 1..).unwrap_or_default().iter().cloned()))
            }
            Side::Last => concat(nodes.get(..place).unwrap_or_default().iter().cloned().chain(one)),
        };
        rows.push(row);
        if !is_nullable(node) {
            break;
        }
    }
    rows
}
