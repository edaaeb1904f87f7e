//! What a target's content is for: Splunk, or Elastic.

mod elastic;
mod splunk;

use std::path::Path;

use isogloss_backends::content::{Artifact, Entry, Problem, Templates};
use isogloss_backends::{Options, WIDTH};
use isogloss_compiler::ast::Metadata;
use isogloss_compiler::source::SourceMap;

use super::output::shown;
use crate::cli::{Build, PipelineChoice};
use crate::config::{Config, Target};
use crate::lock::{Kind, Settlement};
use crate::manifest::sha256;
use crate::plan::{Plan, plan, resolve_targets};
use crate::report::Reporter;
use elastic::Elastic;
use splunk::Splunk;
pub(super) use splunk::macro_prefix;

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
            SPL => splunk::options(target),
            _ => Options::query(Some(WIDTH)),
        };
        plans.push(plan(backend, &PipelineChoice::default(), options, config, sources, reporter)?);
    }
    Ok(plans)
}

/// What the content of a target is for, and how it is made.
pub(super) enum Platform {
    Splunk(Splunk),
    Elastic(Elastic),
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
        match name {
            SPL => Splunk::new(target, config, templates, formats).map(Self::Splunk),
            _ => Elastic::new(config, arguments, templates, formats).map(Self::Elastic),
        }
    }

    /// What the platform would not take, or what is hardly meant.
    pub(super) fn check(&self, entry: &Entry) -> Vec<Problem> {
        match self {
            Self::Splunk(splunk) => splunk.check(entry),
            Self::Elastic(elastic) => elastic.check(entry),
        }
    }

    /// The ids of ATT&CK in the tags of a rule that the platform shows by names which are not known.
    pub(super) fn unnamed_techniques(&self, metadata: &Metadata) -> Vec<String> {
        match self {
            Self::Splunk(_) => Vec::new(),
            Self::Elastic(elastic) => elastic.unnamed_techniques(metadata),
        }
    }

    /// The hash of everything that is deployed of an entry but its version. The error is one sentence.
    pub(super) fn digest(&self, entry: &Entry) -> Result<String, String> {
        let text = match self {
            Self::Splunk(splunk) => splunk.digest(entry),
            Self::Elastic(elastic) => elastic.digest(entry),
        }?;
        Ok(sha256(text.as_bytes()))
    }

    /// The type of the rule that an entry becomes (Elastic).
    pub(super) fn kind(&self, entry: &Entry) -> Option<Kind> {
        match self {
            Self::Splunk(_) => None,
            Self::Elastic(_) => Some(elastic::kind(entry)),
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
