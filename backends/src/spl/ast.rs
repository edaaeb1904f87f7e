//! The tree of an SPL search: a first `search`, and commands behind pipes (Splunk documentation,
//! "Search Reference").

mod command;
mod eval;
mod other;
mod search;

pub use command::{Column, Command, SortKey, Streamstats, Tstats};
pub use eval::{Eval, Sign};
pub use other::{Argument, Other};
pub use search::{Call, Comparison, Literal, Operator, RESERVED, Search, Term, Value};

/// A search and its commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Terms of the log source.
    pub scope: Option<Search>,
    /// The condition of the rule, as far as `search` can say it.
    pub condition: Option<Search>,
    /// What follows, in order.
    pub commands: Vec<Command>,
}

impl Query {
    /// The query as its text has it: scope and condition are one expression.
    #[must_use]
    pub fn joined(&self) -> Self {
        let terms = self.scope.iter().chain(&self.condition).cloned();
        let commands = self.commands.iter().map(Command::joined).collect();
        Self { scope: None, condition: Search::all(terms), commands }
    }
}
