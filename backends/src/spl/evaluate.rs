//! A search in SPL over a table of events, as Splunk's documents describe it.
//!
//! Written from the documentation alone: nothing of the compiler's evaluator is used. `search` ignores
//! the case of values and matches any value of a field; `eval` has null, which `NOT` keeps. What the
//! documents do not say is null, or said at its place.

mod aggregate;
mod command;
mod context;
mod eval;
mod function;
mod multivalue;
mod network;
mod order;
mod row;
mod search;
mod stats;
mod streamstats;
mod time;
mod token;
mod tstats;
mod worth;

use isogloss_compiler::ir::{Event, Macro, Mapped};

use super::ast::{Command, Query};
use context::Context;
pub use row::Row;

/// An event for a search.
#[derive(Debug, Clone, Copy)]
pub struct Input<'e> {
    /// The event, with the target's field names.
    pub event: &'e Event<Mapped>,
    /// Its `_time` in nanoseconds since 1970; without it the event's own field `_time`, if it has one.
    pub time: Option<i128>,
    /// True if the log source counts; otherwise the scope of a query is taken as true.
    pub scoped: bool,
}

/// A search that is ready to run. It may run many times: what its texts are compiled to is kept.
#[derive(Debug)]
pub struct Ready<'q> {
    query: &'q Query,
    context: Context<'q>,
}

impl<'q> Ready<'q> {
    /// A macro means what its definition says; one without a definition finds everything, and as a
    /// command it leaves the rows as they are.
    pub fn new(query: &'q Query, macros: &'q [Macro]) -> Self {
        Self { query, context: Context::new(macros) }
    }

    /// The rows that the search gives. Events are read in the order in which they stand here.
    pub fn run<'e>(&self, events: &[Input<'e>]) -> Vec<Row<'e>> {
        Run { context: &self.context, inputs: events }.query(self.query, 0)
    }

    /// True if the search finds the event: it gives a row that comes from it.
    pub fn finds(&self, event: &Event<Mapped>, scoped: bool) -> bool {
        let input = Input { event, time: None, scoped };
        self.run(&[input]).iter().any(|row| !row.events.is_empty())
    }
}

/// The rows that a query gives over these events, which are read in this order.
pub fn run<'e>(query: &Query, macros: &[Macro], events: &[Input<'e>]) -> Vec<Row<'e>> {
    Ready::new(query, macros).run(events)
}

/// True if the query finds the event. `scoped` tells whether the log source counts too.
pub fn evaluate(query: &Query, macros: &[Macro], event: &Event<Mapped>, scoped: bool) -> bool {
    Ready::new(query, macros).finds(event, scoped)
}

/// What the commands of a run share.
#[derive(Clone, Copy)]
struct Run<'r, 'e> {
    context: &'r Context<'r>,
    inputs: &'r [Input<'e>],
}

impl<'e> Run<'_, 'e> {
    /// The rows of a query; subsearches are queries of their own over the same events.
    fn query(&self, query: &Query, depth: usize) -> Vec<Row<'e>> {
        let first = if makes_rows(query) { Vec::new() } else { self.found(query) };
        query.commands.iter().fold(first, |rows, command| self.command(command, rows, depth))
    }

    /// The events that the first `search` finds.
    fn found(&self, query: &Query) -> Vec<Row<'e>> {
        let events = self.inputs.iter().enumerate();
        let rows = events.map(|(place, input)| (input.scoped, Row::of(input, place)));
        let rows = rows.filter(|(scoped, row)| {
            let scope = query.scope.iter().filter(|_| *scoped);
            scope.chain(&query.condition).all(|search| self.context.search(search, row))
        });
        rows.map(|(_, row)| row).collect()
    }
}

/// True if the first command makes the rows itself.
fn makes_rows(query: &Query) -> bool {
    let first = query.commands.first();
    first.is_some_and(|it| matches!(it, Command::Multisearch(_) | Command::Tstats(_)))
}
