//! The value of another field. EQL has no comparison with a field, but functions of texts take one.
//!
//! They run as scripts, and a script is null where a value is missing; so both fields are asked for where
//! that makes a difference.

use isogloss_compiler::ir::{Anchor, Direction, Field, FieldKind, LossKind, Polarity};
use isogloss_compiler::text::is_hidden;

use super::super::ast::{Call, Comparison, Expr, FieldPath, Function, Literal, Operand, Operator};
use super::{Place, path, present};
use crate::capability::Construct;
use crate::loss::Ledger;

/// `None` after it was refused.
pub(super) fn test(
    place: Place,
    other: &Field,
    anchor: Anchor,
    ledger: &mut Ledger,
) -> Option<Expr> {
    refuse(place, other, ledger)?;
    lose(place, anchor, ledger);
    let (field, other) = (path(place.field), path(other));
    // A function has no values apart from its fields, so the call stands for the key and for the value.
    let origin = place.key.join(&place.predicate.origin);
    let call = |function, text: &FieldPath, part: &FieldPath| {
        let arguments = [text, part].map(|it| Operand::Field(it.clone())).into();
        Expr::Call(Call { function, arguments, origin: origin.clone() })
    };
    let test = match anchor {
        // Two texts that start with each other are equal.
        Anchor::Whole => Expr::all([
            call(Function::StartsWithFolded, &field, &other),
            call(Function::StartsWithFolded, &other, &field),
        ]),
        Anchor::Start => call(Function::StartsWithFolded, &field, &other),
        Anchor::End => call(Function::EndsWithFolded, &field, &other),
        // To EQL, no text contains an empty one.
        Anchor::Anywhere => Expr::any([
            is_empty(place, &other),
            call(Function::StringContainsFolded, &field, &other),
        ]),
    };
    if place.polarity == Polarity::Positive && anchor != Anchor::Anywhere {
        return Some(test);
    }
    let there = |field: &FieldPath| present(field.clone(), origin.clone());
    let same = field.name == other.name;
    let both = std::iter::once(there(&field)).chain((!same).then(|| there(&other)));
    Some(Expr::all(both.chain([test])))
}

fn is_empty(place: Place, field: &FieldPath) -> Expr {
    let values = vec![place.value(Literal::Text(String::new()))];
    Expr::Comparison(Comparison {
        field: field.clone(),
        operator: Operator::Equal,
        values,
        origin: place.predicate.origin.clone(),
    })
}

fn refuse(place: Place, other: &Field, ledger: &mut Ledger) -> Option<()> {
    let origin = &place.predicate.origin;
    if other.name.chars().any(is_hidden) {
        ledger.refuse(Construct::Character, origin, "a field name cannot hold hidden characters");
        return None;
    }
    for field in [place.field, other] {
        match field.facts.kind {
            FieldKind::Keyword | FieldKind::Wildcard => {}
            FieldKind::Text => {
                let message =
                    format!("`{}` is analysed text, which EQL does not search", field.name);
                ledger.refuse(Construct::AnalysedText, origin, message);
                return None;
            }
            FieldKind::Long | FieldKind::Ip | FieldKind::Boolean | FieldKind::Date => {
                let message = format!(
                    "`{}` is not text, and only texts are compared with a field",
                    field.name
                );
                ledger.refuse(Construct::FieldReference, origin, message);
                return None;
            }
        }
    }
    Some(())
}

fn lose(place: Place, anchor: Anchor, ledger: &mut Ledger) {
    let mut lose = |kind, direction, message| {
        ledger.lose(kind, (direction, place.polarity), &place.predicate.origin, message);
    };
    lose(
        LossKind::Case,
        Direction::Mixed,
        "a few letters outside ASCII, such as the Kelvin sign, are equal or not equal to others in another way",
    );
    // Each of two tests could hold for other values.
    let direction = if anchor == Anchor::Whole { Direction::Mixed } else { Direction::Narrower };
    lose(
        LossKind::Multivalue,
        direction,
        "of a field with several values, not every value is compared with every value of the other field",
    );
}
