//! Rules as they reach the content of Elastic, with names as a lock file would give them.

use std::path::Path;

use isogloss_backends::content::elastic::{Settings, Stack};
use isogloss_backends::content::{Entry, Facts, Names, Templates, attack};
use isogloss_backends::{Options, Query, WIDTH, find};
use isogloss_compiler::ast::{Attributes, Elastic, Logsource, Metadata};
use isogloss_compiler::ir::AnyRule;
use isogloss_compiler::pipeline::Pipelines;
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index, map_correlation, map_rule};

/// What templates are unless a user has put others in their place.
static TEMPLATES: std::sync::LazyLock<Templates> = std::sync::LazyLock::new(Templates::default);

pub(crate) fn settings() -> Settings<'static> {
    Settings {
        min_stack: Stack::of(8, 18),
        attack: attack::Version::V18,
        templates: &TEMPLATES,
        license: None,
    }
}

/// Everything that an entry borrows.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) metadata: Metadata,
    pub(crate) attributes: Attributes,
    pub(crate) logsource: Logsource,
    pub(crate) query: Query,
    pub(crate) facts: Facts,
    pub(crate) file: String,
}

impl Built {
    pub(crate) fn entry(&self) -> Entry<'_> {
        Entry {
            id: self.id.clone(),
            metadata: &self.metadata,
            logsource: &self.logsource,
            path: &self.path,
            attributes: &self.attributes,
            names: Names {
                title: self.metadata.title.clone(),
                name: self.metadata.title.clone(),
                stanza: String::new(),
                filter: String::new(),
                file: self.file.clone(),
            },
            version: 1,
            query: &self.query,
            facts: &self.facts,
        }
    }
}

pub(crate) struct Compiler {
    pipelines: Pipelines,
}

impl Compiler {
    pub(crate) fn new() -> Self {
        Self { pipelines: crate::built_in::built_in("ecs", &mut SourceMap::new()) }
    }

    /// Every query of the rules below a folder that the target `elastic` can say.
    pub(crate) fn folder(&self, folder: &Path) -> Vec<Built> {
        let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
        let paths = walk.into_iter().map(|entry| entry.expect("readable").into_path());
        let is_rule = |path: &Path| {
            let name = path.to_string_lossy();
            name.ends_with(".yml") && !name.ends_with(".test.yml")
        };
        let mut sources = SourceMap::new();
        let files = paths.filter(|path| is_rule(path)).filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            let local = path.strip_prefix(crate::root()).unwrap_or(&path);
            let source = sources.add(local.to_string_lossy(), text.as_str());
            Some(File::read(source, &text))
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

    fn rule(&self, rule: AnyRule<isogloss_compiler::ir::Sigma>, path: &str) -> Vec<Built> {
        let elastic = find("elastic").expect("a target");
        let options = Options::query(Some(WIDTH));
        let (metadata, logsource, facts, queries) = match rule {
            AnyRule::Detection(rule) => {
                let Ok(rule) = map_rule(rule, &self.pipelines) else { return Vec::new() };
                let queries = elastic.translate(&rule, &options).unwrap_or_default();
                let facts = Facts::of_rule(&rule);
                (rule.metadata, rule.logsource, facts, queries)
            }
            AnyRule::Correlation(rule) => {
                let Ok(rule) = map_correlation(rule, &self.pipelines) else { return Vec::new() };
                let queries: Vec<Query> =
                    elastic.translate_correlation(&rule, &options).into_iter().collect();
                let logsource = rule.leaves().first().map(|it| it.logsource.clone());
                let facts = Facts::of_correlation(&rule);
                (rule.metadata, logsource.unwrap_or_default(), facts, queries)
            }
        };
        let stem = Path::new(path).file_stem().expect("a name").to_string_lossy().into_owned();
        let queries = queries.into_iter().enumerate();
        let built = queries.map(|(place, query)| Built {
            id: id_of(metadata.id.as_deref(), place),
            path: path.to_owned(),
            attributes: attributes(&metadata.attributes, path),
            metadata: Metadata::clone(&metadata),
            logsource: logsource.clone(),
            query,
            facts: facts.clone(),
            file: if place == 0 { stem.clone() } else { format!("{stem}_{}", place + 1) },
        });
        built.collect()
    }
}

/// Those of the rule, and over them those of a JSON file beside it.
fn attributes(of_rule: &Attributes, path: &str) -> Attributes {
    let path = crate::root().join(path).with_extension("json");
    let mut attributes = of_rule.clone();
    if path.starts_with(crate::root().join("tests/kibana_rules"))
        && let Ok(text) = std::fs::read_to_string(path)
    {
        let own: Elastic = serde_json::from_str(&text).expect("attributes");
        attributes.elastic = own.over(&attributes.elastic);
    }
    attributes
}

/// Another id for every further query.
fn id_of(id: Option<&str>, place: usize) -> String {
    let id = id.unwrap_or("00000000-0000-4000-8000-000000000000");
    let (head, _) = id.split_at(id.len() - 1);
    if place == 0 { id.to_owned() } else { format!("{head}{place:x}") }
}
