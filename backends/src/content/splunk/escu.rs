//! Detections in the form of Splunk's own content, as contentctl 5.6 reads them.
//!
//! ```text
//! escu/detections/<domain>/<name>.yml   escu/macros/*.yml   escu/data_sources/*.yml   escu/stories/*.yml
//! ```
//! A detection is `production` only with a recorded attack that it was tried on, as contentctl wants it.
//! Filters are made by contentctl, which names them after the files.

use std::collections::{BTreeMap, BTreeSet};

use isogloss_compiler::ast::Status;
use isogloss_compiler::ast::attributes::{Attack, DetectionType, ThreatObject};
use isogloss_compiler::ir::Macro;
use serde::Serialize;

use super::about::About;
use super::annotation::data_sources;
use super::contentctl::long_enough;
use super::drilldown::{Drilldown, drilldowns};
use super::hash::uuid;
use super::plain::cut;
use super::risk::{Recorded, THREAT_TYPES, adds_risk, kind, recorded};
use super::schedule::{Suppress, suppress};
use super::shape::Shape;
use super::source::{Place, place, source};
use super::stanza::search;
use super::{App, Settings, story};
use crate::content::artifact::Artifact;
use crate::content::attack::technique_ids;
use crate::content::entry::Entry;
use crate::content::macros;

/// The longest `author` and `description`.
const LONGEST_AUTHOR: usize = 255;
const LONGEST_DESCRIPTION: usize = 10_000;

/// A detection.
#[derive(Debug, Serialize)]
struct Detection {
    name: String,
    file: String,
    id: String,
    version: u32,
    about: About,
    author: String,
    description: String,
    status: &'static str,
    kind: &'static str,
    data_sources: Vec<String>,
    search: String,
    references: Vec<String>,
    drilldowns: Vec<Drilldown>,
    rba: Option<Rba>,
    stories: Vec<String>,
    techniques: Vec<String>,
    cves: Vec<String>,
    domain: &'static str,
    throttling: Option<Suppress>,
    tests: Vec<Test>,
    enabled: bool,
    #[serde(skip)]
    folder: &'static str,
}

/// What risk-based alerting records.
#[derive(Debug, Serialize)]
struct Rba {
    message: String,
    objects: Vec<RiskObject>,
    threats: Vec<Threat>,
}

/// What risk is added to.
#[derive(Debug, Serialize)]
struct RiskObject {
    field: String,
    kind: &'static str,
    score: u8,
}

/// What caused it.
#[derive(Debug, Serialize)]
struct Threat {
    field: String,
    kind: String,
}

/// A recorded attack.
#[derive(Debug, Serialize)]
struct Test {
    name: String,
    data: String,
    source: String,
    sourcetype: String,
}

/// Detections, macros, data sources and stories as contentctl reads them, in the order of paths.
pub fn escu(entries: &[Entry], settings: &Settings) -> Result<Vec<Artifact>, String> {
    let detections: Vec<Detection> =
        entries.iter().map(|entry| Detection::of(entry, settings)).collect::<Result<_, _>>()?;
    let data_sources = DataSource::all(&detections, settings.app);
    let stories = Story::all(&detections, settings.app);
    let names = detections.iter().map(|it| &it.name);
    let names = names.chain(data_sources.iter().map(|it| &it.name));
    refuse_twins(names.chain(stories.iter().map(|it| &it.name)))?;
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for detection in &detections {
        let path = format!("escu/detections/{}/{}.yml", detection.folder, detection.file);
        let text = settings.templates.render("spl/detection.yml.j2", detection)?;
        files.insert(path, text);
    }
    let mut add = |folder: &str, name: &str, text: String| {
        files.insert(format!("escu/{folder}/{}.yml", file_of(name)), text);
    };
    for call in macros_of(entries).values() {
        let text = settings.templates.render("spl/macro.yml.j2", macros::described(call))?;
        add("macros", &call.name, text);
    }
    for it in data_sources {
        let text = settings.templates.render("spl/data_source.yml.j2", &it)?;
        add("data_sources", &it.name, text);
    }
    for it in stories {
        let text = settings.templates.render("spl/story.yml.j2", &it)?;
        add("stories", &it.name, text);
    }
    Ok(files.into_iter().map(|(path, text)| Artifact::text(path, text)).collect())
}

/// contentctl takes no name twice, of whatever it is the name.
fn refuse_twins<'n>(names: impl Iterator<Item = &'n String>) -> Result<(), String> {
    let mut known = BTreeSet::new();
    for name in names {
        if !known.insert(file_of(name)) {
            return Err(format!("two detections, data sources or stories are called `{name}`"));
        }
    }
    Ok(())
}

/// The file of a name, as contentctl makes it.
fn file_of(name: &str) -> String {
    name.replace([' ', '-', '.', '/'], "_").to_lowercase()
}

/// A name whose file every system can hold, and whose filter is a macro. One without a letter of ASCII gives way
/// to the other.
fn safe(name: &str, other: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.' | '/');
    let words: String = name.chars().map(|it| if plain(it) { it } else { ' ' }).collect();
    if words.contains(|it: char| it.is_ascii_alphanumeric()) {
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        other.replace('_', " ")
    }
}

/// Names that are safe, each once.
fn all_safe(names: &[String], other: &str) -> Vec<String> {
    let mut safe_names: Vec<String> = Vec::new();
    for name in names {
        let name = safe(name, other);
        if !safe_names.iter().any(|it| file_of(it) == file_of(&name)) {
            safe_names.push(name);
        }
    }
    safe_names
}

/// The macros that detections call, but for their filters.
fn macros_of<'e>(entries: &'e [Entry]) -> BTreeMap<&'e str, &'e Macro> {
    let of =
        |entry: &'e Entry| entry.query.macros.iter().filter(|it| it.name != entry.names.filter);
    entries.iter().flat_map(of).map(|it| (it.name.as_str(), it)).collect()
}

impl Detection {
    fn of(entry: &Entry, settings: &Settings) -> Result<Self, String> {
        let shape = Shape::of(entry);
        let source = source(entry, &shape);
        let about = About::of(entry, settings.app, &source);
        let about = About {
            known_false_positives: long_enough(about.known_false_positives),
            how_to_implement: long_enough(about.how_to_implement),
            ..about
        };
        let recorded = recorded(entry, &shape);
        // Without an object there is nothing to add risk to, and contentctl asks for one.
        let kind = match kind(entry) {
            DetectionType::Ttp | DetectionType::Anomaly if recorded.objects.is_empty() => {
                DetectionType::Hunting
            }
            kind @ (DetectionType::Ttp
            | DetectionType::Anomaly
            | DetectionType::Hunting
            | DetectionType::Correlation) => kind,
        };
        let risk = adds_risk(kind).then_some(&recorded);
        let name = safe(&entry.names.name, &entry.names.file);
        let file = file_of(&name);
        let splunk = &entry.attributes.splunk;
        let drilldowns = drilldowns(entry, &recorded);
        let is_tried = entry.metadata.status == Some(Status::Stable)
            && !splunk.tests.is_empty()
            && drilldowns.len() > 1;
        Ok(Self {
            id: if is_uuid(&entry.id) { entry.id.clone() } else { uuid(&entry.id) },
            version: entry.version,
            author: author(&about, settings.app),
            description: cut(&about.description, LONGEST_DESCRIPTION),
            status: if is_tried { "production" } else { "experimental" },
            kind: kind.as_str(),
            data_sources: all_safe(data_sources(entry, &source), "Events"),
            search: with_filter(&search(entry, &shape, risk)?, &entry.names.filter, &file),
            references: addresses(&entry.metadata.references),
            drilldowns,
            rba: risk.map(Rba::of),
            stories: all_safe(&story::names(entry, settings.app), "Detections"),
            techniques: technique_ids(&entry.metadata.tags, settings.attack),
            cves: cves(&entry.metadata.tags),
            domain: splunk.security_domain.unwrap_or(source.domain).as_str(),
            throttling: suppress(entry, &shape).filter(|it| !it.fields.is_empty()),
            tests: splunk.tests.iter().map(Test::of).collect(),
            enabled: is_tried && kind != DetectionType::Hunting && splunk.enabled == Some(true),
            folder: source.folder,
            name,
            file,
            about,
        })
    }
}

impl Rba {
    fn of(recorded: &Recorded) -> Self {
        let objects = recorded.objects.iter().map(|it| RiskObject {
            field: it.field.clone(),
            kind: it.kind.as_str(),
            score: it.score,
        });
        let is_known = |it: &&ThreatObject| THREAT_TYPES.contains(&it.kind.as_str());
        let threats = recorded.threats.iter().filter(is_known);
        let threats = threats.map(|it| Threat { field: it.field.clone(), kind: it.kind.clone() });
        Self {
            message: recorded.message.clone(),
            objects: objects.collect(),
            threats: threats.collect(),
        }
    }
}

impl Test {
    fn of(attack: &Attack) -> Self {
        let Attack { name, data, source, sourcetype } = attack.clone();
        Self { name, data, source, sourcetype }
    }
}

fn is_uuid(id: &str) -> bool {
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && id.chars().all(|it| it.is_ascii_hexdigit() || it == '-')
}

fn author(about: &About, app: &App) -> String {
    let authors = about.authors.join(", ");
    cut(if authors.is_empty() { &app.author } else { &authors }, LONGEST_AUTHOR)
}

/// The search with the filter that contentctl makes for this file.
fn with_filter(search: &str, filter: &str, file: &str) -> String {
    let call = format!("`{filter}`");
    match search.rsplit_once(&call) {
        Some((before, after)) => format!("{before}`{file}_filter`{after}"),
        None => search.to_owned(),
    }
}

/// References that are addresses; others are not allowed.
fn addresses(references: &[String]) -> Vec<String> {
    let is_address = |it: &&String| {
        let host = it.strip_prefix("https://").or_else(|| it.strip_prefix("http://"));
        host.is_some_and(|it| it.starts_with(|it: char| it.is_ascii_alphanumeric()))
            && !it.contains(|it: char| it.is_whitespace() || it.is_control())
    };
    references.iter().filter(is_address).cloned().collect()
}

/// `cve.2021-44228` as `CVE-2021-44228`.
fn cves(tags: &[String]) -> Vec<String> {
    let cve = |tag: &String| {
        let (year, number) = tag.strip_prefix("cve.")?.split_once(['-', '.'])?;
        let digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
        let is_year = year.len() == 4 && year.starts_with(['1', '2']) && digits(year);
        (is_year && !number.is_empty() && digits(number)).then(|| format!("CVE-{year}-{number}"))
    };
    tags.iter().filter_map(cve).collect()
}

/// A data source.
#[derive(Debug, Serialize)]
struct DataSource {
    name: String,
    id: String,
    date: String,
    author: String,
    place: Place,
}

impl DataSource {
    /// Those that detections name, by name.
    fn all(detections: &[Detection], app: &App) -> Vec<Self> {
        let named = dated(detections, |it| &it.data_sources);
        let source = |(name, date): (String, String)| Self {
            id: uuid(&format!("data source {name}")),
            place: place(&name),
            author: author_of_app(app),
            name,
            date,
        };
        named.into_iter().map(source).collect()
    }
}

/// A story.
#[derive(Debug, Serialize)]
struct Story {
    name: String,
    id: String,
    date: String,
    author: String,
    description: String,
    references: Vec<String>,
}

impl Story {
    /// Those that detections name, by name.
    fn all(detections: &[Detection], app: &App) -> Vec<Self> {
        let story = |(name, date): (String, String)| {
            let members = detections.iter().filter(|it| it.stories.contains(&name));
            let mut references: Vec<String> = Vec::new();
            for reference in members.flat_map(|it| &it.references) {
                if !references.contains(reference) {
                    references.push(reference.clone());
                }
            }
            Self {
                id: uuid(&format!("story {name}")),
                author: author_of_app(app),
                description: story::description(app),
                references,
                name,
                date,
            }
        };
        dated(detections, |it| &it.stories).into_iter().map(story).collect()
    }
}

/// Names with the last day on which a detection that has them was changed.
fn dated(
    detections: &[Detection],
    names: impl Fn(&Detection) -> &Vec<String>,
) -> BTreeMap<String, String> {
    let mut dated: BTreeMap<String, String> = BTreeMap::new();
    for detection in detections {
        for name in names(detection) {
            let date = dated.entry(name.clone()).or_default();
            *date = std::mem::take(date).max(detection.about.modified.clone());
        }
    }
    dated
}

/// A name and a company.
fn author_of_app(app: &App) -> String {
    format!("{}, {}", app.author, app.company)
}
