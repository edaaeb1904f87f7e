//! What `search` says, as `eval` says it: rules that one search finds are told apart by it.

use isogloss_compiler::ir::{Part, Pattern};

use super::super::ast::{Comparison, Eval, Literal, Operator, Search};
use super::{anything, matches};
use crate::pcre;

/// The search as a boolean of `eval` that is never null; `None` if `eval` cannot say a part of it.
pub(super) fn exact_search(search: &Search) -> Option<Eval> {
    match search {
        Search::All(operands) => {
            Eval::all(operands.iter().map(exact_search).collect::<Option<Vec<_>>>()?)
        }
        Search::Any(operands) => {
            Eval::any(operands.iter().map(exact_search).collect::<Option<Vec<_>>>()?)
        }
        Search::Not(operand) => Some(Eval::Not(Box::new(exact_search(operand)?))),
        Search::Comparison(comparison) => exact_comparison(comparison),
        Search::Call(_)
        | Search::Term(_)
        | Search::Everything
        | Search::Verbatim(_)
        | Search::Subsearch(_) => None,
    }
}

fn exact_comparison(comparison: &Comparison) -> Option<Eval> {
    let Comparison { field, operator, values, .. } = comparison;
    let subject = || Eval::Field(field.clone());
    match operator {
        Operator::Equal => {}
        Operator::NotEqual
        | Operator::Less
        | Operator::LessEqual
        | Operator::Greater
        | Operator::GreaterEqual => return None,
    }
    if values.iter().any(|value| value.literal == anything()) {
        return Some(Eval::call("isnotnull", [subject()]));
    }
    let tests = values.iter().map(|value| match &value.literal {
        Literal::Quoted(text) | Literal::Word(text) => {
            Some(matches(field, pcre::from_pattern(&pattern(text)), &value.origin))
        }
        Literal::Call(_) => None,
    });
    let tests = tests.collect::<Option<Vec<_>>>()?;
    Some(Eval::call("isnotnull", [Eval::call("mvfilter", [Eval::any(tests)?])]))
}

/// The pattern of a value of `search`.
fn pattern(text: &str) -> Pattern {
    let texts = text.split('*').map(|it| Part::Text(it.to_owned()));
    let mut parts: Vec<Part> = texts.flat_map(|it| [Part::AnyRun, it]).collect();
    parts.remove(0);
    Pattern::new(parts)
}
