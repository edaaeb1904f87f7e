//! Analytic stories: what Enterprise Security sorts detections by.

use std::collections::BTreeMap;

use isogloss_compiler::text::one_line;
use serde::Serialize;
use serde_json::json;

use super::App;
use super::stanza::Stanza;
use crate::content::entry::Entry;

/// A stanza of `analyticstories.conf`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Story {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) updated: String,
    references: String,
    pub(super) maintainers: String,
    searches: String,
}

/// The stories of an entry; the app is one of all that name none.
pub(super) fn names(entry: &Entry, app: &App) -> Vec<String> {
    let given = &entry.attributes.splunk.stories;
    let names = if given.is_empty() { std::slice::from_ref(&app.label) } else { given };
    names.iter().map(|it| name(it)).collect()
}

/// A name that a stanza can hold.
fn name(text: &str) -> String {
    one_line(&text.replace(['[', ']'], " "))
}

/// All stories of an app, by name.
pub(super) fn stories(entries: &[Entry], stanzas: &[Stanza], app: &App) -> Vec<Story> {
    let mut grouped: BTreeMap<String, Vec<(&Entry, &Stanza)>> = BTreeMap::new();
    for (entry, stanza) in entries.iter().zip(stanzas) {
        for name in names(entry, app) {
            grouped.entry(name).or_default().push((entry, stanza));
        }
    }
    grouped.into_iter().map(|(name, members)| story(name, &members, app)).collect()
}

fn story(name: String, members: &[(&Entry, &Stanza)], app: &App) -> Story {
    let searches: Vec<&str> = members.iter().map(|(_, stanza)| stanza.name.as_str()).collect();
    let mut references: Vec<&str> = Vec::new();
    for reference in members.iter().flat_map(|(entry, _)| &entry.metadata.references) {
        if !references.contains(&reference.as_str()) {
            references.push(reference);
        }
    }
    let updated = members.iter().map(|(_, stanza)| stanza.about.modified.clone()).max();
    let maintainer = json!([{"company": app.company, "email": app.email, "name": app.author}]);
    Story {
        description: description(app),
        updated: updated.unwrap_or_default(),
        references: json!(references).to_string(),
        maintainers: maintainer.to_string(),
        searches: json!(searches).to_string(),
        name,
    }
}

/// What is said of every story: what the app says.
pub(super) fn description(app: &App) -> String {
    format!("{}: {}", one_line(&app.label), one_line(&app.description))
}
