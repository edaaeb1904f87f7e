//! The result of `isogloss test --events`: one line a rule that found something, or JSON.

use isogloss_compiler::source::SourceMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::events::Events;
use super::expect::Suite;
use super::trial::{Lowered, Outcome};
use crate::json::{Kind, to_text};

/// So many places are shown in a line.
const PLACES: usize = 10;

/// The output of `test -f json`. Its shape is a promise: `docs/test.schema.json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Report {
    /// The rules, in path order.
    rules: Vec<Rule>,
}

/// A rule and what it finds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Rule {
    /// The file.
    path: String,
    /// `id`.
    id: Option<String>,
    /// `title`.
    title: Option<String>,
    /// What kind of document it is.
    kind: Kind,
    /// The numbers of the events that it finds, from 0 over all files in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    matches: Option<Vec<usize>>,
    /// Why it cannot be asked; stands in place of `matches`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The JSON of all rules.
pub(super) fn json(
    rules: &[Lowered],
    outcomes: &[Outcome],
    sources: &SourceMap,
) -> Result<String, String> {
    let rules = rules.iter().zip(outcomes).map(|(rule, outcome)| {
        let metadata = &rule.document.metadata;
        let messages = outcome.as_ref().err().map(|diagnostics| {
            let messages: Vec<&str> = diagnostics.iter().map(|it| it.message.as_str()).collect();
            messages.join("; ")
        });
        Rule {
            path: path(rule, sources),
            id: metadata.id.clone(),
            title: (!metadata.title.is_empty()).then(|| metadata.title.clone()),
            kind: rule.document.kind.into(),
            matches: outcome.as_ref().ok().cloned(),
            error: messages,
        }
    });
    to_text(&Report { rules: rules.collect() }, true).map(|text| text + "\n")
}

/// One line for each rule that found something: `path: title: file:place, file:place`.
pub(super) fn text(
    rules: &[Lowered],
    outcomes: &[Outcome],
    events: &Events,
    sources: &SourceMap,
    in_full: bool,
) -> String {
    let mut text = String::new();
    for (rule, outcome) in rules.iter().zip(outcomes) {
        let Ok(found) = outcome else { continue };
        if found.is_empty() {
            continue;
        }
        let most = if in_full { found.len() } else { PLACES };
        let mut places: Vec<String> = found.iter().take(most).map(|it| events.place(*it)).collect();
        if found.len() > most {
            places.push(format!("and {} more", found.len() - most));
        }
        let title = &rule.document.metadata.title;
        let line = format!("{}: {title}: {}", path(rule, sources), places.join(", "));
        text.push_str(&isogloss_compiler::text::one_line(&line));
        text.push('\n');
    }
    text
}

/// `3141 rules, 222 events: 192 rules found 230 events, 4 refused, 1 invalid`.
pub(super) fn count(rules: &[Lowered], outcomes: &[Outcome], events: usize) -> String {
    let finders = outcomes.iter().flatten().filter(|found| !found.is_empty()).count();
    let found: usize = outcomes.iter().flatten().map(Vec::len).sum();
    let failed = |invalid: bool| {
        let pairs = rules.iter().zip(outcomes);
        pairs.filter(|(rule, it)| it.is_err() && rule.rule.is_none() == invalid).count()
    };
    let others = [(failed(false), "refused"), (failed(true), "invalid")];
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    let others: Vec<String> = others.map(|(count, word)| format!(", {count} {word}")).collect();
    format!(
        "{}, {}: {} matched, {} in all{}",
        plural(rules.len(), "rule"),
        plural(events, "event"),
        plural(finders, "rule"),
        plural(found, "match"),
        others.concat(),
    )
}

/// `4 files of expectations: 20 answers as expected, 1 not`.
pub(super) fn count_checks(suites: &[Suite]) -> String {
    let checks = suites.iter().flat_map(|it| &it.checks);
    let failed = checks.clone().filter(|it| it.failure.is_some()).count();
    let met = checks.count() - failed;
    let files = plural(suites.len(), "file");
    format!("{files} of expectations: {} as expected, {failed} not", plural(met, "answer"))
}

/// A number and its noun.
pub(super) fn plural(count: usize, noun: &str) -> String {
    let ending = match (count, noun.ends_with("ch")) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{count} {noun}{ending}")
}

/// The path of the file that a rule stands in.
pub(super) fn path(rule: &Lowered, sources: &SourceMap) -> String {
    sources.get(rule.file.source).map(|it| it.path.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// To accept a change: `UPDATE_SCHEMA=1 cargo test schema`.
    #[test]
    fn the_schema_in_the_repository_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/test.schema.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Report)).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, &schema).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == schema, "{path} is not up to date");
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(plural(1, "match"), "1 match");
        assert_eq!(plural(0, "match"), "0 matches");
        assert_eq!(plural(2, "rule"), "2 rules");
    }
}
