//! Sliding windows: one ends at every event.

use isogloss_compiler::ast::Relation;
use isogloss_compiler::ir::{Comparison, Correlation, Decimal, LossKind, Mapped, Measure, Trigger};

use super::column::time_column;
use super::effect::Effect;
use super::trigger::Tests;
use super::{field, lose_events, null, rules};
use crate::capability::Construct;
use crate::loss::Ledger;
use crate::spl::ast::{Column, Command, Eval, Operator, Streamstats};

const LIMIT: &str =
    "a window of `streamstats` holds at most 10,000 events (limits.conf, `max_stream_window`)";

/// The commands that keep the rows at which the correlation holds. `None` after it was refused.
pub(super) fn windows(
    correlation: &Correlation<Mapped>,
    groups: &[String],
    tests: &Tests,
    ledger: &mut Ledger,
) -> Option<Vec<Command>> {
    let effect = Effect::of(&correlation.trigger);
    lose_events(correlation, effect, (LossKind::Limit, LIMIT), ledger);
    match &correlation.trigger {
        Trigger::Extended(_) | Trigger::Bounds { measure: Measure::Rules, .. } => {
            Some(last_times(correlation, groups))
        }
        Trigger::Bounds { measure: Measure::RulesInOrder, .. } => {
            refuse_partial_order(correlation, ledger)?;
            Some(in_order(correlation, groups))
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
            let window = Streamstats {
                time_window: Some(span(correlation.timespan)),
                current: true,
                columns: tests.columns.clone(),
                by: groups.to_vec(),
            };
            let holds = tests.holds.clone().map(Command::Where);
            Some(std::iter::once(Command::Streamstats(window)).chain(holds).collect())
        }
    }
}

/// The last time of each rule tells whether it is in the window.
fn last_times(correlation: &Correlation<Mapped>, groups: &[String]) -> Vec<Command> {
    let last = |place: usize| format!("sigma_last_{place}");
    let places = 1..=correlation.bases.len();
    let columns = places.map(|it| Column::of("max", &time_column(it), &last(it)));
    let window = running(columns.collect(), true, groups);
    let recent = |place: usize| within(&last(place), correlation.timespan);
    std::iter::once(window).chain(rules::tests(correlation, &recent)).collect()
}

fn running(columns: Vec<Column>, current: bool, groups: &[String]) -> Command {
    Command::Streamstats(Streamstats::running(columns, current, groups))
}

/// True if the time in a column is in the window that ends at the row. Times are no whole numbers, so
/// that their difference has to be rounded.
pub(crate) fn within(column: &str, timespan: u64) -> Eval {
    let age = Eval::Minus(Box::new(field("_time")), Box::new(field(column)));
    let age = Eval::call("round", [age, Eval::Number("6".to_owned())]);
    age.compare(Operator::LessEqual, Eval::Number(timespan.to_string()))
}

/// The time of a rule becomes the latest start of a chain of the rules before it, each by an earlier row.
fn in_order(correlation: &Correlation<Mapped>, groups: &[String]) -> Vec<Command> {
    const START: &str = "sigma_start";
    let last = correlation.bases.len();
    let steps = (2..=last).flat_map(|place| {
        let (before, here) = (time_column(place - 1), time_column(place));
        // A name of its own: what a column becomes where there is nothing to compute is not documented.
        let name = format!("{START}_{place}");
        let start = running(vec![Column::of("max", &before, &name)], false, groups);
        let there = Eval::call("isnotnull", [field(&here)]);
        let chain = Eval::call("if", [there, field(&name), null()]);
        [start, Command::Eval(vec![(here, chain)])]
    });
    let whole = running(vec![Column::of("max", &time_column(last), START)], true, groups);
    let holds = Command::Where(within(START, correlation.timespan));
    steps.chain([whole, holds]).collect()
}

/// Chains of some of the rules would need one computation for each choice of them.
fn refuse_partial_order(correlation: &Correlation<Mapped>, ledger: &mut Ledger) -> Option<()> {
    let Trigger::Bounds { bounds, .. } = &correlation.trigger else { return Some(()) };
    let all = Decimal::from(correlation.bases.len());
    let whole = bounds.iter().all(|bound| {
        bound.relation == Relation::Compare(Comparison::GreaterEqual) && bound.number == all
    });
    if whole {
        return Some(());
    }
    let message = "rules in their order are found only all together";
    ledger.refuse(Construct::Correlation, &correlation.trigger_origin, message);
    None
}

/// A length of time in the largest unit that fits; `streamstats` and `bin` have no weeks.
pub(super) fn span(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let fitting =
        units.iter().find(|(length, _)| seconds >= *length && seconds.is_multiple_of(*length));
    fitting.map_or_else(
        || format!("{seconds}s"),
        |(length, unit)| format!("{}{unit}", seconds / length),
    )
}
