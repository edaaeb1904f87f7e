//! Correlations that count, to threshold rules.
//!
//! A rule counts what one run of it sees. So that no window is cut, it looks back the time span and the
//! time between two runs, and finds more than the correlation. It knows lower bounds alone.

use isogloss_compiler::ast::{Bound, Relation};
use isogloss_compiler::ir::{
    Comparison, Correlation, Direction, FieldKind, GroupField, Loss, LossKind, Mapped, Measure,
    Origin, Polarity, Trigger,
};

use super::super::ast::{Cardinality, Key, Query, Threshold};
use super::lower;
use crate::backend::{Refusal, correlation_construct};
use crate::capability::Construct;
use crate::correlation::{detections, queries};
use crate::loss::Ledger;

/// The time between two runs, in seconds: the default of Kibana.
const INTERVAL: u64 = 300;

/// The threshold rule of a correlation, with its losses.
pub fn lower_correlation(
    correlation: &Correlation<Mapped>,
) -> Result<(Threshold, Vec<Loss>), Vec<Refusal>> {
    // More events are more matches: what is lost keeps its direction.
    let mut ledger = Ledger::with(&correlation.losses);
    let threshold = build(correlation, &mut ledger);
    ledger.close_with(threshold)
}

/// `None` after it was refused.
fn build(correlation: &Correlation<Mapped>, ledger: &mut Ledger) -> Option<Threshold> {
    let counted = lower_trigger(correlation, ledger);
    let rules = detections(correlation, NO_EVENTS, ledger);
    // The matches of a correlation do not have the fields of events.
    let fields = rules.as_ref().map(|_| lower_groups(correlation, ledger));
    let (Counted { value, cardinality }, rules, fields) = (counted?, rules?, fields?);
    let queries = queries(&rules, lower, ledger)?;
    let query = Query::any(queries.into_iter().flatten().collect())?;
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

/// Why a correlation is not counted.
const NO_EVENTS: &str = "a threshold rule counts events, and not the matches of a correlation";

/// How many events and values a group has at least.
struct Counted {
    value: u64,
    cardinality: Option<Cardinality>,
}

/// `None` after it was refused.
fn lower_trigger(correlation: &Correlation<Mapped>, ledger: &mut Ledger) -> Option<Counted> {
    let lowered = match &correlation.trigger {
        Trigger::Extended(_) => Err("a threshold rule has no condition over several rules"),
        Trigger::Bounds { measure, bounds } => match measure {
            Measure::Events => least(bounds).map(|value| (value, None)),
            Measure::Distinct(fields) => match fields.as_slice() {
                [field] => least(bounds).map(|value| (value, Some(field))),
                _ => Err("a threshold rule counts the values of one field"),
            },
            Measure::Rules | Measure::RulesInOrder => {
                Err("a threshold rule does not tell apart which rule found an event")
            }
            Measure::Sum(_) | Measure::Mean(_) | Measure::Percentile(..) => {
                Err("a threshold rule counts, and does not calculate")
            }
        },
    };
    let construct = correlation_construct(&correlation.trigger);
    let refuse = |message: &str| ledger.refuse(construct, &correlation.trigger_origin, message);
    let (value, field) = lowered.map_err(refuse).ok()?;
    let Some(field) = field else {
        return Some(Counted { value: value.max(1), cardinality: None });
    };
    let field = key_of(field, ledger)?;
    // Every event has no value or more.
    let cardinality = (value > 0).then_some(Cardinality { field, value });
    Some(Counted { value: 1, cardinality })
}

/// The least count that keeps all bounds from below; a fraction is kept by the next whole number.
fn least(bounds: &[Bound]) -> Result<u64, &'static str> {
    let one = |bound: &Bound| {
        let above = match bound.relation {
            Relation::Compare(Comparison::GreaterEqual) => false,
            Relation::Compare(Comparison::Greater) => true,
            Relation::Compare(Comparison::Less | Comparison::LessEqual)
            | Relation::Equal
            | Relation::NotEqual => {
                return Err("a threshold rule has lower bounds alone: `gte` and `gt`");
            }
        };
        let text = bound.number.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let next = u64::from(above || !fraction.is_empty());
        let least = whole.parse::<u64>().ok().and_then(|it| it.checked_add(next));
        least.ok_or("a threshold rule does not count that far")
    };
    let least = bounds.iter().map(one).collect::<Result<Vec<u64>, _>>()?;
    Ok(least.into_iter().max().unwrap_or_default())
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

#[cfg(test)]
mod tests {
    use isogloss_compiler::ir::Decimal;

    use super::*;

    #[test]
    fn bounds_of_threshold_rules() {
        let bound =
            |relation, number: &str| Bound { relation, number: Decimal::parse(number).unwrap() };
        let at_least = |number| bound(Relation::Compare(Comparison::GreaterEqual), number);
        let more = |number| bound(Relation::Compare(Comparison::Greater), number);
        assert_eq!(least(&[at_least("3")]), Ok(3));
        assert_eq!(least(&[more("3")]), Ok(4));
        assert_eq!(least(&[at_least("0")]), Ok(0));
        assert_eq!(least(&[at_least("1.5")]), Ok(2));
        assert_eq!(least(&[more("1.5")]), Ok(2));
        assert_eq!(least(&[at_least("2.0")]), Ok(2));
        assert_eq!(least(&[at_least("9"), more("3")]), Ok(9));
        let apart = least(&[at_least("3"), bound(Relation::NotEqual, "4")]);
        assert!(apart.unwrap_err().contains("lower bounds alone"));
        for number in ["18446744073709551616", "18446744073709551615"] {
            assert!(least(&[more(number)]).unwrap_err().contains("that far"), "{number}");
        }
    }
}
