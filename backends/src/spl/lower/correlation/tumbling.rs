//! Tumbling windows: they stand beside each other, and each is one row.

use isogloss_compiler::ir::{Correlation, Direction, LossKind, Mapped, Measure, Polarity, Trigger};

use super::column::time_column;
use super::effect::Effect;
use super::trigger::Tests;
use super::window::span;
use super::{field, rules};
use crate::capability::Construct;
use crate::loss::Ledger;
use crate::spl::ast::{Column, Command, Eval};

/// The commands that keep a row for each window in which the correlation holds. `None` after it was
/// refused.
pub(super) fn windows(
    correlation: &Correlation<Mapped>,
    groups: &[String],
    tests: &Tests,
    ledger: &mut Ledger,
) -> Option<Vec<Command>> {
    lose_windows(correlation, ledger);
    let (columns, holds) = match &correlation.trigger {
        Trigger::Bounds { measure: Measure::RulesInOrder, .. } => {
            let message = "windows that stand beside each other have no order of rules; leave out \
                           `window: tumbling`";
            ledger.refuse(Construct::Correlation, &correlation.trigger_origin, message);
            return None;
        }
        Trigger::Extended(_) | Trigger::Bounds { measure: Measure::Rules, .. } => {
            let there = |place: usize| Eval::call("isnotnull", [field(&time_column(place))]);
            (times(correlation), rules::tests(correlation, &there))
        }
        Trigger::Bounds {
            measure:
                Measure::Events
                | Measure::Distinct(_)
                | Measure::Sum(_)
                | Measure::Mean(_)
                | Measure::Percentile(..),
            ..
        } => {
            let holds = tests.holds.clone().map(Command::Where);
            (tests.columns.clone(), Vec::from_iter(holds))
        }
    };
    let bin = Command::Bin { field: "_time".to_owned(), span: span(correlation.timespan) };
    let by = std::iter::once("_time".to_owned()).chain(groups.iter().cloned()).collect();
    let stats = Command::Stats { columns, by };
    Some([bin, stats].into_iter().chain(holds).collect())
}

/// What lies in two windows is not seen together. A window of few events may lie in one of many.
fn lose_windows(correlation: &Correlation<Mapped>, ledger: &mut Ledger) {
    let direction = match Effect::of(&correlation.trigger) {
        Effect::Keep => Direction::Narrower,
        Effect::Turn | Effect::Mix => Direction::Mixed,
    };
    let message = "windows stand beside each other, so events in two of them are not counted together, \
                   and each window is found once";
    let origin = &correlation.trigger_origin;
    ledger.lose(LossKind::Window, (direction, Polarity::Positive), origin, message);
}

fn times(correlation: &Correlation<Mapped>) -> Vec<Column> {
    let places = 1..=correlation.bases.len();
    places.map(|it| Column::of("max", &time_column(it), &time_column(it))).collect()
}
