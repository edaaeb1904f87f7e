//! The tree of a threshold rule of Kibana's detection engine (Elastic Security documentation, "Threshold
//! rules"): a query, and how many of its events are too many.

use isogloss_compiler::ir::Origin;

use super::{Expr, Query};

/// A threshold rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// Which events are counted.
    pub query: Query,
    /// The fields that form groups, each once; at most [`Self::MOST_FIELDS`]. Without any, all events are
    /// one group.
    pub fields: Vec<Key>,
    /// A group has at least so many events; never 0.
    pub value: u64,
    /// A field that has to have many values in a group.
    pub cardinality: Option<Cardinality>,
    /// How far back a run looks, in seconds; never 0.
    pub lookback: u64,
    /// The time between two runs, in seconds; never 0.
    pub interval: u64,
    /// The condition that the author wrote.
    pub origin: Origin,
}

/// A field that forms groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// Where the author wrote it.
    pub origin: Origin,
}

/// How many distinct values a field has at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cardinality {
    /// The field.
    pub field: Key,
    /// So many values; never 0.
    pub value: u64,
}

impl Threshold {
    /// Kibana refuses more (elastic/kibana#227465).
    pub const MOST_FIELDS: usize = 5;

    /// The rule as its text has it.
    #[must_use]
    pub fn joined(&self) -> Self {
        Self { query: self.query.joined(), ..self.clone() }
    }
}

impl Query {
    /// One query that finds what any of these finds; `None` without any. A scope that all have is kept
    /// apart.
    pub(crate) fn any(queries: Vec<Self>) -> Option<Self> {
        let first = queries.first()?.clone();
        let one_scope = queries.iter().all(|it| it.scope == first.scope);
        let kinds = queries.iter().flat_map(|it| it.kinds.clone()).collect();
        let operands = queries
            .into_iter()
            .map(|it| if one_scope { it.condition } else { it.joined().condition });
        let condition = Expr::any(operands)?;
        Some(Self { scope: first.scope.filter(|_| one_scope), condition, kinds })
    }
}
