//! Numbers, on fields of numbers and on fields of text.

use isogloss_compiler::ir::{Comparison as Order, Decimal, Direction, FieldKind, LossKind};

use super::super::ast::{Expr, Literal, Operator};
use super::{Lowered, Place, typed};
use crate::capability::Construct;
use crate::long::bound;
use crate::loss::Ledger;
use crate::lucene;

/// A comparison of numbers. On text it is a regular expression: the operators would compare letter by letter.
pub(super) fn compare(
    place: Place,
    (order, number): (Order, &Decimal),
    ledger: &mut Ledger,
) -> Option<Lowered> {
    match place.field.facts.kind {
        FieldKind::Long => Some(on_long(place, (order, number), ledger)),
        FieldKind::Keyword | FieldKind::Wildcard => {
            let program = lucene::from_comparison(order, number);
            if program.is_none() {
                let message =
                    "a number of so many digits would need a regular expression that is too long";
                ledger.refuse(Construct::Comparison, &place.predicate.origin, message);
            }
            program.map(|it| Lowered::Programs(vec![it]))
        }
        FieldKind::Ip | FieldKind::Boolean => Some(typed::nothing(place, ledger)),
        FieldKind::Text | FieldKind::Date => typed::refuse(place, ledger),
    }
}

/// All numbers of the field are whole, so a long fraction is rounded; and they end somewhere, so beyond
/// that all of them or none are found.
fn on_long(place: Place, (order, number): (Order, &Decimal), ledger: &mut Ledger) -> Lowered {
    if let Some(bound) = bound(number).or_else(|| rounded(order, number)) {
        return Lowered::Test(operator(order), Literal::Number(bound));
    }
    let negative = number.to_string().starts_with('-');
    let below = matches!(order, Order::Less | Order::LessEqual);
    let all = below != negative;
    let direction = if all { Direction::Wider } else { Direction::Narrower };
    let origin = place.key.join(&place.predicate.origin);
    ledger.lose(LossKind::Type, (direction, place.polarity), &origin, BEYOND);
    if all {
        Lowered::Test(Operator::NotEqual, Literal::Null)
    } else {
        Lowered::Other(Expr::Constant(false))
    }
}

const BEYOND: &str = "the field holds whole numbers of 64 bits, and this one is beyond them";

/// The whole number that no other whole number tells from it; `None` if it has more than 64 bits.
fn rounded(order: Order, number: &Decimal) -> Option<String> {
    let text = number.to_string();
    let (whole, _) = text.split_once('.')?;
    let toward_zero = whole.parse::<i64>().ok()?;
    let floor = if text.starts_with('-') { toward_zero.checked_sub(1)? } else { toward_zero };
    let bound = match order {
        Order::LessEqual | Order::Greater => floor,
        Order::Less | Order::GreaterEqual => floor.checked_add(1)?,
    };
    Some(bound.to_string())
}

fn operator(order: Order) -> Operator {
    match order {
        Order::Less => Operator::Less,
        Order::LessEqual => Operator::LessEqual,
        Order::Greater => Operator::Greater,
        Order::GreaterEqual => Operator::GreaterEqual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_stand_to_the_rounded_number_as_to_the_number() {
        for text in ["7.1234567890123456", "-7.1234567890123456", "0.5", "-0.5"] {
            let number = Decimal::parse(text).unwrap();
            for (_, order) in Order::ALL {
                let bound = Decimal::parse(&rounded(*order, &number).unwrap()).unwrap();
                for value in ["-9", "-8", "-7", "-6", "-1", "0", "1", "6", "7", "8", "9"] {
                    let value = Decimal::parse(value).unwrap();
                    assert_eq!(order.holds(&value, &bound), order.holds(&value, &number), "{text}");
                }
            }
        }
    }
}
