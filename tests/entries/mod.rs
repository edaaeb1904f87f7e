//! Rules as they reach deployable content, with the names that a first build gives them.

#![allow(
    dead_code,
    clippy::expect_used,
    reason = "each test binary uses a part of it; a test that cannot go on fails"
)]

use std::path::Path;

use isogloss_backends::content::{Entry, Facts, Names, entry_id};
use isogloss_backends::{Backend, Options, Query, find};
use isogloss_compiler::ast::{Attributes, Logsource, Metadata};
use isogloss_compiler::ir::{AnyRule, Mapped, Sigma};
use isogloss_compiler::pipeline::Pipelines;
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index, map_correlation, map_rule};

use crate::built_in::built_in;

/// A query of a rule with all that an entry borrows.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) id: String,
    pub(crate) metadata: Metadata,
    pub(crate) logsource: Logsource,
    pub(crate) path: String,
    pub(crate) attributes: Attributes,
    pub(crate) names: Names,
    pub(crate) query: Query,
    pub(crate) facts: Facts,
}

impl Built {
    pub(crate) fn entry(&self) -> Entry<'_> {
        Entry {
            id: self.id.clone(),
            metadata: &self.metadata,
            logsource: &self.logsource,
            path: &self.path,
            attributes: &self.attributes,
            names: self.names.clone(),
            version: 1,
            query: &self.query,
            facts: &self.facts,
        }
    }
}

/// How rules become queries.
pub(crate) struct Compiler {
    backend: &'static dyn Backend,
    pipelines: Pipelines,
    options: Options,
}

impl Compiler {
    /// By a target and a built-in pipeline.
    pub(crate) fn new(target: &str, pipeline: &str, options: Options) -> Self {
        let pipelines = built_in(pipeline, &mut SourceMap::new());
        Self { backend: find(target).expect("a target"), pipelines, options }
    }

    /// Every query of the rules below a folder that the target can say. Paths are relative to the root.
    pub(crate) fn folder(&self, folder: &Path, root: &Path) -> Vec<Built> {
        let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
        let paths = walk.into_iter().map(|entry| entry.expect("readable").into_path());
        let is_rule = |path: &Path| {
            let name = path.to_string_lossy();
            name.ends_with(".yml") && !name.ends_with(".test.yml")
        };
        let mut sources = SourceMap::new();
        let files = paths.filter(|path| is_rule(path)).map(|path| {
            let text = std::fs::read_to_string(&path).expect("text");
            let local = path.strip_prefix(root).unwrap_or(&path).to_string_lossy();
            let source = sources.add(local, text.as_str());
            File::read(source, &text)
        });
        let index = Index::new(files.collect());
        self.index(&index, &sources)
    }

    /// The same of one text.
    pub(crate) fn text(&self, text: &str) -> Vec<Built> {
        let mut sources = SourceMap::new();
        let source = sources.add("rule.yml", text);
        self.index(&Index::new(vec![File::read(source, text)]), &sources)
    }

    fn index(&self, index: &Index, sources: &SourceMap) -> Vec<Built> {
        let mut built = Vec::new();
        for (id, file, _) in index.rules() {
            if index.is_referenced(id) {
                continue;
            }
            let Some(rule) = index.lower(id, &mut Vec::new()) else { continue };
            let path = sources.get(file.source).map_or("", |it| it.path.as_str());
            built.extend(self.rule(rule, path));
        }
        built
    }

    fn rule(&self, rule: AnyRule<Sigma>, path: &str) -> Vec<Built> {
        let Some(rule) = self.map(rule) else { return Vec::new() };
        let (metadata, logsource) = match &rule {
            AnyRule::Detection(rule) => (&rule.metadata, Some(&rule.logsource)),
            AnyRule::Correlation(it) => {
                (&it.metadata, it.leaves().first().map(|rule| &rule.logsource))
            }
        };
        let id = metadata.id.as_deref().expect("an id");
        let own = metadata.attributes.splunk.name.as_deref();
        let names = Names::new(&metadata.title, id, own, "", &self.options.macro_prefix);
        let options = Options { names: Some(names.clone()), ..self.options.clone() };
        let queries = match &rule {
            AnyRule::Detection(rule) => self.backend.translate(rule, &options),
            AnyRule::Correlation(it) => {
                self.backend.translate_correlation(it, &options).map(|it| vec![it])
            }
        };
        let queries = queries.unwrap_or_default().into_iter().zip(1..);
        let built = queries.map(|(query, number)| Built {
            id: entry_id(id, number),
            metadata: Metadata::clone(metadata),
            logsource: logsource.cloned().unwrap_or_default(),
            path: path.to_owned(),
            attributes: metadata.attributes.clone(),
            names: names.numbered(number),
            query,
            facts: Facts::of(&rule),
        });
        built.collect()
    }

    fn map(&self, rule: AnyRule<Sigma>) -> Option<AnyRule<Mapped>> {
        match rule {
            AnyRule::Detection(rule) => {
                map_rule(rule, &self.pipelines).ok().map(AnyRule::Detection)
            }
            AnyRule::Correlation(it) => {
                map_correlation(it, &self.pipelines).ok().map(AnyRule::Correlation)
            }
        }
    }
}
