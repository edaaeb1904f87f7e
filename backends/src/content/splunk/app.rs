//! The files of an app.

use std::collections::BTreeMap;

use isogloss_compiler::ir::Macro;
use serde::Serialize;

use super::published::is_published;
use super::stanza::{Gravestone, Stanza};
use super::story::{Story, stories};
use super::{App, Gone, MacroSource, Settings};
use crate::content::artifact::Artifact;
use crate::content::entry::Entry;
use crate::content::lookup::Lookup;
use crate::content::macros;

/// What the templates of an app know.
#[derive(Debug, Serialize)]
struct Context<'c> {
    app: &'c App,
    searches: &'c [Stanza],
    gone: Vec<Gravestone>,
    stories: Vec<Story>,
    /// The macros of log sources that the app defines.
    own: Vec<Named<'c>>,
    /// The macros of Splunk's own content that searches call.
    published: Vec<Named<'c>>,
}

/// What the template of lookups knows.
#[derive(Debug, Serialize)]
struct Tables<'c> {
    names: Vec<&'c str>,
}

/// A macro, for people.
#[derive(Debug, Serialize)]
struct Named<'c> {
    name: &'c str,
    definition: &'c str,
}

/// The files of an app that come from a template each, below the folder of the app.
const FILES: &[(&str, &str)] = &[
    ("README.md", "spl/README.md.j2"),
    ("app.manifest", "spl/app.manifest.j2"),
    ("default/analyticstories.conf", "spl/analyticstories.conf.j2"),
    ("default/app.conf", "spl/app.conf.j2"),
    ("default/savedsearches.conf", "spl/savedsearches.conf.j2"),
    ("default/server.conf", "spl/server.conf.j2"),
    ("metadata/default.meta", "spl/default.meta.j2"),
];

/// An app for Splunk Enterprise Security, in the order of paths. The error says what is wrong with
/// a template, or which two rules do not fit into one app.
pub fn app(entries: &[Entry], gone: &[Gone], settings: &Settings) -> Result<Vec<Artifact>, String> {
    let stanzas = stanzas(entries, gone, settings)?;
    let defined = defined(entries, settings.macros)?;
    let context = context(entries, &stanzas, gone, &defined, settings);
    let folder = &settings.app.id;
    let mut artifacts = Vec::new();
    for (path, template) in FILES {
        let text = settings.templates.render(template, &context)?;
        artifacts.push(Artifact::text(format!("{folder}/{path}"), text));
    }
    let path = format!("{folder}/default/macros.conf");
    artifacts.push(Artifact::text(
        path,
        macros::render_with(settings.templates, defined.values().copied())?,
    ));
    let tables: Vec<&Lookup> = entries.iter().flat_map(|it| &it.query.tables).collect();
    for table in &tables {
        let path = format!("{folder}/lookups/{}.csv", table.name);
        artifacts.push(Artifact::text(path, table.csv.as_str()));
    }
    if !tables.is_empty() {
        let names: Vec<&str> = tables.iter().map(|it| it.name.as_str()).collect();
        let text = settings.templates.render("spl/transforms.conf.j2", Tables { names })?;
        artifacts.push(Artifact::text(format!("{folder}/default/transforms.conf"), text));
    }
    artifacts.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(artifacts)
}

/// `savedsearches.conf` alone, for those who have an app. The macros that its searches call are those of the
/// format `macros`.
pub fn savedsearches(
    entries: &[Entry],
    gone: &[Gone],
    settings: &Settings,
) -> Result<Artifact, String> {
    let stanzas = stanzas(entries, gone, settings)?;
    let context = context(entries, &stanzas, gone, &BTreeMap::new(), settings);
    let text = settings.templates.render("spl/savedsearches.conf.j2", &context)?;
    Ok(Artifact::text("savedsearches.conf", text))
}

fn context<'c>(
    entries: &'c [Entry],
    stanzas: &'c [Stanza],
    gone: &[Gone],
    defined: &BTreeMap<&str, &'c Macro>,
    settings: &Settings<'c>,
) -> Context<'c> {
    let filters: Vec<&str> = entries.iter().map(|it| it.names.filter.as_str()).collect();
    let is_scope = |call: &&Macro| macros::is_scope(call) && !filters.contains(&call.name.as_str());
    let named = |call: &'c Macro| Named { name: &call.name, definition: &call.definition };
    let called: BTreeMap<&str, &Macro> = called(entries).map(|it| (it.name.as_str(), it)).collect();
    let published =
        |call: &&Macro| !defined.is_empty() && !defined.contains_key(call.name.as_str());
    Context {
        app: settings.app,
        searches: stanzas,
        gone: gone.iter().map(Stanza::of_gone).collect(),
        stories: stories(entries, stanzas, settings.app),
        own: defined.values().copied().filter(is_scope).map(named).collect(),
        published: called.into_values().filter(published).map(named).collect(),
    }
}

/// The stanzas of entries, none of which has the name of another.
fn stanzas(entries: &[Entry], gone: &[Gone], settings: &Settings) -> Result<Vec<Stanza>, String> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let living = entries.iter().map(|it| (it.names.stanza.as_str(), it.id.as_str()));
    let dead = gone.iter().map(|it| (it.names.stanza.as_str(), it.id.as_str()));
    for (stanza, id) in living.chain(dead) {
        if let Some(other) = owners.insert(stanza, id) {
            return Err(format!("the rules {other} and {id} have the same stanza, [{stanza}]"));
        }
    }
    entries.iter().map(|entry| Stanza::of(entry, settings)).collect()
}

fn called<'e>(entries: &'e [Entry]) -> impl Iterator<Item = &'e Macro> {
    entries.iter().flat_map(|entry| &entry.query.macros)
}

/// The macros that the app defines, by name.
fn defined<'e>(
    entries: &'e [Entry],
    source: MacroSource,
) -> Result<BTreeMap<&'e str, &'e Macro>, String> {
    let mut defined: BTreeMap<&str, &Macro> = BTreeMap::new();
    for call in called(entries) {
        let elsewhere = match source {
            MacroSource::Own | MacroSource::Inline => false,
            MacroSource::Escu => is_published(&call.name),
        };
        if elsewhere {
            continue;
        }
        match defined.insert(&call.name, call) {
            Some(other) if other.definition != call.definition => {
                return Err(format!(
                    "the macro `{}` has two definitions, `{}` and `{}`",
                    call.name, other.definition, call.definition
                ));
            }
            Some(_) | None => {}
        }
    }
    Ok(defined)
}
