//! Correlations: the rows of the rules, one for each event and group, and a window over them.
//!
//! Only times, groups and what is measured are carried along, in the order of time. Rules are told apart
//! by columns with the time of each rule's events, so that an event that two rules find stays one row.

mod column;
mod effect;
mod rules;
mod source;
mod trigger;
mod tumbling;
mod window;

use isogloss_compiler::ast::Window;
use isogloss_compiler::ir::{
    Correlation, Direction, Loss, LossKind, Mapped, Measure, Polarity, Trigger,
};

use super::super::ast::{Column, Command, Eval, Query, Search, SortKey};
use crate::backend::Refusal;
use crate::loss::Ledger;
use column::{Columns, EVENT, time_column};
use effect::Effect;
use source::{RULE, Source};
use trigger::Measured;
pub(crate) use window::within;

/// The query of a correlation, with its losses: a row for each event and group that completes a match.
pub fn lower_correlation(
    correlation: &Correlation<Mapped>,
) -> Result<(Query, Vec<Loss>), Vec<Refusal>> {
    let mut ledger = Ledger::default();
    let query = build(correlation, Rows::Whole, &mut ledger);
    let losses = ledger.close()?;
    Ok((query.unwrap_or_default(), losses))
}

/// The names of the columns that groups are formed by in the rows of the query.
pub fn group_columns(correlation: &Correlation<Mapped>) -> Vec<String> {
    Columns::of(correlation).groups.into_iter().map(|it| it.name).collect()
}

/// What the rows of a correlation are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// They are what the query gives.
    Whole,
    /// Another correlation counts them.
    Counted,
    /// Another correlation counts them, and asks for the number of each event.
    Numbered,
}

/// `None` after it was refused.
fn build(correlation: &Correlation<Mapped>, rows: Rows, ledger: &mut Ledger) -> Option<Query> {
    for loss in &correlation.losses {
        let effect = Effect::of_events(&correlation.trigger);
        ledger.add(Loss { direction: effect.apply(loss.direction), ..loss.clone() });
    }
    let columns = Columns::of(correlation);
    columns.refuse_names(correlation, ledger)?;
    let Source { mut query, spread, sorted } = source::build(correlation, &columns, rows, ledger)?;
    let measured = trigger::prepare(correlation, &columns, ledger);
    let needed = Needed::of(correlation, &columns, &measured, (rows, spread));
    let assigned = measured.assignments;
    query.commands.extend((!assigned.is_empty()).then_some(Command::Eval(assigned)));
    query.commands.extend(needed.keep());
    query.commands.extend(in_groups(&columns));
    query.commands.extend(expand(&needed.groups));
    if spread {
        lose_doubles(correlation, &columns, ledger);
        query.commands.push(needed.join_events(correlation));
    }
    let windows = match correlation.metadata.attributes.splunk.window.unwrap_or_default() {
        Window::Tumbling => {
            tumbling::windows(correlation, &needed.groups, &measured.tests, ledger)?
        }
        Window::Sliding => {
            query.commands.extend((!sorted || spread).then(|| sort(spread)));
            window::windows(correlation, &needed.groups, &measured.tests, ledger)?
        }
    };
    query.commands.extend(windows);
    Some(query)
}

/// The columns that are carried along.
struct Needed {
    groups: Vec<String>,
    measured: Vec<String>,
    /// The times of rules.
    times: Vec<String>,
    /// The number of an event, and the rule that found the row.
    others: Vec<String>,
    /// True if rules call what is measured differently: each has values of its own.
    apart: bool,
}

impl Needed {
    fn of(
        correlation: &Correlation<Mapped>,
        columns: &Columns,
        measured: &Measured,
        (rows, spread): (Rows, bool),
    ) -> Self {
        let rules = asks_for_rules(&correlation.trigger);
        let places = if rules { correlation.bases.len() } else { 0 };
        let number = (rows == Rows::Numbered || spread).then(|| EVENT.to_owned());
        let apart = spread && !rules && columns.measured.iter().any(|it| !it.is_shared());
        Self {
            groups: columns.groups.iter().map(|it| it.name.clone()).collect(),
            measured: measured.columns.clone(),
            times: (1..=places).map(time_column).collect(),
            others: number.into_iter().chain(apart.then(|| RULE.to_owned())).collect(),
            apart,
        }
    }

    /// Nothing else is carried along, not even the text of the events.
    fn keep(&self) -> [Command; 2] {
        let Self { groups, measured, times, others, .. } = self;
        let time = "_time".to_owned();
        let columns = groups.iter().chain(measured).chain(times).chain(others).cloned();
        let kept = std::iter::once(time).chain(columns).collect();
        [Command::Keep(kept), Command::Drop(vec!["_raw".to_owned()])]
    }

    /// One row for each event and group, where an event has become a row for each rule.
    fn join_events(&self, correlation: &Correlation<Mapped>) -> Command {
        let joined = |function: &str, names: &[String]| {
            let columns = names.iter().map(|name| Column::of(function, name, name)).collect();
            let by = [EVENT.to_owned(), "_time".to_owned()].into_iter();
            Command::Stats { columns, by: by.chain(self.groups.iter().cloned()).collect() }
        };
        match &correlation.trigger {
            Trigger::Extended(_)
            | Trigger::Bounds { measure: Measure::Rules | Measure::RulesInOrder, .. } => {
                joined("max", &self.times)
            }
            Trigger::Bounds { measure: Measure::Distinct(_), .. } => {
                joined("values", &self.measured)
            }
            Trigger::Bounds { measure: Measure::Sum(_) | Measure::Percentile(..), .. }
                if self.apart =>
            {
                joined("sum", &self.measured)
            }
            Trigger::Bounds {
                measure:
                    Measure::Events | Measure::Sum(_) | Measure::Mean(_) | Measure::Percentile(..),
                ..
            } => Command::Dedup(self.others.iter().chain(&self.groups).cloned().collect()),
        }
    }
}

/// In the order of time, however many rows there are. Rows that `stats` made are in the order of their
/// groups, so that those of one time need the number of their events.
fn sort(numbered: bool) -> Command {
    let names = std::iter::once("_time").chain(numbered.then_some(EVENT));
    let keys = names.map(|it| SortKey { field: it.to_owned(), descending: false });
    Command::Sort { count: 0, keys: keys.collect() }
}

/// The matches of a correlation have the fields of its own groups alone, and a row in no group counts
/// nothing, which a condition may ask for.
fn in_groups(columns: &Columns) -> Option<Command> {
    let lacking = columns.groups.iter().filter(|it| it.fields.contains(&None));
    let present = lacking.map(|it| Eval::call("isnotnull", [field(&it.name)]));
    Eval::all(present).map(Command::Where)
}

/// A row for each value of a field that groups are formed by: what `by` makes of several values is not
/// documented for all commands.
fn expand(groups: &[String]) -> Vec<Command> {
    if groups.is_empty() {
        return Vec::new();
    }
    let distinct = groups
        .iter()
        .map(|name| (name.clone(), Eval::call("mvdedup", [Eval::Field(name.clone())])));
    let distinct = Command::Eval(distinct.collect());
    let expanded = groups.iter().map(|name| Command::Mvexpand(name.clone()));
    std::iter::once(distinct).chain(expanded).collect()
}

/// True if rows have to say which rules found them.
fn asks_for_rules(trigger: &Trigger<Mapped>) -> bool {
    match trigger {
        Trigger::Extended(_)
        | Trigger::Bounds { measure: Measure::Rules | Measure::RulesInOrder, .. } => true,
        Trigger::Bounds {
            measure:
                Measure::Events
                | Measure::Distinct(_)
                | Measure::Sum(_)
                | Measure::Mean(_)
                | Measure::Percentile(..),
            ..
        } => false,
    }
}

/// Records what finding fewer events, or fewer of them in a window, does to the correlation.
fn lose_events(
    correlation: &Correlation<Mapped>,
    effect: Effect,
    (kind, message): (LossKind, &str),
    ledger: &mut Ledger,
) {
    let direction = effect.apply(Direction::Narrower);
    let origin = &correlation.trigger_origin;
    ledger.lose(kind, (direction, Polarity::Positive), origin, message);
}

/// Where some rules call a measured field alike and others do not, an event of the former counts for each.
fn lose_doubles(correlation: &Correlation<Mapped>, columns: &Columns, ledger: &mut Ledger) {
    let numeric = match &correlation.trigger {
        Trigger::Bounds {
            measure: Measure::Sum(_) | Measure::Mean(_) | Measure::Percentile(..),
            ..
        } => true,
        Trigger::Extended(_)
        | Trigger::Bounds {
            measure: Measure::Events | Measure::Rules | Measure::RulesInOrder | Measure::Distinct(_),
            ..
        } => false,
    };
    let doubled = columns.measured.iter().any(|column| {
        let fields = column.fields.iter();
        !column.is_shared()
            && fields.clone().any(|it| fields.clone().filter(|other| *other == it).count() > 1)
    });
    let mean = matches!(&correlation.trigger, Trigger::Bounds { measure: Measure::Mean(_), .. });
    if mean && columns.measured.iter().any(|it| !it.is_shared()) {
        let message = "an event that several rules find is tried with the numbers of each of them";
        let place = (Direction::Mixed, Polarity::Positive);
        ledger.lose(LossKind::Grouping, place, &correlation.trigger_origin, message);
    }
    if numeric && doubled {
        let message = "an event that several rules find gives its numbers once for each of them";
        let place = (Direction::Mixed, Polarity::Positive);
        ledger.lose(LossKind::Grouping, place, &correlation.trigger_origin, message);
    }
}

/// A search for every event that has the field.
fn has(field: &str) -> Search {
    super::has_value(field)
}

fn null() -> Eval {
    Eval::call("null", [])
}

fn field(name: &str) -> Eval {
    Eval::Field(name.to_owned())
}
