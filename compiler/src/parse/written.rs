//! The attributes of a document as they are written.

use crate::ast::{Attribute, Written, WrittenDocument};
use crate::source::Spanned;
use crate::yaml::{Node, Value};

/// Takes over every attribute but `detection`, which has a tree of its own.
pub(super) fn parse_written(node: &Node) -> WrittenDocument {
    let entries = node.as_mapping().unwrap_or_default();
    let attributes = entries.iter().filter_map(attribute);
    WrittenDocument { attributes: attributes.filter(|it| it.key.value != "detection").collect() }
}

fn attribute((key, value): &(Node, Node)) -> Option<Attribute> {
    // What stands below is not looked at.
    let name = key.as_text()?;
    let value = if name == "detection" { Written::Nothing(value.span) } else { written(value) };
    Some(Attribute { key: Spanned::new(name.to_owned(), key.span), value })
}

fn written(node: &Node) -> Written {
    match &node.value {
        Value::Scalar(_) => match node.as_text() {
            Some(text) => Written::Text(Spanned::new(text.to_owned(), node.span)),
            None => Written::Nothing(node.span),
        },
        Value::Sequence(elements) => Written::List(elements.iter().map(written).collect()),
        Value::Mapping(entries) => Written::Map(entries.iter().filter_map(attribute).collect()),
    }
}
