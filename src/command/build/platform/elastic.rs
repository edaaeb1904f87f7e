//! Content of Elastic.

use std::collections::BTreeSet;
use std::path::Path;

use isogloss_backends::content::elastic::{self, Current, Parts, RuleType};
use isogloss_backends::content::{Artifact, Entry, Problem, Templates, attack};
use isogloss_compiler::ast::Metadata;

use crate::cli::Build;
use crate::config::{Config, Format};
use crate::lock::{Kind, Settlement};

/// How content of Elastic is made.
pub(in crate::command::build) struct Elastic {
    min_stack: elastic::Stack,
    attack: attack::Version,
    license: Option<String>,
    templates: Templates,
    formats: Vec<Format>,
    current: Option<Current>,
}

impl Elastic {
    /// The error is one sentence: the export cannot be read.
    pub(super) fn new(
        config: &Config,
        arguments: &Build,
        templates: Templates,
        formats: Vec<Format>,
    ) -> Result<Self, String> {
        let min_stack = config.elastic().min_stack();
        Ok(Self {
            min_stack,
            attack: config.attack().version(min_stack),
            license: config.license().map(str::to_owned),
            templates,
            formats,
            current: arguments.current.as_deref().map(read_current).transpose()?,
        })
    }

    /// What Kibana would not take, or what is hardly meant.
    pub(super) fn check(&self, entry: &Entry) -> Vec<Problem> {
        elastic::check(entry, &self.settings())
    }

    /// The ids of ATT&CK in the tags of a rule whose names are not known.
    pub(super) fn unnamed_techniques(&self, metadata: &Metadata) -> Vec<String> {
        attack::threats(&metadata.tags, self.attack).unknown
    }

    /// Everything that is deployed of an entry but its version. The error is one sentence.
    pub(super) fn digest(&self, entry: &Entry) -> Result<String, String> {
        elastic::digest(entry, &self.settings())
    }

    fn settings(&self) -> elastic::Settings<'_> {
        elastic::Settings {
            min_stack: self.min_stack,
            attack: self.attack,
            license: self.license.as_deref(),
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
                Format::Toml => {
                    artifacts.extend(elastic::toml(entries, self.current.as_ref(), &settings)?);
                }
                // The configuration was checked for formats of another platform.
                Format::App | Format::Escu | Format::Savedsearches => {}
            }
        }
        Ok(artifacts)
    }
}

/// The type of the rule that an entry becomes.
pub(super) fn kind(entry: &Entry) -> Kind {
    match elastic::rule_type(entry) {
        RuleType::Eql => Kind::Eql,
        RuleType::Query => Kind::Query,
        RuleType::Threshold => Kind::Threshold,
    }
}

fn read_current(path: &Path) -> Result<Current, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    Current::parse(&text).map_err(|reason| format!("{shown}: {reason}"))
}
