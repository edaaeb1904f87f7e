//! Which events a platform can have. Queries are not judged by others.

use std::collections::BTreeMap;
use std::sync::Arc;

use isogloss_compiler::events::Fields;
use isogloss_compiler::ir::{Event, FieldFacts, FieldKind, Mapped, Number, Rule, Scalar, Sigma};
use isogloss_compiler::pipeline::{Applied, Pipelines};
use serde_json::Value;

use crate::generator::{Class, Generated};

/// What a platform writes on the events of a log source by itself. Events that say something else do not
/// exist there.
pub(crate) struct Platform<'t> {
    pipelines: &'t Pipelines,
    applied: &'t Applied,
    own: Fields,
    tested: BTreeMap<String, Arc<FieldFacts>>,
}

impl<'t> Platform<'t> {
    pub(crate) fn of(
        pipelines: &'t Pipelines,
        applied: &'t Applied,
        rule: &Rule<Sigma>,
        mapped: &Rule<Mapped>,
    ) -> Self {
        let mut empty = Event::new(Fields::new());
        empty.logsources = vec![rule.logsource.clone()];
        let own = pipelines.map_event(applied, &empty).fields().clone();
        let items = mapped.body.conditions.iter().flat_map(|it| it.items());
        let fields = items.filter_map(|it| it.field.clone());
        let tested = fields.map(|field| (field.name, field.facts)).collect();
        Self { pipelines, applied, own, tested }
    }

    /// Why the platform cannot have the event.
    pub(crate) fn rules_out(&self, made: &Generated, mapped: &Event<Mapped>) -> Option<Reason> {
        let Generated { class, event } = made;
        if *class == Class::OtherCase && self.tested.values().any(|facts| facts.canonical_case) {
            return Some(Reason::Case);
        }
        let is_number = |value: Scalar| Number::canonical(value.text()).is_some();
        let mut numbers = self.tested.iter().filter(|(_, facts)| facts.kind == FieldKind::Long);
        if numbers.any(|(name, _)| !mapped.values(name).into_iter().all(is_number)) {
            return Some(Reason::NoNumber);
        }
        let is_boolean = |value: Scalar| ["true", "false"].contains(&value.text());
        let mut booleans = self.tested.iter().filter(|(_, facts)| facts.kind == FieldKind::Boolean);
        if booleans.any(|(name, _)| !mapped.values(name).into_iter().all(is_boolean)) {
            return Some(Reason::NoBoolean);
        }
        let is_list_with_gap =
            |value: &Value| value.as_array().is_some_and(|values| values.contains(&Value::Null));
        if mapped.fields().values().any(is_list_with_gap) {
            return Some(Reason::Gap);
        }
        if !hashes_are_a_list(event) {
            return Some(Reason::Hashes);
        }
        let contradicts = !event.logsources.is_empty() && self.contradicts(event);
        contradicts.then_some(Reason::Logsource)
    }

    /// True if the event says something else about its log source than the platform writes.
    fn contradicts(&self, event: &Event<Sigma>) -> bool {
        if self.own.is_empty() {
            return false;
        }
        let nowhere = Event::new(event.fields().clone());
        let by_event = self.pipelines.map_event(self.applied, &nowhere);
        !self.own.iter().all(|(name, value)| match by_event.fields().get(name) {
            Some(Value::Number(mine)) => value.as_str() == Some(mine.as_str()),
            Some(mine) => mine == value,
            None => !self.tested.contains_key(name),
        })
    }
}

/// Why a platform cannot have an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// A field whose values have one spelling has no other.
    Case,
    /// A field of numbers has no text.
    NoNumber,
    /// A field of booleans has no other word.
    NoBoolean,
    /// A list has no null in it.
    Gap,
    /// Hashes are `NAME=digits`, joined by commas.
    Hashes,
    /// The fields of the log source say something else.
    Logsource,
}

/// True if hashes are `NAME=digits`, joined by commas, as Sysmon writes them.
fn hashes_are_a_list(event: &Event<Sigma>) -> bool {
    let is_part = |part: &str| {
        let (name, digits) = part.split_once('=').unwrap_or(("MD5", part));
        let known = ["MD5", "SHA1", "SHA256", "IMPHASH"];
        known.iter().any(|it| it.eq_ignore_ascii_case(name))
            && digits.chars().all(|it| it.is_ascii_hexdigit())
    };
    let fields = ["Hashes", "Hash"].into_iter();
    fields.flat_map(|it| event.values(it)).all(|it| it.text().split(',').all(is_part))
}
