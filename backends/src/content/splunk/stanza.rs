//! The stanza of `savedsearches.conf`: every key of it, as text.

use isogloss_compiler::text::one_line;
use serde::Serialize;
use serde_json::json;

use super::about::About;
use super::annotation;
use super::drilldown::{drilldowns, to_json};
use super::notable::Notable;
use super::plain::cut;
use super::risk::{Recorded, adds_risk, is_notable, kind, recorded};
use super::schedule::{Suppress, Times, suppress, times};
use super::shape::Shape;
use super::source::source;
use super::{EnterpriseSecurity, Gone, Settings, date, story};
use crate::content::entry::Entry;
use crate::spl::parse::parse;

/// The longest name of a correlation search in Enterprise Security (`splunk/contentctl`,
/// `contentctl/objects/constants.py`).
const LONGEST_LABEL: usize = 99;

/// A stanza of `savedsearches.conf`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Stanza {
    /// Its name.
    pub(super) name: String,
    /// What the rule says about itself.
    pub(super) about: About,
    /// What ATT&CK, NIST and CIS call it.
    pub(super) mappings: String,
    data_models: String,
    /// What writes the events, or `null`.
    pub(super) technologies: String,
    stories: String,
    times: Times,
    label: String,
    detection_type: Option<&'static str>,
    annotations: String,
    metadata: String,
    risk: Option<Risk>,
    notable: Option<Notable>,
    drilldowns: String,
    suppress: Option<Suppress>,
    disabled: &'static str,
    search: String,
    extra: Vec<Extra>,
}

/// The risk action.
#[derive(Debug, Clone, Serialize)]
struct Risk {
    message: String,
    objects: String,
}

/// A further key.
#[derive(Debug, Clone, Serialize)]
struct Extra {
    key: String,
    value: String,
}

impl Stanza {
    /// The stanza of an entry.
    pub(super) fn of(entry: &Entry, settings: &Settings) -> Result<Self, String> {
        let shape = Shape::of(entry);
        let source = source(entry, &shape);
        let about = About::of(entry, settings.app, &source);
        let recorded = recorded(entry, &shape);
        let kind = kind(entry);
        let drilldowns = drilldowns(entry, &recorded);
        let risk = (adds_risk(kind) && !recorded.objects.is_empty())
            .then(|| Risk { message: recorded.message.clone(), objects: recorded.to_json() });
        let search = search(entry, &shape, risk.is_some().then_some(&recorded))?;
        let notable = is_notable(kind)
            .then(|| Notable::of(entry, settings.es, &about, &source, &recorded, &drilldowns));
        let stories = story::names(entry, settings.app);
        let splunk = &entry.attributes.splunk;
        let models = shape.model.iter().filter_map(|it| it.split('.').next());
        Ok(Self {
            name: entry.names.stanza.clone(),
            mappings: annotation::mappings(entry, &source, settings.attack),
            data_models: json!(models.collect::<Vec<_>>()).to_string(),
            technologies: json!(source.technology.map(|it| [it])).to_string(),
            times: times(entry),
            label: cut(&about.title, LONGEST_LABEL),
            detection_type: match settings.es {
                EnterpriseSecurity::V7 => None,
                EnterpriseSecurity::V8 => Some("ebd"),
            },
            annotations: annotation::annotations(entry, &source, &stories, settings.attack),
            stories: json!(stories).to_string(),
            metadata: metadata(&entry.id, entry.version, &about.modified, false),
            risk,
            notable,
            drilldowns: to_json(&drilldowns, &entry.query.printed.text, &entry.names.stanza),
            suppress: suppress(entry, &shape),
            disabled: if splunk.enabled == Some(true) { "false" } else { "true" },
            search,
            extra: extra(entry),
            about,
        })
    }

    /// The stub of a rule that has left: it is disabled, and finds nothing if someone has enabled it.
    pub(super) fn of_gone(gone: &Gone) -> Gravestone {
        Gravestone {
            name: gone.names.stanza.clone(),
            title: one_line(&gone.title),
            id: gone.id.clone(),
            label: cut(&one_line(&gone.title), LONGEST_LABEL),
            metadata: metadata(&gone.id, gone.version, date::NO_DATE, true),
        }
    }
}

/// The stanza of a rule that has left.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Gravestone {
    name: String,
    title: String,
    id: String,
    label: String,
    metadata: String,
}

/// Everything that the version of an entry stands for, as text: two entries with the same text are the same
/// content. The version itself is not in it, nor the file of the rule, nor the text of templates.
pub fn digest(entry: &Entry, settings: &Settings) -> Result<String, String> {
    let unversioned = Entry { version: 0, path: "", ..entry.clone() };
    let stanza = Stanza::of(&unversioned, settings)?;
    let macros = &entry.query.macros;
    let macros: Vec<_> = macros.iter().map(|it| (&it.name, &it.definition)).collect();
    serde_json::to_string_pretty(&(stanza, macros)).map_err(|error| error.to_string())
}

/// The search of an entry, at whose end fields that risk is added to are empty if they were.
pub(super) fn search(
    entry: &Entry,
    shape: &Shape,
    risk: Option<&Recorded>,
) -> Result<String, String> {
    let text = &entry.query.printed.text;
    let fields = risk.map(|it| it.fields(shape)).unwrap_or_default();
    let Some(command) = shape.empty(&fields) else { return Ok(text.clone()) };
    let search = format!("{text}\n{command}");
    match parse(&search) {
        Ok(_) => Ok(search),
        Err(place) => {
            Err(format!("the search of `{}` is not read back at {place}", entry.names.name))
        }
    }
}

fn extra(entry: &Entry) -> Vec<Extra> {
    let extra = entry.attributes.splunk.extra.iter();
    extra.map(|(key, value)| Extra { key: key.clone(), value: value.clone() }).collect()
}

fn metadata(id: &str, version: u32, modified: &str, deprecated: bool) -> String {
    json!({
        "deprecated": if deprecated { "1" } else { "0" },
        "detection_id": id,
        "detection_version": version.to_string(),
        "publish_time": date::seconds(modified).unwrap_or_default(),
    })
    .to_string()
}
