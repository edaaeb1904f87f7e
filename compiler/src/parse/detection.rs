//! `detection` to AST (Sigma specification, section "Detection").

use super::fields::Fields;
use super::hazard::report_hazards;
use crate::ast::{Body, Detection, DetectionItem, ModifierName, Value, ValueKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Resolved, Value as Yaml};

/// Reads every detection; `others` are keys that name none. Reports and leaves out
/// those that have no shape that Sigma knows.
pub(super) fn parse_detections(
    fields: &Fields,
    others: &[&str],
    diagnostics: &mut Diagnostics,
) -> Vec<Detection> {
    report_hazards(fields.entries(), others, diagnostics);
    let mut detections = Vec::new();
    for (key, value) in fields.entries() {
        let Some(name) = key.as_text() else {
            diagnostics.push(invalid(
                key.span,
                format!("a detection is named by a word, not by {}", key.describe()),
            ));
            continue;
        };
        if others.contains(&name) {
            continue;
        }
        let body = parse_body(value, diagnostics);
        detections.push(Detection { name: Spanned::new(name.to_owned(), key.span), body });
    }
    detections
}

/// Reads a map of items, a list of maps, a list of keywords or a single keyword.
pub(crate) fn parse_body(node: &Node, diagnostics: &mut Diagnostics) -> Option<Body> {
    match &node.value {
        Yaml::Mapping(entries) => parse_items(node, entries, diagnostics),
        Yaml::Sequence(elements) => parse_list(node, elements, diagnostics),
        Yaml::Scalar(_) if node.is_null() => {
            diagnostics
                .push(invalid(node.span, "the detection is empty").with_help(
                    "write fields below it, indented further, such as `Image: cmd.exe`",
                ));
            None
        }
        Yaml::Scalar(_) => Some(Body::All(vec![keywords(vec![parse_value(node)?])?])),
    }
}

fn parse_items(
    node: &Node,
    entries: &[(Node, Node)],
    diagnostics: &mut Diagnostics,
) -> Option<Body> {
    if entries.is_empty() {
        diagnostics.push(invalid(node.span, "the detection is empty"));
        return None;
    }
    let items = entries.iter().filter_map(|(key, value)| parse_item(key, value, diagnostics));
    let items: Vec<DetectionItem> = items.collect();
    (items.len() == entries.len()).then_some(Body::All(items))
}

/// Maps and keywords are joined by `or`; keywords that follow each other form one item.
fn parse_list(node: &Node, elements: &[Node], diagnostics: &mut Diagnostics) -> Option<Body> {
    if elements.is_empty() {
        diagnostics.push(invalid(node.span, "the detection is empty"));
        return None;
    }
    let mut parts = Vec::new();
    let mut words = Vec::new();
    let mut complete = true;
    for element in elements {
        match &element.value {
            Yaml::Scalar(_) => words.extend(parse_value(element)),
            Yaml::Mapping(entries) => {
                parts
                    .extend(keywords(std::mem::take(&mut words)).map(|item| Body::All(vec![item])));
                let items = parse_items(element, entries, diagnostics);
                complete &= items.is_some();
                parts.extend(items);
            }
            Yaml::Sequence(_) => {
                let message = "a list in a list is no detection";
                diagnostics
                    .push(invalid(element.span, message).with_help("write one list of all parts"));
                complete = false;
            }
        }
    }
    parts.extend(keywords(words).map(|item| Body::All(vec![item])));
    complete.then_some(Body::Any(parts))
}

fn keywords(values: Vec<Value>) -> Option<DetectionItem> {
    let first = values.first()?.span;
    let span = values.last().map_or(first, |last| first.to(last.span));
    let listed = values.len() > 1;
    Some(DetectionItem { field: None, modifiers: Vec::new(), values, listed, span })
}

fn parse_item(key: &Node, value: &Node, diagnostics: &mut Diagnostics) -> Option<DetectionItem> {
    let Some(name) = key.as_text() else {
        let message = format!("a field is named by a word, not by {}", key.describe());
        diagnostics.push(invalid(key.span, message));
        return None;
    };
    let (field, modifiers) = split_key(key, name, diagnostics)?;
    let values = parse_values(value, diagnostics)?;
    let listed = matches!(value.value, Yaml::Sequence(_));
    Some(DetectionItem { field, modifiers, values, listed, span: key.span })
}

/// `field|modifier|modifier` to its parts.
fn split_key(
    key: &Node,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Option<(Option<Spanned<String>>, Vec<ModifierName>)> {
    let mut offset = 0;
    let mut parts = Vec::new();
    for part in name.split('|') {
        let span = key.inner_span(offset, offset + part.len());
        if part.trim() != part {
            let message = format!("`{part}` starts or ends with a space");
            let whole: Vec<&str> = name.split('|').map(str::trim).collect();
            let help = format!("write `{}`", whole.join("|"));
            diagnostics.push(invalid(span, message).with_help(help));
            return None;
        }
        parts.push(Spanned::new(part.to_owned(), span));
        offset += part.len() + 1;
    }
    let field = parts.remove(0);
    if field.value.is_empty() && parts.is_empty() {
        diagnostics.push(invalid(key.span, "the name of the field is empty"));
        return None;
    }
    Some(((!field.value.is_empty()).then_some(field), parts))
}

fn parse_values(node: &Node, diagnostics: &mut Diagnostics) -> Option<Vec<Value>> {
    let elements = node.elements();
    if elements.is_empty() {
        let message = "the list of values is empty";
        let help = "leave the field out, or write `null` to ask for its absence";
        diagnostics.push(invalid(node.span, message).with_help(help));
        return None;
    }
    let values: Vec<Value> = elements
        .iter()
        .filter_map(|element| {
            let value = parse_value(element);
            if value.is_none() {
                let message = format!("{} is no value", element.describe());
                let help = "quote a value that holds `: ` or starts with `- `, `[` or `{`";
                diagnostics.push(invalid(element.span, message).with_help(help));
            }
            value
        })
        .collect();
    (values.len() == elements.len()).then_some(values)
}

fn parse_value(node: &Node) -> Option<Value> {
    let scalar = node.as_scalar()?;
    let value = match scalar.resolve() {
        Resolved::Null => ValueKind::Null,
        Resolved::Bool(value) => ValueKind::Bool(value),
        Resolved::Number(text) => ValueKind::Number(text.to_owned()),
        Resolved::Text(text) => ValueKind::Text(text.to_owned()),
    };
    let verbatim = scalar.is_verbatim().then(|| node.inner_span(0, scalar.text.len()));
    Some(Value { value, span: node.span, verbatim })
}

fn invalid(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::InvalidDetection, span, message)
}
