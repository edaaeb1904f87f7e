//! Rules and their queries agree: on events that are made for each rule, and on recorded ones.
//!
//! A rule is asked directly, and through each target with its default pipeline. Where a query is said to be
//! exact, the answers are equal; where something is lost, they differ in the direction of the loss at
//! most.
//!
//! Needs a folder with `rules/` and `regression/` of SigmaHQ, which `SIGMA_CORPUS` names. A part of the
//! rules is asked, spread evenly; `AGREEMENT=1000` asks more, `AGREEMENT=full` all of them.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod generator;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use generator::{Class, Generated, generate};
use isogloss_backends::{BACKENDS, Backend, Trial};
use isogloss_compiler::events::{Fields, read_events, to_event};
use isogloss_compiler::ir::{
    AnyRule, Direction, Event, FieldFacts, FieldKind, Mapped, Number, Rule, Scalar, Sigma, finds,
};
use isogloss_compiler::pass::run_passes;
use isogloss_compiler::pipeline::{Applied, Pipeline, Pipelines, Sources, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index};
use rayon::prelude::*;
use serde_json::Value;

/// So many rules are asked, unless all are.
const RULES: usize = 200;
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
    /// Events that the platform cannot have.
    impossible: usize,
    /// Answers that differ in the direction of a loss.
    lost: usize,
    /// How many there are, by rule, and the first of each.
    disagreements: BTreeMap<String, (usize, String)>,
    by_class: BTreeMap<Class, usize>,
}

impl Count {
    fn differing(&self) -> usize {
        self.disagreements.values().map(|(count, _)| count).sum()
    }

    fn plus(mut self, other: Self) -> Self {
        self.rules += other.rules;
        self.exact += other.exact;
        self.refused += other.refused;
        self.not_replayed += other.not_replayed;
        self.events += other.events;
        self.found += other.found;
        self.impossible += other.impossible;
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
    let most = match std::env::var("AGREEMENT").as_deref() {
        Ok("full") => usize::MAX,
        Ok(number) => number.parse().expect("a number or `full`"),
        Err(_) => RULES,
    };
    let rules = rules(&corpus.join("rules"), most);
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
        disagreements += count.differing();
    }
    assert_eq!(disagreements, 0, "rules and queries disagree");
}

fn show(target: &Target, count: &Count) {
    let Count { rules, exact, refused, not_replayed, events, found, lost, impossible, .. } = count;
    println!(
        "{}: {rules} rules, {exact} exact, {refused} refused, {not_replayed} not replayed; \
         {events} events, {found} found, {impossible} impossible, {lost} lost as said, \
         {} disagreements in {} rules",
        target.backend.name(),
        count.differing(),
        count.disagreements.len()
    );
    if !count.by_class.is_empty() {
        println!("  by class: {:?}", count.by_class);
    }
    for (path, (number, first)) in count.disagreements.iter().take(SHOWN) {
        println!("  {path}: {number}, such as\n    {first}");
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
    let platform = Platform::of(target, asked, &rule);
    for (((made, mapped), expected), found) in
        events.iter().zip(&mapped).zip(expected).zip(&answers.found)
    {
        if !platform.can_have(made, mapped) {
            count.impossible += 1;
            continue;
        }
        count.events += 1;
        count.found += usize::from(*expected);
        let allowed = match direction {
            None => false,
            Some(Direction::Wider) => *found,
            Some(Direction::Narrower) => !found,
            Some(Direction::Mixed) => true,
        };
        if expected != found && allowed {
            count.lost += 1;
        } else if expected != found {
            *count.by_class.entry(made.class).or_default() += 1;
            let event = serde_json::to_string(made.event.fields()).expect("JSON");
            let after = serde_json::to_string(mapped.fields()).expect("JSON");
            let first = format!(
                "{:?}: the rule says {expected}, the query {found}\n      {event}\n      {after}",
                made.class
            );
            count.disagreements.entry(asked.path.clone()).or_insert((0, first)).0 += 1;
        }
    }
    count
}

/// What a platform writes on the events of a log source by itself. Events that say something else do not
/// exist there.
struct Platform<'t> {
    target: &'t Target,
    applied: Applied,
    own: Fields,
    tested: BTreeMap<String, Arc<FieldFacts>>,
}

impl<'t> Platform<'t> {
    fn of(target: &'t Target, asked: &Asked, mapped: &Rule<Mapped>) -> Self {
        let applied = target.pipelines.apply(asked.rule.clone()).applied;
        let mut empty = Event::new(Fields::new());
        empty.logsources = vec![asked.rule.logsource.clone()];
        let own = target.pipelines.map_event(&applied, &empty).fields().clone();
        let items = mapped.body.conditions.iter().flat_map(|it| it.items());
        let fields = items.filter_map(|it| it.field.clone());
        let tested = fields.map(|field| (field.name, field.facts)).collect();
        Self { target, applied, own, tested }
    }

    /// No query is called exact for numbers that are not canonical, and fields whose values have one
    /// spelling have no other.
    fn can_have(&self, made: &Generated, mapped: &Event<Mapped>) -> bool {
        let Generated { class, event } = made;
        let spelled = || self.tested.values().any(|facts| facts.canonical_case);
        if *class == Class::OtherNumber || *class == Class::OtherCase && spelled() {
            return false;
        }
        let is_number = |value: Scalar| Number::canonical(value.text()).is_some();
        let numbers = self.tested.iter().filter(|(_, facts)| facts.kind == FieldKind::Long);
        if numbers.into_iter().any(|(name, _)| !mapped.values(name).into_iter().all(is_number)) {
            return false;
        }
        let is_list_with_gap =
            |value: &Value| value.as_array().is_some_and(|values| values.contains(&Value::Null));
        if mapped.fields().values().any(is_list_with_gap) || !hashes_are_a_list(event) {
            return false;
        }
        if event.logsources.is_empty() || *class == Class::Recorded {
            return true;
        }
        let nowhere = Event::new(event.fields().clone());
        let by_event = self.target.pipelines.map_event(&self.applied, &nowhere);
        self.own.iter().all(|(name, value)| match by_event.fields().get(name) {
            Some(mine) => mine == value || mine.to_string() == value.as_str().unwrap_or_default(),
            None => !self.tested.contains_key(name),
        })
    }
}

/// True if hashes are `NAME=digits`, joined by commas, as Sysmon writes them.
fn hashes_are_a_list(event: &Event<Sigma>) -> bool {
    let is_part = |part: &str| {
        let (name, digits) = part.split_once('=').unwrap_or(("MD5", part));
        let known = ["MD5", "SHA1", "SHA256", "IMPHASH"];
        known.iter().any(|it| it.eq_ignore_ascii_case(name))
            && digits.chars().all(|it| it.is_ascii_hexdigit())
    };
    let fields = ["Hashes", "Hash"].into_iter();
    fields.flat_map(|it| event.values(it)).all(|it| it.text().split(',').all(is_part))
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
