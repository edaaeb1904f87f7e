//! What a text of EQL is as a whole: a query about one event, a sequence or a sample, and pipes behind it.

use isogloss_compiler::ir::Origin;

use super::{FieldPath, Query};

/// A whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// Events, each by itself.
    Event(Query, Vec<Pipe>),
    /// Events that follow each other.
    Sequence(Sequence, Vec<Pipe>),
    /// Events in any order.
    Sample(Sample, Vec<Pipe>),
}

impl Statement {
    /// The statement as its text has it: the scope of a query is a part of its condition.
    #[must_use]
    pub fn joined(&self) -> Self {
        match self {
            Self::Event(query, pipes) => Self::Event(query.joined(), pipes.clone()),
            Self::Sequence(sequence, pipes) => Self::Sequence(
                Sequence {
                    stages: sequence.stages.iter().map(Stage::joined).collect(),
                    until: sequence.until.as_ref().map(Stage::joined),
                    ..sequence.clone()
                },
                pipes.clone(),
            ),
            Self::Sample(sample, pipes) => {
                let stages = sample.stages.iter().map(Stage::joined).collect();
                Self::Sample(Sample { stages, ..sample.clone() }, pipes.clone())
            }
        }
    }
}

/// `sequence by … with maxspan=… [ ] [ ] … until [ ]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// The fields whose values all events of a match have in common.
    pub keys: Vec<Key>,
    /// How far the events of a match lie apart at most.
    pub maxspan: Option<Timespan>,
    /// At least two, counted with their runs.
    pub stages: Vec<Stage>,
    /// What ends a match that is not complete; no run, and nothing that is missing.
    pub until: Option<Stage>,
}

/// `sample by … [ ] [ ] …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The fields whose values all events of a match have in common.
    pub keys: Vec<Key>,
    /// At least two, without runs and nothing that is missing.
    pub stages: Vec<Stage>,
}

/// `[category where condition] by … with runs=…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What an event has to be.
    pub query: Query,
    /// True for `![ … ]`: there is no such event.
    pub missing: bool,
    /// The fields whose values the events have in common, called as in these events.
    pub keys: Vec<Key>,
    /// How many such events there have to be, 1 to [`Stage::MOST_RUNS`].
    pub runs: usize,
}

impl Stage {
    /// The documented bound of `with runs`.
    pub const MOST_RUNS: usize = 100;

    /// One event.
    #[must_use]
    pub fn of(query: Query, keys: Vec<Key>) -> Self {
        Self { query, missing: false, keys, runs: 1 }
    }

    fn joined(&self) -> Self {
        Self { query: self.query.joined(), ..self.clone() }
    }
}

/// A field whose value is joined. Without a value, an event counts if the field is optional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The field.
    pub field: FieldPath,
    /// The field that the author wrote.
    pub origin: Origin,
}

/// A number of units of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timespan {
    /// Not zero.
    pub count: u64,
    /// Of what.
    pub unit: TimeUnit,
}

impl Timespan {
    /// Seconds in the largest unit that has no fraction.
    #[must_use]
    pub fn of_seconds(seconds: u64) -> Self {
        let units = [(TimeUnit::Days, 86_400), (TimeUnit::Hours, 3600), (TimeUnit::Minutes, 60)];
        let largest = units.into_iter().find(|(_, length)| seconds.is_multiple_of(*length));
        let (unit, length) = largest.unwrap_or((TimeUnit::Seconds, 1));
        Self { count: seconds / length, unit }
    }

    /// In nanoseconds.
    pub fn nanoseconds(self) -> i128 {
        let unit = match self.unit {
            TimeUnit::Milliseconds => 1_000_000,
            TimeUnit::Seconds => 1_000_000_000,
            TimeUnit::Minutes => 60_000_000_000,
            TimeUnit::Hours => 3_600_000_000_000,
            TimeUnit::Days => 86_400_000_000_000,
        };
        i128::from(self.count) * unit
    }
}

/// The units of `maxspan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// `ms`.
    Milliseconds,
    /// `s`.
    Seconds,
    /// `m`.
    Minutes,
    /// `h`.
    Hours,
    /// `d`.
    Days,
}

impl TimeUnit {
    /// Every unit and its text.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("ms", Self::Milliseconds),
        ("s", Self::Seconds),
        ("m", Self::Minutes),
        ("h", Self::Hours),
        ("d", Self::Days),
    ];

    /// The unit as it is written.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, unit)| *unit == self).map_or("", |(text, _)| text)
    }
}

/// What is left of the matches (Elastic documentation, "EQL pipe reference").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipe {
    /// `head n`: the first.
    Head(u64),
    /// `tail n`: the last.
    Tail(u64),
}
