//! What operands are worth: a script, in which a field is its first value.

use std::cmp::Ordering;

use isogloss_compiler::ir::{Event, Mapped};

use super::super::ast::{Arithmetic, Literal, Operand, Operator, Series};
use super::{fits, function};

/// A value of a script.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    Text(String),
    Whole(i64),
    Fraction(f64),
    Bool(bool),
}

impl Data {
    /// A field may be mapped as a number, whatever its value is in the event.
    pub(super) fn number(&self) -> Option<Self> {
        match self {
            Self::Text(text) => parse_number(text),
            Self::Whole(_) | Self::Fraction(_) => Some(self.clone()),
            Self::Bool(_) => None,
        }
    }

    pub(super) fn whole(&self) -> Option<i64> {
        if let Self::Whole(number) = self.number()? { Some(number) } else { None }
    }

    #[expect(clippy::cast_precision_loss, reason = "a double is what a script computes with")]
    fn fraction(&self) -> Option<f64> {
        match self.number()? {
            Self::Whole(number) => Some(number as f64),
            Self::Fraction(number) => Some(number),
            Self::Text(_) | Self::Bool(_) => None,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Fraction(number) => format!("{number:?}"),
            Self::Bool(value) => value.to_string(),
        }
    }
}

pub(super) fn parse_number(text: &str) -> Option<Data> {
    if let Ok(whole) = text.parse() {
        return Some(Data::Whole(whole));
    }
    text.parse().ok().filter(|it: &f64| it.is_finite()).map(Data::Fraction)
}

/// `None` is null.
pub(super) fn value(operand: &Operand, event: &Event<Mapped>) -> Option<Data> {
    match operand {
        Operand::Field(field) => {
            // An index keeps the values of a field in their order, not in that of the document.
            let values = event.values(&field.name);
            Some(Data::Text(values.iter().map(|it| it.text()).min()?.to_owned()))
        }
        Operand::Value(value) => match &value.literal {
            Literal::Text(text) => Some(Data::Text(text.clone())),
            Literal::Number(text) => parse_number(text),
            Literal::Bool(value) => Some(Data::Bool(*value)),
            Literal::Null => None,
        },
        Operand::Call(call) if call.function.is_test() => {
            function::truth(call, event).map(Data::Bool)
        }
        Operand::Call(call) => function::value(call, event),
        Operand::Negative(inner) => {
            calculate(&Data::Whole(0), Arithmetic::Minus, &value(inner, event)?)
        }
        Operand::Series(Series { first, rest }) => {
            rest.iter().try_fold(value(first, event)?, |left, (sign, right)| {
                calculate(&left, *sign, &value(right, event)?)
            })
        }
    }
}

/// Of two whole numbers it is a whole number, whatever the sign. Nothing can be divided by zero.
pub(super) fn calculate(left: &Data, sign: Arithmetic, right: &Data) -> Option<Data> {
    let (left, right) = (left.number()?, right.number()?);
    if let (Data::Whole(left), Data::Whole(right)) = (&left, &right) {
        let result = match sign {
            Arithmetic::Plus => left.checked_add(*right),
            Arithmetic::Minus => left.checked_sub(*right),
            Arithmetic::Times => left.checked_mul(*right),
            Arithmetic::Divide => left.checked_div(*right),
            Arithmetic::Modulo => left.checked_rem(*right),
        };
        return result.map(Data::Whole);
    }
    let (left, right) = (left.fraction()?, right.fraction()?);
    let result = match sign {
        Arithmetic::Plus => left + right,
        Arithmetic::Minus => left - right,
        Arithmetic::Times => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Modulo => left % right,
    };
    result.is_finite().then_some(Data::Fraction(result))
}

pub(super) fn holds(operator: Operator, left: &Data, right: &Data) -> bool {
    let order = || order(left, right);
    match operator {
        Operator::Equal | Operator::In => order().is_some_and(Ordering::is_eq),
        Operator::NotEqual => !order().is_some_and(Ordering::is_eq),
        Operator::Less => order().is_some_and(Ordering::is_lt),
        Operator::LessEqual => order().is_some_and(Ordering::is_le),
        Operator::Greater => order().is_some_and(Ordering::is_gt),
        Operator::GreaterEqual => order().is_some_and(Ordering::is_ge),
        Operator::InFolded
        | Operator::Match
        | Operator::Like
        | Operator::LikeFolded
        | Operator::Regex
        | Operator::RegexFolded => fits(operator, &left.text(), &right.text()),
    }
}

/// Numbers by value, where one of both is a number.
fn order(left: &Data, right: &Data) -> Option<Ordering> {
    match (left, right) {
        (Data::Text(left), Data::Text(right)) => Some(left.cmp(right)),
        (Data::Bool(_), _) | (_, Data::Bool(_)) => {
            (left.text() == right.text()).then_some(Ordering::Equal)
        }
        _ => match (left.number()?, right.number()?) {
            (Data::Whole(left), Data::Whole(right)) => Some(left.cmp(&right)),
            (left, right) => left.fraction()?.partial_cmp(&right.fraction()?),
        },
    }
}
