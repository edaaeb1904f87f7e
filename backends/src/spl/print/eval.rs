//! Expressions of `eval` to text.

use isogloss_compiler::ir::Origin;

use super::super::ast::Eval;
use super::command::print_subsearch;
use super::{print_call, quote};
use crate::layout::{Doc, Layout, located};

/// An expression of `eval` that stands alone or in parentheses.
pub(super) fn print_eval_chain<'a>(eval: &Eval, layout: &Layout<'a>) -> Doc<'a> {
    match eval {
        Eval::All(operands) => {
            layout.chain(" AND", operands.iter().map(|it| print_eval(it, layout)))
        }
        Eval::Any(operands) => {
            layout.chain(" OR", operands.iter().map(|it| print_eval(it, layout)))
        }
        Eval::Xor(operands) => {
            layout.chain(" XOR", operands.iter().map(|it| print_eval(it, layout)))
        }
        Eval::Not(_)
        | Eval::Compare { .. }
        | Eval::Minus(..)
        | Eval::Chain { .. }
        | Eval::Call { .. }
        | Eval::Field(_)
        | Eval::Text { .. }
        | Eval::Token(_)
        | Eval::Macro(_)
        | Eval::Search(_)
        | Eval::Number(_) => print_eval(eval, layout),
    }
}

/// An expression of `eval` beside others. Fields are always in single quotes.
pub(super) fn print_eval<'a>(eval: &Eval, layout: &Layout<'a>) -> Doc<'a> {
    match eval {
        Eval::All(_) | Eval::Any(_) | Eval::Xor(_) => {
            layout.parenthesized(print_eval_chain(eval, layout))
        }
        Eval::Not(operand) => layout.text("NOT ").append(print_eval(operand, layout)),
        Eval::Compare { left, operator, right } => {
            let left = print_side(left, layout).append(layout.text(operator.as_str().to_owned()));
            left.append(print_side(right, layout))
        }
        Eval::Minus(left, right) => {
            let left = print_side(left, layout).append(layout.text("-"));
            left.append(print_side(right, layout))
        }
        Eval::Call { function, arguments } => {
            let arguments = arguments.iter().map(|it| print_eval_chain(it, layout));
            layout.text(function.clone()).append(layout.list(",", arguments))
        }
        Eval::Field(name) => layout.text(format!("'{name}'")),
        Eval::Text { text, origin } => print_text(text, origin, layout),
        Eval::Number(number) => layout.text(number.clone()),
        Eval::Chain { first, rest } => {
            let next = rest.iter().map(|(sign, operand)| {
                layout.text(format!(" {} ", sign.as_char())).append(print_side(operand, layout))
            });
            layout.concat(std::iter::once(print_side(first, layout)).chain(next))
        }
        Eval::Token(text) => layout.text(text.clone()),
        Eval::Macro(call) => layout.text(print_call(call)),
        Eval::Search(query) => print_subsearch(query, layout),
    }
}

/// A side of a comparison or a difference.
fn print_side<'a>(eval: &Eval, layout: &Layout<'a>) -> Doc<'a> {
    match eval {
        Eval::All(_)
        | Eval::Any(_)
        | Eval::Xor(_)
        | Eval::Call { .. }
        | Eval::Field(_)
        | Eval::Text { .. }
        | Eval::Token(_)
        | Eval::Macro(_)
        | Eval::Search(_)
        | Eval::Number(_) => print_eval(eval, layout),
        Eval::Not(_) | Eval::Compare { .. } | Eval::Minus(..) | Eval::Chain { .. } => {
            layout.parenthesized(print_eval(eval, layout))
        }
    }
}

fn print_text<'a>(text: &str, origin: &Origin, layout: &Layout<'a>) -> Doc<'a> {
    located(origin, layout.text(quote(text)))
}
