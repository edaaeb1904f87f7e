//! Lints: what a rule may say, and probably does not mean.
//!
//! A lint is a pure function over a document as it was written, or over all documents of a repository. It
//! is sure of its case: what is often right is off by default.

mod attack;
mod condition;
mod copied;
mod detection;
mod field;
mod hash;
mod item;
mod logsource;
mod metadata;
mod overlap;
mod regex;
mod repository;
mod tag;
mod value;

use std::collections::BTreeSet;

use crate::Index;
use crate::ast::{Body, DetectionItem, Document, Rule, ValueKind};
use crate::diagnostic::{Code, Diagnostics, Severity};
use crate::source::{SourceMap, Span};

/// A lint.
#[derive(Debug)]
pub struct Lint {
    /// The code of its findings.
    pub code: Code,
    /// True if it is on unless the policy says otherwise.
    pub on: bool,
    check: Check,
}

/// What a lint looks at.
#[derive(Debug)]
enum Check {
    /// One document, whatever could be read of it.
    Document(fn(&Context, &mut Diagnostics)),
    /// The logic of one rule.
    Rule(fn(&Context, &Rule, &mut Diagnostics)),
    /// One detection item.
    Item(fn(&Context, &DetectionItem, &mut Diagnostics)),
    /// All documents; findings belong to the document of their first place.
    Repository(fn(&Repository) -> Vec<(usize, crate::diagnostic::Diagnostic)>),
}

const fn on(code: Code, check: Check) -> Lint {
    Lint { code, on: true, check }
}

const fn off(code: Code, check: Check) -> Lint {
    Lint { code, on: false, check }
}

/// Every lint, in the order of the codes.
pub const LINTS: &[Lint] = &[
    on(Code::TypographicQuotes, Check::Item(copied::typographic_quotes)),
    on(Code::UnseenCharacter, Check::Item(copied::unseen_character)),
    on(Code::ListInValue, Check::Item(copied::list_in_value)),
    on(Code::DuplicateId, Check::Repository(repository::duplicate_id)),
    on(Code::DuplicateTitle, Check::Repository(repository::duplicate_title)),
    on(Code::DuplicateLogic, Check::Repository(repository::duplicate_logic)),
    off(Code::UnknownRelated, Check::Repository(repository::unknown_related)),
    on(Code::RelatedToItself, Check::Document(metadata::related_to_itself)),
    on(Code::UnknownRelation, Check::Document(metadata::unknown_relation)),
    on(Code::NoId, Check::Document(metadata::no_id)),
    on(Code::NoLevel, Check::Document(metadata::no_level)),
    off(Code::DeprecatedWithoutHeir, Check::Document(metadata::deprecated_without_heir)),
    on(Code::ModifiedBeforeDate, Check::Document(metadata::modified_before_date)),
    on(Code::MisspeltAttribute, Check::Document(metadata::misspelt_attribute)),
    on(Code::DuplicateEntry, Check::Document(metadata::duplicate_entry)),
    on(Code::MalformedTag, Check::Document(tag::malformed)),
    on(Code::UnknownNamespace, Check::Document(tag::unknown_namespace)),
    on(Code::InvalidTag, Check::Document(tag::invalid)),
    on(Code::LogsourceCase, Check::Document(logsource::upper_case)),
    on(Code::MisspeltLogsource, Check::Document(logsource::misspelt)),
    on(Code::EventCodeOfCategory, Check::Item(logsource::event_code_of_category)),
    on(Code::ThemIsOne, Check::Rule(condition::them_is_one)),
    off(Code::SelectorIsOne, Check::Rule(condition::selector_is_one)),
    on(Code::MixedOperators, Check::Rule(condition::mixed_operators)),
    on(Code::Contradiction, Check::Rule(condition::contradiction)),
    on(Code::EqualDetections, Check::Rule(detection::equal_detections)),
    on(Code::ModifiersOverlap, Check::Item(item::modifiers_overlap)),
    on(Code::ModifierTwice, Check::Item(item::modifier_twice)),
    on(Code::AllOfOne, Check::Item(item::all_of_one)),
    on(Code::AllOfWholeValues, Check::Item(item::all_of_whole_values)),
    on(Code::OffsetOfWholeValue, Check::Item(item::offset_of_whole_value)),
    on(Code::WildcardForModifier, Check::Item(value::wildcard_for_modifier)),
    on(Code::DoubleWildcard, Check::Item(value::double_wildcard)),
    on(Code::EscapedWildcard, Check::Item(value::escaped_wildcard)),
    on(Code::ShortUnc, Check::Item(value::short_unc)),
    on(Code::WildcardInUrl, Check::Item(value::wildcard_in_url)),
    off(Code::LoneWildcard, Check::Item(value::lone_wildcard)),
    on(Code::EmptyPart, Check::Item(value::empty_part)),
    on(Code::DuplicateValue, Check::Item(overlap::duplicate_value)),
    on(Code::CoveredValue, Check::Item(overlap::covered_value)),
    on(Code::RedundantRegex, Check::Item(value::redundant_regex)),
    on(Code::FieldCase, Check::Item(field::case)),
    off(Code::DuplicateFileName, Check::Repository(repository::duplicate_file_name)),
    on(Code::ReplacedTechnique, Check::Document(attack::replaced)),
    on(Code::UnknownTechnique, Check::Document(attack::unknown)),
    off(Code::UncommonRegex, Check::Item(regex::uncommon)),
    on(Code::MisfitHash, Check::Item(hash::misfit)),
];

/// The severity that a finding has unless the policy says otherwise; `None` is off.
pub fn default_severity(code: Code) -> Option<Severity> {
    let lint = LINTS.iter().find(|lint| lint.code == code);
    lint.is_none_or(|lint| lint.on).then_some(code.severity())
}

/// Names that platforms know, from outside of this crate.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Field names of Sigma's taxonomy.
    pub fields: BTreeSet<String>,
}

/// What a lint is given beside what it looks at.
struct Context<'a> {
    document: &'a Document,
    /// The whole file.
    text: &'a str,
    known: &'a Known,
}

impl<'a> Context<'a> {
    /// The text of a place in this file.
    fn slice(&self, span: Span) -> &'a str {
        let range = usize::try_from(span.start).ok().zip(usize::try_from(span.end).ok());
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }
}

/// All documents of a run.
struct Repository<'a> {
    /// The documents with their paths, in order.
    documents: Vec<(&'a str, &'a Document)>,
}

/// The lints of a run over one repository.
#[derive(Debug)]
pub struct Linter<'a> {
    known: &'a Known,
    /// What was found by comparing rules, by the place of the rule in the index.
    repository: Vec<Diagnostics>,
}

impl<'a> Linter<'a> {
    /// Compares the rules of a repository with each other.
    pub fn new(index: &Index, sources: &SourceMap, known: &'a Known) -> Self {
        let path = |source| sources.get(source).map_or("", |it| it.path.as_str());
        let documents = index.rules().map(|(_, file, it)| (path(file.source), it)).collect();
        let repository = Repository { documents };
        let mut found = vec![Vec::new(); repository.documents.len()];
        for lint in LINTS {
            let Check::Repository(check) = lint.check else { continue };
            for (place, finding) in check(&repository) {
                if let Some(findings) = found.get_mut(place) {
                    findings.push(finding);
                }
            }
        }
        Self { known, repository: found }
    }

    /// What is found in the document at this place of the index; `text` is its whole file.
    pub fn check(&self, place: usize, document: &Document, text: &str) -> Diagnostics {
        let mut found = self.repository.get(place).cloned().unwrap_or_default();
        let context = Context { document, text, known: self.known };
        let rule = document.rule();
        let items = rule.map(items).unwrap_or_default();
        for lint in LINTS {
            match lint.check {
                Check::Document(check) => check(&context, &mut found),
                Check::Rule(check) => {
                    if let Some(rule) = rule {
                        check(&context, rule, &mut found);
                    }
                }
                Check::Item(check) => {
                    for item in &items {
                        check(&context, item, &mut found);
                    }
                }
                Check::Repository(_) => {}
            }
        }
        found
    }
}

/// Every detection item of a rule, in order.
fn items(rule: &Rule) -> Vec<&DetectionItem> {
    rule.detections.iter().filter_map(|it| it.body.as_ref()).flat_map(body_items).collect()
}

fn body_items(body: &Body) -> Vec<&DetectionItem> {
    match body {
        Body::All(items) => items.iter().collect(),
        Body::Any(parts) => parts.iter().flat_map(body_items).collect(),
    }
}

/// True if the item has this modifier.
fn has(item: &DetectionItem, modifier: &str) -> bool {
    item.modifiers.iter().any(|it| it.value == modifier)
}

/// True if Sigma's wildcards mean something in the values: no modifier turns them into something else.
fn has_patterns(item: &DetectionItem) -> bool {
    const TEXT: &[&str] = &["contains", "startswith", "endswith", "all", "cased", "neq", "windash"];
    item.modifiers.iter().all(|it| TEXT.contains(&it.value.as_str()))
}

/// The values that are strings, with their places.
fn texts(item: &DetectionItem) -> impl Iterator<Item = (&str, Span)> {
    item.values.iter().filter_map(|value| match &value.value {
        ValueKind::Text(text) => Some((text.as_str(), value.span)),
        ValueKind::Number(_) | ValueKind::Bool(_) | ValueKind::Null => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lints_stand_in_the_order_of_their_codes() {
        let codes: Vec<Code> = LINTS.iter().map(|lint| lint.code).collect();
        assert!(codes.is_sorted());
        assert_eq!(default_severity(Code::DuplicateFileName), None);
        assert_eq!(default_severity(Code::DuplicateId), Some(Severity::Warning));
        assert_eq!(default_severity(Code::InvalidYaml), Some(Severity::Error));
    }
}
