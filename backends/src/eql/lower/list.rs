//! Alternatives that become lists: `f : "a" or f : "b"` is `f : ("a", "b")`. A chain of hundreds of
//! comparisons would be as deep as it is long for Elasticsearch, a list is not.

use isogloss_compiler::ir::siblings;

use super::super::ast::{Call, Comparison, Expr, Function, Literal, Operand, Operator, Value};
use super::is_null_test;

/// Longer lists are cut.
const MAX_VALUES: usize = 1000;

/// Any of these. What asks one field in the same way is one list, at the place of its first part.
pub(super) fn any(parts: impl IntoIterator<Item = Expr>) -> Expr {
    let mut joined: Vec<Expr> = Vec::new();
    for part in parts {
        let parts = if let Expr::Any(inner) = part { inner } else { vec![part] };
        for part in parts {
            if part == Expr::Constant(true) {
                return part;
            }
            let known =
                part == Expr::Constant(false) || joined.iter_mut().any(|known| join(known, &part));
            joined.extend((!known).then_some(part));
        }
    }
    Expr::any(joined.into_iter().map(cut))
}

/// Values of one operator become one list.
pub(super) fn grouped(tests: Vec<(Operator, Value)>) -> Vec<(Operator, Vec<Value>)> {
    let mut groups: Vec<(Operator, Vec<Value>)> = Vec::new();
    for (operator, value) in tests {
        let group = groups.iter_mut().find(|(known, values)| {
            let kind = kind(values);
            *known == operator && listed(operator, &kind).is_some() && kind == kind_of(&value)
        });
        match group {
            Some((_, values)) => values.push(value),
            None => groups.push((operator, vec![value])),
        }
    }
    for (operator, values) in &mut groups {
        if values.len() > 1 {
            *operator = listed(*operator, &kind(values)).unwrap_or(*operator);
        }
    }
    groups
}

/// All of these.
pub(super) fn all(parts: impl IntoIterator<Item = Expr>) -> Expr {
    let mut some = Vec::new();
    for part in parts {
        if part == Expr::Constant(false) {
            return part;
        }
        some.extend((part != Expr::Constant(true)).then_some(part));
    }
    Expr::all(some)
}

/// Puts the values of `part` into `known`. False if the two ask different things.
fn join(known: &mut Expr, part: &Expr) -> bool {
    match (known, part) {
        (Expr::Comparison(known), Expr::Comparison(part)) => join_comparison(known, part),
        (Expr::Call(known), Expr::Call(part)) => join_call(known, part),
        // Both are guarded by the same field.
        (Expr::All(known), Expr::All(part)) => match (&mut **known, &**part) {
            ([Expr::Comparison(guard), known], [Expr::Comparison(other), part])
                if is_null_test(guard, Operator::NotEqual)
                    && guard == other
                    && super::subject(known) == Some(&guard.field) =>
            {
                join(known, part)
            }
            _ => false,
        },
        (
            Expr::All(_)
            | Expr::Any(_)
            | Expr::Not(_)
            | Expr::Comparison(_)
            | Expr::Call(_)
            | Expr::Computed(_)
            | Expr::Constant(_),
            _,
        ) => false,
    }
}

fn join_comparison(known: &mut Comparison, part: &Comparison) -> bool {
    if known.field != part.field || kind(&known.values) != kind(&part.values) {
        return false;
    }
    let Some(operator) = listed_together(known, part) else { return false };
    known.operator = operator;
    known.origin = known.origin.join(&part.origin);
    known.values = joined(std::mem::take(&mut known.values), &part.values);
    true
}

/// A value that stands twice is one with both places. In long lists this is not looked for.
fn joined(mut values: Vec<Value>, others: &[Value]) -> Vec<Value> {
    let long = values.len() > MAX_VALUES;
    for value in others {
        match values.iter_mut().find(|it| !long && it.literal == value.literal) {
            Some(known) => known.origin = known.origin.join(&value.origin),
            None => values.push(value.clone()),
        }
    }
    values
}

/// The operator for the values of both. Text whose case cannot matter may stand among text without case.
fn listed_together(one: &Comparison, other: &Comparison) -> Option<Operator> {
    let operator = |it: &Comparison| listed(it.operator, &kind(&it.values));
    match (operator(one)?, operator(other)?) {
        (operator, same) if operator == same => Some(operator),
        (Operator::Match, Operator::In) if is_caseless(other) => Some(Operator::Match),
        (Operator::In, Operator::Match) if is_caseless(one) => Some(Operator::Match),
        _ => None,
    }
}

/// True for text without letters and wildcards.
fn is_caseless(comparison: &Comparison) -> bool {
    let plain = |it: char| siblings(it).len() < 2 && !matches!(it, '*' | '?');
    comparison.values.iter().all(|value| match &value.literal {
        Literal::Text(text) => !text.is_empty() && text.chars().all(plain),
        Literal::Number(_) | Literal::Bool(_) | Literal::Null => false,
    })
}

/// The operator for a list of such values, if there is one. Regular expressions are put together where it
/// is known how large they are.
fn listed(operator: Operator, kind: &Kind) -> Option<Operator> {
    match operator {
        Operator::Equal if *kind != Kind::Other => Some(Operator::In),
        Operator::Match
        | Operator::Like
        | Operator::LikeFolded
        | Operator::In
        | Operator::InFolded => Some(operator),
        Operator::Equal
        | Operator::NotEqual
        | Operator::Less
        | Operator::LessEqual
        | Operator::Greater
        | Operator::GreaterEqual
        | Operator::Regex
        | Operator::RegexFolded => None,
    }
}

/// What a list may hold: one kind of values only.
#[derive(PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Other,
}

/// A list holds one kind, so its first value tells.
fn kind(values: &[Value]) -> Kind {
    values.first().map_or(Kind::Other, kind_of)
}

fn kind_of(value: &Value) -> Kind {
    match value.literal {
        Literal::Text(_) => Kind::Text,
        Literal::Number(_) => Kind::Number,
        Literal::Bool(_) | Literal::Null => Kind::Other,
    }
}

/// The networks of a field.
fn join_call(known: &mut Call, part: &Call) -> bool {
    let field = |call: &Call| call.arguments.first().cloned();
    if known.function != Function::CidrMatch
        || part.function != Function::CidrMatch
        || field(known) != field(part)
    {
        return false;
    }
    known.origin = known.origin.join(&part.origin);
    for argument in part.arguments.iter().skip(1) {
        let same = known.arguments.iter_mut().find(|it| *it == argument);
        match (same, argument) {
            (Some(Operand::Value(known)), Operand::Value(value)) => {
                known.origin = known.origin.join(&value.origin);
            }
            (Some(_), _) => {}
            (None, argument) => known.arguments.push(argument.clone()),
        }
    }
    true
}

/// A list that is not too long for one query.
fn cut(part: Expr) -> Expr {
    match part {
        Expr::Comparison(comparison) if comparison.values.len() > MAX_VALUES => {
            let parts = comparison.values.chunks(MAX_VALUES).map(|values| {
                Expr::Comparison(Comparison { values: values.to_vec(), ..comparison.clone() })
            });
            Expr::any(parts)
        }
        Expr::All(operands) => Expr::all(operands.into_iter().map(cut)),
        part @ (Expr::Any(_)
        | Expr::Not(_)
        | Expr::Comparison(_)
        | Expr::Call(_)
        | Expr::Computed(_)
        | Expr::Constant(_)) => part,
    }
}
