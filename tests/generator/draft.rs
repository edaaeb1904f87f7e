//! An event while it is made.

use std::collections::BTreeMap;

use isogloss_compiler::ast::Logsource;
use isogloss_compiler::ir::{Event, Sigma};
use serde_json::{Map, Value};

/// Fields with their values, and the text that keywords search.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// No value is JSON null, one is a scalar, several are a list.
    pub(crate) fields: BTreeMap<String, Vec<Value>>,
    /// What stands in the text of the event.
    pub(crate) text: Vec<String>,
}

impl Draft {
    /// The fields that have a value.
    pub(crate) fn names(&self) -> Vec<String> {
        let present = self.fields.iter().filter(|(_, values)| !values.is_empty());
        present.map(|(name, _)| name.clone()).collect()
    }

    /// The values that are text, each to be changed.
    pub(crate) fn texts_mut(&mut self) -> Vec<&mut String> {
        let values = self.fields.values_mut().flatten();
        let texts = values.filter_map(|value| match value {
            Value::String(text) => Some(text),
            _ => None,
        });
        texts.chain(&mut self.text).collect()
    }

    /// Gives a field this text as its only value.
    pub(crate) fn set(&mut self, field: &str, text: impl Into<String>) {
        self.fields.insert(field.to_owned(), vec![Value::String(text.into())]);
    }

    /// The event, of a log source if it is known.
    pub(crate) fn finish(self, text_field: &str, logsource: Option<&Logsource>) -> Event<Sigma> {
        let mut fields = Map::new();
        for (name, mut values) in self.fields {
            let value = match values.len() {
                0 => Value::Null,
                1 => values.remove(0),
                _ => Value::Array(values),
            };
            fields.insert(name, value);
        }
        if !self.text.is_empty() {
            fields.insert(text_field.to_owned(), Value::String(self.text.join(" ")));
        }
        let mut event = Event::new(fields);
        event.logsources = logsource.cloned().into_iter().collect();
        event
    }
}
