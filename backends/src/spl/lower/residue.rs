//! Tests that `search` only approximates: what it says above them, and the test of `eval` that is exact.

use std::net::IpAddr;

use isogloss_compiler::ir::{
    Anchor, Comparison as Order, Decimal, Direction, Field, Item, LossKind, Mapped, Polarity,
    Predicate, TimePart,
};

use super::super::ast::{Comparison, Eval, Literal, Operator, Search, Value};
use super::{anything, equals, matches, refuse_name};
use crate::capability::Construct;
use crate::loss::Ledger;

/// Where a test stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub item: &'p Item<Mapped>,
    pub field: &'p Field,
    pub predicate: &'p Predicate<Mapped>,
    pub polarity: Polarity,
}

/// What `search` says at most, and a test of one value.
pub(super) type Residue = (Search, Eval);

/// A decimal number and nothing else.
pub(super) const DECIMAL: &str = r"^-?\d+(\.\d+)?\z";
/// Splunk counts in floating point, which keeps this many digits.
const DIGITS: usize = 15;

impl Place<'_> {
    fn subject(self) -> Eval {
        Eval::Field(self.field.name.clone())
    }

    fn text(self, text: impl Into<String>) -> Eval {
        Eval::Text { text: text.into(), origin: self.predicate.origin.clone() }
    }

    fn value(self, literal: Literal) -> Value {
        Value { literal, origin: self.predicate.origin.clone() }
    }

    fn lose(self, ledger: &mut Ledger, kind: LossKind, direction: Direction, message: &str) {
        ledger.lose(kind, (direction, self.polarity), &self.predicate.origin, message);
    }
}

/// A comparison of numbers.
pub(super) fn compare(
    place: Place,
    order: Order,
    number: &Decimal,
    ledger: &mut Ledger,
) -> Residue {
    let number = number.to_string();
    let digits = number.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit);
    if digits.count() > DIGITS {
        let message = "Splunk compares numbers of more than 15 digits by their nearest neighbours";
        place.lose(ledger, LossKind::Limit, Direction::Mixed, message);
    }
    let above = Search::Comparison(Comparison {
        field: place.field.name.clone(),
        operator: operator(order),
        values: vec![place.value(Literal::Word(number.clone()))],
        origin: place.item.origin.clone(),
    });
    let value = Eval::call("tonumber", [place.subject()]);
    let holds = value.compare(operator(order), Eval::Number(number));
    let decimal = matches(&place.field.name, DECIMAL.to_owned(), &place.predicate.origin);
    (above, both(decimal, holds))
}

pub(super) fn operator(order: Order) -> Operator {
    match order {
        Order::Less => Operator::Less,
        Order::LessEqual => Operator::LessEqual,
        Order::Greater => Operator::Greater,
        Order::GreaterEqual => Operator::GreaterEqual,
    }
}

fn both(left: Eval, right: Eval) -> Eval {
    Eval::All(vec![left, right])
}

/// An address in a network. `search` also takes a value that is the text of the network.
pub(super) fn network(place: Place, base: IpAddr, length: u8) -> Residue {
    let network = format!("{base}/{length}");
    let value = place.value(Literal::Quoted(network.clone()));
    let above = equals(place.item, place.field, vec![value]);
    (above, Eval::call("cidrmatch", [place.text(network), place.subject()]))
}

/// The form of times whose parts stand at fixed places: RFC 3339 in UTC, or without an offset. Only days
/// that exist, so that nothing but a time matches; years end where the calendar of a rule may.
const TIME: &str = concat!(
    r"^(?:[0-2]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)",
    r"|02-(?:0[1-9]|1\d|2[0-8]))|[0-2]\d(?:0[48]|[2468][048]|[13579][26])-02-29)",
    r"[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]00:00)?\z"
);

/// A part of a time, which is read from its text. `None` after it was refused.
pub(super) fn time(
    place: Place,
    part: TimePart,
    (order, number): (Option<Order>, u32),
    ledger: &mut Ledger,
) -> Option<Residue> {
    let (start, length) = match part {
        TimePart::Year => ("1", "4"),
        TimePart::Month => ("6", "2"),
        TimePart::Day => ("9", "2"),
        TimePart::Hour => ("12", "2"),
        TimePart::Minute => ("15", "2"),
        TimePart::Week => {
            let message = "the week of a time cannot be computed from its text";
            ledger.refuse(Construct::Week, &place.predicate.origin, message);
            return None;
        }
    };
    let message = "only times of the form 2026-03-04T05:06:07Z are read: other offsets, seconds since \
                   1970 and other forms are not found";
    place.lose(ledger, LossKind::Type, Direction::Narrower, message);
    let above = equals(place.item, place.field, vec![place.value(anything())]);
    let range = [start, length].map(|it| Eval::Number(it.to_owned()));
    let digits = Eval::call("substr", std::iter::once(place.subject()).chain(range));
    let order = order.map_or(Operator::Equal, operator);
    let holds = Eval::call("tonumber", [digits]).compare(order, Eval::Number(number.to_string()));
    let form = matches(&place.field.name, TIME.to_owned(), &place.predicate.origin);
    Some((above, both(form, holds)))
}

/// The value of another field: what `search` says at most, and a boolean of `eval` for fields with one
/// value. `None` after it was refused.
///
/// Case is folded to small letters and to capitals: letters outside ASCII that meet ASCII one way, such
/// as the Kelvin sign, do not meet it the other way.
pub(super) fn reference(
    place: Place,
    other: &Field,
    anchor: Anchor,
    ledger: &mut Ledger,
) -> Option<Residue> {
    if let Some(reason) = refuse_name(&other.name) {
        let message = format!("the field name `{}` {reason}", other.name);
        ledger.refuse(Construct::FieldName, &place.predicate.origin, message);
        return None;
    }
    let message = "a field is compared with another one only if both have one value";
    place.lose(ledger, LossKind::Multivalue, Direction::Narrower, message);
    // Where text may stand anywhere, one place could agree in small letters and another in capitals.
    let direction = if anchor == Anchor::Anywhere { Direction::Mixed } else { Direction::Narrower };
    let message = "some letters outside ASCII that differ only by case are not equal in Splunk";
    place.lose(ledger, LossKind::Case, direction, message);
    let there = |field: &Field| equals(place.item, field, vec![place.value(anything())]);
    let above = Search::All(vec![there(place.field), there(other)]);
    let other = Eval::Field(other.name.clone());
    let fold = |function: &str| {
        stands_in(
            &Eval::call(function, [other.clone()]),
            anchor,
            &Eval::call(function, [place.subject()]),
        )
    };
    let folded = [fold("lower"), fold("upper")];
    let exact = match anchor {
        Anchor::Whole => Eval::All(folded.into()),
        Anchor::Start | Anchor::End => single([place.subject(), other], Eval::all(folded)?)?,
        Anchor::Anywhere => {
            let empty = compare_numbers(length(&other), Operator::Equal, "0");
            let found = Eval::any([empty, Eval::all(folded)?])?;
            single([place.subject(), other], found)?
        }
    };
    Some((above, exact))
}

/// What the functions of texts make of several values is not documented.
fn single(fields: [Eval; 2], test: Eval) -> Option<Eval> {
    let one = |field| compare_numbers(Eval::call("mvcount", [field]), Operator::Equal, "1");
    Eval::all(fields.map(one).into_iter().chain([test]))
}

fn compare_numbers(left: Eval, operator: Operator, right: &str) -> Eval {
    left.compare(operator, Eval::Number(right.to_owned()))
}

fn length(text: &Eval) -> Eval {
    Eval::call("len", [text.clone()])
}

/// True if `inner` stands at that place of `text`.
fn stands_in(inner: &Eval, anchor: Anchor, text: &Eval) -> Eval {
    let number = |text: &str| Eval::Number(text.to_owned());
    match anchor {
        Anchor::Whole => text.clone().compare(Operator::Equal, inner.clone()),
        Anchor::Start => Eval::call("substr", [text.clone(), number("1"), length(inner)])
            .compare(Operator::Equal, inner.clone()),
        Anchor::End => {
            let fits = length(text).compare(Operator::GreaterEqual, length(inner));
            // Without the places before the end. A text of no length is at every end.
            let start = Eval::Minus(Box::new(number("0")), Box::new(length(inner)));
            let tail = Eval::call("substr", [text.clone(), start, length(inner)]);
            let same = tail.compare(Operator::Equal, inner.clone());
            let empty = compare_numbers(length(inner), Operator::Equal, "0");
            Eval::All(vec![fits, Eval::Any(vec![empty, same])])
        }
        Anchor::Anywhere => {
            let pieces = Eval::call("split", [text.clone(), inner.clone()]);
            compare_numbers(Eval::call("mvcount", [pieces]), Operator::Greater, "1")
        }
    }
}
