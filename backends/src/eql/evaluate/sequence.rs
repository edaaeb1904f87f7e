//! Statements on events in the order of time, above all sequences.
//!
//! A sequence is a state machine for each combination of values of the join keys (Elastic documentation,
//! "How sequence queries handle matches"): each of its events is a state, a state holds one pending match,
//! and a newer one takes the place of an older one. An event moves the pending match of the state before
//! it, so that it counts once for a match. A field with several values gives a machine to each of them
//! (<https://github.com/elastic/elasticsearch/pull/89965>).
//!
//! Two things are not documented, and taken from the way the program works: `maxspan` counts an event that
//! is exactly so late, and events that fit several states are tried for the last state first.

use std::collections::{BTreeMap, BTreeSet};

use isogloss_compiler::ir::{Event, Mapped};

use super::super::ast::{Key, Pipe, Query, Sequence, Stage, Statement, Timespan};
use super::evaluate;

/// An event and its time in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Timed<'e> {
    /// The event.
    pub event: &'e Event<Mapped>,
    /// Its time.
    pub time: i128,
}

/// The places of the last events of all matches, for events in the order of time. `None` for a sample: which
/// of its matches are found is not documented.
pub fn run(statement: &Statement, events: &[Timed]) -> Option<BTreeSet<usize>> {
    let (found, pipes) = match statement {
        Statement::Event(query, pipes) => {
            let found = (0..events.len()).filter(|place| finds(query, events, *place));
            (found.collect(), pipes)
        }
        Statement::Sequence(sequence, pipes) => (Machine::new(sequence, events).run(), pipes),
        Statement::Sample(..) => return None,
    };
    Some(pipes.iter().fold(found, |found, pipe| through(*pipe, found)).into_iter().collect())
}

fn through(pipe: Pipe, found: Vec<usize>) -> Vec<usize> {
    let length = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    match pipe {
        Pipe::Head(count) => found.into_iter().take(length(count)).collect(),
        Pipe::Tail(count) => {
            let skipped = found.len().saturating_sub(length(count));
            found.into_iter().skip(skipped).collect()
        }
    }
}

fn finds(query: &Query, events: &[Timed], place: usize) -> bool {
    events.get(place).is_some_and(|it| evaluate(query, it.event, true))
}

/// The values of the join keys; `None` for a missing value of an optional field.
type Joined = Vec<Option<String>>;

/// The places of the events of a match so far, each behind the one before.
type Pending = Vec<usize>;

struct Machine<'s> {
    sequence: &'s Sequence,
    /// The states: what has to happen, each run by itself.
    states: Vec<&'s Stage>,
    events: &'s [Timed<'s>],
    /// The pending match of each state, for each combination of keys.
    pending: BTreeMap<Joined, BTreeMap<usize, Pending>>,
    /// The places of the last events of matches.
    complete: Vec<usize>,
}

impl<'s> Machine<'s> {
    fn new(sequence: &'s Sequence, events: &'s [Timed<'s>]) -> Self {
        let happening = sequence.stages.iter().filter(|stage| !stage.missing);
        let states = happening.flat_map(|stage| std::iter::repeat_n(stage, stage.runs)).collect();
        Self { sequence, states, events, pending: BTreeMap::new(), complete: Vec::new() }
    }

    fn run(mut self) -> Vec<usize> {
        for place in 0..self.events.len() {
            for state in (0..self.states.len()).rev() {
                let Some(stage) = self.states.get(state) else { continue };
                for keys in self.keys_of(stage, place) {
                    self.enter(state, keys, place);
                }
            }
            if let Some(until) = &self.sequence.until {
                for keys in self.keys_of(until, place) {
                    self.pending.remove(&keys);
                }
            }
        }
        self.complete
    }

    /// The combinations of values by which an event belongs to a stage; none if it is none of its events.
    fn keys_of(&self, stage: &Stage, place: usize) -> BTreeSet<Joined> {
        match self.events.get(place) {
            Some(timed) if evaluate(&stage.query, timed.event, true) => {
                combinations(self.sequence.keys.iter().chain(&stage.keys), timed.event)
            }
            _ => BTreeSet::new(),
        }
    }

    /// Moves the match that waits in the state before, or begins one.
    fn enter(&mut self, state: usize, keys: Joined, place: usize) {
        let pending = self.pending.entry(keys.clone()).or_default();
        let mut moved = match state.checked_sub(1) {
            None => Pending::new(),
            Some(before) => match pending.remove(&before) {
                Some(moved) => moved,
                None => return,
            },
        };
        moved.push(place);
        if self.is_too_long(&moved) {
            return;
        }
        if state + 1 < self.states.len() {
            self.pending.entry(keys).or_default().insert(state, moved);
        } else if self.nothing_is_there_that_is_missing(&keys, &moved) {
            self.complete.push(place);
        }
    }

    fn is_too_long(&self, places: &[usize]) -> bool {
        let ends = (self.time(places.first()), self.time(places.last()));
        let (Some(span), (Some(first), Some(last))) = (self.span(), ends) else { return false };
        last - first > span
    }

    fn span(&self) -> Option<i128> {
        self.sequence.maxspan.map(Timespan::nanoseconds)
    }

    fn time(&self, place: Option<&usize>) -> Option<i128> {
        self.events.get(*place?).map(|it| it.time)
    }

    /// True if no event is where the sequence says that there is none: between two events of the match, or
    /// before or behind all of them within the time of the sequence.
    fn nothing_is_there_that_is_missing(&self, keys: &Joined, places: &[usize]) -> bool {
        let mut before = 0;
        self.sequence.stages.iter().all(|stage| {
            if !stage.missing {
                before += stage.runs;
                return true;
            }
            let from = before.checked_sub(1).and_then(|at| places.get(at));
            let to = places.get(before);
            let mut between =
                (0..self.events.len()).filter(|it| self.is_between(*it, from, to, places));
            !between.any(|place| self.keys_of(stage, place).contains(keys))
        })
    }

    fn is_between(
        &self,
        place: usize,
        from: Option<&usize>,
        to: Option<&usize>,
        places: &[usize],
    ) -> bool {
        let time = |place| self.time(Some(place)).unwrap_or_default();
        let ends = (self.time(places.first()), self.time(places.last()));
        let (Some(span), (Some(first), Some(last))) = (self.span(), ends) else { return false };
        let behind = from.map_or_else(|| time(&place) >= last - span, |from| place > *from);
        let ahead = to.map_or_else(|| time(&place) <= first + span, |to| place < *to);
        behind && ahead
    }
}

/// Every combination of values of these fields. Without a value of a field that is not optional there is none.
fn combinations<'k>(
    keys: impl Iterator<Item = &'k Key>,
    event: &Event<Mapped>,
) -> BTreeSet<Joined> {
    keys.fold(BTreeSet::from([Joined::new()]), |combinations, key| {
        let values = event.values(&key.field.name);
        let mut values: Vec<Option<String>> =
            values.iter().map(|value| Some(value.text().to_owned())).collect();
        if values.is_empty() && key.field.optional {
            values.push(None);
        }
        let longer = combinations.iter().flat_map(|combination| {
            let add = |value: &Option<String>| {
                combination.iter().cloned().chain([value.clone()]).collect::<Joined>()
            };
            values.iter().map(add).collect::<Vec<_>>()
        });
        longer.collect()
    })
}
