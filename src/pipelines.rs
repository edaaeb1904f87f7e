//! Pipelines by name or file.

use std::sync::Arc;

use isogloss_backends::Backend;
use isogloss_compiler::diagnostic::{Diagnostics, suggest};
use isogloss_compiler::pipeline::{Pipeline, Pipelines, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_pipelines::PIPELINES;

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
    let loaded = names.iter().map(|name| load_one(name, sources));
    Ok(Pipelines::new(loaded.collect::<Result<Vec<_>, _>>()?))
}

/// The names of the pipelines of a target: those named, or its default.
pub(crate) fn names(target: &dyn Backend, names: &[String]) -> Vec<String> {
    let default = target.default_pipeline();
    if names.is_empty() {
        return vec![default.to_owned()];
    }
    names.iter().map(|it| if it == "default" { default.to_owned() } else { it.clone() }).collect()
}

/// A pipeline by name or file.
pub(crate) fn load_one(name: &str, sources: &mut SourceMap) -> Result<Arc<Pipeline>, Failure> {
    let (path, text) = match PIPELINES.iter().find(|it| it.name == name) {
        Some(built_in) => (format!("pipelines/{name}.yml"), built_in.text.to_owned()),
        None => {
            (name.to_owned(), std::fs::read_to_string(name).map_err(|error| missing(name, &error))?)
        }
    };
    let source = sources.add(path, text.as_str());
    let mut diagnostics = Vec::new();
    match parse_pipeline(source, &text, &mut diagnostics) {
        Some(pipeline) => Ok(Arc::new(pipeline)),
        None => Err(Failure::Broken(diagnostics)),
    }
}

fn missing(name: &str, error: &std::io::Error) -> Failure {
    let help = suggest(name, PIPELINES.iter().map(|it| it.name));
    Failure::Missing(format!(
        "the pipeline `{name}` is neither built in nor a file that can be read ({error}); {help}"
    ))
}
