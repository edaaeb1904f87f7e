//! EQL on an event, as Elasticsearch's documents describe it.
//!
//! Written from the documentation alone: nothing of the compiler's evaluator is used, so that an error
//! in one is not an error in both. Comparisons match any value of a field. A missing field does not
//! match; an optional field that is missing is taken as missing from every index, so it is null, and
//! null stays null under `not`. Case is ignored for ASCII letters only. What is computed is null where a
//! value is missing, and takes the first value of a field.

mod function;
mod operand;
mod pattern;
pub mod sequence;

use std::cmp::Ordering;

use isogloss_compiler::ir::{Event, Mapped};

use super::ast::{Comparison, Computed, Expr, Literal, Operator, Query};
use pattern::{glob, lower, run};

/// True if the query finds the event. `scoped` tells whether the log source counts too.
pub fn evaluate(query: &Query, event: &Event<Mapped>, scoped: bool) -> bool {
    let category = query.category.as_deref().is_none_or(|category| {
        event.values("event.category").iter().any(|value| value.text() == category)
    });
    let scope = category && query.scope.iter().all(|scope| truth(scope, event) == Some(true));
    (!scoped || scope) && truth(&query.condition, event) == Some(true)
}

/// `None` is null.
fn truth(expr: &Expr, event: &Event<Mapped>) -> Option<bool> {
    match expr {
        Expr::Constant(value) => Some(*value),
        Expr::Not(operand) => truth(operand, event).map(|value| !value),
        Expr::All(operands) => {
            let values: Vec<_> = operands.iter().map(|it| truth(it, event)).collect();
            if values.contains(&Some(false)) {
                return Some(false);
            }
            values.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
        }
        Expr::Any(operands) => {
            let values: Vec<_> = operands.iter().map(|it| truth(it, event)).collect();
            if values.contains(&Some(true)) {
                return Some(true);
            }
            values.into_iter().collect::<Option<Vec<_>>>().map(|_| false)
        }
        Expr::Comparison(comparison) => compare(comparison, event),
        Expr::Call(call) => function::truth(call, event),
        Expr::Computed(computed) => compare_computed(computed, event),
    }
}

fn compare(comparison: &Comparison, event: &Event<Mapped>) -> Option<bool> {
    let Comparison { field, operator, values, .. } = comparison;
    let found: Vec<String> =
        event.values(&field.name).iter().map(|it| it.text().to_owned()).collect();
    let literals: Vec<&Literal> = values.iter().map(|value| &value.literal).collect();
    match (operator, &*literals) {
        (Operator::Equal, [Literal::Null]) => return Some(found.is_empty()),
        (Operator::NotEqual, [Literal::Null]) => return Some(!found.is_empty()),
        _ => {}
    }
    // To compare with null is null.
    let known: Vec<&Literal> = literals.into_iter().filter(|it| **it != Literal::Null).collect();
    if known.is_empty() || found.is_empty() && field.optional {
        return None;
    }
    if *operator == Operator::NotEqual {
        let equals = |text: &String| known.iter().any(|literal| equal(text, literal));
        return Some(!found.iter().any(equals));
    }
    let matches = |text: &String| known.iter().any(|literal| holds(*operator, text, literal));
    Some(found.iter().any(matches))
}

/// A script: null where a value is null.
fn compare_computed(computed: &Computed, event: &Event<Mapped>) -> Option<bool> {
    let Computed { left, operator, right, .. } = computed;
    let right = right.iter().map(|it| operand::value(it, event)).collect::<Vec<_>>();
    let left = operand::value(left, event);
    match (operator, &*right) {
        (Operator::Equal, [None]) => return Some(left.is_none()),
        (Operator::NotEqual, [None]) => return Some(left.is_some()),
        _ => {}
    }
    let (left, known) = (left?, right.into_iter().flatten().collect::<Vec<_>>());
    if known.is_empty() {
        return None;
    }
    Some(known.iter().any(|right| operand::holds(*operator, &left, right)))
}

fn holds(operator: Operator, text: &str, literal: &Literal) -> bool {
    let wanted = match literal {
        Literal::Text(wanted) => wanted.as_str(),
        Literal::Number(_) | Literal::Bool(_) | Literal::Null => "",
    };
    match operator {
        Operator::Equal | Operator::In => equal(text, literal),
        Operator::NotEqual => !equal(text, literal),
        Operator::Less => order(text, literal).is_some_and(Ordering::is_lt),
        Operator::LessEqual => order(text, literal).is_some_and(Ordering::is_le),
        Operator::Greater => order(text, literal).is_some_and(Ordering::is_gt),
        Operator::GreaterEqual => order(text, literal).is_some_and(Ordering::is_ge),
        Operator::InFolded
        | Operator::Match
        | Operator::Like
        | Operator::LikeFolded
        | Operator::Regex
        | Operator::RegexFolded => fits(operator, text, wanted),
    }
}

/// The operators for texts.
fn fits(operator: Operator, text: &str, wanted: &str) -> bool {
    let exact = |text: &str| text.chars().collect::<Vec<_>>();
    match operator {
        Operator::InFolded => lower(text) == lower(wanted),
        Operator::Match | Operator::LikeFolded => glob(&lower(wanted), &lower(text)),
        Operator::Like => glob(&exact(wanted), &exact(text)),
        Operator::Regex => run(wanted, false, text),
        Operator::RegexFolded => run(wanted, true, text),
        Operator::Equal
        | Operator::NotEqual
        | Operator::Less
        | Operator::LessEqual
        | Operator::Greater
        | Operator::GreaterEqual
        | Operator::In => false,
    }
}

fn equal(text: &str, literal: &Literal) -> bool {
    match literal {
        Literal::Text(wanted) => text == wanted,
        Literal::Number(_) => order(text, literal).is_some_and(Ordering::is_eq),
        Literal::Bool(wanted) => text.eq_ignore_ascii_case(&wanted.to_string()),
        Literal::Null => false,
    }
}

/// Numbers by value, texts by their characters, with case.
fn order(text: &str, literal: &Literal) -> Option<Ordering> {
    match literal {
        Literal::Number(wanted) => match (text.parse::<i64>(), wanted.parse::<i64>()) {
            (Ok(text), Ok(wanted)) => Some(text.cmp(&wanted)),
            _ => text.parse::<f64>().ok()?.partial_cmp(&wanted.parse().ok()?),
        },
        Literal::Text(wanted) => Some(text.cmp(wanted)),
        Literal::Bool(_) | Literal::Null => None,
    }
}
