//! Expressions of `eval` and `where` on a row: case matters, a missing field is null.

use super::super::ast::Eval;
use super::context::Context;
use super::function::apply;
use super::row::Row;
use super::worth::{Worth, compare, minus};

/// What an expression is evaluated on.
#[derive(Clone, Copy)]
pub(super) struct Place<'p, 'e> {
    context: &'p Context<'p>,
    row: &'p Row<'e>,
    /// A field that has one of its values only, inside `mvfilter` and `mvmap`.
    only: Option<(&'p str, &'p str)>,
}

impl Context<'_> {
    /// The value of an expression on a row.
    pub(super) fn eval(&self, eval: &Eval, row: &Row) -> Worth {
        Place { context: self, row, only: None }.eval(eval)
    }
}

impl Place<'_, '_> {
    fn eval(&self, eval: &Eval) -> Worth {
        match eval {
            Eval::All(operands) => self.junction(operands, false),
            Eval::Any(operands) => self.junction(operands, true),
            Eval::Not(operand) => match self.eval(operand) {
                Worth::Bool(value) => Worth::Bool(!value),
                Worth::Text(_) | Worth::Number(_) | Worth::List(_) | Worth::Null => Worth::Null,
            },
            Eval::Compare { left, operator, right } => {
                compare(&self.eval(left), *operator, &self.eval(right))
            }
            Eval::Minus(left, right) => minus(&self.eval(left), &self.eval(right)),
            Eval::Field(name) => self.field(name),
            Eval::Text { text, .. } => Worth::Text(text.clone()),
            Eval::Number(text) => Worth::number(text),
            Eval::Call { function, arguments } => self.call(function, arguments),
            // No query of ours has these.
            Eval::Xor(_)
            | Eval::Chain { .. }
            | Eval::Token(_)
            | Eval::Macro(_)
            | Eval::Search(_) => Worth::Null,
        }
    }

    fn field(&self, name: &str) -> Worth {
        match self.only {
            Some((field, value)) if field == name => Worth::Text(value.to_owned()),
            Some(_) | None => self.row.worth(name),
        }
    }

    /// `decisive` decides alone; otherwise null makes the whole null.
    fn junction(&self, operands: &[Eval], decisive: bool) -> Worth {
        let values: Vec<Worth> = operands.iter().map(|it| self.eval(it)).collect();
        if values.contains(&Worth::Bool(decisive)) {
            return Worth::Bool(decisive);
        }
        if values.iter().all(|it| *it == Worth::Bool(!decisive)) {
            Worth::Bool(!decisive)
        } else {
            Worth::Null
        }
    }

    fn holds(&self, eval: &Eval) -> bool {
        self.eval(eval) == Worth::Bool(true)
    }

    /// The functions that look at null or at their arguments one by one.
    fn call(&self, function: &str, arguments: &[Eval]) -> Worth {
        match (function, arguments) {
            ("isnotnull", [operand]) => Worth::Bool(self.eval(operand) != Worth::Null),
            ("isnull", [operand]) => Worth::Bool(self.eval(operand) == Worth::Null),
            ("if", [condition, then, otherwise]) => {
                self.eval(if self.holds(condition) { then } else { otherwise })
            }
            // The value behind the first condition that is true.
            ("case", pairs) => {
                let chosen = pairs.chunks(2).find_map(|pair| match pair {
                    [condition, value] if self.holds(condition) => Some(self.eval(value)),
                    _ => None,
                });
                chosen.unwrap_or(Worth::Null)
            }
            ("coalesce", operands) => {
                let mut values = operands.iter().map(|it| self.eval(it));
                values.find(|it| *it != Worth::Null).unwrap_or(Worth::Null)
            }
            // Keeps the values for which the test on its only field is true.
            ("mvfilter", [test]) => self.each(subject(test), |place, value| {
                if place.holds(test) { vec![value.to_owned()] } else { Vec::new() }
            }),
            ("mvmap", [Eval::Field(field), inner]) => {
                self.each(Some(field), |place, _| place.eval(inner).into_values())
            }
            _ => {
                let values: Vec<Worth> = arguments.iter().map(|it| self.eval(it)).collect();
                apply(function, &values, self.context)
            }
        }
    }

    /// What each value of the field gives, where the field has this value alone.
    fn each<'p>(
        &'p self,
        field: Option<&'p str>,
        give: impl Fn(&Place<'_, '_>, &str) -> Vec<String>,
    ) -> Worth {
        let Some(field) = field else { return Worth::Null };
        let values = self.field(field).into_values();
        let given = values.iter().flat_map(|value| {
            let place = Place { only: Some((field, value)), ..*self };
            give(&place, value)
        });
        Worth::of(given.collect())
    }
}

/// The first field that an expression names.
fn subject(eval: &Eval) -> Option<&str> {
    match eval {
        Eval::All(operands) | Eval::Any(operands) => operands.iter().find_map(subject),
        Eval::Not(operand) => subject(operand),
        Eval::Compare { left, right, .. } | Eval::Minus(left, right) => {
            subject(left).or_else(|| subject(right))
        }
        Eval::Call { arguments, .. } => arguments.iter().find_map(subject),
        Eval::Field(name) => Some(name),
        Eval::Text { .. }
        | Eval::Number(_)
        | Eval::Xor(_)
        | Eval::Chain { .. }
        | Eval::Token(_)
        | Eval::Macro(_)
        | Eval::Search(_) => None,
    }
}
