//! A search of a data model means what its rule means, on what the model holds of an event.

#![expect(clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use isogloss_backends::Options;
use isogloss_backends::content::tstats;
use isogloss_backends::spl;
use isogloss_backends::spl::ast::{Command, Query};
use isogloss_compiler::ir::{
    DataModel, Direction, Event, Fill, Loss, Mapped, Rule, Scope, evaluate_rule,
};
use proptest::prelude::*;
use serde_json::{Map, Value};

const FIELDS: &[&str] = &["f", "process.name", "my field", "g", "w", "n", "event.category"];

/// A model that fills some fields with values that the generated rules often ask for.
fn model(lists: bool) -> DataModel {
    let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
    let fill = |value: &str, fields: &[&str]| Fill {
        value: value.to_owned(),
        fields: names(fields),
        instead_of: vec![String::new()],
    };
    DataModel {
        name: "Test.Model".to_owned(),
        fields: names(FIELDS),
        fills: vec![fill("a", &["f", "my field"]), fill("7", &["g"])],
        lists: if lists { names(FIELDS) } else { names(&[]) },
        ..DataModel::default()
    }
}

fn in_model(rule: Rule<Mapped>, model: DataModel) -> Rule<Mapped> {
    let mut rule = rule;
    let scope = rule.body.scope;
    rule.body.scope = Scope { category: None, data_model: Some(Arc::new(model)), ..scope };
    rule
}

/// The values of each field, as the model holds them.
type Held = BTreeMap<&'static str, Vec<String>>;

fn held(event: &Event<Mapped>, model: &DataModel, lists: bool) -> Held {
    let fields = FIELDS.iter().map(|field| {
        let values = event.values(field).into_iter().map(|it| it.text().to_owned());
        let mut values: Vec<String> = values.take(if lists { 9 } else { 1 }).collect();
        if let Some(fill) = model.fill(field)
            && values.iter().all(|it| fill.instead_of.contains(it))
        {
            values = vec![fill.value.clone()];
        }
        (*field, values)
    });
    fields.collect()
}

fn to_event<'h>(fields: impl Iterator<Item = (String, &'h Vec<String>)>) -> Event<Mapped> {
    let fields = fields.map(|(name, values)| (name, Value::from(values.clone())));
    Event::new(fields.collect::<Map<_, _>>())
}

/// A row for each combination of the values of `by`; what is missing is filled.
fn rows(held: &Held, by: &[String]) -> Vec<BTreeMap<String, Vec<String>>> {
    let mut rows = vec![BTreeMap::new()];
    for name in by.iter().filter_map(|it| it.strip_prefix("Model.")) {
        let values = match &held[name] {
            none if none.is_empty() => vec!["null".to_owned()],
            values => values.clone(),
        };
        rows = rows
            .into_iter()
            .flat_map(|row| {
                values.iter().map(move |value| {
                    let mut row = row.clone();
                    row.insert(name.to_owned(), vec![value.clone()]);
                    row
                })
            })
            .collect();
    }
    rows
}

/// True if the query finds the event.
fn finds(query: &Query, held: &Held) -> bool {
    let [Command::Tstats(tstats), Command::Call(_), residue @ ..] = &*query.commands else {
        panic!("no search of a data model: {query:?}");
    };
    let inside = to_event(held.iter().map(|(name, values)| (format!("Model.{name}"), values)));
    let condition = Query { condition: tstats.condition.clone(), ..Query::default() };
    let rest = Query { commands: residue.to_vec(), ..Query::default() };
    let holds =
        |query: &Query, event: &Event<Mapped>| spl::evaluate::evaluate(query, &[], event, true);
    holds(&condition, &inside)
        && rows(held, &tstats.by).iter().any(|row| {
            holds(&rest, &to_event(row.iter().map(|(name, values)| (name.clone(), values))))
        })
}

/// What the losses together allow.
fn direction(losses: &[Loss]) -> Option<Direction> {
    losses.iter().map(|it| it.direction).reduce(Direction::and)
}

fn check(rule: Rule<Mapped>, event: &Event<Mapped>, lists: bool) -> Result<(), TestCaseError> {
    let model = model(lists);
    let rule = in_model(rule, model.clone());
    let Ok(queries) = tstats::lower(&rule, &Options::query(None)) else { return Ok(()) };
    let held = held(event, &model, lists);
    let seen = FIELDS.iter().map(|it| {
        let values = event.values(it).into_iter().map(|it| it.text().to_owned());
        let values: Vec<String> = values.take(if lists { 9 } else { 1 }).collect();
        ((*it).to_owned(), Value::from(values))
    });
    let seen = Event::new(seen.collect());
    for ((query, losses), wanted) in queries.iter().zip(evaluate_rule(&rule, &seen)) {
        let found = finds(query, &held);
        let fits = match direction(losses) {
            None => found == wanted,
            Some(Direction::Wider) => found || !wanted,
            Some(Direction::Narrower) => wanted || !found,
            Some(Direction::Mixed) => true,
        };
        let text = spl::print::print(query, None).text;
        prop_assert!(fits, "rule {wanted}, query {found} {losses:?}\n{text}\n{:?}", seen.fields());
        prop_assert_eq!(spl::parse::parse(&text), Ok(query.joined()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(common::config(4000))]

    #[test]
    fn single_values((rule, event) in common::rule_and_event_with(0.2)) {
        check(rule, &event, false)?;
    }

    #[test]
    fn lists((rule, event) in common::rule_and_event_with(0.1)) {
        check(rule, &event, true)?;
    }
}
