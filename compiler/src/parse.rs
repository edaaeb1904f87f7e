//! [`Node`] to AST. Parsing never fails as a whole: every mistake of a rule is reported in one run,
//! and one bad rule never stops the others.

mod attributes;
mod condition;
mod detection;
mod fields;
mod findings;
mod hazard;
mod rule;
mod size;

use std::sync::Arc;

use crate::ast::{Document, Kind, Metadata, Rule};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Span};
use crate::yaml::{self, Node, parse_stream};

pub use condition::parse_condition;
pub(crate) use detection::parse_body;
pub(crate) use fields::Fields;
pub use findings::abridge;

/// Reads all rules of a file. A document that is not YAML counts as a rule that cannot be read.
pub fn parse_documents(source: SourceId, text: &str) -> Vec<Document> {
    let read = parse_stream(source, text).into_iter().enumerate();
    let documents = read.filter(|(_, document)| !document.is_empty());
    documents.map(|(index, document)| parse_document(source, index, document)).collect()
}

/// The document of a file that could not be read, so that the rule in it is not lost from the counts.
pub fn unreadable(source: SourceId, index: usize, diagnostics: Diagnostics) -> Document {
    let span = Span::new(source, 0, 0);
    Document {
        index,
        span,
        kind: Kind::Detection,
        metadata: Arc::new(Metadata::default()),
        diagnostics,
        rule: None,
    }
}

fn parse_document(source: SourceId, index: usize, read: yaml::Document) -> Document {
    let mut diagnostics = read.diagnostics;
    let Some(node) = &read.root else { return unreadable(source, index, diagnostics) };
    let rule = if read.complete { parse_kind(node, &mut diagnostics) } else { None };
    findings::name_aliases(&mut diagnostics, &read.aliases);
    abridge(&mut diagnostics);
    let metadata = match &rule {
        Some(rule) => Arc::clone(&rule.metadata),
        None => Arc::new(name_only(node)),
    };
    let kind = if node.get("correlation").is_some() { Kind::Correlation } else { Kind::Detection };
    let start = node.as_mapping().and_then(<[_]>::first).map_or(node.span, |(key, _)| key.span);
    Document { index, span: start, kind, metadata, diagnostics, rule }
}

fn parse_kind(node: &Node, diagnostics: &mut Diagnostics) -> Option<Rule> {
    match refuse_kind(node) {
        Some(refusal) => {
            diagnostics.push(refusal);
            None
        }
        None => rule::parse_rule(node, diagnostics),
    }
}

/// Documents that are no detection rule.
fn refuse_kind(node: &Node) -> Option<Diagnostic> {
    if node.as_mapping().is_none() {
        let message = format!("a rule is a map, this document is {}", node.describe());
        return Some(Diagnostic::new(Code::NotARule, node.span, message));
    }
    let kinds =
        [("action", "a rule collection"), ("correlation", "a correlation"), ("filter", "a filter")];
    let (key, what) = kinds.into_iter().find_map(|(key, what)| Some((node.entry(key)?.0, what)))?;
    let message = format!("this document is {what}, which is not translated yet");
    Some(Diagnostic::new(Code::UnsupportedDocument, key.span, message))
}

/// Title and id of a document that could not be read, so that reports can name it.
fn name_only(node: &Node) -> Metadata {
    let text = |key: &str| node.get(key).and_then(Node::as_text).map(str::to_owned);
    Metadata { title: text("title").unwrap_or_default(), id: text("id"), ..Metadata::default() }
}
