//! Values of `eval`, its comparisons, and its functions on texts (Splunk documentation, "Evaluation
//! functions"). A function of one text is null for a field with several values: the documents do not
//! say what it does with them.

use std::cmp::Ordering;

use super::super::ast::Operator;
use super::network::holds_address;

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
        text.parse().map_or(Self::Null, Self::Number)
    }

    /// The values of a field to which this is assigned.
    pub(super) fn into_values(self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text],
            Self::Number(number) => vec![number.to_string()],
            Self::List(values) => values,
            Self::Bool(_) | Self::Null => Vec::new(),
        }
    }

    fn count(length: usize) -> Self {
        Self::Number(u32::try_from(length).map_or(f64::MAX, f64::from))
    }

    fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    fn whole(&self) -> Option<i64> {
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
        (Worth::Number(left), Worth::Number(right)) => Worth::Number(left - right),
        _ => Worth::Null,
    }
}

/// The functions that have nothing to do with null and with lists but `mvcount`.
pub(super) fn apply(function: &str, arguments: &[Worth]) -> Worth {
    match (function, arguments) {
        ("mvcount", [Worth::List(values)]) => Worth::count(values.len()),
        ("mvcount", [Worth::Text(_)]) => Worth::count(1),
        ("tonumber", [operand]) => operand.text().map_or(Worth::Null, Worth::number),
        ("lower", [operand]) => map(operand, str::to_lowercase),
        ("upper", [operand]) => map(operand, str::to_uppercase),
        ("len", [operand]) => {
            operand.text().map_or(Worth::Null, |text| Worth::count(text.chars().count()))
        }
        ("substr", [operand, start]) => part(operand, start, None),
        ("substr", [operand, start, length]) => match length.whole() {
            Some(length) => part(operand, start, Some(length)),
            None => Worth::Null,
        },
        ("split", [operand, delimiter]) => match (operand.text(), delimiter.text()) {
            (Some(text), Some(delimiter)) if !delimiter.is_empty() => {
                Worth::of(text.split(delimiter).map(str::to_owned).collect())
            }
            _ => Worth::Null,
        },
        ("cidrmatch", [network, operand]) => match (network.text(), operand.text()) {
            (Some(network), Some(text)) => Worth::Bool(holds_address(network, text)),
            _ => Worth::Null,
        },
        _ => Worth::Null,
    }
}

fn map(operand: &Worth, change: impl Fn(&str) -> String) -> Worth {
    operand.text().map_or(Worth::Null, |text| Worth::Text(change(text)))
}

/// `substr`: places are counted from 1, negative ones from the end.
fn part(operand: &Worth, start: &Worth, length: Option<i64>) -> Worth {
    let (Some(text), Some(start)) = (operand.text(), start.whole()) else { return Worth::Null };
    let characters: Vec<char> = text.chars().collect();
    let total = i64::try_from(characters.len()).unwrap_or(i64::MAX);
    let start = if start < 0 { total + start } else { start - 1 };
    let taken = length.and_then(|it| usize::try_from(it).ok()).unwrap_or(characters.len());
    match usize::try_from(start) {
        Ok(start) => Worth::Text(characters.into_iter().skip(start).take(taken).collect()),
        Err(_) => Worth::Null,
    }
}
