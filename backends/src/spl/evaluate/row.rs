//! The rows of a search: an event as it is, and over it what commands changed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use isogloss_compiler::ir::{Event, Mapped};
use serde_json::{Map, Value};

use super::Input;
use super::time::{nanoseconds, seconds};
use super::worth::Worth;

/// A row that a search gives.
#[derive(Debug, Clone, Default)]
pub struct Row<'e> {
    /// The places of the events that it comes from.
    pub events: BTreeSet<usize>,
    /// Time and place of the last of them.
    last: Option<(Option<i128>, usize)>,
    /// Where the fields are that no command has set.
    event: Option<&'e Event<Mapped>>,
    /// `_time` of the event.
    time: Option<i128>,
    /// What commands have set; null hides the field of the event.
    own: BTreeMap<String, Worth>,
    /// Which fields of the event can still be seen: those that all masks let through.
    masks: Vec<Arc<Mask>>,
    /// The dataset whose name stands before the names of the event's fields.
    dataset: Option<Arc<str>>,
}

/// Which fields a command leaves.
#[derive(Debug)]
pub(super) enum Mask {
    /// These, and those whose name begins with `_`.
    Keep(Vec<String>),
    /// These alone.
    Table(Vec<String>),
    /// All but these; `*` is any run.
    Drop(Vec<String>),
}

impl Mask {
    fn lets(&self, field: &str) -> bool {
        let among = |names: &[String]| names.iter().any(|it| is_named(field, it));
        match self {
            Self::Keep(names) => field.starts_with('_') || among(names),
            Self::Table(names) => among(names),
            Self::Drop(names) => !among(names),
        }
    }
}

/// True if the name is the one wanted, in which `*` is any run.
fn is_named(name: &str, wanted: &str) -> bool {
    match wanted.split_once('*') {
        None => name == wanted,
        Some((start, end)) => name.strip_prefix(start).is_some_and(|rest| {
            let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.any(|at| rest.get(at..).is_some_and(|rest| is_named(rest, end)))
        }),
    }
}

impl<'e> Row<'e> {
    /// The row of an event.
    pub(super) fn of(input: &Input<'e>, place: usize) -> Self {
        let mut row = Self { event: Some(input.event), time: input.time, ..Self::default() };
        row.events.insert(place);
        row.last = Some((row.time(), place));
        row
    }

    /// The values of a field, as text.
    pub fn values(&self, field: &str) -> Vec<Cow<'_, str>> {
        if let Some(worth) = self.own.get(field) {
            return worth.texts();
        }
        if !self.masks.iter().all(|mask| mask.lets(field)) {
            return Vec::new();
        }
        if field == "_time"
            && let Some(time) = self.time
        {
            return vec![Cow::Owned(seconds(time))];
        }
        let Some(event) = self.event else { return Vec::new() };
        let mut values = event.values(field);
        if values.is_empty()
            && let Some(short) = self.short(field)
        {
            values = event.values(short);
        }
        if values.is_empty() && field == "_raw" {
            return vec![event.text()];
        }
        values.into_iter().map(|it| Cow::Borrowed(it.text())).collect()
    }

    /// The name of a field without that of the dataset.
    fn short<'f>(&self, field: &'f str) -> Option<&'f str> {
        field.strip_prefix(&**self.dataset.as_ref()?)?.strip_prefix('.')
    }

    /// The fields that have a value.
    pub fn names(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self.own.keys().cloned().collect();
        if let Some(event) = self.event {
            collect("", event.fields(), &mut names);
        }
        if self.time.is_some() {
            names.insert("_time".to_owned());
        }
        names.retain(|name| !self.values(name).is_empty());
        names
    }

    /// The place of its last event: the latest, and of several at one time the one that stands last.
    pub fn last(&self) -> Option<usize> {
        self.last.map(|(_, place)| place)
    }

    /// Its `_time` in nanoseconds since 1970.
    pub fn time(&self) -> Option<i128> {
        if !self.own.contains_key("_time") && self.time.is_some() {
            let seen = self.masks.iter().all(|mask| mask.lets("_time"));
            return self.time.filter(|_| seen);
        }
        match self.values("_time").as_slice() {
            [single] => nanoseconds(single),
            _ => None,
        }
    }

    /// The value of a field in `eval`. What an event says is text; `_time` is a number.
    pub(super) fn worth(&self, field: &str) -> Worth {
        if let Some(worth) = self.own.get(field) {
            return worth.clone();
        }
        if field == "_time"
            && let Some(time) = self.time()
        {
            return Worth::number(&seconds(time));
        }
        Worth::of(self.values(field).into_iter().map(Cow::into_owned).collect())
    }

    /// True if the field has no value.
    pub(super) fn lacks(&self, field: &str) -> bool {
        self.values(field).is_empty()
    }

    pub(super) fn set(&mut self, field: &str, worth: Worth) {
        self.own.insert(field.to_owned(), worth);
    }

    /// Leaves only what the mask lets through.
    pub(super) fn mask(&mut self, mask: &Arc<Mask>) {
        self.own.retain(|field, _| mask.lets(field));
        self.masks.push(Arc::clone(mask));
    }

    /// Fields are also called by their name behind that of the dataset.
    pub(super) fn call_after(&mut self, dataset: &Arc<str>) {
        self.dataset = Some(Arc::clone(dataset));
    }

    /// Counts the events of the other row as its own.
    pub(super) fn join(&mut self, other: &Self) {
        self.events.extend(&other.events);
        self.last = self.last.max(other.last);
    }
}

/// The names of all fields: a field of an object has the name of the object before its own.
fn collect(start: &str, fields: &Map<String, Value>, names: &mut BTreeSet<String>) {
    for (name, value) in fields {
        collect_value(format!("{start}{name}"), value, names);
    }
}

fn collect_value(name: String, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => collect(&format!("{name}."), fields, names),
        Value::Array(elements) => {
            for element in elements {
                collect_value(name.clone(), element, names);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            names.insert(name);
        }
    }
}
