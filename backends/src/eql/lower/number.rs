//! Numbers, on fields of numbers and on fields of text.

use isogloss_compiler::ir::{Comparison as Order, Decimal, Field, FieldKind, Number};

use super::super::ast::{Literal, Operator};
use super::{Tested, typed};
use crate::capability::Construct;
use crate::long::bound;
use crate::lucene;

/// The longest regular expression that Elasticsearch takes, unless an index is set otherwise.
const MAX_REGEX: usize = 1000;

/// A comparison of numbers. On text it is a regular expression: the operators would compare letter by letter.
pub(super) fn compare(order: Order, number: &Decimal, field: &Field) -> Tested {
    match field.facts.kind {
        FieldKind::Long => {
            let bound = bound(number).ok_or_else(|| typed(field))?;
            Ok((operator(order), Literal::Number(bound)))
        }
        FieldKind::Keyword | FieldKind::Wildcard => {
            let pattern = lucene::from_comparison(order, number);
            if pattern.len() > MAX_REGEX {
                let message =
                    "a number of so many digits would need a regular expression that is too long";
                return Err((Construct::Comparison, message.to_owned()));
            }
            Ok((Operator::Regex, Literal::Text(pattern)))
        }
        FieldKind::Text | FieldKind::Ip | FieldKind::Boolean | FieldKind::Date => Err(typed(field)),
    }
}

fn operator(order: Order) -> Operator {
    match order {
        Order::Less => Operator::Less,
        Order::LessEqual => Operator::LessEqual,
        Order::Greater => Operator::Greater,
        Order::GreaterEqual => Operator::GreaterEqual,
    }
}

/// A number on text is its digits, where case cannot matter.
pub(super) fn equal(number: &Number, kind: FieldKind, field: &Field) -> Tested {
    match kind {
        FieldKind::Long if fits_long(number) => {
            Ok((Operator::Equal, Literal::Number(number.as_str().to_owned())))
        }
        FieldKind::Keyword | FieldKind::Wildcard => {
            Ok((Operator::Equal, Literal::Text(number.as_str().to_owned())))
        }
        FieldKind::Long
        | FieldKind::Text
        | FieldKind::Ip
        | FieldKind::Boolean
        | FieldKind::Date => Err(typed(field)),
    }
}

/// A `long` of Elasticsearch has 64 bits.
pub(super) fn fits_long(number: &Number) -> bool {
    number.as_str().parse::<i64>().is_ok()
}
