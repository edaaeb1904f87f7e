//! `isogloss convert`: rules to queries.

mod findings;
mod outcome;
mod render;

use isogloss_backends::{BACKENDS, Backend, Options, WIDTH, find};
use isogloss_compiler::Index;
use isogloss_compiler::diagnostic::suggest;
use isogloss_compiler::pipeline::Pipelines;
use isogloss_compiler::source::SourceMap;

use crate::cli::{Convert, Macros};
use crate::exit::Exit;
use crate::input;
use crate::output::Output;
use crate::pipelines::{self, Failure};
use crate::policy::Policy;
use crate::report::Reporter;
use outcome::translate_all;

/// How one target is to be translated to.
struct Plan {
    backend: &'static dyn Backend,
    pipelines: Pipelines,
    options: Options,
}

/// Everything that is settled before a rule is read.
struct Settings {
    plans: Vec<Plan>,
    policy: Policy,
    output: Output,
}

/// Translates and writes; reports what was found; ends with the counts.
pub(crate) fn run(arguments: &Convert) -> Exit {
    let mut reporter = Reporter::new(&arguments.talk);
    let mut sources = SourceMap::new();
    let settings = match settle(arguments, &mut sources, &mut reporter) {
        Ok(settings) => settings,
        Err(message) => {
            reporter.failure(&message);
            return Exit::Usage;
        }
    };
    let threads =
        rayon::ThreadPoolBuilder::new().num_threads(arguments.talk.jobs.into()).build_global();
    if let Err(error) = threads {
        reporter.failure(&error.to_string());
        return Exit::Usage;
    }
    let input = input::read(&arguments.paths, &mut sources);
    for failure in &input.failures {
        reporter.failure(failure);
    }
    let unreadable = if input.failures.is_empty() { Exit::Fine } else { Exit::Usage };
    let index = Index::new(input.files);
    let outcomes = translate_all(&index, &settings.plans, &settings.policy);
    let found = findings::report(&outcomes, &settings, &arguments.talk, &sources, &mut reporter);
    if outcomes.is_empty() {
        if unreadable == Exit::Fine {
            reporter.failure("no rule was found");
            return Exit::NoRule;
        }
        return unreadable;
    }
    let written = match render::write(&arguments.format, &outcomes, &settings, &sources) {
        Ok(()) => Exit::Fine,
        Err(message) => {
            reporter.failure(&message);
            Exit::Usage
        }
    };
    if let Some(line) = findings::macros_used(&outcomes, arguments, &settings.output) {
        reporter.line(&line);
    }
    for line in findings::count(&outcomes, &settings.plans) {
        reporter.line(&line);
    }
    found.max(unreadable).max(written)
}

/// Checks the command line against what there is. The error is one sentence.
fn settle(
    arguments: &Convert,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Settings, String> {
    let policy = Policy::new(&arguments.talk.policy)?;
    let backends = resolve_targets(&arguments.targets)?;
    let output = Output::new(arguments.output.as_deref());
    if backends.len() > 1 && matches!(output, Output::File(_)) && arguments.format != "json" {
        return Err("several targets need a folder to be written to: let -o end in `/`".to_owned());
    }
    let mut plans = Vec::new();
    for backend in backends {
        let options = Options {
            format: resolve_format(backend, &arguments.format)?,
            width: (!arguments.compact).then_some(WIDTH),
            inline_macros: arguments.macros == Macros::Inline,
        };
        let pipelines = load_pipelines(backend, arguments, sources, reporter)?;
        plans.push(Plan { backend, pipelines, options });
    }
    Ok(Settings { plans, policy, output })
}

pub(super) fn resolve_targets(names: &[String]) -> Result<Vec<&'static dyn Backend>, String> {
    let mut backends: Vec<&'static dyn Backend> = Vec::new();
    for name in names {
        let known = BACKENDS.iter().map(|backend| backend.name());
        let backend =
            find(name).ok_or_else(|| format!("`{name}` is no target; {}", suggest(name, known)))?;
        if !backends.iter().any(|it| it.name() == backend.name()) {
            backends.push(backend);
        }
    }
    Ok(backends)
}

/// `json` is a form of the whole output; its queries are those of the format `query`.
fn resolve_format(backend: &dyn Backend, name: &str) -> Result<&'static str, String> {
    let name = if name == "json" { "query" } else { name };
    let formats = backend.formats();
    let found = formats.iter().find(|format| format.name == name).map(|format| format.name);
    found.ok_or_else(|| {
        let known = formats.iter().map(|format| format.name).chain(["json"]);
        format!("{} has no format `{name}`; {}", backend.name(), suggest(name, known))
    })
}

fn load_pipelines(
    backend: &dyn Backend,
    arguments: &Convert,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Pipelines, String> {
    if arguments.without_pipeline {
        return Ok(Pipelines::default());
    }
    pipelines::load(backend, &arguments.pipelines, sources).map_err(|failure| match failure {
        Failure::Missing(message) => message,
        Failure::Broken(diagnostics) => {
            reporter.findings(&diagnostics, sources);
            "a pipeline cannot be used".to_owned()
        }
    })
}
