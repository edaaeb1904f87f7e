//! Pipelines by name or file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use isogloss_backends::Backend;
use isogloss_compiler::diagnostic::{Diagnostics, suggest};
use isogloss_compiler::pipeline::{Pipeline, Pipelines, ReadFile, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_pipelines::{BuiltIn, PIPELINES};

/// The largest file that a pipeline may read, in bytes.
const LARGEST_FILE: u64 = 16 << 20;

/// Why a pipeline cannot be used.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was not found; in one sentence.
    Missing(String),
    /// Its text has mistakes.
    Broken(Diagnostics),
}

/// The pipelines of these names; none at all leaves Sigma's field names.
pub(crate) fn load_all(names: &[String], sources: &mut SourceMap) -> Result<Pipelines, Failure> {
    let mut pipelines = Vec::new();
    for name in names {
        pipelines.extend(load_one(name, sources)?);
    }
    Ok(Pipelines::new(pipelines))
}

/// The names of the pipelines of a target: those named, or the default of the format.
pub(crate) fn names(target: &dyn Backend, format: &str, names: &[String]) -> Vec<String> {
    let default = target.pipeline_of(format);
    if names.is_empty() {
        return vec![default.to_owned()];
    }
    names.iter().map(|it| if it == "default" { default.to_owned() } else { it.clone() }).collect()
}

/// The files of a pipeline, by the name of a built-in one, by the path of a file or of a folder.
pub(crate) fn load_one(name: &str, sources: &mut SourceMap) -> Result<Vec<Arc<Pipeline>>, Failure> {
    match isogloss_pipelines::find(name) {
        Some(built_in) => load_built_in(built_in, sources),
        None => list_files(Path::new(name))
            .map_err(|error| missing(name, &error))?
            .iter()
            .map(|path| load_file(path, sources))
            .collect(),
    }
}

fn load_built_in(
    built_in: &BuiltIn,
    sources: &mut SourceMap,
) -> Result<Vec<Arc<Pipeline>>, Failure> {
    let read_file = |_: &str| Err("a built-in pipeline reads no file".to_owned());
    let files = built_in.files.iter();
    files.map(|file| load_text(file.path, file.text, &read_file, sources)).collect()
}

/// The path itself, or the pipelines in the folder, sorted.
fn list_files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path)?.collect::<std::io::Result<Vec<_>>>()?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|it| it == "yml" || it == "yaml");
    let mut files: Vec<PathBuf> = paths.filter(is_yaml).collect();
    files.sort();
    if files.is_empty() {
        return Err(std::io::Error::other("the folder has no *.yml or *.yaml"));
    }
    Ok(files)
}

fn load_file(path: &Path, sources: &mut SourceMap) -> Result<Arc<Pipeline>, Failure> {
    let name = path.to_string_lossy();
    let text = read_regular(path).map_err(|error| missing(&name, &error))?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    load_text(&name, &text, &|file| read_beside(folder, file), sources)
}

fn load_text(
    path: &str,
    text: &str,
    read_file: &ReadFile,
    sources: &mut SourceMap,
) -> Result<Arc<Pipeline>, Failure> {
    let source = sources.add(path, text);
    let mut diagnostics = Vec::new();
    match parse_pipeline(source, text, read_file, &mut diagnostics) {
        Some(pipeline) => Ok(Arc::new(pipeline)),
        None => Err(Failure::Broken(diagnostics)),
    }
}

/// Reads a file that has an end.
fn read_regular(path: &Path) -> std::io::Result<String> {
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    if metadata.len() > LARGEST_FILE {
        return Err(std::io::Error::other(format!("it has more than {LARGEST_FILE} bytes")));
    }
    std::fs::read_to_string(path)
}

/// Reads a file in the folder of the pipeline or below it; links do not lead out of it.
fn read_beside(folder: &Path, file: &str) -> Result<String, String> {
    let path = folder.join(file).canonicalize().map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            return "there is no such file".to_owned();
        }
        error.to_string()
    })?;
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    if !path.starts_with(&folder) {
        return Err("it is outside of the folder of the pipeline".to_owned());
    }
    read_regular(&path).map_err(|error| error.to_string())
}

fn missing(name: &str, error: &std::io::Error) -> Failure {
    let help = suggest(name, PIPELINES.iter().map(|it| it.name));
    Failure::Missing(format!(
        "the pipeline `{name}` is neither built in nor a file that can be read ({error}); {help}"
    ))
}
