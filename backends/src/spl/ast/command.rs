//! Commands behind a pipe.

use super::{Call, Eval, Other, Query, Search};

/// A command behind a pipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `search …`.
    Search(Search),
    /// `where …`.
    Where(Eval),
    /// `eval name=…, name=…`.
    Eval(Vec<(String, Eval)>),
    /// `fields a b`: fields that are kept. Those that begin with `_` are kept anyway.
    Keep(Vec<String>),
    /// `fields - a b`: fields that are dropped; a name may end in `*`.
    Drop(Vec<String>),
    /// `table a b`.
    Table(Vec<String>),
    /// `fillnull`, `fillnull value="…" a b`.
    Fillnull {
        /// What missing fields become; without it `0`.
        value: Option<String>,
        /// Which fields; none means those that any result has.
        fields: Vec<String>,
    },
    /// `stats … by a b`.
    Stats {
        /// The columns.
        columns: Vec<Column>,
        /// The fields that form groups.
        by: Vec<String>,
    },
    /// `streamstats …`: what `stats` would say of the rows up to each row.
    Streamstats(Streamstats),
    /// `bin a span=5m`: each time or number becomes the start of its span.
    Bin {
        /// The field.
        field: String,
        /// The length of a span, such as `5m`.
        span: String,
    },
    /// `sort 0 a -b`.
    Sort {
        /// How many rows are kept at most; `0` keeps all.
        count: u32,
        /// By what, the most important first. Never empty.
        keys: Vec<SortKey>,
    },
    /// `dedup a b`: the first row of each combination of values; rows that lack one go.
    Dedup(Vec<String>),
    /// `mvexpand a`: a row for each value.
    Mvexpand(String),
    /// `rename a as b, c as d`.
    Rename(Vec<(String, String)>),
    /// `multisearch [search …] [search …]`: the rows of all searches.
    Multisearch(Vec<Query>),
    /// `append [search …]`: the rows of the search after those that are there.
    Append(Query),
    /// `tstats …`.
    Tstats(Tstats),
    /// `convert timeformat="…" ctime(a)`.
    Convert {
        /// The form of times.
        timeformat: String,
        /// The field that becomes text.
        field: String,
    },
    /// A macro as a command.
    Call(Call),
    /// Any other command, or one of these with more than they say.
    Other(Other),
}

impl Command {
    /// The command as its text has it: in its searches, scope and condition are one expression.
    pub(super) fn joined(&self) -> Self {
        match self {
            Self::Multisearch(queries) => {
                Self::Multisearch(queries.iter().map(Query::joined).collect())
            }
            Self::Append(query) => Self::Append(query.joined()),
            Self::Search(_)
            | Self::Where(_)
            | Self::Eval(_)
            | Self::Keep(_)
            | Self::Drop(_)
            | Self::Table(_)
            | Self::Fillnull { .. }
            | Self::Stats { .. }
            | Self::Streamstats(_)
            | Self::Bin { .. }
            | Self::Sort { .. }
            | Self::Dedup(_)
            | Self::Mvexpand(_)
            | Self::Rename(_)
            | Self::Tstats(_)
            | Self::Convert { .. }
            | Self::Other(_)
            | Self::Call(_) => self.clone(),
        }
    }
}

/// A column of `stats`: `count`, `min(_time) as firstTime`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The function.
    pub function: String,
    /// Its field.
    pub field: Option<String>,
    /// The name of the column.
    pub alias: Option<String>,
}

impl Column {
    /// `function(field) as alias`.
    pub fn of(function: &str, field: &str, alias: &str) -> Self {
        let [function, field, alias] = [function, field, alias].map(str::to_owned);
        Self { function, field: Some(field), alias: Some(alias) }
    }

    /// `count as alias`.
    pub fn count(alias: Option<&str>) -> Self {
        Self { function: "count".to_owned(), field: None, alias: alias.map(str::to_owned) }
    }
}

impl Streamstats {
    /// Over all rows before; `current` says whether the row itself counts.
    pub fn running(columns: Vec<Column>, current: bool, by: &[String]) -> Self {
        Self { time_window: None, current, columns, by: by.to_vec() }
    }
}

/// `streamstats time_window=5m count as n by user`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Streamstats {
    /// How far back rows count, such as `5m`; without it all rows before.
    pub time_window: Option<String>,
    /// True if the row itself counts, as it does by default.
    pub current: bool,
    /// The columns.
    pub columns: Vec<Column>,
    /// The fields that form groups; a row that lacks one gets no column.
    pub by: Vec<String>,
}

/// A field that rows are ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// The field.
    pub field: String,
    /// True if large values come first.
    pub descending: bool,
}

/// `tstats count from datamodel=A.B where … by …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tstats {
    /// A macro with options, which stands first.
    pub options: Option<Call>,
    /// What missing fields of `by` become; without it, and without a macro that says so, their rows go.
    pub fillnull_value: Option<String>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The data model and its dataset, such as `Endpoint.Processes`.
    pub model: String,
    /// Which events count.
    pub condition: Option<Search>,
    /// The fields that form groups.
    pub by: Vec<String>,
}
