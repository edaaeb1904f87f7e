//! Searches that an analyst starts from a finding.

use serde::Serialize;
use serde_json::{Value, json};

use super::plain::tokens;
use super::risk::{Object, Recorded, lacks};
use super::shape::Shape;
use crate::content::entry::Entry;
use crate::content::problem::Problem;

/// What stands for the search of the rule, as in contentctl.
const ORIGINAL: &str = "%original_detection_search%";
/// From when to when the search of the finding ran.
const RUN: [&str; 2] = ["$info_min_time$", "$info_max_time$"];

/// A search that an analyst starts from a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Drilldown {
    pub(super) name: String,
    pub(super) search: String,
    pub(super) earliest: String,
    pub(super) latest: String,
}

/// Those of the rule, else two: what this search found about the objects of the finding, and what else was
/// recorded of them in the last seven days. The search of the rule is [`ORIGINAL`].
pub(super) fn drilldowns(entry: &Entry, recorded: &Recorded) -> Vec<Drilldown> {
    let given = &entry.attributes.splunk.drilldowns;
    if given.is_empty() {
        return defaults(&recorded.objects);
    }
    let [earliest, latest] = RUN;
    let or = |value: &Option<String>, default: &str| value.as_deref().unwrap_or(default).to_owned();
    let drilldowns = given.iter().map(|it| Drilldown {
        name: it.name.clone(),
        search: it.search.clone(),
        earliest: or(&it.earliest, earliest),
        latest: or(&it.latest, latest),
    });
    drilldowns.collect()
}

fn defaults(objects: &[Object]) -> Vec<Drilldown> {
    let [earliest, latest] = RUN.map(str::to_owned);
    if objects.is_empty() {
        let (name, search) = ("Results of this search".to_owned(), ORIGINAL.to_owned());
        return vec![Drilldown { name, search, earliest, latest }];
    }
    let names: Vec<String> = objects.iter().map(|it| format!("${}$", it.field)).collect();
    let names = names.join(" and ");
    let tests: Vec<String> = objects
        .iter()
        .map(|Object { field, .. }| format!("{}=\"${field}$\"", quoted(field)))
        .collect();
    let values: Vec<String> = objects.iter().map(|it| format!("\"${}$\"", it.field)).collect();
    let columns = "_time source risk_object risk_object_type risk_score risk_message";
    vec![
        Drilldown {
            name: format!("Results of this search for {names}"),
            search: format!("{ORIGINAL}\n| search {}", tests.join(" OR ")),
            earliest,
            latest,
        },
        Drilldown {
            name: format!("Risk events of the last 7 days for {names}"),
            search: format!(
                "| from datamodel:\"Risk.All_Risk\"\n| search normalized_risk_object IN ({})\n| table {columns}",
                values.join(", ")
            ),
            earliest: "7d".to_owned(),
            latest: "0".to_owned(),
        },
    ]
}

fn quoted(field: &str) -> String {
    let plain = field.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    if plain { field.to_owned() } else { format!("\"{}\"", field.replace('"', "")) }
}

/// The value of `action.notable.param.drilldown_searches`.
pub(super) fn to_json(drilldowns: &[Drilldown], search: &str, stanza: &str) -> String {
    let searches = drilldowns.iter().map(|Drilldown { name, search: own, earliest, latest }| {
        json!({
            "name": name,
            "search": expand(own, search, stanza),
            "earliest_offset": earliest,
            "latest_offset": latest,
        })
    });
    Value::Array(searches.collect()).to_string()
}

/// Puts the search of the rule into a drilldown. A search with two `$` would be taken for one with a token, so
/// that the saved search is called by its name instead.
pub(super) fn expand(drilldown: &str, search: &str, stanza: &str) -> String {
    if tokens(search).is_empty() {
        return drilldown.replace(ORIGINAL, search);
    }
    drilldown.replace(ORIGINAL, &format!("| savedsearch \"{}\"", stanza.replace('"', "\\\"")))
}

/// What is wrong with the drilldowns of a rule.
pub(super) fn check(entry: &Entry, shape: &Shape) -> Vec<Problem> {
    let mut problems = Vec::new();
    for it in &entry.attributes.splunk.drilldowns {
        if it.name.trim().is_empty() || it.search.trim().is_empty() {
            problems.push(Problem::error("a drilldown has a name and a search"));
        }
        let tokens = tokens(&it.name).into_iter().chain(tokens(&it.search));
        for field in tokens.filter(|it| !it.starts_with("info_")) {
            problems.extend(lacks(shape, field, "which a drilldown shows"));
        }
    }
    problems
}
