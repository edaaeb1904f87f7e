//! Collections of the first version of Sigma: `action: global`, `reset` and `repeat`.
//!
//! A global document is merged into each rule behind it. Tools disagree on which side wins, so a key
//! that both sides set is an error.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::yaml::{Node, Value};

const ACTIONS: &[&str] = &["global", "reset", "repeat"];

/// What stands for the documents that follow.
#[derive(Default)]
pub(super) struct Collection<'a> {
    global: Option<Node<'a>>,
    previous: Option<Node<'a>>,
}

impl<'a> Collection<'a> {
    /// The rule that a document is, after what stands before it; `None` if it is none by itself.
    pub(super) fn next(
        &mut self,
        node: Node<'a>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Node<'a>> {
        let Some((key, action)) = node.entry("action") else {
            return Some(self.add_rule(node, diagnostics));
        };
        let message = "`action` belongs to the collections of old versions of Sigma";
        let help = "write every rule out";
        diagnostics
            .push(Diagnostic::new(Code::LegacyCollection, key.span, message).with_help(help));
        match action.as_text() {
            Some("global") => {
                self.global = Some(without_action(node));
                None
            }
            Some("reset") => {
                self.global = None;
                None
            }
            Some("repeat") => {
                let Some(previous) = &self.previous else {
                    let message = "there is no rule before this that could be repeated";
                    diagnostics.push(Diagnostic::new(
                        Code::InvalidCollection,
                        action.span,
                        message,
                    ));
                    return None;
                };
                let merged =
                    merge(previous, &without_action(node), Conflict::SecondWins, diagnostics);
                self.previous = Some(merged.clone());
                Some(merged)
            }
            other => {
                let name = other.unwrap_or_default();
                let message = match other {
                    Some(name) => format!("`{name}` is no action"),
                    None => format!("an action is a word, not {}", action.describe()),
                };
                let mistake = Diagnostic::new(Code::InvalidCollection, action.span, message);
                diagnostics.push(mistake.with_help(suggest(name, ACTIONS.iter().copied())));
                None
            }
        }
    }

    fn add_rule(&mut self, node: Node<'a>, diagnostics: &mut Diagnostics) -> Node<'a> {
        let is_rule = node.get("correlation").is_none() && node.get("filter").is_none();
        let merged = match &self.global {
            Some(global) if is_rule => merge(global, &node, Conflict::Error, diagnostics),
            Some(_) | None => node,
        };
        if is_rule && merged.as_mapping().is_some() {
            self.previous = Some(merged.clone());
        }
        merged
    }
}

/// What happens to a key that both sides set.
#[derive(Clone, Copy)]
enum Conflict {
    Error,
    SecondWins,
}

fn without_action(node: Node) -> Node {
    let Value::Mapping(entries) = node.value else { return node };
    let kept = entries.into_iter().filter(|(key, _)| key.as_text() != Some("action"));
    Node { value: Value::Mapping(kept.collect()), ..node }
}

/// Both maps in one: the keys of the second first, since they name the rule.
fn merge<'a>(
    first: &Node<'a>,
    second: &Node<'a>,
    conflict: Conflict,
    diagnostics: &mut Diagnostics,
) -> Node<'a> {
    let (Some(below), Some(above)) = (first.as_mapping(), second.as_mapping()) else {
        if matches!(conflict, Conflict::Error) && !same(first, second) {
            let message = "the global document and this rule say different things";
            let mistake = Diagnostic::new(Code::InvalidCollection, second.span, message)
                .with_label("here")
                .with_place(first.span, "and here")
                .with_help("leave one of them out");
            diagnostics.push(mistake);
        }
        return second.clone();
    };
    let mut entries: Vec<(Node, Node)> = Vec::with_capacity(above.len() + below.len());
    for (key, value) in above {
        let other = key.as_text().and_then(|name| first.get(name));
        let value = match other {
            Some(other) => merge(other, value, conflict, diagnostics),
            None => value.clone(),
        };
        entries.push((key.clone(), value));
    }
    let absent =
        below.iter().filter(|(key, _)| key.as_text().is_none_or(|name| second.get(name).is_none()));
    entries.extend(absent.cloned());
    Node { value: Value::Mapping(entries), span: second.span }
}

/// True for equal texts and lists of equal texts.
fn same(first: &Node, second: &Node) -> bool {
    match (&first.value, &second.value) {
        (Value::Scalar(first), Value::Scalar(second)) => first.resolve() == second.resolve(),
        (Value::Sequence(first), Value::Sequence(second)) => {
            first.len() == second.len()
                && first.iter().zip(second).all(|(first, second)| same(first, second))
        }
        (Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_), _) => false,
    }
}
