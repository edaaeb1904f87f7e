//! `isogloss convert`: rules to queries.

mod findings;
mod render;

use isogloss_backends::{Backend, Options, WIDTH};
use isogloss_compiler::Index;
use isogloss_compiler::diagnostic::suggest;
use isogloss_compiler::source::SourceMap;

use crate::cli::{Convert, Macros};
use crate::config::{self, Config};
use crate::count::count;
use crate::exit::Exit;
use crate::findings::shown;
use crate::input;
use crate::outcome::{Job, translate_all};
use crate::output::Output;
use crate::plan::{Plan, plan, resolve_targets};
use crate::policy::Policy;
use crate::report::Reporter;
use crate::threads;

/// Everything that is settled before a rule is read.
struct Settings {
    plans: Vec<Plan>,
    config: Config,
    policy: Policy,
    output: Output,
}

/// Translates and writes; reports what was found; ends with the counts.
pub(crate) fn run(arguments: &Convert) -> Exit {
    let mut reporter = Reporter::new(&arguments.talk);
    let mut sources = SourceMap::new();
    let mut settings = match settle(arguments, &mut sources, &mut reporter) {
        Ok(settings) => settings,
        Err(message) => {
            reporter.failure(&message);
            reporter.finish(&sources);
            return Exit::Usage;
        }
    };
    if let Err(message) = threads::start(arguments.talk.jobs) {
        reporter.failure(&message);
        return Exit::Usage;
    }
    let places = settings.config.places(&arguments.paths);
    let input = input::read_places(&places, &mut sources);
    let unreadable = input.report(&mut reporter);
    let index = Index::new(input.files);
    settings.policy.add_comments(index.files());
    let job = Job {
        index: &index,
        sources: &sources,
        policy: &settings.policy,
        config: &settings.config,
        plans: &settings.plans,
        linter: None,
        coverage: false,
        shown: shown(index.rules().count(), &arguments.talk, &reporter),
        pins: None,
        progress: None,
    };
    let outcomes = translate_all(&job);
    let found = findings::report(&outcomes, &settings, &arguments.talk, &sources, &mut reporter);
    reporter.finish(&sources);
    // A filter without an error has no translation, and is no rule.
    if outcomes.iter().all(|it| it.translations.is_empty()) {
        if unreadable == Exit::Fine {
            let is_empty = index.rules().next().is_none();
            reporter.failure(if is_empty { "no rule was found" } else { "no rule is selected" });
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
    for line in count(&outcomes, &settings.plans) {
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
    let config = config::load(&arguments.talk.configuration, sources, reporter)?
        .with_selection(&arguments.selecting);
    let policy = config.policy(&arguments.talk)?;
    let backends = resolve_targets(&arguments.targets, &config)?;
    if backends.is_empty() {
        return Err("no target is named: `-t spl`, or `[targets.spl]` in isogloss.toml".to_owned());
    }
    let output = Output::new(arguments.output.as_deref());
    if backends.len() > 1 && matches!(output, Output::File(_)) && arguments.format != "json" {
        return Err("several targets need a folder to be written to: let -o end in `/`".to_owned());
    }
    let mut plans = Vec::new();
    for backend in backends {
        let format = resolve_format(backend, &arguments.format)?;
        let width = (!arguments.compact).then_some(WIDTH);
        let inline_macros = arguments.macros == Macros::Inline;
        let options = Options { inline_macros, ..Options::of(format, width) };
        plans.push(plan(backend, &arguments.pipeline, options, &config, sources, reporter)?);
    }
    Ok(Settings { plans, config, policy, output })
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
