//! The types of the fields that a query names, and which events an index with these types takes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use isogloss_compiler::ir::{
    Analyzer, Event, Field, FieldFacts, FieldKind, Mapped, Number, Rule, Scalar,
};
use serde_json::{Map, Value};

/// The fields of a rule and what is known of them.
pub(super) struct Types(BTreeMap<String, FieldFacts>);

impl Types {
    pub(super) fn of(rule: &Rule<Mapped>) -> Self {
        let exprs = rule.body.scope.condition.iter().chain(&rule.body.conditions);
        let items = exprs.flat_map(|it| it.items());
        let fields = items.flat_map(|item| {
            let others = item.predicates.iter().filter_map(|it| it.test.referred());
            item.field.iter().chain(others).cloned().collect::<Vec<Field>>()
        });
        Self(fields.map(|field| (field.name, (*field.facts).clone())).collect())
    }

    /// The types of a mapping, by name.
    pub(super) fn mapping(&self) -> Map<String, Value> {
        let word = |kind| FieldKind::ALL.iter().find(|(_, it)| *it == kind).expect("a word").0;
        self.0.iter().map(|(name, facts)| (name.clone(), word(facts.kind).into())).collect()
    }

    /// False if Elasticsearch refuses the document, since a value is none of its field's type. Numbers are
    /// canonical decimals here; nothing is promised for others.
    pub(super) fn take(&self, event: &Event<Mapped>) -> bool {
        let is_of = |kind: FieldKind, value: Scalar| match kind {
            FieldKind::Keyword | FieldKind::Wildcard | FieldKind::Text | FieldKind::Date => true,
            FieldKind::Long => {
                Number::canonical(value.text()).is_some() && value.text().parse::<i64>().is_ok()
            }
            FieldKind::Ip => value.text().parse::<IpAddr>().is_ok(),
            FieldKind::Boolean => matches!(value.text(), "true" | "false"),
        };
        let mut fields = self.0.iter();
        fields.all(|(name, facts)| event.values(name).into_iter().all(|it| is_of(facts.kind, it)))
    }

    /// How the fields of analysed text are cut into words, where it is not the standard analyzer.
    pub(super) fn analyzers(&self) -> Map<String, Value> {
        let word = |it| Analyzer::ALL.iter().find(|(_, other)| *other == it).expect("a word").0;
        let others = self.0.iter().filter(|(_, facts)| facts.analyzer != Analyzer::Standard);
        others.map(|(name, facts)| (name.clone(), word(facts.analyzer).into())).collect()
    }
}
