//! The rules that are asked, and the languages that they are asked in.

pub(crate) mod jobs;
pub(crate) mod platform;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use isogloss_backends::Backend;
use isogloss_compiler::ir::{AnyRule, Rule, Sigma};
use isogloss_compiler::pipeline::{Pipeline, Pipelines, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index};

/// A language and its default pipeline.
pub(crate) struct Target {
    pub(crate) backend: &'static dyn Backend,
    pub(crate) pipelines: Pipelines,
}

impl Target {
    pub(crate) fn of(backend: &'static dyn Backend) -> Self {
        Self { backend, pipelines: Pipelines::new(pipelines(backend.default_pipeline())) }
    }
}

/// A rule that is asked about one event.
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) rule: Rule<Sigma>,
}

/// Rules of these folders about one event, at most so many. They are spread evenly over all of them.
pub(crate) fn rules(folders: &[PathBuf], most: usize) -> Vec<Asked> {
    let mut paths: Vec<PathBuf> = folders.iter().flat_map(|it| files(it)).collect();
    paths.sort_by_cached_key(|path| hash(&path.to_string_lossy()));
    paths.iter().flat_map(|path| read(path)).take(most).collect()
}

/// The rules of a file that have no error. Some cases are no text on purpose.
fn read(path: &Path) -> Vec<Asked> {
    let text = std::fs::read_to_string(path);
    text.map_or_else(|_| Vec::new(), |text| read_text(&path.display().to_string(), &text))
}

/// The rules of a text that have no error.
pub(crate) fn read_text(path: &str, text: &str) -> Vec<Asked> {
    let source = SourceMap::new().add(path, text);
    let index = Index::new(vec![File::read(source, text)]);
    let lowered = index.rules().filter_map(|(id, ..)| index.lower(id, &mut Vec::new()));
    let rules = lowered.filter_map(|rule| match rule {
        AnyRule::Detection(rule) => Some(Asked { path: path.to_owned(), rule }),
        AnyRule::Correlation(_) => None,
    });
    rules.collect()
}

/// FNV-1a of the name of a file.
fn hash(path: &str) -> u64 {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    let paths = walk.into_iter().map(|entry| entry.expect("readable").into_path());
    paths.filter(|path| path.extension().is_some_and(|it| it == "yml")).collect()
}

/// The files of a built-in pipeline.
fn pipelines(name: &str) -> Vec<Arc<Pipeline>> {
    let built_in = isogloss_pipelines::find(name).expect("a built-in pipeline");
    let mut sources = SourceMap::new();
    let files = built_in.files.iter().map(|file| {
        let source = sources.add(file.path, file.text);
        let mut diagnostics = Vec::new();
        let read_file = |_: &str| Err(String::new());
        let pipeline = parse_pipeline(source, file.text, &read_file, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        Arc::new(pipeline.expect("a pipeline"))
    });
    files.collect()
}
