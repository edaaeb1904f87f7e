//! `processing_state`: what `set_state` has set.

use serde_json::Value;

use super::required_text;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Decimal;
use crate::parse::{Fields, to_json};
use crate::pipeline::run::Run;

/// A comparison with what `set_state` has set.
#[derive(Debug)]
pub(super) struct StateCondition {
    key: String,
    value: Value,
    relation: Relation,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    NotEqual,
    AtLeast,
    Above,
    AtMost,
    Below,
}

/// The words of relations.
pub(super) const RELATIONS: &[(&str, Relation)] = &[
    ("eq", Relation::Equal),
    ("ne", Relation::NotEqual),
    ("gte", Relation::AtLeast),
    ("gt", Relation::Above),
    ("lte", Relation::AtMost),
    ("lt", Relation::Below),
];

impl Relation {
    pub(super) fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::AtLeast => left >= right,
            Self::Above => left > right,
            Self::AtMost => left <= right,
            Self::Below => left < right,
        }
    }
}

/// Keys of the condition.
pub(super) const KEYS: &[&str] = &["key", "val", "op"];

pub(super) fn parse(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<StateCondition> {
    let key = required_text(entry, "key", "name a key of the state", diagnostics);
    let relation = entry.word("op", RELATIONS, diagnostics).unwrap_or(Relation::Equal);
    let Some((_, node)) = entry.entry("val") else {
        entry.missing("val", "the condition compares with a value", diagnostics);
        return None;
    };
    if node.as_scalar().is_none() {
        let message = format!("`val` has to be one value, not {}", node.describe());
        diagnostics.push(Diagnostic::new(Code::InvalidPipeline, node.span, message));
        return None;
    }
    Some(StateCondition { key: key?.value, value: to_json(node), relation })
}

impl StateCondition {
    /// False where the key is not set.
    pub(super) fn holds(&self, run: &Run) -> bool {
        run.state.get(&self.key).is_some_and(|found| compare(found, &self.value, self.relation))
    }
}

/// Numbers by value, texts by their characters; values of two types are different and have no order.
fn compare(left: &Value, right: &Value, relation: Relation) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            match (Decimal::parse(&left.to_string()), Decimal::parse(&right.to_string())) {
                (Some(left), Some(right)) => relation.holds(&left, &right),
                _ => relation.holds(&left.to_string(), &right.to_string()),
            }
        }
        (Value::String(left), Value::String(right)) => relation.holds(left, right),
        (Value::Bool(left), Value::Bool(right)) => relation.holds(left, right),
        (left, right) => match relation {
            Relation::Equal => left == right,
            Relation::NotEqual => left != right,
            Relation::AtLeast | Relation::Above | Relation::AtMost | Relation::Below => false,
        },
    }
}
