//! Rules and their queries agree: on events that are made for each rule, and on recorded ones.
//!
//! A rule is asked directly, and through each target with its default pipeline. Where a query is said to be
//! exact, the answers are equal; where something is lost, they differ in the direction of the loss at
//! most.
//!
//! Needs a folder with `rules/` and `regression/` of SigmaHQ, which `SIGMA_CORPUS` names. A part of the
//! rules is asked, spread evenly; all of them with `AGREEMENT=full`.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod generator;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use generator::{Class, Generated, generate};
use isogloss_backends::{BACKENDS, Backend, Trial};
use isogloss_compiler::events::{read_events, to_event};
use isogloss_compiler::ir::{AnyRule, Direction, Event, Rule, Sigma, finds};
use isogloss_compiler::pass::run_passes;
use isogloss_compiler::pipeline::{Pipeline, Pipelines, Sources, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index};
use rayon::prelude::*;

/// So many rules are asked, unless all are.
const RULES: usize = 300;
/// So many events are made for each rule.
const EVENTS: usize = 200;
/// So many disagreements of a target are shown.
const SHOWN: usize = 20;

/// A language and its default pipeline.
struct Target {
    backend: &'static dyn Backend,
    pipelines: Pipelines,
}

/// A rule of the corpus.
struct Asked {
    path: String,
    rule: Rule<Sigma>,
}

/// What a target answered for a rule.
#[derive(Default)]
struct Count {
    rules: usize,
    exact: usize,
    refused: usize,
    not_replayed: usize,
    events: usize,
    found: usize,
    /// Answers that differ in the direction of a loss.
    lost: usize,
    disagreements: Vec<String>,
    by_class: BTreeMap<Class, usize>,
}

impl Count {
    fn plus(mut self, other: Self) -> Self {
        self.rules += other.rules;
        self.exact += other.exact;
        self.refused += other.refused;
        self.not_replayed += other.not_replayed;
        self.events += other.events;
        self.found += other.found;
        self.lost += other.lost;
        self.disagreements.extend(other.disagreements);
        for (class, count) in other.by_class {
            *self.by_class.entry(class).or_default() += count;
        }
        self
    }
}

#[test]
fn rules_and_queries_agree() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS").map(PathBuf::from) else {
        println!("skipped: SIGMA_CORPUS is not set");
        return;
    };
    let full = std::env::var_os("AGREEMENT").is_some_and(|it| it == "full");
    let rules = rules(&corpus.join("rules"), if full { usize::MAX } else { RULES });
    let recorded = recorded(&corpus.join("regression"));
    assert!(!rules.is_empty() && !recorded.is_empty());
    let targets: Vec<Target> = BACKENDS.iter().map(|it| target(*it)).collect();
    let counts = rules.par_iter().map(|rule| {
        let events = events_for(rule, &recorded);
        let expected: Vec<bool> = events.iter().map(|it| finds(&rule.rule, &it.event)).collect();
        targets.iter().map(|it| ask(it, rule, &events, &expected)).collect::<Vec<Count>>()
    });
    let none = || targets.iter().map(|_| Count::default()).collect();
    let counts = counts
        .reduce(none, |a: Vec<Count>, b| a.into_iter().zip(b).map(|(a, b)| a.plus(b)).collect());
    let mut disagreements = 0;
    for (target, count) in targets.iter().zip(&counts) {
        show(target, count);
        disagreements += count.disagreements.len();
    }
    assert_eq!(disagreements, 0, "rules and queries disagree");
}

#[expect(clippy::print_stdout, reason = "the summary of a test")]
fn show(target: &Target, count: &Count) {
    let Count { rules, exact, refused, not_replayed, events, found, lost, .. } = count;
    println!(
        "{}: {rules} rules, {exact} exact, {refused} refused, {not_replayed} not replayed; \
         {events} events, {found} found, {lost} lost as said, {} disagreements",
        target.backend.name(),
        count.disagreements.len()
    );
    if !count.by_class.is_empty() {
        println!("  by class: {:?}", count.by_class);
    }
    for disagreement in count.disagreements.iter().take(SHOWN) {
        println!("  {disagreement}");
    }
}

/// The events that are made for the rule, and the recorded ones of its log source.
fn events_for(asked: &Asked, recorded: &[Event<Sigma>]) -> Vec<Generated> {
    let fitting = recorded.iter().filter(|it| it.is_for(&asked.rule.logsource));
    let fitting = fitting.map(|event| Generated { class: Class::Recorded, event: event.clone() });
    generate(&asked.rule, EVENTS).into_iter().chain(fitting).collect()
}

fn ask(target: &Target, asked: &Asked, events: &[Generated], expected: &[bool]) -> Count {
    let mut count = Count { rules: 1, ..Count::default() };
    let processed = target.pipelines.apply(asked.rule.clone());
    if target.pipelines.check_replay(&processed.applied).is_err() {
        count.not_replayed = 1;
        return count;
    }
    let mapped: Vec<_> =
        events.iter().map(|it| target.pipelines.map_event(&processed.applied, &it.event)).collect();
    let Ok(rule) = target.pipelines.link(processed).map(run_passes) else {
        count.refused = 1;
        return count;
    };
    let trials: Vec<Trial> =
        mapped.iter().map(|event| Trial { event, scoped: !event.logsources.is_empty() }).collect();
    let Ok(answers) = target.backend.evaluate(&rule, &trials) else {
        count.refused = 1;
        return count;
    };
    let direction = answers.losses.iter().map(|it| it.direction).reduce(Direction::and);
    count.exact = usize::from(direction.is_none());
    // No query is called exact for numbers that are not canonical.
    let judged = events.iter().zip(&mapped).zip(expected.iter().zip(&answers.found));
    let judged = judged.filter(|((made, _), _)| made.class != Class::OtherNumber);
    for ((made, mapped), (expected, found)) in judged {
        count.events += 1;
        count.found += usize::from(*expected);
        if expected == found {
            continue;
        }
        let said = match direction {
            None => false,
            Some(Direction::Wider) => *found,
            Some(Direction::Narrower) => !found,
            Some(Direction::Mixed) => true,
        };
        if said {
            count.lost += 1;
            continue;
        }
        *count.by_class.entry(made.class).or_default() += 1;
        // Ten of a rule say as much as all of them.
        let event = serde_json::to_string(made.event.fields()).expect("JSON");
        let mapped = serde_json::to_string(mapped.fields()).expect("JSON");
        count.disagreements.push(format!(
            "{} ({:?}): the rule says {expected}, the query {found}\n    {event}\n    {mapped}",
            asked.path, made.class
        ));
    }
    count
}

/// Some rules about one event, spread evenly over all of them.
fn rules(folder: &Path, most: usize) -> Vec<Asked> {
    let mut paths = files(folder, ".yml");
    paths.sort_by_cached_key(|path| hash(&path.to_string_lossy()));
    let read = paths.into_iter().filter_map(|path| {
        let text = std::fs::read_to_string(&path).expect("text");
        let source = SourceMap::new().add("rule", text.as_str());
        let index = Index::new(vec![File::read(source, &text)]);
        let (id, ..) = index.rules().next()?;
        let AnyRule::Detection(rule) = index.lower(id, &mut Vec::new())? else { return None };
        let path = path.strip_prefix(folder).expect("below the folder").display().to_string();
        Some(Asked { path, rule })
    });
    read.take(most).collect()
}

/// FNV-1a of a path below its folder.
fn hash(text: &str) -> u64 {
    let name = text.rsplit('/').next().unwrap_or_default();
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn recorded(folder: &Path) -> Vec<Event<Sigma>> {
    let windows = pipelines("windows-logsources");
    let sources = Sources::new(windows.iter().map(AsRef::as_ref));
    let events = files(folder, ".json").into_iter().flat_map(|path| {
        let text = std::fs::read_to_string(&path).expect("text");
        let (events, fault) = read_events(&text);
        assert_eq!(fault, None, "{}", path.display());
        events
    });
    events.map(|fields| to_event(fields, &sources, None)).collect()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    let paths = walk.into_iter().map(|entry| entry.expect("readable").into_path());
    paths.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

fn target(backend: &'static dyn Backend) -> Target {
    Target { backend, pipelines: Pipelines::new(pipelines(backend.default_pipeline())) }
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
