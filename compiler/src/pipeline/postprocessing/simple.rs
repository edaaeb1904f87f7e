//! `simple_template`: text with fields in braces, a part of what Python's `str.format` takes.

use super::CODE;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::parse::Fields;
use crate::source::Span;
use crate::yaml::Node;

/// Text with fields in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimpleTemplate {
    /// Its parts, in order.
    pub parts: Vec<SimplePart>,
    /// Where it stands in the pipeline.
    pub span: Span,
}

/// A part of a [`SimpleTemplate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SimplePart {
    /// Text as it is.
    Text(String),
    /// `{rule.title}`, `{pipeline.state[key]}`: the names that lead to a value. Never empty.
    Field(Vec<String>),
}

/// What a field may start with.
const ROOTS: &[&str] = &["query", "rule", "pipeline"];

pub(super) fn parse(item: &Fields, diagnostics: &mut Diagnostics) -> Option<SimpleTemplate> {
    let Some(node) = item.node("template") else {
        item.missing("template", "write a text with `{query}` in it", diagnostics);
        return None;
    };
    let text = item.text("template", diagnostics)?;
    let parts = split(&text.value, node, diagnostics)?;
    Some(SimpleTemplate { parts, span: text.span })
}

fn split(text: &str, node: &Node, diagnostics: &mut Diagnostics) -> Option<Vec<SimplePart>> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(place) = rest.find(['{', '}']) {
        let (before, at) = rest.split_at(place);
        plain.push_str(before);
        let doubled = [("{{", '{'), ("}}", '}')];
        let escape = doubled.iter().find_map(|(mark, it)| Some((at.strip_prefix(mark)?, *it)));
        if let Some((after, brace)) = escape {
            plain.push(brace);
            rest = after;
            continue;
        }
        let start = text.len().saturating_sub(at.len());
        let inner = at.strip_prefix('{').and_then(|it| it.split_once('}'));
        let mut refuse = |end: usize, message: &str, help: &str| {
            let span = node.inner_span(start, end);
            diagnostics.push(Diagnostic::new(CODE, span, message).with_help(help));
            None
        };
        let Some((field, after)) = inner else {
            return refuse(
                start + 1,
                "a brace is not closed, or not opened",
                "write `{{` and `}}` for braces",
            );
        };
        let end = start + field.len() + 2;
        let Some(path) = path_of(field) else {
            let help = "write `{query}`, `{rule.title}` or `{pipeline.state[key]}`; formats and \
                        conversions are not supported";
            return refuse(end, "this field of the template is not understood", help);
        };
        parts.push(SimplePart::Text(std::mem::take(&mut plain)));
        parts.push(SimplePart::Field(path));
        rest = after;
    }
    plain.push_str(rest);
    parts.push(SimplePart::Text(plain));
    parts.retain(|part| *part != SimplePart::Text(String::new()));
    Some(parts)
}

/// `a.b[c]` as its names.
fn path_of(field: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for part in field.split('.') {
        let mut pieces = part.split('[');
        let name = pieces.next()?;
        let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        names.push(name.to_owned());
        for piece in pieces {
            names.push(piece.strip_suffix(']').filter(|it| !it.is_empty())?.to_owned());
        }
    }
    names.first().is_some_and(|it| ROOTS.contains(&it.as_str())).then_some(names)
}
