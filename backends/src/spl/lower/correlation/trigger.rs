//! What is measured of each event, and the tests of a window.

use isogloss_compiler::ast::{Bound, Relation};
use isogloss_compiler::ir::{
    Comparison, Correlation, Decimal, Direction, LossKind, Mapped, Measure, Origin, Polarity,
    Trigger,
};

use super::super::residue::DECIMAL;
use super::super::{matches, residue};
use super::column::Columns;
use super::effect::Effect;
use super::{field, lose_events, null};
use crate::loss::Ledger;
use crate::spl::ast::{Column, Eval, Operator};

/// What a window is asked.
pub(super) struct Tests {
    /// What is computed over the events of a window.
    pub columns: Vec<Column>,
    /// The condition on that.
    pub holds: Option<Eval>,
}

/// What is computed of each event, the columns for it, and what a window is asked.
pub(super) struct Measured {
    pub assignments: Vec<(String, Eval)>,
    pub columns: Vec<String>,
    pub tests: Tests,
}

const VALUE: &str = "sigma_value";

/// The measure of a correlation. Those about rules have none but the rules' times.
pub(super) fn prepare(
    correlation: &Correlation<Mapped>,
    columns: &Columns,
    ledger: &mut Ledger,
) -> Measured {
    let names: Vec<String> = columns.measured.iter().map(|it| it.name.clone()).collect();
    let (measure, bounds) = match &correlation.trigger {
        Trigger::Extended(_) => return about_rules(),
        Trigger::Bounds { measure, bounds } => (measure, bounds),
    };
    let one = "whether a field with several values counts for each of them is not documented";
    match (measure, &*names) {
        (Measure::Rules | Measure::RulesInOrder, _) => about_rules(),
        (Measure::Events, _) => {
            Measured { assignments: Vec::new(), columns: Vec::new(), tests: count(bounds) }
        }
        (Measure::Distinct(_), [name]) => {
            let effect = Effect::of(&correlation.trigger);
            lose_events(correlation, effect, (LossKind::Multivalue, one), ledger);
            let columns = vec![name.clone()];
            let tests = aggregate("dc", name, "sigma_values", bounds);
            Measured { assignments: Vec::new(), columns, tests }
        }
        (Measure::Distinct(_), names) => {
            lose_values(correlation, ledger);
            let tests = aggregate("dc", VALUE, "sigma_values", bounds);
            let assignments = vec![(VALUE.to_owned(), combination(names))];
            Measured { assignments, columns: vec![VALUE.to_owned()], tests }
        }
        (Measure::Sum(_), names) => {
            lose_values(correlation, ledger);
            of_numbers(names, rounded("sum", "sigma_sum", bounds))
        }
        (Measure::Mean(_), names) => {
            lose_values(correlation, ledger);
            of_numbers(names, rounded("avg", "sigma_mean", bounds))
        }
        (Measure::Percentile(_, rank), names) => {
            lose_values(correlation, ledger);
            percentile(names, rank, bounds)
        }
    }
}

/// What functions of one value make of several is not documented.
fn lose_values(correlation: &Correlation<Mapped>, ledger: &mut Ledger) {
    let message =
        "a measured field that has several values in one event is not counted as the rule says";
    let place = (Direction::Mixed, Polarity::Positive);
    ledger.lose(LossKind::Multivalue, place, &correlation.trigger_origin, message);
}

fn about_rules() -> Measured {
    let tests = Tests { columns: Vec::new(), holds: None };
    Measured { assignments: Vec::new(), columns: Vec::new(), tests }
}

fn count(bounds: &[Bound]) -> Tests {
    let column = Column::count(Some("sigma_count"));
    let holds = Eval::all(bounds.iter().map(|it| keeps(field("sigma_count"), it)));
    Tests { columns: vec![column], holds }
}

fn aggregate(function: &str, name: &str, alias: &str, bounds: &[Bound]) -> Tests {
    let holds = Eval::all(bounds.iter().map(|it| keeps(field(alias), it)));
    Tests { columns: vec![Column::of(function, name, alias)], holds }
}

/// A sum or a mean is a number in floating point, which misses a bound by its last digits.
fn rounded(function: &str, alias: &str, bounds: &[Bound]) -> Tests {
    let value = Eval::call("round", [field(alias), Eval::Number("9".to_owned())]);
    let holds = Eval::all(bounds.iter().map(|it| keeps(value.clone(), it)));
    Tests { columns: vec![Column::of(function, VALUE, alias)], holds }
}

/// A value that keeps a bound.
pub(super) fn keeps(value: Eval, bound: &Bound) -> Eval {
    let operator = match bound.relation {
        Relation::Equal => Operator::Equal,
        Relation::NotEqual => Operator::NotEqual,
        Relation::Compare(order) => residue::operator(order),
    };
    value.compare(operator, number(&bound.number))
}

fn number(decimal: &Decimal) -> Eval {
    Eval::Number(decimal.to_string())
}

/// One text for a combination of values; an event that lacks one of them has none.
fn combination(names: &[String]) -> Eval {
    let fields = || names.iter().map(|name| field(name));
    let there = Eval::all(fields().map(|it| Eval::call("isnotnull", [it])));
    let text = Eval::call("json_array", fields());
    match there {
        Some(there) => Eval::call("if", [there, text, null()]),
        None => text,
    }
}

/// The number of a field, in a column of its own; other values are left out.
fn of_numbers(names: &[String], tests: Tests) -> Measured {
    let assignments = names.iter().map(|name| {
        let value = Eval::call("tonumber", [field(name)]);
        (VALUE.to_owned(), Eval::call("if", [is_decimal(name), value, null()]))
    });
    Measured { assignments: assignments.collect(), columns: vec![VALUE.to_owned()], tests }
}

fn is_decimal(name: &str) -> Eval {
    matches(name, DECIMAL.to_owned(), &Origin::default())
}

/// The percentile by nearest rank is at least a bound if fewer than so many hundredths of the numbers
/// are below the bound: if the sum is negative to which each number below the bound adds what is left to
/// a hundred, and any other takes the percentile away. `perc` and `median` take another rank.
fn percentile(names: &[String], rank: &Decimal, bounds: &[Bound]) -> Measured {
    let (below, other) = weights(rank);
    let mut measured = about_rules();
    let mut tests = Vec::new();
    let mut test = |order: Comparison, bound: &Bound, turned: bool| {
        let name = format!("sigma_rank_{}", measured.columns.len() + 1);
        let Some(source) = names.first() else { return null() };
        let is_below = Eval::call("tonumber", [field(source)])
            .compare(residue::operator(order), number(&bound.number));
        let weigh = |weight: i64| Eval::Number(weight.to_string());
        let weight = Eval::call("if", [is_below, weigh(below), weigh(other)]);
        let weight = Eval::call("if", [is_decimal(source), weight, null()]);
        measured.assignments.push((name.clone(), weight));
        measured.tests.columns.push(Column::of("sum", &name, &name));
        let operator = if turned { Operator::GreaterEqual } else { Operator::Less };
        // Nothing may be below the least number.
        let limit = if other == 0 { "1" } else { "0" };
        let reached = field(&name).compare(operator, Eval::Number(limit.to_owned()));
        measured.columns.push(name);
        reached
    };
    for bound in bounds {
        let (less, at_most) = (Comparison::Less, Comparison::LessEqual);
        tests.extend(match bound.relation {
            Relation::Compare(Comparison::GreaterEqual) => Some(test(less, bound, false)),
            Relation::Compare(Comparison::Greater) => Some(test(at_most, bound, false)),
            Relation::Compare(Comparison::Less) => Some(test(less, bound, true)),
            Relation::Compare(Comparison::LessEqual) => Some(test(at_most, bound, true)),
            Relation::Equal => Eval::all([test(less, bound, false), test(at_most, bound, true)]),
            Relation::NotEqual => Eval::any([test(less, bound, true), test(at_most, bound, false)]),
        });
    }
    measured.tests.holds = Eval::all(tests);
    measured
}

/// What a number below the bound adds to the sum, and what any other does, in whole numbers.
fn weights(rank: &Decimal) -> (i64, i64) {
    let text = rank.to_string();
    let digits = text.split_once('.').map_or(0, |(_, rest)| rest.len());
    let whole = text.replace('.', "").parse::<i64>().unwrap_or(i64::MAX);
    let hundred = u32::try_from(digits).ok().and_then(|it| 10_i64.checked_pow(it));
    let hundred = hundred.and_then(|it| it.checked_mul(100)).unwrap_or(i64::MAX);
    if whole == 0 { (1, 0) } else { (hundred - whole, -whole) }
}
