//! YAML as JSON, for tests whose cases hold events.

use isogloss_compiler::yaml::{Node, Resolved, Value};
use serde_json::Value as Json;

/// A value as it is written: numbers keep their text.
pub(crate) fn json(node: &Node<'_>) -> Json {
    match &node.value {
        Value::Mapping(entries) => {
            let entry = |(key, value): &(Node, Node)| {
                (key.as_text().expect("a field").to_owned(), json(value))
            };
            Json::Object(entries.iter().map(entry).collect())
        }
        Value::Sequence(elements) => Json::Array(elements.iter().map(json).collect()),
        Value::Scalar(scalar) => match scalar.resolve() {
            Resolved::Null => Json::Null,
            Resolved::Bool(value) => Json::Bool(value),
            Resolved::Number(text) => serde_json::from_str(text).expect(text),
            Resolved::Text(text) => Json::String(text.to_owned()),
        },
    }
}
