//! Lints that compare the rules of a repository.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{Repository, detection};
use crate::ast::{Condition, Document, Rule, Written};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

type Found = Vec<(usize, Diagnostic)>;

/// Pairs of documents with the same key: the later one, and the first one.
fn duplicates<'a>(
    repository: &Repository<'a>,
    key: impl Fn(&'a str, &'a Document) -> Option<(String, Span)>,
) -> Vec<(usize, Span, usize, Span)> {
    let mut seen = BTreeMap::new();
    let mut pairs = Vec::new();
    for (place, (path, document)) in repository.documents.iter().enumerate() {
        let Some((key, span)) = key(path, document) else { continue };
        let (first, first_span) = *seen.entry(key).or_insert((place, span));
        if first != place {
            pairs.push((place, span, first, first_span));
        }
    }
    pairs
}

/// An id that another rule has.
pub(super) fn duplicate_id(repository: &Repository) -> Found {
    let pairs = duplicates(repository, |_, document| {
        let written = document.written.text("id")?;
        Some((document.metadata.id.clone()?, written.span))
    });
    let report = |(place, span, _, first): (usize, Span, usize, Span)| {
        let finding = Diagnostic::new(Code::DuplicateId, span, "another rule has this id");
        (place, finding.with_place(first, "first here").with_help("write a new UUID, version 4"))
    };
    pairs.into_iter().map(report).collect()
}

/// A title that another rule has.
pub(super) fn duplicate_title(repository: &Repository) -> Found {
    let pairs = duplicates(repository, |_, document| {
        let written = document.written.text("title")?;
        let key = written.value.trim().to_lowercase();
        (!key.is_empty()).then_some((key, written.span))
    });
    let report = |(place, span, _, first): (usize, Span, usize, Span)| {
        let finding = Diagnostic::new(Code::DuplicateTitle, span, "another rule has this title");
        let help = "write a title that says what is special about this rule";
        (place, finding.with_place(first, "first here").with_help(help))
    };
    pairs.into_iter().map(report).collect()
}

/// A rule that finds what another rule finds.
pub(super) fn duplicate_logic(repository: &Repository) -> Found {
    let pairs = duplicates(repository, |_, document| {
        let rule = document.rule()?;
        let failed = document.diagnostics.iter().any(Diagnostic::is_error);
        (!failed).then(|| Some((logic(rule)?, document.span)))?
    });
    let title = |place: usize| {
        repository.documents.get(place).map_or("", |(_, it)| it.metadata.title.as_str())
    };
    let report = |(place, span, other, first): (usize, Span, usize, Span)| {
        let message = format!("the rule looks for the same as `{}`", title(other));
        let finding = Diagnostic::new(Code::DuplicateLogic, span, message);
        let help = "delete one of them, or write the difference that was meant";
        (place, finding.with_place(first, "the other rule").with_help(help))
    };
    pairs.into_iter().map(report).collect()
}

/// Log source, detections and conditions as a text; `None` if a part could not be read.
fn logic(rule: &Rule) -> Option<String> {
    let mut bodies = BTreeMap::new();
    for detection in &rule.detections {
        bodies
            .insert(detection.name.value.as_str(), detection::canonical(detection.body.as_ref()?));
    }
    let conditions: Vec<String> = rule.conditions.iter().map(|it| show(it, &bodies)).collect();
    let source = &rule.logsource.value;
    let source = [&source.category, &source.product, &source.service];
    let mut text = format!("{source:?} {conditions:?}");
    // Selectors are resolved by name, so names count where there are any.
    if conditions.iter().any(|it| it.contains(" of ")) {
        let _infallible = write!(text, "{bodies:?}");
    }
    Some(text)
}

fn show(condition: &Condition, bodies: &BTreeMap<&str, String>) -> String {
    let join = |name: &str, operands: &[Condition]| {
        let mut parts: Vec<String> = operands.iter().map(|it| show(it, bodies)).collect();
        parts.sort_unstable();
        format!("{name}({})", parts.join(", "))
    };
    match condition {
        Condition::And(operands) => join("and", operands),
        Condition::Or(operands) => join("or", operands),
        Condition::Not(operand) => format!("not({})", show(operand, bodies)),
        Condition::Identifier { name, .. } => {
            bodies.get(name.as_str()).cloned().unwrap_or_else(|| name.clone())
        }
        Condition::Selector { quantifier, pattern, .. } => format!("{quantifier:?} of {pattern}"),
    }
}

/// A relation to a rule that is not among those that were read.
pub(super) fn unknown_related(repository: &Repository) -> Found {
    let ids: BTreeSet<&str> =
        repository.documents.iter().filter_map(|(_, it)| it.metadata.id.as_deref()).collect();
    let mut found = Vec::new();
    for (place, (_, document)) in repository.documents.iter().enumerate() {
        let entries = document.written.get("related").map_or(&[][..], |it| it.value.elements());
        for id in entries.iter().filter_map(|it| it.get("id").and_then(Written::as_text)) {
            if !ids.contains(id.value.to_lowercase().as_str()) {
                let message = format!("no rule that was read has the id `{}`", id.value);
                let finding = Diagnostic::new(Code::UnknownRelated, id.span, message);
                let help = "correct the id, or check the whole repository in one run";
                found.push((place, finding.with_help(help)));
            }
        }
    }
    found
}

/// A file name that stands in another folder too.
pub(super) fn duplicate_file_name(repository: &Repository) -> Found {
    let pairs = duplicates(repository, |path, document| {
        let name = path.rsplit('/').next()?;
        (document.index == 0).then(|| (name.to_lowercase(), document.span))
    });
    let report = |(place, span, _, first): (usize, Span, usize, Span)| {
        let message = "another file has this name";
        let finding = Diagnostic::new(Code::DuplicateFileName, span, message);
        let finding = finding.with_place(first, "the other file");
        (place, finding.with_help("rename one of the files"))
    };
    pairs.into_iter().map(report).collect()
}
