//! Events: field names to zero or more scalars.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::State;
use crate::ast::Logsource;

/// An event, with Sigma's or the target's field names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<S: State> {
    fields: Map<String, Value>,
    /// The log sources that the event belongs to; empty if they are not known. There may be several: a
    /// key that Sysmon sees deleted is of `registry_event` and of `registry_delete`.
    pub logsources: Vec<Logsource>,
    /// What keywords search, where it is not made from the fields.
    raw: Option<Arc<str>>,
    state: PhantomData<S>,
}

/// One value of a field. JSON `null` is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar<'e> {
    /// A string.
    Text(&'e str),
    /// A number, in its source text.
    Number(&'e str),
    /// A boolean.
    Bool(bool),
}

impl<'e> Scalar<'e> {
    /// The text that equality compares.
    pub fn text(self) -> &'e str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
        }
    }
}

impl<S: State> Event<S> {
    /// An event with these fields, from an unknown log source.
    pub fn new(fields: Map<String, Value>) -> Self {
        Self { fields, logsources: Vec::new(), raw: None, state: PhantomData }
    }

    /// The same event under the names of another state: other fields, but the log sources and the text
    /// that it had.
    pub(crate) fn renamed<T: State>(&self, fields: Map<String, Value>) -> Event<T> {
        let raw = self.raw.clone().unwrap_or_else(|| self.text().into());
        let logsources = self.logsources.clone();
        Event { fields, logsources, raw: Some(raw), state: PhantomData }
    }

    /// True if rules of this log source are tried on the event: one of its own is contained in it, or
    /// they are not known.
    pub fn is_for(&self, rule: &Logsource) -> bool {
        self.logsources.is_empty() || self.logsources.iter().any(|mine| rule.contains(mine))
    }

    /// The values of a field: the flat key first, then the dotted path through objects and arrays.
    /// Empty if the field is absent, null or an empty list.
    pub fn values(&self, field: &str) -> Vec<Scalar<'_>> {
        let mut values = Vec::new();
        match self.fields.get(field) {
            Some(value) => collect(value, &mut values),
            None => descend(&self.fields, field, &mut values),
        }
        values
    }

    /// The text that keywords search: `_raw`, else `message` if the log source keeps its text there, else
    /// all values in document order, joined by line feeds.
    pub fn text(&self) -> Cow<'_, str> {
        if let Some(raw) = &self.raw {
            return Cow::Borrowed(raw);
        }
        if let Some(Value::String(raw)) = self.fields.get("_raw") {
            return Cow::Borrowed(raw);
        }
        if let Some(Value::String(message)) = self.fields.get("message")
            && self.logsources.iter().any(keeps_message)
        {
            return Cow::Borrowed(message);
        }
        let mut leaves = Vec::new();
        self.fields.values().for_each(|value| collect_leaves(value, &mut leaves));
        let texts: Vec<&str> = leaves.into_iter().map(Scalar::text).collect();
        Cow::Owned(texts.join("\n"))
    }

    /// The fields as they are.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }
}

/// Log sources of Linux that are lines of text, such as `syslog` and `auth`; the audit log is none.
fn keeps_message(logsource: &Logsource) -> bool {
    logsource.product.as_deref() == Some("linux")
        && logsource.category.is_none()
        && logsource.service.as_deref().is_some_and(|service| service != "auditd")
}

/// The scalars that a value is. An object is none: its own fields have names of their own.
fn collect<'e>(value: &'e Value, values: &mut Vec<Scalar<'e>>) {
    match value {
        Value::Null | Value::Object(_) => {}
        Value::Bool(value) => values.push(Scalar::Bool(*value)),
        Value::Number(number) => values.push(Scalar::Number(number.as_str())),
        Value::String(text) => values.push(Scalar::Text(text)),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, values)),
    }
}

/// The scalars that a value holds, however deep they lie.
fn collect_leaves<'e>(value: &'e Value, leaves: &mut Vec<Scalar<'e>>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|value| collect_leaves(value, leaves)),
        Value::Array(elements) => elements.iter().for_each(|it| collect_leaves(it, leaves)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            collect(value, leaves);
        }
    }
}

fn descend<'e>(fields: &'e Map<String, Value>, path: &str, values: &mut Vec<Scalar<'e>>) {
    for (split, _) in path.match_indices('.') {
        let (head, tail) = path.split_at(split);
        let tail = tail.trim_start_matches('.');
        if let Some(value) = fields.get(head) {
            follow(value, tail, values);
        }
    }
}

fn follow<'e>(value: &'e Value, path: &str, values: &mut Vec<Scalar<'e>>) {
    match value {
        Value::Object(fields) => match fields.get(path) {
            Some(value) => collect(value, values),
            None => descend(fields, path, values),
        },
        Value::Array(elements) => elements.iter().for_each(|element| follow(element, path, values)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Sigma;

    fn event(text: &str) -> Event<Sigma> {
        Event::new(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn the_flat_key_comes_before_the_path() {
        let event = event(
            r#"{"a.b": 1, "a": {"b": 2, "c": [{"d": "x"}, {"d": [true, null]}]}, "n": null, "e": []}"#,
        );
        assert_eq!(event.values("a.b"), [Scalar::Number("1")]);
        assert_eq!(event.values("a.c.d"), [Scalar::Text("x"), Scalar::Bool(true)]);
        assert!(
            event.values("n").is_empty()
                && event.values("e").is_empty()
                && event.values("z").is_empty()
        );
    }

    #[test]
    fn a_log_of_lines_keeps_its_text_in_message() {
        let mut event = event(r#"{"host": "a", "message": "b"}"#);
        assert_eq!(event.text(), "a\nb");
        let service = |name: &str| Logsource {
            product: Some("linux".to_owned()),
            service: Some(name.to_owned()),
            category: None,
        };
        event.logsources = vec![service("auditd")];
        assert_eq!(event.text(), "a\nb");
        event.logsources = vec![service("syslog")];
        assert_eq!(event.text(), "b");
    }

    #[test]
    fn an_object_is_no_value() {
        let event = event(r#"{"a": {"b": {"c": "x"}}, "l": [{"b": "x"}, "y"]}"#);
        assert!(event.values("a").is_empty() && event.values("a.b").is_empty());
        assert_eq!(event.values("a.b.c"), [Scalar::Text("x")]);
        assert_eq!(event.values("l"), [Scalar::Text("y")]);
        assert_eq!(event.text(), "x\nx\ny");
    }

    #[test]
    fn numbers_keep_their_text() {
        let event = event(r#"{"a": 1.0, "b": 123456789012345678901234567890}"#);
        assert_eq!(event.values("a"), [Scalar::Number("1.0")]);
        assert_eq!(event.text(), "1.0\n123456789012345678901234567890");
    }
}
