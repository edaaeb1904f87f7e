//! What a rule says about itself, as text for people.

use isogloss_compiler::text::one_line;
use serde::Serialize;

use super::plain::sentences;
use super::source::Source;
use super::{App, date};
use crate::content::entry::Entry;

/// What a rule says about itself.
#[derive(Debug, Clone, Serialize)]
pub(super) struct About {
    /// Its title.
    pub(super) title: String,
    /// Its id.
    pub(super) id: String,
    /// Its file.
    pub(super) path: String,
    /// Who wrote it.
    pub(super) authors: Vec<String>,
    /// Their license.
    pub(super) license: Option<String>,
    /// What it finds.
    pub(super) description: String,
    /// What the search does.
    pub(super) explanation: String,
    /// What has to be there.
    pub(super) how_to_implement: String,
    /// What it finds that is harmless.
    pub(super) known_false_positives: String,
    /// The day on which it was written.
    pub(super) created: String,
    /// The day on which it was last changed.
    pub(super) modified: String,
    /// What is attacked.
    pub(super) asset_type: String,
}

impl About {
    /// What the rule of an entry says.
    pub(super) fn of(entry: &Entry, app: &App, source: &Source) -> Self {
        let Entry { metadata, attributes, .. } = entry;
        let splunk = &attributes.splunk;
        let title = one_line(&entry.names.title);
        let description =
            metadata.description.as_deref().map(str::trim).filter(|it| !it.is_empty());
        let description = description.unwrap_or(&title).to_owned();
        let created = metadata.date.as_ref().or(metadata.modified.as_ref());
        let modified = metadata.modified.as_ref().or(metadata.date.as_ref());
        let day = |day: Option<&String>| day.map_or(date::NO_DATE, String::as_str).to_owned();
        let false_positives = sentences(&metadata.falsepositives);
        Self {
            id: entry.id.clone(),
            path: one_line(entry.path),
            authors: authors(metadata.author.as_deref().unwrap_or_default()),
            license: metadata.license.as_ref().or(app.license.as_ref()).map(|it| one_line(it)),
            explanation: splunk.explanation.clone().unwrap_or_else(|| description.clone()),
            description,
            how_to_implement: splunk
                .how_to_implement
                .clone()
                .unwrap_or_else(|| needs(entry, source)),
            known_false_positives: if false_positives.is_empty() {
                "None are known.".to_owned()
            } else {
                false_positives
            },
            created: day(created),
            modified: day(modified),
            asset_type: splunk.asset_type.as_deref().unwrap_or(source.asset_type).to_owned(),
            title,
        }
    }
}

/// The people of an `author` with commas between them.
fn authors(author: &str) -> Vec<String> {
    author.split(',').map(one_line).filter(|it| !it.is_empty()).collect()
}

fn needs(entry: &Entry, source: &Source) -> String {
    let events = match (&*source.names, entry.logsource.specificity()) {
        ([], 0) => "the events of its rules".to_owned(),
        ([], _) => format!("events of the log source {}", entry.logsource),
        (names, _) => format!("events of {}", names.join(", ")),
    };
    format!(
        "The search needs {events}, and the macros that it calls, defined for where these events are kept."
    )
}
