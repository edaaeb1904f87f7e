//! Which events a platform can have. Queries are not judged by others.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use isogloss_compiler::events::Fields;
use isogloss_compiler::ir::{
    Event, FieldFacts, FieldKind, Item, Mapped, Number, Pattern, Rule, Scalar, Sigma, Test,
};
use isogloss_compiler::pipeline::{Applied, Pipelines};
use serde_json::Value;

use crate::generator::Generated;

/// What a platform writes on the events of a log source by itself. Events that say something else do not
/// exist there.
pub(crate) struct Platform<'t> {
    pipelines: &'t Pipelines,
    applied: &'t Applied,
    own: Fields,
    tested: BTreeMap<String, Arc<FieldFacts>>,
    /// The texts of the rule on fields whose values have one spelling.
    spelled: Vec<(String, String)>,
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
        let items: Vec<_> = mapped.body.conditions.iter().flat_map(|it| it.items()).collect();
        let fields = items.iter().filter_map(|it| it.field.clone());
        let tested = fields.map(|field| (field.name, field.facts)).collect();
        let spelled = items.iter().flat_map(|it| spelled(it)).collect();
        Self { pipelines, applied, own, tested, spelled }
    }

    /// Why the platform cannot have the event.
    pub(crate) fn rules_out(&self, made: &Generated, mapped: &Event<Mapped>) -> Option<Reason> {
        let event = &made.event;
        if self.respells(mapped) {
            return Some(Reason::Case);
        }
        let is_of = |kind: FieldKind, value: Scalar| match kind {
            FieldKind::Long => Number::canonical(value.text()).is_some(),
            FieldKind::Boolean => matches!(value.text(), "true" | "false"),
            FieldKind::Ip => value.text().parse::<IpAddr>().is_ok(),
            FieldKind::Keyword | FieldKind::Wildcard | FieldKind::Text | FieldKind::Date => true,
        };
        let mut tested = self.tested.iter();
        if tested.any(|(name, it)| !mapped.values(name).into_iter().all(|one| is_of(it.kind, one)))
        {
            return Some(Reason::Type);
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

    /// True if a text of the rule is in a field whose values have one spelling, in another one.
    fn respells(&self, mapped: &Event<Mapped>) -> bool {
        let lower = str::to_ascii_lowercase;
        self.spelled.iter().any(|(field, text)| {
            let values = mapped.values(field);
            let mut values = values.iter().map(|it| it.text());
            values.any(|it| lower(it).contains(&lower(text)) && !it.contains(text.as_str()))
        })
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

/// The texts of a test, with its field, if the values of the field have one spelling.
fn spelled(item: &Item<Mapped>) -> Vec<(String, String)> {
    let Some(field) = item.field.as_ref().filter(|it| it.facts.canonical_case) else {
        return Vec::new();
    };
    let patterns = item.predicates.iter().filter_map(|predicate| match &predicate.test {
        Test::Like(pattern) => Some(pattern),
        _ => None,
    });
    let texts = patterns.flat_map(Pattern::texts);
    texts.map(|text| (field.name.clone(), text.to_owned())).collect()
}

/// Why a platform cannot have an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// A field whose values have one spelling has no other.
    Case,
    /// A field of numbers, of addresses or of truth values has nothing else.
    Type,
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
