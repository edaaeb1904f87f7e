//! Correlations that count, to threshold rules.
//!
//! A rule counts what one run of it sees. So that no window is cut, it looks back the time span and the
//! time between two runs, and finds more than the correlation. It knows lower bounds alone.

use isogloss_compiler::ast::{Bound, Relation};
use isogloss_compiler::ir::{
    AnyRule, Comparison, Correlation, Direction, FieldKind, GroupField, Loss, LossKind, Mapped,
    Measure, Origin, Polarity, Rule, Trigger,
};

use super::super::ast::{Cardinality, Key, Query, Threshold};
use super::lower;
use crate::backend::Refusal;
use crate::capability::Construct;
use crate::loss::Ledger;

/// The time between two runs, in seconds: the default of Kibana.
const INTERVAL: u64 = 300;

/// The threshold rule of a correlation, with its losses.
pub fn lower_correlation(
    correlation: &Correlation<Mapped>,
) -> Result<(Threshold, Vec<Loss>), Vec<Refusal>> {
    let mut ledger = Ledger::default();
    // More events are more matches: what is lost keeps its direction.
    for loss in &correlation.losses {
        ledger.add(loss.clone());
    }
    let threshold = build(correlation, &mut ledger);
    let losses = ledger.close()?;
    // Without a refusal there is one.
    threshold.map(|threshold| (threshold, losses)).ok_or_else(Vec::new)
}

/// `None` after it was refused.
fn build(correlation: &Correlation<Mapped>, ledger: &mut Ledger) -> Option<Threshold> {
    let Counted { value, cardinality } = lower_trigger(correlation, ledger)?;
    let rules = rules(correlation, ledger)?;
    let fields = lower_groups(correlation, ledger);
    let query = lower_rules(&rules, ledger)?;
    refuse_counting_by_group(cardinality.as_ref(), &fields, ledger);
    lose(correlation, &fields, cardinality.is_some(), ledger);
    Some(Threshold {
        query,
        fields,
        value,
        cardinality,
        lookback: correlation.timespan.saturating_add(INTERVAL),
        interval: INTERVAL,
        origin: correlation.trigger_origin.clone(),
    })
}

/// How many events and values a group has at least.
struct Counted {
    value: u64,
    cardinality: Option<Cardinality>,
}

/// `None` after it was refused.
fn lower_trigger(correlation: &Correlation<Mapped>, ledger: &mut Ledger) -> Option<Counted> {
    let origin = &correlation.trigger_origin;
    let (measure, bounds) = match &correlation.trigger {
        Trigger::Bounds { measure, bounds } => (measure, bounds),
        Trigger::Extended(_) => {
            return refuse(origin, "a threshold rule has no condition over several rules", ledger);
        }
    };
    match measure {
        Measure::Events => {
            let value = lower_bounds(bounds, origin, ledger)?.max(1);
            Some(Counted { value, cardinality: None })
        }
        Measure::Distinct(fields) => {
            let [field] = fields.as_slice() else {
                let message = "a threshold rule counts the values of one field";
                return refuse(origin, message, ledger);
            };
            let value = lower_bounds(bounds, origin, ledger)?;
            let field = key_of(field, ledger)?;
            // Every event has no value or more.
            let cardinality = (value > 0).then_some(Cardinality { field, value });
            Some(Counted { value: 1, cardinality })
        }
        Measure::Rules | Measure::RulesInOrder => {
            refuse(origin, "a threshold rule does not tell apart which rule found an event", ledger)
        }
        Measure::Sum(_) | Measure::Mean(_) | Measure::Percentile(..) => {
            refuse(origin, "a threshold rule counts, and does not calculate", ledger)
        }
    }
}

/// The least number that keeps all bounds, which are whole; `None` after it was refused.
fn lower_bounds(bounds: &[Bound], origin: &Origin, ledger: &mut Ledger) -> Option<u64> {
    let lowest = bounds.iter().map(|bound| {
        let number: u64 = bound.number.to_string().parse().ok()?;
        match bound.relation {
            Relation::Compare(Comparison::GreaterEqual) => Some(number),
            Relation::Compare(Comparison::Greater) => number.checked_add(1),
            Relation::Compare(Comparison::Less | Comparison::LessEqual)
            | Relation::Equal
            | Relation::NotEqual => None,
        }
    });
    let lowest: Option<Vec<u64>> = lowest.collect();
    let lowest = lowest.and_then(|it| it.into_iter().max());
    if lowest.is_none() {
        return refuse(origin, "a threshold rule has lower bounds alone: `gte` and `gt`", ledger);
    }
    lowest
}

/// The fields that form groups, each once.
fn lower_groups(correlation: &Correlation<Mapped>, ledger: &mut Ledger) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for field in &correlation.group_by {
        let key = key_of(field, ledger);
        keys.extend(key.filter(|key| keys.iter().all(|known| known.name != key.name)));
    }
    if let Some(over) = keys.get(Threshold::MOST_FIELDS) {
        let most = Threshold::MOST_FIELDS;
        let message = format!("a threshold rule forms groups by at most {most} fields");
        ledger.refuse(Construct::Correlation, &over.origin, message);
    }
    keys
}

/// A field that is called the same in the events of all rules; `None` after it was refused.
fn key_of(field: &GroupField<Mapped>, ledger: &mut Ledger) -> Option<Key> {
    let GroupField { name, fields, origin } = field;
    let first = fields.first().cloned().flatten();
    let shared = first.filter(|first| {
        fields.iter().all(|it| it.as_ref().is_some_and(|it| it.name == first.name))
    });
    let Some(shared) = shared else {
        let message = format!("`{name}` is called differently in the events of each rule");
        return refuse(origin, message, ledger);
    };
    if shared.facts.kind == FieldKind::Text {
        let message = format!("`{}` is analysed text, whose values are not counted", shared.name);
        ledger.refuse(Construct::AnalysedText, origin, message);
        return None;
    }
    Some(Key { name: shared.name, origin: origin.clone() })
}

/// The rules that are counted; `None` if one of them is a correlation, after it was refused.
fn rules<'c>(
    correlation: &'c Correlation<Mapped>,
    ledger: &mut Ledger,
) -> Option<Vec<&'c Rule<Mapped>>> {
    let rules = correlation.bases.iter().map(|base| match &base.rule {
        AnyRule::Detection(rule) => Some(rule),
        AnyRule::Correlation(_) => {
            let message = "a threshold rule counts events, and not the matches of a correlation";
            refuse(&base.origin, message, ledger)
        }
    });
    rules.collect()
}

/// One query for the events of all rules; `None` after one of them was refused.
fn lower_rules(rules: &[&Rule<Mapped>], ledger: &mut Ledger) -> Option<Query> {
    let mut queries = Vec::new();
    for rule in rules {
        match lower(rule) {
            Ok(lowered) => {
                for (query, losses) in lowered {
                    queries.push(query);
                    ledger.take(Ledger::with(&losses), |direction| direction);
                }
            }
            Err(refusals) => refusals.into_iter().for_each(|it| ledger.add_refusal(it)),
        }
    }
    Query::any(queries)
}

/// Kibana does not count the values of a field that forms groups.
fn refuse_counting_by_group(
    cardinality: Option<&Cardinality>,
    fields: &[Key],
    ledger: &mut Ledger,
) {
    let counted = cardinality.map(|it| &it.field);
    if let Some(field) = counted.filter(|it| fields.iter().any(|key| key.name == it.name)) {
        let message = format!("`{}` forms groups, so its values are not counted", field.name);
        ledger.refuse(Construct::Correlation, &field.origin, message);
    }
}

fn refuse<T>(origin: &Origin, message: impl Into<String>, ledger: &mut Ledger) -> Option<T> {
    ledger.refuse(Construct::Correlation, origin, message);
    None
}

/// What every threshold rule loses.
fn lose(correlation: &Correlation<Mapped>, fields: &[Key], distinct: bool, ledger: &mut Ledger) {
    let origin = &correlation.trigger_origin;
    let mut lose = |kind, direction, message| {
        ledger.lose(kind, (direction, Polarity::Positive), origin, message);
    };
    let window = "a run counts what lies in the time span and in the five minutes since the run before, \
                  so events further apart than the time span are counted together";
    lose(LossKind::Window, Direction::Wider, window);
    let overlap = "events that an alert has counted are not counted again, so a later match of the same \
                   group may not be told";
    lose(LossKind::Overlap, Direction::Narrower, overlap);
    if distinct {
        let limit = "distinct values are counted approximately";
        lose(LossKind::Limit, Direction::Mixed, limit);
    }
    if !fields.is_empty() {
        let limit = "a run gives at most 100 alerts (`max_signals`), and one for each group";
        lose(LossKind::Limit, Direction::Narrower, limit);
    }
}
