//! `isogloss test` without events: the expectations beside the rules.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use isogloss_compiler::Index;
use isogloss_compiler::diagnostic::{Code, Diagnostic, Diagnostics};
use isogloss_compiler::events::to_event;
use isogloss_compiler::expectation::{Expectation, Expected, Given, Wanted, parse_expectations};
use isogloss_compiler::source::{SourceMap, Spanned};

use super::Settings;
use super::events::{self, Events};
use super::trial::{Input, Lowered, Outcome, Via, lower_all, try_all};
use crate::input::{self, is_expectation, is_rule, load_text, show, walk};

/// A file of expectations.
pub(super) struct Suite {
    pub(super) path: String,
    /// What is wrong with the file itself.
    pub(super) diagnostics: Diagnostics,
    pub(super) checks: Vec<Check>,
}

impl Suite {
    /// What is wrong with the file, and which expectations failed.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Diagnostic> {
        let failures = self.checks.iter().filter_map(|it| it.failure.as_ref());
        self.diagnostics.iter().chain(failures)
    }

    /// True if an expectation failed, or could not be read.
    pub(super) fn is_failed(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
            || self.checks.iter().any(|it| it.failure.is_some())
    }
}

/// One answer for one entry of a file.
pub(super) struct Check {
    /// The title of the rule, or what the file calls it.
    pub(super) rule: String,
    /// What is tested, and what answered.
    pub(super) name: String,
    /// Why it failed; `None` if it did not.
    pub(super) failure: Option<Diagnostic>,
}

/// Expectations that were read, before their rules are known.
struct Read {
    path: PathBuf,
    expectations: Vec<Expectation>,
    diagnostics: Diagnostics,
}

/// The rules of a run, by what expectations can call them.
struct Rules<'i> {
    list: Vec<Lowered<'i>>,
    /// Path as it is shown.
    paths: Vec<String>,
}

/// Runs every expectation below `paths`. `failures` gets one sentence for each path that cannot be read.
pub(super) fn run_all(
    paths: &[PathBuf],
    settings: &Settings,
    vias: &BTreeMap<&str, Via>,
    sources: &mut SourceMap,
    failures: &mut Vec<String>,
) -> Vec<Suite> {
    let files = find(paths, failures);
    let read: Vec<Read> = files.iter().filter_map(|it| read(it, sources, failures)).collect();
    if read.is_empty() {
        return Vec::new();
    }
    let input = input::read(&rule_files(paths, &read, failures), sources);
    failures.extend(input.failures);
    let index = Index::new(input.files);
    let list = lower_all(&index);
    let shown = |it: &Lowered| sources.get(it.file.source).map(|it| it.path.clone());
    let paths = list.iter().map(|it| shown(it).unwrap_or_default()).collect();
    let rules = Rules { list, paths };
    let run = read.into_iter().map(|it| run_file(it, &rules, settings, vias, sources));
    run.collect()
}

/// The files of expectations; for a rule the one beside it.
fn find(paths: &[PathBuf], failures: &mut Vec<String>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        for file in walk(path, is_expectation, failures) {
            let file = if is_expectation(&file) { file } else { file.with_extension("test.yml") };
            if file.exists() && !found.contains(&file) {
                found.push(file);
            }
        }
    }
    found
}

fn read(path: &Path, sources: &mut SourceMap, failures: &mut Vec<String>) -> Option<Read> {
    let text = match load_text(path) {
        Ok(text) => text,
        Err(error) => {
            failures.push(format!("{}: {error}", show(path)));
            return None;
        }
    };
    let source = sources.add(show(path), text.as_str());
    let mut diagnostics = Vec::new();
    let expectations = parse_expectations(source, &text, &mut diagnostics);
    Some(Read { path: path.to_owned(), expectations, diagnostics })
}

/// The rules below `paths`, which can be called by their ids, and those that are called by their paths.
fn rule_files(paths: &[PathBuf], read: &[Read], failures: &mut Vec<String>) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths.iter().filter(|path| !is_expectation(path)) {
        files.extend(walk(path, is_rule, failures));
    }
    for file in read {
        let named = file.expectations.iter().map(|it| rule_path(&file.path, it.rule.as_ref()));
        for path in named.filter(|path| path.exists()) {
            if !files.contains(&path) {
                files.push(path);
            }
        }
    }
    files
}

/// Where the rule of an expectation is, if it is called by its path.
fn rule_path(file: &Path, rule: Option<&Spanned<String>>) -> PathBuf {
    match rule {
        Some(rule) => beside(file, &rule.value),
        // `a.test.yml` is about `a.yml`.
        None => file.with_extension("").with_extension("yml"),
    }
}

/// A path from the folder of a file, without `..` where that is possible.
fn beside(file: &Path, path: &str) -> PathBuf {
    let mut joined = file.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir if joined.file_name().is_some() => {
                joined.pop();
            }
            Component::CurDir => {}
            part @ (Component::ParentDir
            | Component::Prefix(_)
            | Component::RootDir
            | Component::Normal(_)) => joined.push(part),
        }
    }
    joined
}

fn run_file(
    read: Read,
    rules: &Rules,
    settings: &Settings,
    vias: &BTreeMap<&str, Via>,
    sources: &mut SourceMap,
) -> Suite {
    let mut diagnostics = read.diagnostics;
    let mut checks = Vec::new();
    for expectation in &read.expectations {
        match rules.find(expectation, &read.path) {
            Ok(rule) => {
                let run = Run { rule, expectation, settings, vias, path: &read.path };
                run.check_all(sources, &mut checks, &mut diagnostics);
            }
            Err(message) => {
                let span = expectation.rule.as_ref().map_or(expectation.span, |it| it.span);
                diagnostics.push(Diagnostic::new(Code::InvalidExpectation, span, message));
            }
        }
    }
    diagnostics.sort_by_key(|it| it.labels.first().map(|label| label.span));
    Suite { path: show(&read.path), diagnostics, checks }
}

impl<'i> Rules<'i> {
    fn find(&self, expectation: &Expectation, file: &Path) -> Result<&Lowered<'i>, String> {
        let path = show(&rule_path(file, expectation.rule.as_ref()));
        let id = expectation.rule.as_ref().map(|it| it.value.to_lowercase());
        let pairs = self.list.iter().zip(&self.paths);
        let called = pairs
            .filter(|(rule, at)| **at == path || id.is_some() && rule.document.metadata.id == id);
        let called: Vec<&Lowered> = called.map(|(rule, _)| rule).collect();
        match &*called {
            [rule] => Ok(rule),
            [] => Err(format!("no rule is called `{}`", id.unwrap_or(path))),
            [_, _, ..] => {
                Err(format!("{} rules are called `{path}`: name one by its id", called.len()))
            }
        }
    }
}

/// One expectation with everything that it takes to check it.
struct Run<'r> {
    rule: &'r Lowered<'r>,
    expectation: &'r Expectation,
    settings: &'r Settings,
    vias: &'r BTreeMap<&'r str, Via>,
    path: &'r Path,
}

impl Run<'_> {
    fn check_all(
        &self,
        sources: &mut SourceMap,
        checks: &mut Vec<Check>,
        diagnostics: &mut Diagnostics,
    ) {
        let answering = self.answering(diagnostics);
        for (place, expected) in self.expectation.events.iter().enumerate() {
            let Some(input) = self.input(expected, sources, diagnostics) else { continue };
            for via in &answering {
                let outcomes = try_all(std::slice::from_ref(self.rule), via, &input);
                let outcome = outcomes.into_iter().next().unwrap_or_else(|| Ok(Vec::new()));
                let name = expected.name.clone().unwrap_or_else(|| format!("entry {place}"));
                checks.push(Check {
                    rule: self.rule.document.metadata.title.clone(),
                    name: format!("{name} (via {})", via.name()),
                    failure: judge(expected, via, &outcome, input.len()),
                });
            }
        }
    }

    /// What is to answer. The command line wins over the file.
    fn answering(&self, diagnostics: &mut Diagnostics) -> Vec<&Via> {
        if let Some(via) = &self.settings.via {
            return vec![via];
        }
        let named = &self.expectation.via;
        let mut found: Vec<&Via> = Vec::new();
        for name in named {
            match self.vias.get(name.value.as_str()) {
                Some(via) => found.push(via),
                None => diagnostics.push(
                    Diagnostic::new(
                        Code::InvalidExpectation,
                        name.span,
                        format!("`{}` cannot answer", name.value),
                    )
                    .with_help(isogloss_compiler::diagnostic::suggest(
                        &name.value,
                        self.vias.keys().copied(),
                    )),
                ),
            }
        }
        if named.is_empty() { self.vias.get("ir").into_iter().collect() } else { found }
    }

    fn input(
        &self,
        expected: &Expected,
        sources: &mut SourceMap,
        diagnostics: &mut Diagnostics,
    ) -> Option<Input> {
        let list = match &expected.given {
            Given::Event(fields) => vec![fields.clone()],
            Given::File(file) => {
                let Events { list, diagnostics: found, failures, .. } =
                    events::read(&[beside(self.path, &file.value)], sources);
                let unreadable = failures
                    .into_iter()
                    .map(|message| Diagnostic::new(Code::InvalidExpectation, file.span, message));
                let found: Vec<Diagnostic> = found.into_iter().chain(unreadable).collect();
                if !found.is_empty() {
                    diagnostics.extend(found);
                    return None;
                }
                list
            }
        };
        let given = self.expectation.logsource.as_ref();
        let events = list.into_iter().map(|it| to_event(it, &self.settings.sources, given));
        Some(Input::sigma(events.collect(), self.settings.time_field.as_deref()))
    }
}

/// What is wrong with an answer; `None` if it is as expected.
fn judge(expected: &Expected, via: &Via, outcome: &Outcome, count: usize) -> Option<Diagnostic> {
    let fail = |message: String| Diagnostic::new(Code::UnmetExpectation, expected.span, message);
    let who = match via {
        Via::Ir => "the rule".to_owned(),
        Via::Target(target) => format!("the {} query", target.backend.title()),
    };
    let found = match outcome {
        Ok(found) => found,
        Err(reasons) => {
            let reasons: Vec<&str> = reasons.iter().map(|it| it.message.as_str()).collect();
            return Some(fail(format!("there is no answer: {}", reasons.join("; "))));
        }
    };
    let wanted: Vec<usize> = (0..count).filter(|it| expected.wanted.contains(*it)).collect();
    if let Wanted::Places(places) = &expected.wanted
        && let Some(beyond) = places.iter().find(|it| **it >= count)
    {
        return Some(fail(format!("there is no event {beyond}: the file has {count}")));
    }
    if *found == wanted {
        return None;
    }
    if let Given::Event(_) = expected.given {
        let verb = if found.is_empty() { "does not find" } else { "finds" };
        return Some(fail(format!("{who} {verb} this event")));
    }
    let missing: Vec<usize> = wanted.iter().filter(|it| !found.contains(it)).copied().collect();
    let added: Vec<usize> = found.iter().filter(|it| !wanted.contains(it)).copied().collect();
    let parts = [("does not find", missing), ("finds", added)];
    let parts = parts.iter().filter(|(_, places)| !places.is_empty());
    let parts: Vec<String> =
        parts.map(|(verb, places)| format!("{verb} {}", named(places))).collect();
    Some(fail(format!("{who} {}", parts.join(", and "))).with_help(format!(
        "expected: {}; found: {}",
        plain(&wanted),
        plain(found)
    )))
}

fn named(places: &[usize]) -> String {
    format!("{} {}", if places.len() == 1 { "event" } else { "events" }, plain(places))
}

fn plain(places: &[usize]) -> String {
    if places.is_empty() {
        return "none".to_owned();
    }
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
