//! The tree while it is built: what is not closed yet, and how large a part of it is.

use super::{Node, Value};
use crate::source::Span;

/// A list or map that is not closed yet, and its span so far.
pub(super) enum Open<'a> {
    Sequence(Span, Vec<Node<'a>>),
    Mapping(Span, Option<Node<'a>>, Vec<(Node<'a>, Node<'a>)>),
}

impl<'a> Open<'a> {
    /// How many elements, or keys and values, are there already.
    pub(super) fn filled(&self) -> usize {
        match self {
            Self::Sequence(_, elements) => elements.len(),
            Self::Mapping(_, key, entries) => 2 * entries.len() + usize::from(key.is_some()),
        }
    }

    /// The element, or key or value, at a place.
    pub(super) fn child(&self, at: usize) -> Option<&Node<'a>> {
        match self {
            Self::Sequence(_, elements) => elements.get(at),
            Self::Mapping(_, key, entries) => entry_part(entries, at).or(key.as_ref()),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Sequence(_, elements) => elements.len(),
            Self::Mapping(_, _, entries) => entries.len(),
        }
    }

    pub(super) fn push(&mut self, node: Node<'a>, at: Span) {
        match self {
            Self::Sequence(span, elements) => {
                *span = span.to(at);
                elements.push(node);
            }
            Self::Mapping(span, key, entries) => {
                *span = span.to(at);
                match key.take() {
                    Some(key) => entries.push((key, node)),
                    None => *key = Some(node),
                }
            }
        }
    }

    pub(super) fn close(self) -> Node<'a> {
        match self {
            Self::Sequence(span, elements) => Node { value: Value::Sequence(elements), span },
            Self::Mapping(span, _, entries) => Node { value: Value::Mapping(entries), span },
        }
    }
}

impl Node<'_> {
    /// The element, or key or value, at a place.
    pub(super) fn child(&self, at: usize) -> Option<&Self> {
        match &self.value {
            Value::Sequence(elements) => elements.get(at),
            Value::Mapping(entries) => entry_part(entries, at),
            Value::Scalar(_) => None,
        }
    }
}

/// Keys have even places, values odd ones.
fn entry_part<'n, 'a>(entries: &'n [(Node<'a>, Node<'a>)], at: usize) -> Option<&'n Node<'a>> {
    entries.get(at / 2).map(|(key, value)| if at.is_multiple_of(2) { key } else { value })
}

/// What an alias adds.
pub(super) struct Size {
    pub(super) nodes: usize,
    pub(super) text: usize,
    pub(super) depth: usize,
}

impl Size {
    /// The depth of a tree is bounded, and so is this recursion.
    pub(super) fn of(node: &Node) -> Self {
        let children: Vec<&Node> = match &node.value {
            Value::Scalar(scalar) => {
                return Self { nodes: 1, text: scalar.text.len(), depth: 0 };
            }
            Value::Sequence(elements) => elements.iter().collect(),
            Value::Mapping(entries) => {
                entries.iter().flat_map(|(key, value)| [key, value]).collect()
            }
        };
        let empty = Self { nodes: 1, text: 0, depth: 1 };
        children.into_iter().map(Self::of).fold(empty, |sum, it| Self {
            nodes: sum.nodes + it.nodes,
            text: sum.text + it.text,
            depth: sum.depth.max(it.depth + 1),
        })
    }
}
