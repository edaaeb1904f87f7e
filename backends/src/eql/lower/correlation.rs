//! Correlations: rules that match in their order, or one rule that matches so often, are a sequence.
//!
//! A sequence finds no match that is none, and the first of every group; it may miss later ones, since its
//! events wait in one place each and are used up. Several events of one rule are the same stage so many
//! times. What any single event fulfils is a query about events.

use isogloss_compiler::ast::{Bound, Relation};
use isogloss_compiler::ir::{
    Base, Comparison as Order, Correlation, Decimal, Direction, Field, FieldKind, GroupField, Loss,
    LossKind, Mapped, Measure, Origin, Polarity, Trigger,
};
use isogloss_compiler::text::is_hidden;

use super::super::ast::{
    Comparison, Expr, FieldPath, Key, Literal, Operator, Query, Sequence, Stage, Statement,
    Timespan, Value,
};
use super::{lower, path, present};
use crate::backend::{Refusal, correlation_construct};
use crate::capability::Construct;
use crate::correlation::{all, detections, queries};
use crate::loss::Ledger;

/// Where events have their category.
const CATEGORY: &str = "event.category";

/// The statement of a correlation, with its losses.
pub fn lower_correlation(
    correlation: &Correlation<Mapped>,
) -> Result<(Statement, Vec<Loss>), Vec<Refusal>> {
    let mut ledger = Ledger::with(&correlation.losses);
    let statement = build(correlation, &mut ledger);
    ledger.close_with(statement)
}

/// `None` after it was refused.
fn build(correlation: &Correlation<Mapped>, ledger: &mut Ledger) -> Option<Statement> {
    let shape = Shape::of(correlation, ledger);
    let rules = detections(correlation, NO_EVENTS, ledger);
    let groups = correlation.group_by.iter();
    let groups = all(groups.map(|it| Group::of(it, &correlation.bases, ledger)));
    let (shape, rules, groups) = (shape?, rules?, groups?);
    let queries = all(queries(&rules, lower, ledger)?.into_iter().map(any_of))?;
    let stages = match shape {
        Shape::InOrder => {
            lose_propagated(&queries, &groups, ledger);
            in_order(queries, &groups)
        }
        Shape::Count(count) => vec![counted(queries, &groups, count, ledger)?],
    };
    if let [stage] = &*stages
        && stage.runs == 1
    {
        return Some(Statement::Event(stage.query.clone(), Vec::new()));
    }
    if correlation.timespan == 0 {
        let message = "a sequence takes some time";
        ledger.refuse(Construct::Correlation, &correlation.trigger_origin, message);
    }
    lose_overlaps(correlation, shape, ledger);
    let maxspan = Some(Timespan::of_seconds(correlation.timespan));
    Some(Statement::Sequence(shared_keys(stages, maxspan), Vec::new()))
}

/// Why a correlation is no stage.
const NO_EVENTS: &str = "the stages of a sequence are events, not matches of a correlation";

/// What a sequence has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// All rules, each by a later event.
    InOrder,
    /// So many events of any rule.
    Count(usize),
}

impl Shape {
    /// `None` after it was refused.
    fn of(correlation: &Correlation<Mapped>, ledger: &mut Ledger) -> Option<Self> {
        let found = match &correlation.trigger {
            Trigger::Extended(_) => Err("there is no condition over rules that match in any order"),
            Trigger::Bounds { measure, bounds } => match measure {
                Measure::RulesInOrder => in_order_bounds(bounds, correlation.bases.len()),
                Measure::Events => count_bounds(bounds),
                Measure::Rules => {
                    Err("events in any order are a sample, which is not bound in time")
                }
                Measure::Distinct(_) => Err("distinct values are not counted"),
                Measure::Sum(_) | Measure::Mean(_) | Measure::Percentile(..) => {
                    Err("nothing is computed over several events")
                }
            },
        };
        let construct = correlation_construct(&correlation.trigger);
        let refuse = |message: &str| ledger.refuse(construct, &correlation.trigger_origin, message);
        found.map_err(refuse).ok()
    }
}

/// A sequence is all of its stages.
fn in_order_bounds(bounds: &[Bound], rules: usize) -> Result<Shape, &'static str> {
    let only_all = (0..rules).all(|count| !keeps(bounds, count)) && keeps(bounds, rules);
    if only_all {
        Ok(Shape::InOrder)
    } else {
        Err("a sequence has all of its stages, not some of them")
    }
}

/// The least number of events that keeps bounds from below.
fn count_bounds(bounds: &[Bound]) -> Result<Shape, &'static str> {
    let from_below = bounds.iter().all(|bound| match bound.relation {
        Relation::Compare(Order::Greater | Order::GreaterEqual) => true,
        Relation::Compare(Order::Less | Order::LessEqual)
        | Relation::Equal
        | Relation::NotEqual => false,
    });
    if !from_below {
        return Err("a sequence cannot say that there are no more events");
    }
    let least = (1..=Stage::MOST_RUNS).find(|count| keeps(bounds, *count));
    least.map(Shape::Count).ok_or("a stage of a sequence runs at most 100 times")
}

fn keeps(bounds: &[Bound], count: usize) -> bool {
    let count = Decimal::from(count);
    bounds.iter().all(|bound| match bound.relation {
        Relation::Equal => count == bound.number,
        Relation::NotEqual => count != bound.number,
        Relation::Compare(order) => order.holds(&count, &bound.number),
    })
}

/// One query for what several find: what their log sources have in common is asked once.
fn any_of(queries: Vec<Query>) -> Option<Query> {
    let first = queries.first()?.clone();
    let one_category = queries.iter().all(|query| query.category == first.category);
    if one_category && queries.iter().all(|query| query.scope == first.scope) {
        let condition = Expr::any(queries.into_iter().map(|query| query.condition));
        return Some(Query { condition, ..first });
    }
    let whole = queries.into_iter().map(|query| {
        let category = query.category.as_deref().filter(|_| !one_category);
        let category = category.map(|name| is_category(name, &query.category_origin));
        Expr::all(category.into_iter().chain(query.scope).chain([query.condition]))
    });
    let condition = Expr::any(whole);
    Some(Query {
        category: first.category.filter(|_| one_category),
        scope: None,
        condition,
        ..first
    })
}

fn is_category(name: &str, origin: &Origin) -> Expr {
    let literal = Literal::Text(name.to_owned());
    Expr::Comparison(Comparison {
        field: FieldPath { name: CATEGORY.to_owned(), optional: false },
        operator: Operator::Equal,
        values: vec![Value { literal, origin: origin.clone() }],
        origin: origin.clone(),
    })
}

/// A field that groups are formed by: its key in the events of each rule.
struct Group {
    keys: Vec<Key>,
    origin: Origin,
}

impl Group {
    /// `None` after it was refused.
    fn of(group: &GroupField<Mapped>, bases: &[Base<Mapped>], ledger: &mut Ledger) -> Option<Self> {
        let keys = bases.iter().zip(&group.fields).map(|(base, field)| {
            if field.is_none() {
                let message =
                    format!("the events of `{}` have no field for `{}`", base.name, group.name);
                ledger.refuse(Construct::Correlation, &group.origin, message);
            }
            key_of(field.as_ref()?, group, ledger)
        });
        Some(Self { keys: all(keys)?, origin: group.origin.clone() })
    }

    /// The key that the events of all rules have.
    fn shared(&self) -> Option<&Key> {
        let first = self.keys.first()?;
        self.keys.iter().all(|key| key.field.name == first.field.name).then_some(first)
    }
}

fn key_of(field: &Field, group: &GroupField<Mapped>, ledger: &mut Ledger) -> Option<Key> {
    if field.name.chars().any(is_hidden) {
        let message = "a field name cannot hold hidden characters";
        ledger.refuse(Construct::Character, &group.origin, message);
        return None;
    }
    if field.facts.kind == FieldKind::Text {
        let message = format!("`{}` is analysed text, whose values are not compared", field.name);
        ledger.refuse(Construct::AnalysedText, &group.origin, message);
        return None;
    }
    Some(Key { field: path(field), origin: group.origin.clone() })
}

/// A stage for each rule.
fn in_order(queries: Vec<Query>, groups: &[Group]) -> Vec<Stage> {
    let events = queries.len();
    let stages = queries.into_iter().enumerate().map(|(place, query)| {
        let keys = groups.iter().filter_map(|group| group.keys.get(place).cloned()).collect();
        grouped(Stage::of(query, keys), events)
    });
    stages.collect()
}

/// One stage for the events of all rules. `None` after it was refused.
fn counted(
    queries: Vec<Query>,
    groups: &[Group],
    runs: usize,
    ledger: &mut Ledger,
) -> Option<Stage> {
    if let Some(apart) = groups.iter().find(|group| group.shared().is_none()) {
        let message = "a stage has one name for a field, and the rules have several";
        ledger.refuse(Construct::Correlation, &apart.origin, message);
        return None;
    }
    let optional = |group: &Group| group.keys.iter().any(|key| key.field.optional);
    let keys = groups.iter().filter_map(|group| {
        let Key { field, origin } = group.shared()?.clone();
        Some(Key { field: FieldPath { optional: optional(group), ..field }, origin })
    });
    let stage = Stage { runs, ..Stage::of(any_of(queries)?, keys.collect()) };
    Some(grouped(stage, runs))
}

/// Asks for the fields that a sequence would join without a value, which are the optional ones; for one event
/// there is no sequence that asks for the others.
fn grouped(stage: Stage, events: usize) -> Stage {
    let Stage { query, keys, .. } = &stage;
    let asked = keys.iter().filter(|key| key.field.optional || events == 1);
    let there = asked.map(|key| present(key.field.clone(), key.origin.clone()));
    let condition = Expr::all(std::iter::once(query.condition.clone()).chain(there));
    Stage { query: Query { condition, ..query.clone() }, ..stage }
}

/// Puts the keys of a group that all stages call by one name in front of them.
fn shared_keys(stages: Vec<Stage>, maxspan: Option<Timespan>) -> Sequence {
    let first = stages.first().map(|stage| stage.keys.clone()).unwrap_or_default();
    let is_shared: Vec<bool> = first
        .iter()
        .enumerate()
        .map(|(group, key)| stages.iter().all(|stage| stage.keys.get(group) == Some(key)))
        .collect();
    let keys_where = |keys: Vec<Key>, wanted: bool| {
        let pairs = keys.into_iter().zip(&is_shared);
        pairs.filter(|(_, shared)| **shared == wanted).map(|(key, _)| key).collect::<Vec<_>>()
    };
    let own = |stage: Stage| Stage { keys: keys_where(stage.keys, false), ..stage };
    let keys = keys_where(first, true);
    let stages = stages.into_iter().map(own).collect();
    Sequence { keys, maxspan, stages, until: None }
}

/// What a stage asks of a join key, Elasticsearch asks in all stages
/// (<https://github.com/elastic/elasticsearch/issues/58937>): of several values, any may answer.
fn lose_propagated(queries: &[Query], groups: &[Group], ledger: &mut Ledger) {
    let message = "what a stage asks of a field of the group is asked in the other stages too, where of \
                   several values another one may be joined";
    for group in groups {
        let mut asked = queries.iter().zip(&group.keys);
        if queries.len() > 1 && asked.any(|(query, key)| asks(&query.condition, &key.field.name)) {
            let place = (Direction::Narrower, Polarity::Positive);
            ledger.lose(LossKind::Multivalue, place, &group.origin, message);
        }
    }
}

/// True if a test is about this field.
fn asks(expr: &Expr, name: &str) -> bool {
    match expr {
        Expr::All(operands) | Expr::Any(operands) => operands.iter().any(|it| asks(it, name)),
        Expr::Not(operand) => asks(operand, name),
        Expr::Comparison(test) => test.field.name == name,
        Expr::Call(call) => call.arguments.iter().any(|it| it.names(name)),
        Expr::Computed(test) => test.left.names(name) || test.right.iter().any(|it| it.names(name)),
        Expr::Constant(_) => false,
    }
}

fn lose_overlaps(correlation: &Correlation<Mapped>, shape: Shape, ledger: &mut Ledger) {
    let message = match shape {
        Shape::InOrder => {
            "a sequence uses its events up: the first match of a group is found, a later one that shares \
             events with it may not be"
        }
        Shape::Count(_) => "a sequence is not documented to find every match",
    };
    let place = (Direction::Narrower, Polarity::Positive);
    ledger.lose(LossKind::Overlap, place, &correlation.trigger_origin, message);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eql::parse::parse;
    use crate::eql::print::print;

    /// One query for several.
    fn joined(queries: &[&str]) -> String {
        let queries = queries.iter().map(|text| {
            let (scope, text) = text.split_once(" | ").unwrap_or(("", text));
            let query = parse(text).unwrap();
            let scope = crate::eql::parse::parse_condition(scope).ok();
            Query { scope, ..query }
        });
        print(&any_of(queries.collect()).unwrap(), None).text
    }

    #[test]
    fn several_queries_are_one() {
        for (queries, wanted) in [
            (&["a where f == 1", "a where g == 2"][..], "a where f == 1 or g == 2"),
            (
                &["h == 1 | a where f == 1", "h == 1 | a where g == 2"],
                "a where h == 1 and (f == 1 or g == 2)",
            ),
            (
                &["h == 1 | a where f == 1", "h == 2 | a where g == 2"],
                "a where (h == 1 and f == 1) or (h == 2 and g == 2)",
            ),
            (
                &["h == 1 | a where f == 1", "b where g == 2", "any where i == 3"],
                "any where (event.category == \"a\" and h == 1 and f == 1) or \
                 (event.category == \"b\" and g == 2) or i == 3",
            ),
        ] {
            assert_eq!(joined(queries), wanted);
        }
    }

    #[test]
    fn bounds_of_sequences() {
        let bound =
            |relation, number: &str| Bound { relation, number: Decimal::parse(number).unwrap() };
        let at_least = |number| bound(Relation::Compare(Order::GreaterEqual), number);
        let more = |number| bound(Relation::Compare(Order::Greater), number);
        assert_eq!(count_bounds(&[at_least("100")]), Ok(Shape::Count(100)));
        assert_eq!(count_bounds(&[at_least("0")]), Ok(Shape::Count(1)));
        assert_eq!(count_bounds(&[at_least("3"), more("4.5")]), Ok(Shape::Count(5)));
        assert!(count_bounds(&[more("100")]).is_err());
        assert!(count_bounds(&[bound(Relation::Equal, "3")]).is_err());
        assert!(count_bounds(&[at_least("3"), bound(Relation::NotEqual, "4")]).is_err());
        assert_eq!(in_order_bounds(&[at_least("3")], 3), Ok(Shape::InOrder));
        assert_eq!(in_order_bounds(&[bound(Relation::Equal, "3")], 3), Ok(Shape::InOrder));
        assert_eq!(in_order_bounds(&[more("2")], 3), Ok(Shape::InOrder));
        assert!(in_order_bounds(&[at_least("2")], 3).is_err());
        assert!(in_order_bounds(&[at_least("4")], 3).is_err());
        assert!(in_order_bounds(&[more("3")], 3).is_err());
    }
}
