//! Values of `eval`, and how they are compared.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::super::ast::Operator;

/// A value of `eval`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Worth {
    Text(String),
    Number(f64),
    List(Vec<String>),
    Bool(bool),
    Null,
}

impl Worth {
    /// The value of a field with these values.
    pub(super) fn of(mut values: Vec<String>) -> Self {
        match values.len() {
            0 => Self::Null,
            1 => values.pop().map_or(Self::Null, Self::Text),
            _ => Self::List(values),
        }
    }

    /// A number in its text.
    pub(super) fn number(text: &str) -> Self {
        text.parse().map_or(Self::Null, Self::finite)
    }

    /// A number; what is none is null.
    pub(super) fn finite(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Null }
    }

    pub(super) fn count(length: usize) -> Self {
        Self::Number(u32::try_from(length).map_or(f64::MAX, f64::from))
    }

    /// What a field holds to which this is assigned: a boolean is not assigned.
    pub(super) fn assigned(self) -> Self {
        match self {
            Self::Bool(_) => Self::Null,
            Self::Text(_) | Self::Number(_) | Self::List(_) | Self::Null => self,
        }
    }

    /// The values of a field that holds this.
    pub(super) fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Text(text) => vec![Cow::Borrowed(text)],
            Self::Number(number) => vec![Cow::Owned(number.to_string())],
            Self::List(values) => values.iter().map(|it| Cow::Borrowed(it.as_str())).collect(),
            Self::Bool(_) | Self::Null => Vec::new(),
        }
    }

    /// The values of a field that holds this.
    pub(super) fn into_values(self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text],
            Self::Number(number) => vec![number.to_string()],
            Self::List(values) => values,
            Self::Bool(_) | Self::Null => Vec::new(),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn as_number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub(super) fn whole(&self) -> Option<i64> {
        if let Self::Number(number) = self { format!("{number}").parse().ok() } else { None }
    }
}

/// Numbers are compared as numbers, texts as texts with their case; anything else is null.
pub(super) fn compare(left: &Worth, operator: Operator, right: &Worth) -> Worth {
    let order = match (left, right) {
        (Worth::Number(left), Worth::Number(right)) => left.partial_cmp(right),
        (Worth::Text(left), Worth::Text(right)) => Some(left.cmp(right)),
        _ => None,
    };
    order.map_or(Worth::Null, |order| Worth::Bool(stands(order, operator)))
}

/// True if two values in this order stand so to each other.
pub(super) fn stands(order: Ordering, operator: Operator) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::LessEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterEqual => order.is_ge(),
    }
}

/// The difference of two numbers.
pub(super) fn minus(left: &Worth, right: &Worth) -> Worth {
    match (left, right) {
        (Worth::Number(left), Worth::Number(right)) => Worth::finite(left - right),
        _ => Worth::Null,
    }
}
