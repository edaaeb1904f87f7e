//! `isogloss test`: rules on events.

mod events;
mod expect;
mod gate;
mod junit;
mod render;
mod trial;

use std::collections::BTreeMap;

use isogloss_backends::backend::QUERY;
use isogloss_backends::{find, target_names};
use isogloss_compiler::Index;
use isogloss_compiler::ast::Logsource;
use isogloss_compiler::diagnostic::{Code, Diagnostic, suggest};
use isogloss_compiler::events::{Fields, to_event};
use isogloss_compiler::ir::Event;
use isogloss_compiler::pipeline::Sources;
use isogloss_compiler::source::{SourceMap, Span};

use crate::cli::{EventsAre, MessageFormat, PipelineChoice, Test, TestFormat};
use crate::config::{self, Config};
use crate::exit::Exit;
use crate::input;
use crate::output::Output;
use crate::pipelines;
use crate::plan::load_pipelines;
use crate::policy::Policy;
use crate::report::Reporter;
use crate::threads;
use expect::Suite;
pub(crate) use gate::expectations;
use trial::{Input, Lowered, Outcome, Target, Via};

/// The pipeline that says which log sources Windows events have.
const WINDOWS: &str = "windows-logsources";

/// Everything that is settled before a rule is read.
struct Settings {
    /// What answers, if the command line says so.
    via: Option<Via>,
    config: Config,
    policy: Policy,
    /// `--logsource`.
    given: Option<Logsource>,
    /// `--time-field`.
    time_field: Option<String>,
    /// The log sources of Windows events.
    sources: Sources,
}

/// Evaluates rules on events.
pub(crate) fn run(arguments: &Test) -> Exit {
    let mut reporter = Reporter::new(&arguments.talk);
    let mut sources = SourceMap::new();
    let mut settings = match settle(arguments, &mut sources, &mut reporter) {
        Ok(settings) => settings,
        Err(message) => {
            reporter.failure(&message);
            return Exit::Usage;
        }
    };
    if let Err(message) = threads::start(arguments.talk.jobs) {
        reporter.failure(&message);
        return Exit::Usage;
    }
    if arguments.events.is_empty() {
        return on_expectations(arguments, &settings, &mut sources, &mut reporter);
    }
    let input = input::read(&arguments.paths, &mut sources);
    let unreadable = input.report(&mut reporter);
    let index = Index::new(input.files);
    settings.policy.add_comments(index.files());
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
    let outcomes = trial::try_all(rules, settings.via.as_ref().unwrap_or(&Via::Ir), &input);
    let mut found = events.diagnostics.clone();
    found.extend(findings(rules, &outcomes, settings, sources));
    reporter.findings(&found, sources);
    reporter.finish(sources);
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
    let untimed = input.untimed();
    if untimed > 0 && rules.iter().any(|it| it.document.correlation().is_some()) {
        reporter.line(&format!("{untimed} events have no time, so no correlation counts them"));
    }
    reporter.line(&render::count(rules, &outcomes, count));
    let errors = found.iter().any(Diagnostic::is_error);
    let found = if errors { Exit::Findings } else { Exit::Fine };
    found.max(unreadable).max(written)
}

/// Runs the expectations beside the rules.
fn on_expectations(
    arguments: &Test,
    settings: &Settings,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Exit {
    let vias = match all_vias(&arguments.pipeline, &settings.config, sources, reporter) {
        Ok(vias) => vias,
        Err(message) => {
            reporter.failure(&message);
            return Exit::Usage;
        }
    };
    let mut failures = Vec::new();
    let suites = expect::run_all(&arguments.paths, settings, &vias, sources, &mut failures);
    for failure in &failures {
        reporter.failure(failure);
    }
    let unreadable = if failures.is_empty() { Exit::Fine } else { Exit::Usage };
    if suites.is_empty() && unreadable == Exit::Fine {
        reporter.failure("no expectation was found: they stand in files named *.test.yml");
        return Exit::NoRule;
    }
    if arguments.talk.message_format == MessageFormat::Junit {
        let text = junit::report(&suites, sources);
        if let Err(message) = text.and_then(|text| Output::Stdout.write("", &text)) {
            reporter.failure(&message);
            return Exit::Usage;
        }
    } else {
        reporter.findings(suites.iter().flat_map(Suite::findings), sources);
        reporter.finish(sources);
    }
    reporter.line(&render::count_checks(&suites));
    let failed = suites.iter().any(Suite::is_failed);
    let found = if failed { Exit::Findings } else { Exit::Fine };
    found.max(unreadable)
}

fn to_input(list: Vec<Fields>, are: EventsAre, settings: &Settings) -> Input {
    match are {
        EventsAre::Sigma => {
            let given = settings.given.as_ref();
            let events = list.into_iter().map(|it| to_event(it, &settings.sources, given));
            Input::sigma(events.collect(), settings.time_field.as_deref())
        }
        EventsAre::Target => {
            let events = list.into_iter().map(Event::new);
            Input::target(events.collect(), settings.time_field.as_deref())
        }
    }
}

/// What was found in rules, and why some of them could not be asked.
fn findings(
    rules: &[Lowered],
    outcomes: &[Outcome],
    settings: &Settings,
    sources: &SourceMap,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (rule, outcome) in rules.iter().zip(outcomes) {
        let path = sources.get(rule.file.source).map_or("", |it| it.path.as_str());
        let path = settings.config.relative(path);
        let judge = settings.policy.of_rule(&path, rule.file.source, &rule.document.metadata);
        let read = rule.diagnostics.iter().filter_map(|it| judge.of_finding(it.clone()));
        findings.extend(read);
        // What keeps a rule from being lowered is among its findings already.
        let refused = outcome.as_ref().err().filter(|_| rule.rule.is_some());
        let target = settings.via.as_ref().unwrap_or(&Via::Ir).name();
        for refusal in refused.into_iter().flatten() {
            let spans: Vec<Span> = refusal.labels.iter().map(|it| it.span).collect();
            let severity = if refusal.code == Code::UnsupportedByTarget {
                judge.of_refusal(target, &spans).severity()
            } else {
                Some(refusal.severity)
            };
            findings.extend(severity.map(|it| refusal.clone().with_severity(it)));
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
    let config = config::load(&arguments.talk.configuration, sources, reporter)?;
    let policy = config.policy(&arguments.talk)?;
    let via = arguments.via.as_deref();
    let choice = &arguments.pipeline;
    let via = via.map(|it| resolve_via(it, choice, &config, sources, reporter)).transpose()?;
    let has_target = matches!(via, Some(Via::Target(_)));
    if arguments.events_are == EventsAre::Target && !has_target {
        return Err(
            "events of a target need the target: add `--via spl`, `eql`, `kql` or `elastic`"
                .to_owned(),
        );
    }
    let given = arguments.logsource.as_deref().map(parse_logsource).transpose()?;
    let time_field = arguments.time_field.clone();
    Ok(Settings { via, config, policy, given, time_field, sources: windows_sources(sources)? })
}

/// The log sources of Windows events. The error is one sentence.
fn windows_sources(sources: &mut SourceMap) -> Result<Sources, String> {
    let windows = pipelines::load_one(WINDOWS, sources)
        .map_err(|_| "the pipeline of Windows' log sources cannot be used".to_owned())?;
    Ok(Sources::new(windows.iter().map(AsRef::as_ref)))
}

/// Everything that can answer, by its name. The error is one sentence.
fn all_vias(
    choice: &PipelineChoice,
    config: &Config,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<BTreeMap<&'static str, Via>, String> {
    let names = std::iter::once("ir").chain(target_names());
    names.map(|name| Ok((name, resolve_via(name, choice, config, sources, reporter)?))).collect()
}

fn resolve_via(
    name: &str,
    choice: &PipelineChoice,
    config: &Config,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Via, String> {
    if name == "ir" {
        return Ok(Via::Ir);
    }
    let backend = find(name).ok_or_else(|| {
        let known = std::iter::once("ir").chain(target_names());
        format!("`{name}` cannot answer; {}", suggest(name, known))
    })?;
    let pipelines = load_pipelines(backend, QUERY.name, choice, config, sources, reporter)?;
    Ok(Via::Target(Target { backend, pipelines }))
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
