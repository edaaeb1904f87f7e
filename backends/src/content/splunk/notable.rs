//! The notable event, or finding, that a search makes.

use serde::Serialize;
use serde_json::json;

use super::EnterpriseSecurity;
use super::about::About;
use super::drilldown::{Drilldown, expand};
use super::plain::{tokens, without_tokens};
use super::risk::{Recorded, adds_risk, kind, lacks, severity};
use super::shape::Shape;
use super::source::Source;
use crate::content::entry::Entry;
use crate::content::problem::Problem;

/// The keys of the notable action.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Notable {
    title: String,
    description: String,
    domain: &'static str,
    severity: &'static str,
    fields: String,
    /// What it is about (Enterprise Security 8).
    entities: Option<String>,
    next_steps: Option<String>,
    recommended_actions: Option<String>,
    /// The only drilldown that Enterprise Security has before 7.1.
    drilldown: Option<Drilldown>,
}

impl Notable {
    /// The notable event of an entry.
    pub(super) fn of(
        entry: &Entry,
        es: EnterpriseSecurity,
        about: &About,
        source: &Source,
        recorded: &Recorded,
        drilldowns: &[Drilldown],
    ) -> Self {
        let splunk = &entry.attributes.splunk;
        let given = &splunk.notable;
        let fields: Vec<&str> = if given.fields.is_empty() {
            recorded.objects.iter().map(|it| it.field.as_str()).collect()
        } else {
            given.fields.iter().map(String::as_str).collect()
        };
        let (entities, drilldown) = match es {
            EnterpriseSecurity::V7 => (None, drilldowns.first().map(|it| whole(it, entry))),
            EnterpriseSecurity::V8 => (Some(recorded.entity(adds_risk(kind(entry)))), None),
        };
        Self {
            title: given.title.clone().unwrap_or_else(|| without_tokens(&about.title)),
            description: given
                .description
                .clone()
                .unwrap_or_else(|| without_tokens(&about.description)),
            domain: splunk.security_domain.unwrap_or(source.domain).as_str(),
            severity: severity(entry).as_str(),
            fields: fields.join(","),
            entities,
            next_steps: given
                .next_steps
                .as_ref()
                .map(|it| json!({"version": 1, "data": it}).to_string()),
            recommended_actions: (!given.recommended_actions.is_empty())
                .then(|| given.recommended_actions.join(",")),
            drilldown,
        }
    }
}

/// The drilldown with the search of the rule.
fn whole(drilldown: &Drilldown, entry: &Entry) -> Drilldown {
    let search = expand(&drilldown.search, &entry.query.printed.text, &entry.names.stanza);
    Drilldown { search, ..drilldown.clone() }
}

/// What is wrong with the notable event of an entry.
pub(super) fn check(entry: &Entry, shape: &Shape) -> Vec<Problem> {
    let given = &entry.attributes.splunk.notable;
    let texts = given.title.iter().chain(&given.description);
    let shown = texts
        .flat_map(|it| tokens(it))
        .filter_map(|it| lacks(shape, it, "which the notable event shows"));
    let named =
        given.fields.iter().filter_map(|it| lacks(shape, it, "which `notable.fields` names"));
    shown.chain(named).collect()
}
