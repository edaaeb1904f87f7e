//! Which targets a run is about, and how each of them is translated to.

use isogloss_backends::content::postprocess::check_templates;
use isogloss_backends::{Backend, Options, TARGETS, find, target_names};
use isogloss_compiler::diagnostic::suggest;
use isogloss_compiler::pipeline::Pipelines;
use isogloss_compiler::source::{SourceId, SourceMap};

use crate::cli::PipelineChoice;
use crate::config::{Config, Target};
use crate::pipelines::{self, Failure};
use crate::report::Reporter;

/// How one target is to be translated to.
pub(crate) struct Plan {
    /// The target.
    pub(crate) backend: &'static dyn Backend,
    /// Its pipelines.
    pub(crate) pipelines: Pipelines,
    /// The form of its queries.
    pub(crate) options: Options,
    /// The files of the pipelines, in the order in which they are applied.
    pub(crate) files: Vec<SourceId>,
    /// A longer query is warned of.
    pub(crate) max_query_bytes: Option<usize>,
}

/// The targets of these names, each once; without a name those of the configuration. The error is one
/// sentence.
pub(crate) fn resolve_targets(
    names: &[String],
    config: &Config,
) -> Result<Vec<&'static dyn Backend>, String> {
    if names.is_empty() {
        return Ok(TARGETS
            .iter()
            .copied()
            .filter(|it| config.target(it.name()).is_some())
            .collect());
    }
    let mut backends: Vec<&'static dyn Backend> = Vec::new();
    for name in names {
        let unknown = || format!("`{name}` is no target; {}", suggest(name, target_names()));
        let backend = find(name).ok_or_else(unknown)?;
        if !backends.iter().any(|it| it.name() == backend.name()) {
            backends.push(backend);
        }
    }
    Ok(backends)
}

/// The plan for a target, with the pipelines that were chosen for it. The error is one sentence.
pub(crate) fn plan(
    backend: &'static dyn Backend,
    choice: &PipelineChoice,
    mut options: Options,
    config: &Config,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Plan, String> {
    let format = options.format;
    let before = sources.ids().count();
    let pipelines = load_pipelines(backend, format, choice, config, sources, reporter)?;
    let files = sources.ids().skip(before).collect();
    options.inline_macros |= pipelines.inline_macros();
    let max_query_bytes = config.target(backend.name()).and_then(Target::max_query_bytes);
    Ok(Plan { backend, pipelines, options, files, max_query_bytes })
}

/// The pipelines of a target: those named, else those of the configuration, else its default. The error
/// is one sentence.
pub(crate) fn load_pipelines(
    backend: &dyn Backend,
    format: &str,
    choice: &PipelineChoice,
    config: &Config,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Pipelines, String> {
    let names = pipeline_names(backend, format, choice, config);
    let mut pipelines = load_named(&names, sources, reporter)?;
    check_allowed(backend, &pipelines)?;
    let configured = config.target(backend.name()).into_iter().flat_map(Target::vars);
    for (name, value) in configured.chain(choice.vars()) {
        pipelines.choose(name, value)?;
    }
    Ok(pipelines)
}

/// Whether every pipeline allows the target. One that allows all its languages allows it.
fn check_allowed(backend: &dyn Backend, pipelines: &Pipelines) -> Result<(), String> {
    let mut others = pipelines.list().filter(|it| {
        let allows =
            |backend: &dyn Backend| it.allowed_backends.iter().any(|it| means(backend, it));
        let mut languages = backend.languages().iter().filter_map(|name| find(name)).peekable();
        let all = languages.peek().is_some() && languages.all(allows);
        !it.allowed_backends.is_empty() && !allows(backend) && !all
    });
    let Some(other) = others.next() else { return Ok(()) };
    Err(format!(
        "the pipeline `{}` is not for the target `{}`: `allowed_backends` names {}",
        other.name,
        backend.name(),
        other.allowed_backends.join(", ")
    ))
}

fn means(backend: &dyn Backend, name: &str) -> bool {
    name == backend.name() || backend.also_called().contains(&name)
}

/// The names of the pipelines of a target: those given, else those of the configuration, else its
/// default.
pub(crate) fn pipeline_names(
    backend: &dyn Backend,
    format: &str,
    choice: &PipelineChoice,
    config: &Config,
) -> Vec<String> {
    let names = &choice.pipelines;
    if choice.without_pipeline {
        return Vec::new();
    }
    match config.target(backend.name()) {
        Some(target) if names.is_empty() => {
            pipelines::names(backend, format, &config.pipelines(target))
        }
        Some(_) | None => pipelines::names(backend, format, names),
    }
}

/// The pipelines of these names. What is wrong with one is reported; the error is one sentence.
pub(crate) fn load_named(
    names: &[String],
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Pipelines, String> {
    let loaded = pipelines::load_all(names, sources).and_then(|pipelines| {
        let mistakes = check_templates(&pipelines);
        if mistakes.is_empty() { Ok(pipelines) } else { Err(Failure::Broken(mistakes)) }
    });
    loaded.map_err(|failure| match failure {
        Failure::Missing(message) => message,
        Failure::Broken(diagnostics) => {
            reporter.findings(&diagnostics, sources);
            "a pipeline cannot be used".to_owned()
        }
    })
}
