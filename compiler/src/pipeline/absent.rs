//! Values that a platform drops before it stores an event, such as `-`: on the platform they are absence.

use serde_json::{Map, Value};

use super::Pipelines;
use super::transformation::Fields;
use crate::ir::{
    Direction, Event, Expr, Field, HasName, Item, Link, Loss, LossKind, Mapped, Origin, Polarity,
    Predicate, Test, evaluate,
};

/// Makes tests for such values tests for absence, and says what that does to the answer of the item's
/// tests.
pub(super) fn on_item(item: Item<Mapped>) -> (Item<Mapped>, Option<Direction>) {
    let Some(field) = item.field.as_ref().filter(|it| !it.facts.absent.is_empty()) else {
        return (item, None);
    };
    let (mut predicates, mut direction): (Vec<Predicate<Mapped>>, _) = (Vec::new(), None);
    let mut note = |tests: &[&Test<Mapped>], null: bool| {
        let found = difference(field, tests, null);
        direction = match (direction, found) {
            (Some(one), Some(other)) => Some(Direction::and(one, other)),
            (one, other) => one.or(other),
        };
    };
    let means_absence = |test: &Test<Mapped>| {
        let can = item.link == Link::Any || !has_letters(test);
        can && is_exact(test) && holds_for_any(field, test)
    };
    match item.link {
        // Together they may ask for all that is absence on the platform.
        Link::Any => {
            let tests: Vec<_> = item.predicates.iter().map(|it| &it.test).collect();
            note(&tests, tests.iter().any(|it| **it == Test::Null || means_absence(it)));
        }
        Link::All => item.predicates.iter().map(|it| &it.test).for_each(|test| {
            note(&[test], *test == Test::Null || means_absence(test));
        }),
    }
    for predicate in &item.predicates {
        let absence = means_absence(&predicate.test);
        if absence || predicate.test == Test::Null {
            let known = predicates.iter().any(|it| it.test == Test::Null);
            let origin = predicate.origin.clone();
            predicates.extend((!known).then_some(Predicate { test: Test::Null, origin }));
        }
        // In another case, the value is kept.
        if predicate.test != Test::Null && (!absence || has_letters(&predicate.test)) {
            predicates.push(predicate.clone());
        }
    }
    let item = item.with_predicates(predicates);
    (item, direction)
}

/// Values that the platform drops cannot be told from absence.
pub(super) fn loss(item: &Item<Mapped>, direction: Direction, polarity: Polarity) -> Loss {
    let absent = item.field.iter().flat_map(|it| &it.facts.absent);
    let absent: Vec<String> = absent.map(|it| format!("`{it}`")).collect();
    let name = item.field_name().unwrap_or_default();
    let message = format!(
        "the platform does not keep {} in `{name}`, so such values are as good as absent",
        absent.join(", ")
    );
    let (kind, direction) = (LossKind::Mapping, direction.at(polarity.under(item)));
    Loss { kind, direction, message, origin: item.origin.clone() }
}

/// What happens to tests of which any is enough. `null` is true if they will ask for absence: then they
/// find all that is absence on the platform, else nothing of it.
fn difference(field: &Field, tests: &[&Test<Mapped>], null: bool) -> Option<Direction> {
    let values = field.facts.absent.iter().map(|it| Some(it.as_str())).chain([None]);
    let mut found = values.map(|value| tests.iter().any(|test| holds(field, test, value)));
    if null {
        found.any(|it| !it).then_some(Direction::Wider)
    } else {
        found.any(|it| it).then_some(Direction::Narrower)
    }
}

fn holds_for_any(field: &Field, test: &Test<Mapped>) -> bool {
    field.facts.absent.iter().any(|value| holds(field, test, Some(value)))
}

/// True if the test holds for a field with this value, or without one.
fn holds(field: &Field, test: &Test<Mapped>, value: Option<&str>) -> bool {
    let value = value.map(|it| (field.name().to_owned(), Value::from(it)));
    let origin = Origin::default();
    let item = Item {
        field: Some(field.clone()),
        link: Link::Any,
        negated: false,
        predicates: vec![Predicate { test: test.clone(), origin: origin.clone() }],
        origin,
    };
    evaluate(&Expr::Item(item), &Event::new(value.into_iter().collect::<Map<_, _>>()))
}

/// True if the test is for one value.
fn is_exact(test: &Test<Mapped>) -> bool {
    match test {
        Test::Like(pattern) => pattern.as_text().is_some(),
        Test::Number(_) | Test::Bool(_) => true,
        Test::Null
        | Test::Regex(_)
        | Test::Compare(..)
        | Test::Cidr(_)
        | Test::FieldRef { .. }
        | Test::Time { .. }
        | Test::Query { .. } => false,
        Test::Open(never) => match *never {},
    }
}

/// True if the test is for text that has another case.
fn has_letters(test: &Test<Mapped>) -> bool {
    match test {
        Test::Like(pattern) => {
            !pattern.is_cased() && pattern.texts().any(|it| it.contains(char::is_alphabetic))
        }
        Test::Bool(_) => true,
        Test::Number(_)
        | Test::Null
        | Test::Regex(_)
        | Test::Compare(..)
        | Test::Cidr(_)
        | Test::FieldRef { .. }
        | Test::Time { .. }
        | Test::Query { .. } => false,
        Test::Open(never) => match *never {},
    }
}

/// Drops such values from an event.
pub(super) fn on_event(pipelines: &Pipelines, fields: &mut Fields) {
    for (name, value) in fields.iter_mut() {
        let Some(facts) = pipelines.facts(name).filter(|it| !it.absent.is_empty()) else {
            continue;
        };
        drop_values(value, &facts.absent);
    }
}

fn drop_values(value: &mut Value, dropped: &[String]) {
    match value {
        Value::String(text) if dropped.contains(text) => *value = Value::Null,
        Value::Array(elements) => elements.iter_mut().for_each(|it| drop_values(it, dropped)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {}
    }
}
