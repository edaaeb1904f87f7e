//! What a target's content is for: Splunk, or Elastic.

use std::collections::BTreeSet;
use std::path::Path;

use isogloss_backends::content::elastic::{self, Current, Parts};
use isogloss_backends::content::splunk::{self, MacroSource};
use isogloss_backends::content::{Artifact, Entry, Problem, Templates, attack};
use isogloss_backends::{Options, WIDTH};
use isogloss_compiler::ast::Metadata;
use isogloss_compiler::ir::Macro;
use isogloss_compiler::source::SourceMap;

use super::output::shown;
use crate::cli::{Build, PipelineChoice};
use crate::config::{Config, Format, Target};
use crate::lock::{Kind, Settlement};
use crate::manifest::sha256;
use crate::plan::{Plan, plan, resolve_targets};
use crate::report::Reporter;

/// The target of Splunk.
const SPL: &str = "spl";

/// How each target of the configuration is translated to. The error is one sentence.
pub(super) fn plans(
    config: &Config,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Vec<Plan>, String> {
    let mut plans = Vec::new();
    for backend in resolve_targets(&[], config)? {
        let Some(target) = config.target(backend.name()) else { continue };
        let options = match backend.name() {
            SPL => options_of_splunk(target),
            _ => Options::query(Some(WIDTH)),
        };
        plans.push(plan(backend, &PipelineChoice::default(), options, config, sources, reporter)?);
    }
    Ok(plans)
}

fn options_of_splunk(target: &Target) -> Options {
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
pub(super) fn macro_prefix(config: &Config) -> &str {
    config.target(SPL).map_or("", prefix_of)
}

fn prefix_of(target: &Target) -> &str {
    match target.macros() {
        MacroSource::Own => target.macro_prefix(),
        MacroSource::Escu | MacroSource::Inline => "",
    }
}

/// What the content of a target is for, and how it is made.
pub(super) enum Platform {
    Splunk(Splunk),
    Elastic(Elastic),
}

pub(super) struct Splunk {
    app: splunk::App,
    es: splunk::EnterpriseSecurity,
    macros: MacroSource,
    macro_prefix: String,
    attack: attack::Version,
    templates: Templates,
    formats: Vec<Format>,
}

pub(super) struct Elastic {
    min_stack: elastic::Stack,
    attack: attack::Version,
    license: Option<String>,
    templates: Templates,
    formats: Vec<Format>,
    current: Option<Current>,
}

impl Platform {
    /// The platform of a target. The error is one sentence.
    pub(super) fn new(plan: &Plan, config: &Config, arguments: &Build) -> Result<Self, String> {
        let templates = match config.templates() {
            Some(folder) => read_templates(&folder)?,
            None => Templates::default(),
        };
        let name = plan.backend.name();
        let unset = Target::default();
        let target = config.target(name).unwrap_or(&unset);
        let formats = target.formats(name);
        let attack = config.attack().version(config.elastic().min_stack());
        if name == SPL {
            let app = config.splunk().app(config.license());
            if let Some(problem) = splunk::check_app(&app).first() {
                return Err(format!("`[splunk]` of isogloss.toml: {}", problem.message));
            }
            return Ok(Self::Splunk(Splunk {
                app,
                es: config.splunk().enterprise_security(),
                macros: target.macros(),
                macro_prefix: prefix_of(target).to_owned(),
                attack,
                templates,
                formats,
            }));
        }
        let current = arguments.current.as_deref().map(read_current).transpose()?;
        Ok(Self::Elastic(Elastic {
            min_stack: config.elastic().min_stack(),
            attack,
            license: config.license().map(str::to_owned),
            templates,
            formats,
            current,
        }))
    }

    /// What the platform would not take, or what is hardly meant.
    pub(super) fn check(&self, entry: &Entry) -> Vec<Problem> {
        match self {
            Self::Splunk(splunk) => splunk.check(entry),
            Self::Elastic(elastic) => elastic::check(entry, &elastic.settings()),
        }
    }

    /// The ids of ATT&CK in the tags of a rule that the platform shows by names which are not known.
    pub(super) fn unnamed_techniques(&self, metadata: &Metadata) -> Vec<String> {
        match self {
            Self::Splunk(_) => Vec::new(),
            Self::Elastic(elastic) => attack::threats(&metadata.tags, elastic.attack).unknown,
        }
    }

    /// The hash of everything that is deployed of an entry but its version. The error is one sentence.
    pub(super) fn digest(&self, entry: &Entry) -> Result<String, String> {
        let text = match self {
            Self::Splunk(splunk) => splunk::digest(entry, &splunk.settings()),
            Self::Elastic(elastic) => elastic::digest(entry, &elastic.settings()),
        }?;
        Ok(sha256(text.as_bytes()))
    }

    /// The type of the rule that an entry becomes (Elastic).
    pub(super) fn kind(&self, entry: &Entry) -> Option<Kind> {
        match self {
            Self::Splunk(_) => None,
            Self::Elastic(_) => Some(match elastic::rule_type(entry) {
                elastic::RuleType::Eql => Kind::Eql,
                elastic::RuleType::Query => Kind::Query,
                elastic::RuleType::Threshold => Kind::Threshold,
            }),
        }
    }

    /// The files, sorted by their paths. The error is one sentence, of a template for example.
    pub(super) fn artifacts(
        &self,
        entries: &[Entry],
        settlement: &Settlement,
    ) -> Result<Vec<Artifact>, String> {
        let mut artifacts = match self {
            Self::Splunk(splunk) => splunk.artifacts(entries, settlement),
            Self::Elastic(elastic) => elastic.artifacts(entries, settlement),
        }?;
        artifacts.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(artifacts)
    }
}

impl Splunk {
    fn check(&self, entry: &Entry) -> Vec<Problem> {
        let mut problems = splunk::check(entry, &self.settings());
        if self.formats.contains(&Format::Escu) {
            problems.extend(splunk::check_escu(entry));
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

    fn artifacts(
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
                Format::Escu => artifacts.extend(splunk::escu(entries, &settings)?),
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

impl Elastic {
    fn settings(&self) -> elastic::Settings<'_> {
        elastic::Settings {
            min_stack: self.min_stack,
            attack: self.attack,
            license: self.license.as_deref(),
            templates: &self.templates,
        }
    }

    fn artifacts(
        &self,
        entries: &[Entry],
        settlement: &Settlement,
    ) -> Result<Vec<Artifact>, String> {
        let settings = self.settings();
        let mut artifacts = Vec::new();
        for format in &self.formats {
            match format {
                Format::Ndjson => {
                    let parts = Parts {
                        all: entries,
                        new: settlement.new.iter().map(String::as_str).collect::<BTreeSet<_>>(),
                        gone: settlement.gone.iter().map(|it| it.id.as_str()).collect(),
                        current: self.current.as_ref(),
                    };
                    artifacts.extend(elastic::ndjson(&parts, &settings)?);
                }
                Format::Toml => artifacts.extend(elastic::toml(entries, &settings)?),
                // The configuration was checked for formats of another platform.
                Format::App | Format::Escu | Format::Savedsearches => {}
            }
        }
        Ok(artifacts)
    }
}

fn read_current(path: &Path) -> Result<Current, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    Current::parse(&text).map_err(|reason| format!("{shown}: {reason}"))
}

/// The templates of the user, by their paths below the folder.
fn read_templates(folder: &Path) -> Result<Templates, String> {
    let mut templates = Templates::default();
    if !folder.is_dir() {
        return Err(format!(
            "{}: there is no such folder, and `templates` names it",
            shown(folder)
        ));
    }
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| error.to_string())?;
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.path();
        let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let fail = |reason: String| format!("{}: {reason}", shown(path));
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        templates.set(&name, text).map_err(fail)?;
    }
    Ok(templates)
}
