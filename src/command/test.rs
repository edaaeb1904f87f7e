//! `isogloss test`: rules on events.

mod events;
mod render;
mod trial;

use isogloss_backends::{BACKENDS, find};
use isogloss_compiler::Index;
use isogloss_compiler::ast::Logsource;
use isogloss_compiler::diagnostic::{Diagnostic, suggest};
use isogloss_compiler::events::{Fields, to_event};
use isogloss_compiler::ir::Event;
use isogloss_compiler::pipeline::{Pipelines, Sources};
use isogloss_compiler::source::SourceMap;

use crate::cli::{EventsAre, Test, TestFormat};
use crate::exit::Exit;
use crate::input;
use crate::output::Output;
use crate::pipelines::{self, Failure};
use crate::policy::Policy;
use crate::report::Reporter;
use trial::{Input, Lowered, Outcome, Target, Via};

/// The pipeline that says which log sources Windows events have.
const WINDOWS: &str = "windows-logsources";

/// Everything that is settled before a rule is read.
struct Settings {
    via: Via,
    policy: Policy,
    /// `--logsource`.
    given: Option<Logsource>,
    /// The log sources of Windows events.
    sources: Sources,
}

/// Evaluates rules on events.
pub(crate) fn run(arguments: &Test) -> Exit {
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
    let rules = trial::lower_all(&index);
    if rules.is_empty() && unreadable == Exit::Fine {
        reporter.failure("no rule was found");
        return Exit::NoRule;
    }
    on_events(arguments, &settings, &rules, &mut sources, &mut reporter).max(unreadable)
}

/// Shows which of the given events each rule finds.
fn on_events(
    arguments: &Test,
    settings: &Settings,
    rules: &[Lowered],
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Exit {
    let mut events = events::read(&arguments.events, sources);
    for failure in &events.failures {
        reporter.failure(failure);
    }
    let unreadable = if events.failures.is_empty() { Exit::Fine } else { Exit::Usage };
    let list = std::mem::take(&mut events.list);
    let count = list.len();
    let input = to_input(list, arguments.events_are, settings);
    let outcomes = trial::try_all(rules, &settings.via, &input);
    let mut found = events.diagnostics.clone();
    found.extend(findings(rules, &outcomes, &settings.policy));
    reporter.findings(&found, sources);
    let text = match arguments.format {
        TestFormat::Text => {
            Ok(render::text(rules, &outcomes, &events, sources, arguments.talk.verbose))
        }
        TestFormat::Json => render::json(rules, &outcomes, sources),
    };
    let written = match text.and_then(|text| Output::Stdout.write("", &text)) {
        Ok(()) => Exit::Fine,
        Err(message) => {
            reporter.failure(&message);
            Exit::Usage
        }
    };
    reporter.line(&render::count(rules, &outcomes, count));
    let errors = found.iter().any(Diagnostic::is_error);
    let found = if errors { Exit::Findings } else { Exit::Fine };
    found.max(unreadable).max(written)
}

fn to_input(list: Vec<Fields>, are: EventsAre, settings: &Settings) -> Input {
    match are {
        EventsAre::Sigma => {
            let given = settings.given.as_ref();
            let events = list.into_iter().map(|it| to_event(it, &settings.sources, given));
            Input::Sigma(events.collect())
        }
        EventsAre::Target => Input::Target(list.into_iter().map(Event::new).collect()),
    }
}

/// What was found in rules, and why some of them could not be asked.
fn findings(rules: &[Lowered], outcomes: &[Outcome], policy: &Policy) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (rule, outcome) in rules.iter().zip(outcomes) {
        let read = rule.diagnostics.iter().filter_map(|it| policy.of_finding(it.clone()));
        findings.extend(read);
        if rule.rule.is_some() {
            findings.extend(outcome.as_ref().err().into_iter().flatten().cloned());
        }
    }
    findings
}

/// Checks the command line against what there is. The error is one sentence.
fn settle(
    arguments: &Test,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Settings, String> {
    let policy = Policy::new(&arguments.talk.policy)?;
    let via = resolve_via(arguments.via.as_deref(), arguments, sources, reporter)?;
    if arguments.events_are == EventsAre::Target && matches!(via, Via::Ir) {
        return Err(
            "events of a target need the target: add `--via spl`, `eql` or `kql`".to_owned()
        );
    }
    let given = arguments.logsource.as_deref().map(parse_logsource).transpose()?;
    let windows = pipelines::load_one(WINDOWS, sources)
        .map_err(|failure| explain(failure, sources, reporter))?;
    Ok(Settings { via, policy, given, sources: Sources::new(&windows) })
}

fn resolve_via(
    name: Option<&str>,
    arguments: &Test,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Via, String> {
    let Some(name) = name.filter(|it| *it != "ir") else { return Ok(Via::Ir) };
    let backend = find(name).ok_or_else(|| {
        let known = std::iter::once("ir").chain(BACKENDS.iter().map(|it| it.name()));
        format!("`{name}` cannot answer; {}", suggest(name, known))
    })?;
    let pipelines = if arguments.without_pipeline {
        Pipelines::default()
    } else {
        pipelines::load(backend, &arguments.pipelines, sources)
            .map_err(|failure| explain(failure, sources, reporter))?
    };
    Ok(Via::Target(Target { backend, pipelines }))
}

fn explain(failure: Failure, sources: &SourceMap, reporter: &mut Reporter) -> String {
    match failure {
        Failure::Missing(message) => message,
        Failure::Broken(diagnostics) => {
            reporter.findings(&diagnostics, sources);
            "a pipeline cannot be used".to_owned()
        }
    }
}

/// `category=…,product=…,service=…`, at least one of them.
fn parse_logsource(text: &str) -> Result<Logsource, String> {
    let mut logsource = Logsource::default();
    for pair in text.split(',') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let slot = match key.trim() {
            "category" => &mut logsource.category,
            "product" => &mut logsource.product,
            "service" => &mut logsource.service,
            other => {
                let help = suggest(other, ["category", "product", "service"]);
                return Err(format!("`{other}` is no part of a log source; {help}"));
            }
        };
        if value.trim().is_empty() {
            return Err(format!("`{}` needs a value: write `{}=…`", key.trim(), key.trim()));
        }
        *slot = Some(value.trim().to_owned());
    }
    Ok(logsource)
}
