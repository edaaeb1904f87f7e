//! `[[policy]]`: what becomes of losses and lints.

use std::ops::Range;

use globset::{GlobMatcher, GlobSet};
use isogloss_backends::{find, target_names};
use isogloss_compiler::diagnostic::{Code, Diagnostic};
use isogloss_compiler::source::{SourceId, Span};
use schemars::JsonSchema;
use serde::Deserialize;
use time::Date;
use toml::value::Datetime;

use super::mistake::Mistakes;
use super::placed::Placed;
use crate::policy::{Entry, Level, Subject, parse_date};

/// An entry of the policy. The last one that names a finding decides.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyEntry {
    /// The file that it is written in.
    #[serde(skip)]
    pub(super) source: SourceId,
    /// Losses, lints, classes, directions, `unsupported` or `all` that are errors.
    #[serde(default)]
    deny: Vec<Placed<String>>,
    /// Those that are warnings.
    #[serde(default)]
    warn: Vec<Placed<String>>,
    /// Those that are notes.
    #[serde(default)]
    note: Vec<Placed<String>>,
    /// Those that nothing is said of.
    #[serde(default)]
    allow: Vec<Placed<String>>,
    /// The targets that the entry is about; none means all.
    #[serde(default)]
    targets: Vec<Placed<String>>,
    /// Globs of the files that it is about, from the folder of isogloss.toml.
    #[serde(default)]
    paths: Vec<Placed<String>>,
    /// Ids of the rules that it is about, or globs over their titles.
    #[serde(default)]
    rules: Vec<Placed<String>>,
    /// Why the entry is there.
    reason: Placed<String>,
    /// The last day on which it holds, such as `2026-12-31`.
    #[schemars(with = "Option<String>")]
    until: Option<Placed<Datetime>>,
}

impl PolicyEntry {
    /// The entries, one a subject. What names nothing is reported.
    pub(super) fn entries(&self, found: &mut Vec<Diagnostic>) -> Vec<Entry> {
        let mut mistakes = Mistakes::of(self.source);
        let mut entries = Vec::new();
        if self.reason.value.trim().is_empty() {
            mistakes.invalid(&self.reason.range, "the reason is empty", "");
        }
        let levels = [
            (Level::Deny, &self.deny),
            (Level::Warn, &self.warn),
            (Level::Note, &self.note),
            (Level::Allow, &self.allow),
        ];
        if levels.iter().all(|(_, subjects)| subjects.is_empty()) {
            let message = "the entry names neither `deny`, `warn`, `note` nor `allow`";
            mistakes.invalid(&self.reason.range, message, "");
        }
        let frame = self.frame(&mut mistakes);
        let all =
            levels.into_iter().flat_map(|(level, list)| list.iter().map(move |it| (level, it)));
        for (level, subject) in all {
            let span = mistakes.place(&subject.range);
            match Subject::parse(&subject.value) {
                Ok(parsed) => entries.push(frame.entry(level, parsed, span)),
                Err(message) => {
                    mistakes.found.push(Diagnostic::new(Code::UnknownInConfig, span, message));
                }
            }
        }
        found.extend(mistakes.found);
        entries
    }

    fn frame(&self, mistakes: &mut Mistakes) -> Frame {
        for target in &self.targets {
            check_target(target, mistakes);
        }
        let paths = mistakes.glob_set(&self.paths);
        let rules = mistakes.globs(&self.rules);
        Frame {
            targets: self.targets.iter().map(|it| it.value.clone()).collect(),
            paths: (!self.paths.is_empty()).then_some(paths),
            rules: rules.iter().map(globset::Glob::compile_matcher).collect(),
            until: self.until.as_ref().and_then(|it| day(it, "until", mistakes)),
        }
    }
}

/// Reports a name that is no target.
pub(super) fn check_target(name: &Placed<String>, mistakes: &mut Mistakes) {
    if find(&name.value).is_none() {
        let message = format!("`{}` is no target", name.value);
        mistakes.unknown(name, message, target_names());
    }
}

/// A date without a time.
pub(super) fn day(written: &Placed<Datetime>, key: &str, mistakes: &mut Mistakes) -> Option<Date> {
    let date = parse_date(&written.value.to_string());
    if date.is_none() {
        let range: &Range<usize> = &written.range;
        let help = format!("write it as `{key} = 2026-12-31`");
        mistakes.invalid(range, format!("`{key}` is a day, without a time"), &help);
    }
    date
}

/// What all subjects of an entry share.
struct Frame {
    targets: Vec<String>,
    paths: Option<GlobSet>,
    rules: Vec<GlobMatcher>,
    until: Option<Date>,
}

impl Frame {
    fn entry(&self, level: Level, subject: Subject, span: Span) -> Entry {
        Entry {
            place: Some(span),
            targets: self.targets.clone(),
            paths: self.paths.clone(),
            rules: self.rules.clone(),
            until: self.until,
            ..Entry::new(level, subject)
        }
    }
}
