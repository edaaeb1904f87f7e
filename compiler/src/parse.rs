//! [`Node`] to AST. Parsing never fails as a whole: every mistake of a rule is reported in one run,
//! and one bad rule never stops the others.

mod attributes;
mod collection;
mod condition;
mod correlation;
mod deserialize;
mod detection;
mod fields;
mod filter;
mod findings;
mod hazard;
mod rule;
mod size;
mod written;

use std::sync::Arc;

use crate::ast::{Content, Document, Kind, Metadata, WrittenDocument};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Span};
use crate::yaml::{self, Node, parse_stream};

use collection::Collection;
pub use condition::parse_condition;
pub(crate) use detection::parse_body;
pub(crate) use fields::Fields;
pub use findings::{abridge, drop_echoes};
pub(crate) use rule::to_json;

/// How much of a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What the rule means and says about itself.
    Rules,
    /// Its attributes as they are written too, for lints.
    Lints,
}

/// Reads all rules of a file. A document that is not YAML counts as a rule that cannot be read.
pub fn parse_documents(source: SourceId, text: &str, detail: Detail) -> Vec<Document> {
    let mut collection = Collection::default();
    let mut documents = Vec::new();
    let mut found = Vec::new();
    let read = parse_stream(source, text).into_iter().enumerate();
    for (index, mut read) in read.filter(|(_, document)| !document.is_empty()) {
        found.append(&mut read.diagnostics);
        let Some(node) = read.root.take() else {
            documents.push(unreadable(source, index, std::mem::take(&mut found)));
            continue;
        };
        let start = start_of(&node);
        // What is found in a document that is no rule by itself is said with the rule behind it.
        if let Some(node) = collection.next(node, &mut found) {
            read.diagnostics = std::mem::take(&mut found);
            documents.push(parse_document(index, start, &node, read, detail));
        } else if found.iter().any(Diagnostic::is_error) {
            documents.push(unreadable(source, index, std::mem::take(&mut found)));
        }
    }
    match documents.last_mut() {
        Some(document) => document.diagnostics.append(&mut found),
        None if found.is_empty() => {}
        None => documents.push(unreadable(source, 0, found)),
    }
    documents
}

/// The document of a file that could not be read, so that the rule in it is not lost from the counts.
pub fn unreadable(source: SourceId, index: usize, diagnostics: Diagnostics) -> Document {
    let span = Span::new(source, 0, 0);
    Document {
        index,
        span,
        kind: Kind::Detection,
        metadata: Arc::new(Metadata::default()),
        written: WrittenDocument::default(),
        diagnostics,
        content: None,
    }
}

fn parse_document(
    index: usize,
    span: Span,
    node: &Node,
    read: yaml::Document,
    detail: Detail,
) -> Document {
    let mut diagnostics = read.diagnostics;
    let content = if read.complete { parse_content(node, &mut diagnostics) } else { None };
    findings::name_aliases(&mut diagnostics, &read.aliases);
    abridge(&mut diagnostics);
    let metadata = match &content {
        Some(Content::Detection(rule)) => Arc::clone(&rule.metadata),
        Some(Content::Correlation(correlation)) => Arc::clone(&correlation.metadata),
        Some(Content::Filter(filter)) => Arc::clone(&filter.metadata),
        None => Arc::new(name_only(node)),
    };
    let written = match detail {
        Detail::Rules => WrittenDocument::default(),
        Detail::Lints => written::parse_written(node),
    };
    Document { index, span, kind: kind_of(node), metadata, written, diagnostics, content }
}

fn start_of(node: &Node) -> Span {
    node.as_mapping().and_then(<[_]>::first).map_or(node.span, |(key, _)| key.span)
}

fn kind_of(node: &Node) -> Kind {
    if node.get("correlation").is_some() {
        Kind::Correlation
    } else if node.get("filter").is_some() {
        Kind::Filter
    } else {
        Kind::Detection
    }
}

fn parse_content(node: &Node, diagnostics: &mut Diagnostics) -> Option<Content> {
    if node.as_mapping().is_none() {
        let message = format!("a rule is a map, this document is {}", node.describe());
        diagnostics.push(Diagnostic::new(Code::NotARule, node.span, message));
        return None;
    }
    if let Some(mistake) = refuse_two_kinds(node) {
        diagnostics.push(mistake);
        return None;
    }
    match kind_of(node) {
        Kind::Detection => rule::parse_rule(node, diagnostics).map(Content::Detection),
        Kind::Correlation => {
            correlation::parse_correlation(node, diagnostics).map(Content::Correlation)
        }
        Kind::Filter => filter::parse_filter(node, diagnostics).map(Content::Filter),
    }
}

/// Tools disagree on what such a document is.
fn refuse_two_kinds(node: &Node) -> Option<Diagnostic> {
    let kinds = ["detection", "correlation", "filter"];
    let mut found = kinds.into_iter().filter_map(|kind| Some((kind, node.entry(kind)?.0.span)));
    let ((first, place), (second, span)) = (found.next()?, found.next()?);
    let message = format!("a document has either `{first}` or `{second}`, not both");
    let mistake = Diagnostic::new(Code::AmbiguousDocument, span, message)
        .with_place(place, "")
        .with_help("write two documents, with `---` between them");
    Some(mistake)
}

/// Title and id of a document that could not be read, so that reports can name it.
fn name_only(node: &Node) -> Metadata {
    let text = |key: &str| node.get(key).and_then(Node::as_text).map(str::to_owned);
    Metadata { title: text("title").unwrap_or_default(), id: text("id"), ..Metadata::default() }
}
