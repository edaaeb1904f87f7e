//! Entries of content, made of the rules of a folder.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "each test binary uses a part of it; a test that cannot go on fails"
)]

pub(crate) mod conf;
pub(crate) mod splunk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use isogloss_backends::content::{Artifact, Entry, Facts, Names};
use isogloss_backends::spl::Spl;
use isogloss_backends::{Backend, Options, Query};
use isogloss_compiler::ast::{Attributes, Logsource, Metadata};
use isogloss_compiler::ir::AnyRule;
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index, map_correlation, map_rule};

use crate::built_in::built_in;

/// A query of a rule with all that an entry borrows.
#[derive(Debug, Clone)]
pub(crate) struct Deployment {
    pub(crate) id: String,
    pub(crate) metadata: Metadata,
    pub(crate) logsource: Logsource,
    pub(crate) path: String,
    pub(crate) attributes: Attributes,
    pub(crate) names: Names,
    pub(crate) query: Query,
    pub(crate) facts: Facts,
}

impl Deployment {
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

/// All rules of a folder that SPL can say, through a built-in pipeline.
pub(crate) fn deployments(folder: &Path, pipeline: &str, options: &Options) -> Vec<Deployment> {
    let pipelines = built_in(pipeline, &mut SourceMap::new());
    let (index, paths) = read(folder);
    let mut known = BTreeSet::new();
    let mut deployments = Vec::new();
    for (id, file, document) in index.rules() {
        if index.is_referenced(id) {
            continue;
        }
        let rule = match index.lower(id, &mut Vec::new()) {
            Some(AnyRule::Detection(rule)) => map_rule(rule, &pipelines).map(AnyRule::Detection),
            Some(AnyRule::Correlation(it)) => {
                map_correlation(it, &pipelines).map(AnyRule::Correlation)
            }
            None => continue,
        };
        let Ok(rule) = rule else { continue };
        let names = names(&document.metadata, &mut known, options);
        let options = Options { names: Some(names.clone()), ..options.clone() };
        let queries = match &rule {
            AnyRule::Detection(rule) => Spl.translate(rule, &options),
            AnyRule::Correlation(it) => Spl.translate_correlation(it, &options).map(|it| vec![it]),
        };
        for (number, query) in queries.into_iter().flatten().enumerate() {
            let place = paths.iter().position(|(source, _)| *source == file.source);
            deployments.push(Deployment {
                id: document.metadata.id.clone().expect("an id"),
                metadata: Metadata::clone(&document.metadata),
                logsource: match &rule {
                    AnyRule::Detection(rule) => rule.logsource.clone(),
                    AnyRule::Correlation(_) => Logsource::default(),
                },
                path: paths[place.expect("read")].1.clone(),
                attributes: document.metadata.attributes.clone(),
                names: numbered(&names, number + 1),
                query,
                facts: Facts::of(&rule),
            });
        }
    }
    deployments
}

fn read(folder: &Path) -> (Index, Vec<(isogloss_compiler::source::SourceId, String)>) {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    let files = walk.into_iter().map(|entry| entry.expect("readable").into_path());
    let files: Vec<PathBuf> =
        files.filter(|it| it.extension().is_some_and(|it| it == "yml")).collect();
    let mut sources = SourceMap::new();
    let mut paths = Vec::new();
    let mut read = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("text");
        let path = path.strip_prefix(folder).expect("below").display().to_string();
        let source = sources.add(path.clone(), text.as_str());
        read.push(File::read(source, &text));
        paths.push((source, path));
    }
    (Index::new(read), paths)
}

fn names(metadata: &Metadata, known: &mut BTreeSet<String>, options: &Options) -> Names {
    let title = metadata.title.clone();
    let plain = |it: char| if it.is_ascii_alphanumeric() { it } else { ' ' };
    let words: String = title.chars().map(plain).collect();
    let words: Vec<&str> = words.split_whitespace().collect();
    let name: String = words.join(" ").chars().take(Names::LONGEST - 3).collect();
    let name = name.trim().to_owned();
    let name = (1..1000)
        .map(|it| if it == 1 { name.clone() } else { format!("{name} {it}") })
        .find(|it| known.insert(it.to_lowercase()))
        .expect("a free name");
    let file = name.to_lowercase().replace(' ', "_");
    let filter = format!("{}{file}_filter", options.macro_prefix);
    Names { title, stanza: format!("{name} - Rule"), name, filter, file }
}

fn numbered(names: &Names, number: usize) -> Names {
    if number == 1 {
        return names.clone();
    }
    let stem = names.filter.strip_suffix("_filter").expect("a filter");
    Names {
        title: format!("{} ({number})", names.title),
        name: format!("{} {number}", names.name),
        stanza: format!("{} {number} - Rule", names.name),
        filter: format!("{stem}_{number}_filter"),
        file: format!("{}_{number}", names.file),
    }
}

/// Writes files below a folder of `$CONTENT_OUT`, if it is set.
pub(crate) fn write(folder: &str, artifacts: &[Artifact]) {
    let Some(out) = std::env::var_os("CONTENT_OUT") else { return };
    for artifact in artifacts {
        let path = Path::new(&out).join(folder).join(&artifact.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(path, &artifact.bytes).expect("written");
    }
}

/// Compares files with their snapshots in a folder below `snapshots/content`, which has no others.
pub(crate) fn snapshots(folder: &str, artifacts: &[Artifact]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/content").join(folder);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&path);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut names = BTreeSet::new();
    for artifact in artifacts {
        let name = artifact.path.replace('/', "_");
        let text = str::from_utf8(&artifact.bytes).expect("text");
        settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
        names.insert(format!("{name}.snap"));
    }
    let files =
        std::fs::read_dir(path).expect("a folder").map(|it| it.expect("a file").file_name());
    let files: BTreeSet<String> = files.map(|it| it.into_string().expect("text")).collect();
    assert_eq!(files, names);
}
