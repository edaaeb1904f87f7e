//! Lints on what a rule says about itself.

use std::collections::BTreeMap;

use super::Context;
use crate::ast::{Kind, Status, Written};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest, suggest};

/// The attributes of the Sigma specification, and our own.
const ATTRIBUTES: &[&str] = &[
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "logsource",
    "detection",
    "correlation",
    "filter",
    "fields",
    "falsepositives",
    "level",
    "tags",
    "scope",
    "generate",
    "action",
    "isogloss",
];
/// The attributes that hold lists in which no entry says more than once what it says.
const LISTS: &[&str] = &["tags", "references", "falsepositives", "fields", "scope"];
const RELATIONS: &[&str] = &["derived", "obsolete", "merged", "renamed", "similar", "correlation"];

/// `related` names the rule itself.
pub(super) fn related_to_itself(context: &Context, found: &mut Diagnostics) {
    let Some(own) = &context.document.metadata.id else { return };
    for entry in related(context) {
        let Some(id) = entry.get("id").and_then(Written::as_text) else { continue };
        if id.value.eq_ignore_ascii_case(own) {
            let message = "the rule is related to itself";
            let finding = Diagnostic::new(Code::RelatedToItself, id.span, message);
            found.push(finding.with_help("write the id of the other rule, or delete the entry"));
        }
    }
}

/// A relation of a type that Sigma does not have.
pub(super) fn unknown_relation(context: &Context, found: &mut Diagnostics) {
    for entry in related(context) {
        let Some(kind) = entry.get("type").and_then(Written::as_text) else { continue };
        if !RELATIONS.contains(&kind.value.as_str()) {
            let message = format!("`{}` is no type of relation", kind.value);
            let help = suggest(&kind.value, RELATIONS.iter().copied());
            found.push(Diagnostic::new(Code::UnknownRelation, kind.span, message).with_help(help));
        }
    }
}

fn related<'a>(context: &Context<'a>) -> &'a [Written] {
    context.document.written.get("related").map_or(&[], |it| it.value.elements())
}

/// A rule without an id cannot be followed through renames.
pub(super) fn no_id(context: &Context, found: &mut Diagnostics) {
    missing(context, "id", Code::NoId, "write a new UUID, version 4", found);
}

/// A rule without a level has no severity where it is deployed.
pub(super) fn no_level(context: &Context, found: &mut Diagnostics) {
    let help = "write `informational`, `low`, `medium`, `high` or `critical`";
    missing(context, "level", Code::NoLevel, help, found);
}

/// Only rules are asked: a document that is none has other faults.
fn missing(context: &Context, name: &str, code: Code, help: &str, found: &mut Diagnostics) {
    let document = context.document;
    let is_rule = document.rule().is_some() && document.kind == Kind::Detection;
    if is_rule && document.written.get(name).is_none() {
        let message = format!("the rule has no `{name}`");
        found.push(Diagnostic::new(code, document.span, message).with_help(help));
    }
}

/// A deprecated rule that does not say what replaces it.
pub(super) fn deprecated_without_heir(context: &Context, found: &mut Diagnostics) {
    let document = context.document;
    if document.metadata.status != Some(Status::Deprecated) || !related(context).is_empty() {
        return;
    }
    let span = document.written.text("status").map_or(document.span, |it| it.span);
    let message = "the rule is deprecated, and `related` does not say what replaces it";
    let help = "name the rules that replace it under `related`";
    found.push(Diagnostic::new(Code::DeprecatedWithoutHeir, span, message).with_help(help));
}

/// `modified` lies before `date`.
pub(super) fn modified_before_date(context: &Context, found: &mut Diagnostics) {
    let metadata = &context.document.metadata;
    let (Some(date), Some(modified)) = (&metadata.date, &metadata.modified) else { return };
    let written = |name: &str| context.document.written.text(name);
    let (Some(first), Some(second)) = (written("modified"), written("date")) else { return };
    if modified < date {
        let message = format!("the rule was modified on {modified}, before it was written");
        let finding = Diagnostic::new(Code::ModifiedBeforeDate, first.span, message);
        let finding = finding.with_place(second.span, "written on this day");
        found.push(finding.with_help("correct the date that is wrong"));
    }
}

/// An attribute that Sigma does not have, near to one that it has.
pub(super) fn misspelt_attribute(context: &Context, found: &mut Diagnostics) {
    misspelt_logsource_key(context, found);
    for attribute in &context.document.written.attributes {
        let name = attribute.key.value.as_str();
        if ATTRIBUTES.contains(&name) {
            continue;
        }
        if let Some(meant) = nearest(name, ATTRIBUTES.iter().copied()) {
            let message = format!("`{name}` is no attribute of Sigma and is not read");
            let finding = Diagnostic::new(Code::MisspeltAttribute, attribute.key.span, message);
            found.push(finding.with_help(format!("did you mean `{meant}`?")));
        }
    }
}

/// A key of the log source near to one that Sigma has.
fn misspelt_logsource_key(context: &Context, found: &mut Diagnostics) {
    const KEYS: &[&str] = &["category", "product", "service", "definition"];
    let Some(logsource) = context.document.written.get("logsource") else { return };
    let Written::Map(entries) = &logsource.value else { return };
    for entry in entries.iter().filter(|it| !KEYS.contains(&it.key.value.as_str())) {
        let name = entry.key.value.as_str();
        if let Some(meant) = nearest(name, KEYS.iter().copied()) {
            let message = format!("`{name}` is no part of a log source and is not read");
            let finding = Diagnostic::new(Code::MisspeltAttribute, entry.key.span, message);
            found.push(finding.with_help(format!("did you mean `{meant}`?")));
        }
    }
}

/// An entry that stands twice in a list.
pub(super) fn duplicate_entry(context: &Context, found: &mut Diagnostics) {
    for name in LISTS {
        let Some(attribute) = context.document.written.get(name) else { continue };
        let mut seen = BTreeMap::new();
        for text in attribute.value.elements().iter().filter_map(Written::as_text) {
            if let Some(first) = seen.insert(text.value.as_str(), text.span) {
                let message = format!("`{}` stands twice in `{name}`", text.value);
                let finding = Diagnostic::new(Code::DuplicateEntry, text.span, message);
                found.push(finding.with_place(first, "first here").with_help("delete one of them"));
            }
        }
    }
}
