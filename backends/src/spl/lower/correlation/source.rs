//! The rows that the rules of a correlation find.
//!
//! - Where it does not matter which rule found an event: one search for the events of all.
//! - Else a search for each macro, with the times of each rule's events in columns of their own; several
//!   searches stand in `multisearch`.
//! - The rows of a correlation are those of its query; beside others they are appended.

use isogloss_compiler::ir::{
    AnyRule, Base, Correlation, Direction, Linked, LossKind, Mapped, Measure, Polarity, Rule,
    Trigger,
};

use super::super::plan::{Plan, residue_commands};
use super::super::{lower_call, plan_expr};
use super::column::{Column, Columns, EVENT, time_column};
use super::effect::Effect;
use super::rules::name_of;
use super::{Rows, asks_for_rules, build as build_correlation, field, has, lose_events, null};
use crate::loss::Ledger;
use crate::spl::ast::{Column as StatsColumn, Command, Eval, Operator, Query, Search, Streamstats};

/// The rule that found a row, where an event is a row for each of them.
pub(super) const RULE: &str = "sigma_rule";

/// Rows with the columns of a correlation.
pub(super) struct Source {
    pub query: Query,
    /// True if an event that several rules found is a row for each of them.
    pub spread: bool,
    /// True if the rows are in the order of time.
    pub sorted: bool,
}

/// A rule in the terms of `search`.
struct Planned {
    place: usize,
    /// The macro of its log source.
    call: Option<Search>,
    /// Terms of its log source.
    terms: Option<Plan>,
    /// What it finds.
    condition: Plan,
    /// That there are the fields that groups are formed by.
    groups: Vec<Plan>,
}

/// `None` after it was refused.
pub(super) fn build(
    correlation: &Correlation<Mapped>,
    columns: &Columns,
    rows: Rows,
    ledger: &mut Ledger,
) -> Option<Source> {
    let planned = correlation.bases.iter().enumerate().filter_map(|(place, base)| {
        let AnyRule::Detection(rule) = &base.rule else { return None };
        Some(plan_base(place, rule, base, correlation, columns, ledger))
    });
    let planned: Vec<Planned> = planned.collect();
    let about_events = planned.len() == correlation.bases.len();
    let apart = asks_for_rules(&correlation.trigger) || !columns.are_shared();
    if about_events && !apart {
        let mut query = one_search(&planned);
        query.commands.extend((rows == Rows::Numbered).then(number_events));
        return Some(Source { query, spread: false, sorted: false });
    }
    let context = Context { correlation, columns, rows };
    context.build(planned, ledger)
}

fn plan_base(
    place: usize,
    rule: &Rule<Mapped>,
    base: &Base<Mapped>,
    correlation: &Correlation<Mapped>,
    columns: &Columns,
    ledger: &mut Ledger,
) -> Planned {
    let Linked { scope, conditions, losses, .. } = &rule.body;
    let mut own = Ledger::with(losses);
    let mut plan = |expr| plan_expr(expr, Polarity::Positive, &mut own);
    let terms = scope.condition.as_ref().map(&mut plan);
    let condition = Plan::any(conditions.iter().map(&mut plan).collect());
    let groups = columns.groups.iter().filter_map(|column| column.fields.get(place)?.as_deref());
    let groups = groups.map(|name| Plan::Exact(has(name))).collect();
    let effect = Effect::of_base(&correlation.trigger, base);
    ledger.take(own, |direction| effect.apply(direction));
    Planned { place, call: lower_call(scope), terms, condition, groups }
}

/// One search for the events of all rules.
fn one_search(planned: &[Planned]) -> Query {
    let (common, plans) = common_scope(planned);
    let plan = Plan::all([Plan::any(plans)].into_iter().chain(common.groups));
    let scope =
        Search::all(common.call.into_iter().chain(common.terms.as_ref().and_then(Plan::above)));
    let condition = plan.above().or_else(|| scope.is_none().then_some(Search::Everything));
    let commands = residue_commands(&common.terms.into_iter().chain([plan]).collect::<Vec<_>>());
    Query { scope, condition, commands }
}

/// What several rules have in common.
struct Common {
    call: Option<Search>,
    terms: Option<Plan>,
    groups: Vec<Plan>,
}

/// What the scopes of all rules have in common, and what each rule says beyond it.
fn common_scope(planned: &[Planned]) -> (Common, Vec<Plan>) {
    let first = planned.first();
    let call = first.and_then(|it| it.call.clone());
    let terms = first.and_then(|it| it.terms.clone());
    let one_call = planned.iter().all(|it| it.call == call);
    let one_scope = one_call && planned.iter().all(|it| it.terms == terms);
    let groups = first.map(|it| it.groups.clone()).unwrap_or_default();
    let one_group = planned.iter().all(|it| it.groups == groups);
    let plans = planned.iter().map(|it| {
        let call = it.call.clone().filter(|_| !one_call).map(Plan::Exact);
        let terms = it.terms.clone().filter(|_| !one_scope);
        let groups = if one_group { &[][..] } else { &it.groups };
        let parts = call.into_iter().chain(terms).chain([it.condition.clone()]);
        Plan::all(parts.chain(groups.iter().cloned()))
    });
    let common = Common {
        call: call.filter(|_| one_call),
        terms: terms.filter(|_| one_scope),
        groups: if one_group { groups } else { Vec::new() },
    };
    (common, plans.collect())
}

/// The number of each row, in the order in which they come.
fn number_events() -> Command {
    let column = StatsColumn::count(Some(EVENT));
    Command::Streamstats(Streamstats::running(vec![column], true, &[]))
}

struct Context<'c> {
    correlation: &'c Correlation<Mapped>,
    columns: &'c Columns,
    rows: Rows,
}

impl Context<'_> {
    fn build(&self, planned: Vec<Planned>, ledger: &mut Ledger) -> Option<Source> {
        let mut groups = by_call(planned);
        // Rows of several searches have no numbers in common, and `multisearch` only streams.
        let spreads = !self.columns.are_shared() && groups.iter().any(|it| it.len() > 1);
        let inner = self.correlation.bases.iter().filter(|base| base.rule.detection().is_none());
        let inner = inner.count();
        let single = groups.len() == 1 && inner == 0;
        if spreads && !single {
            groups = groups.into_iter().flatten().map(|it| vec![it]).collect();
        }
        let spread = spreads && single;
        let branches = groups.iter().map(|group| self.branch(group));
        let branches: Vec<Query> = branches.collect();
        if branches.len() + inner > 1 {
            self.lose_copies(ledger);
        }
        let mut parts = Vec::new();
        if let Some(mut query) = join_branches(branches) {
            let numbered = self.rows == Rows::Numbered && !spread && inner == 0;
            query.commands.extend(numbered.then(number_events));
            let place = groups.iter().flatten().map(|it| it.place).min().unwrap_or_default();
            parts.push((place, query));
        }
        let chained = parts.is_empty() && self.correlation.bases.len() == 1;
        for (place, base) in self.correlation.bases.iter().enumerate() {
            if let AnyRule::Correlation(inner) = &base.rule {
                parts.push((place, self.inner(place, inner, base, ledger)?));
            }
        }
        parts.sort_by_key(|(place, _)| *place);
        let mut parts = parts.into_iter().map(|(_, query)| query);
        let mut query = parts.next()?;
        let appended: Vec<Command> = parts.map(Command::Append).collect();
        if !appended.is_empty() {
            let message =
                "a search that is appended gives at most 10,000 rows (limits.conf, `subsearch`)";
            let effect = Effect::of_events(&self.correlation.trigger);
            lose_events(self.correlation, effect, (LossKind::Limit, message), ledger);
        }
        // The searches have numbers of their own.
        let numbered = self.rows == Rows::Numbered && !appended.is_empty();
        query.commands.extend(appended);
        query.commands.extend(numbered.then(number_events));
        Some(Source { query, spread, sorted: chained })
    }

    /// An event that several searches find is several rows, of which the last one alone sees all of it.
    fn lose_copies(&self, ledger: &mut Ledger) {
        let trigger = &self.correlation.trigger;
        let counts = match trigger {
            Trigger::Extended(_)
            | Trigger::Bounds { measure: Measure::Rules | Measure::Distinct(_), .. } => false,
            Trigger::Bounds {
                measure:
                    Measure::Events
                    | Measure::RulesInOrder
                    | Measure::Sum(_)
                    | Measure::Mean(_)
                    | Measure::Percentile(..),
                ..
            } => true,
        };
        let effect = Effect::of(trigger);
        let direction = match (counts, effect) {
            (true, _) => effect.apply(Direction::Wider),
            (false, Effect::Keep) if self.rows == Rows::Whole => return,
            (false, Effect::Keep | Effect::Turn | Effect::Mix) => Direction::Wider,
        };
        let message = "an event that several of the searches find is several events";
        let origin = &self.correlation.trigger_origin;
        ledger.lose(LossKind::Grouping, (direction, Polarity::Positive), origin, message);
    }

    /// The events of rules with one macro.
    fn branch(&self, group: &[Planned]) -> Query {
        if let [planned] = group {
            let mut query = one_search(group);
            query.commands.extend(self.assign(planned.place));
            return query;
        }
        let (common, plans) = common_scope(group);
        let above = common.terms.as_ref().and_then(Plan::above);
        let scope = Search::all(common.call.into_iter().chain(above));
        let groups = common.groups;
        let condition = Plan::all([Plan::any(plans.clone())].into_iter().chain(groups)).above();
        let condition = condition.or_else(|| scope.is_none().then_some(Search::Everything));
        let exact =
            plans.iter().zip(group).filter_map(|(plan, it)| Some((it.place, plan.exact()?)));
        let exact: Vec<(usize, Eval)> = exact.collect();
        let mut commands = residue_commands(&Vec::from_iter(common.terms));
        commands.extend(if self.columns.are_shared() {
            times_of_rules(exact)
        } else {
            self.rows_of_rules(&exact)
        });
        Query { scope, condition, commands }
    }

    /// A row for each rule that found an event, with the fields that the rule's events have.
    fn rows_of_rules(&self, exact: &[(usize, Eval)]) -> Vec<Command> {
        let name = |place: usize| self.correlation.bases.get(place).map_or_else(null, name_of);
        let found = exact
            .iter()
            .map(|(place, exact)| Eval::call("if", [exact.clone(), name(*place), null()]));
        let found = Eval::call("mvappend", found.collect::<Vec<_>>());
        let is = |place: usize| field(RULE).compare(Operator::Equal, name(place));
        let mut assignments = Vec::new();
        for column in self.columns.iter().filter(|it| !it.is_shared()) {
            let cases = exact.iter().flat_map(|(place, _)| [is(*place), source_of(column, *place)]);
            assignments.push((column.name.clone(), Eval::call("case", cases.collect::<Vec<_>>())));
        }
        if asks_for_rules(&self.correlation.trigger) {
            for (place, _) in exact {
                let time = Eval::call("if", [is(*place), field("_time"), null()]);
                assignments.push((time_column(place + 1), time));
            }
        }
        vec![
            number_events(),
            Command::Eval(vec![(RULE.to_owned(), found)]),
            Command::Where(Eval::call("isnotnull", [field(RULE)])),
            Command::Mvexpand(RULE.to_owned()),
            Command::Eval(assignments),
        ]
    }

    /// The columns of a rule whose rows are found by a search of their own.
    fn assign(&self, place: usize) -> Option<Command> {
        let own = |column: &&Column| {
            !column.is_shared() && column.fields.get(place) != Some(&Some(column.name.clone()))
        };
        let columns = self.columns.iter().filter(own);
        let columns = columns.map(|column| (column.name.clone(), source_of(column, place)));
        let time = asks_for_rules(&self.correlation.trigger)
            .then(|| (time_column(place + 1), field("_time")));
        let assignments: Vec<_> = columns.chain(time).collect();
        (!assignments.is_empty()).then_some(Command::Eval(assignments))
    }

    /// The rows of a correlation, with the columns of this one.
    fn inner(
        &self,
        place: usize,
        inner: &Correlation<Mapped>,
        base: &Base<Mapped>,
        ledger: &mut Ledger,
    ) -> Option<Query> {
        let groups = super::group_columns(inner);
        let outer = self.columns.groups.iter().filter_map(|it| it.fields.get(place)?.as_ref());
        // Without one of its groups, several rows of an event may come into one group.
        let merges = self.rows == Rows::Numbered
            || groups.iter().any(|name| !outer.clone().any(|it| it == name));
        let mut own = Ledger::default();
        let rows = if merges { Rows::Numbered } else { Rows::Counted };
        let mut query = build_correlation(inner, rows, &mut own);
        let effect = Effect::of_base(&self.correlation.trigger, base);
        ledger.take(own, |direction| effect.apply(direction));
        let commands = &mut query.as_mut()?.commands;
        let number = merges.then(|| EVENT.to_owned());
        let kept = std::iter::once("_time".to_owned()).chain(groups).chain(number);
        commands.push(Command::Keep(kept.collect()));
        if merges {
            let outer = outer.cloned();
            let once = std::iter::once(EVENT.to_owned()).chain(outer);
            commands.push(Command::Dedup(once.collect()));
        }
        commands.extend(self.assign(place));
        query
    }
}

fn source_of(column: &Column, place: usize) -> Eval {
    let source = column.fields.get(place).and_then(Option::as_deref);
    source.map_or_else(null, field)
}

/// The time of an event in a column for each rule that found it.
fn times_of_rules(exact: Vec<(usize, Eval)>) -> Vec<Command> {
    let columns: Vec<String> = exact.iter().map(|(place, _)| time_column(place + 1)).collect();
    let times = exact.into_iter().zip(&columns).map(|((_, exact), name)| {
        (name.clone(), Eval::call("if", [exact, field("_time"), null()]))
    });
    let times = Command::Eval(times.collect());
    let any = Eval::any(columns.iter().map(|name| Eval::call("isnotnull", [field(name)])));
    std::iter::once(times).chain(any.map(Command::Where)).collect()
}

/// Rules that one search can find, in the order of the correlation: those of one macro, as far as `eval`
/// can tell them apart.
fn by_call(planned: Vec<Planned>) -> Vec<Vec<Planned>> {
    let mut groups: Vec<Vec<Planned>> = Vec::new();
    for planned in planned {
        let tells = |it: &Planned| {
            it.condition.exact().is_some()
                && it.terms.as_ref().is_none_or(|it| it.exact().is_some())
        };
        let alike = |group: &&mut Vec<Planned>| {
            group.first().is_some_and(|it| it.call == planned.call && tells(it))
        };
        let group = if tells(&planned) { groups.iter_mut().find(alike) } else { None };
        match group {
            Some(group) => group.push(planned),
            None => groups.push(vec![planned]),
        }
    }
    groups
}

fn join_branches(mut branches: Vec<Query>) -> Option<Query> {
    match branches.len() {
        0 => None,
        1 => branches.pop(),
        _ => Some(Query { commands: vec![Command::Multisearch(branches)], ..Query::default() }),
    }
}
