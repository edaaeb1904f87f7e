//! Content of Splunk.

use isogloss_backends::content::splunk::{self, MacroSource};
use isogloss_backends::content::{Artifact, Entry, Problem, Templates, attack};
use isogloss_backends::{Options, WIDTH};
use isogloss_compiler::ir::Macro;

use super::SPL;
use crate::config::{Config, Format, Target};
use crate::lock::Settlement;

/// How the searches of a target are written.
pub(super) fn options(target: &Target) -> Options {
    let definitions = target.definitions().map(|(name, definition)| Macro {
        name: name.to_owned(),
        definition: definition.to_owned(),
    });
    Options {
        inline_macros: target.macros() == MacroSource::Inline,
        macro_prefix: prefix_of(target).to_owned(),
        definitions: definitions.collect(),
        max_query_bytes: target.max_query_bytes(),
        ..Options::of(target.search(), Some(WIDTH))
    }
}

/// What the names of macros start with.
pub(in crate::command::build) fn macro_prefix(config: &Config) -> &str {
    config.target(SPL).map_or("", prefix_of)
}

fn prefix_of(target: &Target) -> &str {
    match target.macros() {
        MacroSource::Own => target.macro_prefix(),
        MacroSource::Escu | MacroSource::Inline => "",
    }
}

/// How content of Splunk is made.
pub(in crate::command::build) struct Splunk {
    app: splunk::App,
    es: splunk::EnterpriseSecurity,
    macros: MacroSource,
    macro_prefix: String,
    attack: attack::Version,
    templates: Templates,
    formats: Vec<Format>,
}

impl Splunk {
    /// The error is one sentence: the app of the configuration is none.
    pub(super) fn new(
        target: &Target,
        config: &Config,
        templates: Templates,
        formats: Vec<Format>,
    ) -> Result<Self, String> {
        let app = config.splunk().app(config.license());
        if let Some(problem) = splunk::check_app(&app).first() {
            return Err(format!("`[splunk]` of isogloss.toml: {}", problem.message));
        }
        Ok(Self {
            app,
            es: config.splunk().enterprise_security(),
            macros: target.macros(),
            macro_prefix: prefix_of(target).to_owned(),
            attack: config.attack().version(config.elastic().min_stack()),
            templates,
            formats,
        })
    }

    /// Everything that is deployed of an entry but its version. The error is one sentence.
    pub(super) fn digest(&self, entry: &Entry) -> Result<String, String> {
        let own: Vec<&str> = self.templates.overrides().collect();
        Ok(splunk::digest(entry, &self.settings())? + &own.join("\n"))
    }

    /// What Splunk would not take, or what is hardly meant.
    pub(super) fn check(&self, entry: &Entry) -> Vec<Problem> {
        let mut problems = splunk::check(entry, &self.settings());
        if self.formats.contains(&Format::Escu) {
            // What contentctl alone does not take is in the other forms all the same.
            let is_error = self.formats == [Format::Escu];
            let found = splunk::check_escu(entry).into_iter();
            problems.extend(found.map(|it| Problem {
                is_error,
                message: format!("{}, so the rule is left out of `escu`", it.message),
                ..it
            }));
        }
        problems
    }

    fn settings(&self) -> splunk::Settings<'_> {
        splunk::Settings {
            app: &self.app,
            es: self.es,
            macros: self.macros,
            macro_prefix: &self.macro_prefix,
            attack: self.attack,
            templates: &self.templates,
        }
    }

    /// The files. The error is one sentence.
    pub(super) fn artifacts(
        &self,
        entries: &[Entry],
        settlement: &Settlement,
    ) -> Result<Vec<Artifact>, String> {
        let settings = self.settings();
        let left = settlement.gone.iter().filter(|it| !it.is_replaced);
        let gone: Vec<splunk::Gone> = left
            .map(|it| splunk::Gone {
                names: it.names.clone(),
                id: it.id.clone(),
                title: it.names.title.clone(),
                version: it.version,
            })
            .collect();
        let mut artifacts = Vec::new();
        for format in &self.formats {
            match format {
                Format::App => {
                    let app = splunk::app(entries, &gone, &settings)?;
                    artifacts.push(splunk::pack(&app, &settings)?);
                    artifacts.extend(app);
                }
                Format::Escu => {
                    let taken = entries.iter().filter(|it| splunk::check_escu(it).is_empty());
                    let taken: Vec<Entry> = taken.cloned().collect();
                    artifacts.extend(splunk::escu(&taken, &settings)?);
                }
                Format::Savedsearches => {
                    artifacts.push(splunk::savedsearches(entries, &gone, &settings)?);
                }
                // The configuration was checked for formats of another platform.
                Format::Ndjson | Format::Toml => {}
            }
        }
        Ok(artifacts)
    }
}
