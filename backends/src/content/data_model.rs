//! A condition on events, as a condition on what a data model holds of them.
//!
//! A model has only some fields, and writes a value such as `unknown` where an event has none. So the test
//! for absence becomes one for that value, and what finds that value by accident leaves it out.

use isogloss_compiler::ir::{
    DataModel, Direction, Event, Expr, Field, Fill, Item, Link, LossKind, Mapped, Pattern,
    Polarity, Predicate, Test, evaluate,
};
use serde_json::{Map, Value};

use crate::capability::Construct;
use crate::loss::Ledger;

const ABSENT: &str =
    "the data model writes the same value for no value, for an empty one and for itself";
const GUARDED: &str = "an event that has the value that the data model writes for no value, or an empty one, \
                       is not found";
const SMALL: &str = "the data model writes this field in small letters";
const COMPUTED: &str =
    "the data model computes this field, so that it is not always that of the event";

/// The condition over the fields of the model. What the model does not have is refused.
pub(super) fn in_model(
    expr: &Expr<Mapped>,
    model: &DataModel,
    ledger: &mut Ledger,
) -> Option<Expr<Mapped>> {
    expr.try_map(&mut |item, polarity| match &item.field {
        None => {
            let message = "a data model does not hold the text of events, which keywords search";
            ledger.refuse(Construct::DataModel, &item.origin, message);
            None
        }
        Some(field) => {
            check_fields(item, field, model, polarity, ledger);
            match fills_of(item, field, model) {
                fills if fills.is_empty() => Some(Expr::Item(item.clone())),
                fills => {
                    let is_list = model.lists.contains(&field.name);
                    fill_item(item, field, (&fills, is_list), polarity, ledger)
                }
            }
        }
    })
}

/// The terms of a log source without those that hold for every event of the model: its tags.
pub(super) fn without_tags(terms: &Expr<Mapped>, model: &DataModel) -> Option<Expr<Mapped>> {
    let is_tag = |predicate: &Predicate<Mapped>| match &predicate.test {
        Test::Like(pattern) => {
            pattern.as_text().is_some_and(|it| model.tags.iter().any(|tag| tag == it))
        }
        Test::Number(_)
        | Test::Bool(_)
        | Test::Null
        | Test::Regex(_)
        | Test::Compare(..)
        | Test::Cidr(_)
        | Test::FieldRef { .. }
        | Test::Time { .. }
        | Test::Query { .. } => false,
        Test::Open(open) => match *open {},
    };
    match terms {
        Expr::All(operands) => Expr::all(operands.iter().filter_map(|it| without_tags(it, model))),
        Expr::Item(item) if item.field_name() == Some("tag") && !item.negated => match item.link {
            Link::Any if item.predicates.iter().any(is_tag) => None,
            Link::Any => Some(terms.clone()),
            Link::All => {
                let others: Vec<_> =
                    item.predicates.iter().filter(|it| !is_tag(it)).cloned().collect();
                (!others.is_empty()).then(|| Expr::Item(item.with_predicates(others)))
            }
        },
        Expr::Item(_) | Expr::Any(_) | Expr::Not(_) => Some(terms.clone()),
    }
}

/// Refuses what the model does not have, and says what it computes.
fn check_fields(
    item: &Item<Mapped>,
    field: &Field,
    model: &DataModel,
    polarity: Polarity,
    ledger: &mut Ledger,
) {
    let others = item.predicates.iter().filter_map(|it| Some((other_field(&it.test)?, &it.origin)));
    for (field, origin) in std::iter::once((field, &item.origin)).chain(others) {
        if !model.fields.contains(&field.name) {
            let message = format!("the data model {} has no field `{}`", model.name, field.name);
            ledger.refuse(Construct::DataModel, origin, message);
        } else if model.computed.contains(&field.name) {
            let direction = (Direction::Mixed, polarity);
            ledger.lose(LossKind::DataModel, direction, origin, COMPUTED);
        }
    }
    let small = model.lower_case.contains(&field.name);
    for predicate in item.predicates.iter().filter(|it| small && regards_case(&it.test)) {
        ledger.lose(LossKind::DataModel, (Direction::Mixed, polarity), &predicate.origin, SMALL);
    }
    for predicate in item.predicates.iter().filter(|it| matches!(it.test, Test::Query { .. })) {
        let message = "query text of a pipeline is about events, and not about a data model";
        ledger.refuse(Construct::DataModel, &predicate.origin, message);
    }
}

/// True if the test may answer differently for small letters.
fn regards_case(test: &Test<Mapped>) -> bool {
    match test {
        Test::Like(pattern) => pattern.is_cased(),
        Test::Regex(_) => true,
        Test::Number(_)
        | Test::Bool(_)
        | Test::Null
        | Test::Compare(..)
        | Test::Cidr(_)
        | Test::FieldRef { .. }
        | Test::Time { .. }
        | Test::Query { .. } => false,
        Test::Open(open) => match *open {},
    }
}

/// The field whose value a test compares with.
pub(super) fn other_field(test: &Test<Mapped>) -> Option<&Field> {
    if let Test::FieldRef { field, .. } = test { Some(field) } else { None }
}

/// Fields of the item, and what the model writes into them.
type Fills<'f> = Vec<(&'f Field, &'f Fill)>;

fn fills_of<'f>(item: &'f Item<Mapped>, field: &'f Field, model: &'f DataModel) -> Fills<'f> {
    let others = item.predicates.iter().filter_map(|it| other_field(&it.test));
    let fields = std::iter::once(field).chain(others);
    fields.filter_map(|it| Some((it, model.fill(&it.name)?))).collect()
}

/// What a test says of a field that the model fills.
enum Meaning {
    /// The same as of the event.
    Same,
    /// What the model writes for no value.
    Written,
    /// What it says of the event, but not of what the model writes.
    Guarded,
}

/// The item over a field, or with other fields, that the model fills.
fn fill_item(
    item: &Item<Mapped>,
    field: &Field,
    (fills, is_list): (&Fills, bool),
    polarity: Polarity,
    ledger: &mut Ledger,
) -> Option<Expr<Mapped>> {
    let polarity = polarity.under(item);
    let fill = fills.iter().find(|(filled, _)| filled.name == field.name).map(|(_, fill)| *fill);
    let (mut plain, mut guarded) = (Vec::new(), Vec::new());
    for predicate in &item.predicates {
        match meaning(predicate, field, (fill, is_list), polarity, ledger) {
            Meaning::Same => plain.push(predicate.clone()),
            Meaning::Guarded => guarded.push(predicate.clone()),
            Meaning::Written => plain.extend(fill.map(|fill| {
                let test = Test::Like(Pattern::text(fill.value.clone()));
                Predicate { test, origin: predicate.origin.clone() }
            })),
        }
    }
    let positive = Item { negated: false, ..item.clone() };
    let plain = (!plain.is_empty()).then(|| Expr::Item(positive.with_predicates(plain)));
    let (references, tests): (Vec<_>, Vec<_>) =
        guarded.into_iter().partition(|it| other_field(&it.test).is_some());
    // Each field that is referred to may be absent alone.
    let groups = std::iter::once(tests).chain(references.into_iter().map(|it| vec![it]));
    let guarded = groups.filter_map(|it| guard(&positive, &it, fills));
    let parts: Vec<_> = plain.into_iter().chain(guarded).collect();
    let joined = match item.link {
        Link::Any => Expr::any(parts),
        Link::All => Expr::all(parts),
    };
    joined.map(|it| it.negated_if(item.negated))
}

/// These tests, where no field has what the model writes for no value.
fn guard(
    item: &Item<Mapped>,
    predicates: &[Predicate<Mapped>],
    fills: &Fills,
) -> Option<Expr<Mapped>> {
    let origin = predicates.first()?.origin.clone();
    let is_any =
        |it: &Predicate<Mapped>| matches!(&it.test, Test::Like(pattern) if pattern.matches_all());
    let present = predicates.iter().any(is_any);
    let tests: Vec<_> = predicates.iter().filter(|it| !is_any(it)).cloned().collect();
    // Any value is enough, so the others say no more.
    let redundant = tests.is_empty() || (present && item.link == Link::Any);
    let tests = (!redundant).then(|| Expr::Item(item.with_predicates(tests)));
    let other = predicates.iter().find_map(|it| other_field(&it.test)).map(|it| it.name.clone());
    let is_meant = |name: &String| item.field_name() == Some(name) || other.as_ref() == Some(name);
    let fills = fills.iter().filter(|(field, _)| is_meant(&field.name));
    let absent = fills.map(|(field, fill)| {
        let test = Test::Like(Pattern::text(fill.value.clone()));
        let predicates = vec![Predicate { test, origin: origin.clone() }];
        let field = Some((*field).clone());
        let written = Item { field, link: Link::Any, predicates, ..item.clone() };
        Expr::negate(Expr::Item(written))
    });
    Expr::all(tests.into_iter().chain(absent).collect::<Vec<_>>())
}

fn meaning(
    predicate: &Predicate<Mapped>,
    field: &Field,
    (fill, is_list): (Option<&Fill>, bool),
    polarity: Polarity,
    ledger: &mut Ledger,
) -> Meaning {
    let mut lose = |direction, message| {
        ledger.lose(LossKind::DataModel, (direction, polarity), &predicate.origin, message);
    };
    if other_field(&predicate.test).is_some() {
        lose(Direction::Narrower, GUARDED);
        return Meaning::Guarded;
    }
    let Some(fill) = fill else { return Meaning::Same };
    if predicate.test == Test::Null || is_text(&predicate.test, &fill.value) {
        lose(Direction::Wider, ABSENT);
        return Meaning::Written;
    }
    if fill.instead_of.iter().any(|it| is_text(&predicate.test, it)) {
        // Beside other values it stays.
        lose(if is_list { Direction::Mixed } else { Direction::Wider }, ABSENT);
        return Meaning::Written;
    }
    if finds(predicate, field, &fill.value) {
        lose(Direction::Narrower, GUARDED);
        return Meaning::Guarded;
    }
    if fill.instead_of.iter().any(|it| finds(predicate, field, it)) {
        lose(Direction::Narrower, GUARDED);
    }
    Meaning::Same
}

/// True if the test asks for exactly this value.
fn is_text(test: &Test<Mapped>, value: &str) -> bool {
    match test {
        Test::Like(pattern) => pattern.as_text().is_some_and(|it| it.eq_ignore_ascii_case(value)),
        Test::Number(number) => number.as_str() == value,
        Test::Null
        | Test::Bool(_)
        | Test::Regex(_)
        | Test::Compare(..)
        | Test::Cidr(_)
        | Test::FieldRef { .. }
        | Test::Time { .. }
        | Test::Query { .. } => false,
        Test::Open(open) => match *open {},
    }
}

/// True if the test holds for a field with this value.
pub(super) fn finds(predicate: &Predicate<Mapped>, field: &Field, value: &str) -> bool {
    let event = Map::from_iter([(field.name.clone(), Value::from(value))]);
    let item = Item {
        field: Some(field.clone()),
        link: Link::Any,
        negated: false,
        predicates: vec![predicate.clone()],
        origin: predicate.origin.clone(),
    };
    evaluate(&Expr::Item(item), &Event::new(event))
}
