//! `isogloss.lock`: what a build has to remember of the builds before it, so that a new title or a new
//! compiler never loses what operators have set for a deployed rule.
//!
//! For each query of a rule, by its id: its name and its file, and for each output (a target in an environment)
//! its stanza and its macro (Splunk) or its type (Elastic), its version, and the releases in which it came,
//! changed and left. An output has a number, its release, which rises with every build that changes it.
//!
//! Reading and writing apart, everything here is a pure function of the lock and of what was built.

mod file;
mod mistake;
mod names;
mod settle;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use isogloss_backends::content::{Names, entry_id};
use isogloss_compiler::source::SourceMap;

use crate::report::Reporter;
#[expect(unused_imports, reason = "`build` will use them")]
pub(crate) use names::{Conflict, Moved, Named, Wanted};
#[expect(unused_imports, reason = "`build` will use them")]
pub(crate) use settle::{Build, Built, Gone, Refused, Settlement};

/// The name of the file, beside `isogloss.toml`.
pub(crate) const NAME: &str = "isogloss.lock";
/// The version of the form of the file.
const VERSION: i64 = 1;

/// What was built before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lock {
    /// The release of each output, from 1: `<environment>.<target>`, or `<target>`.
    outputs: BTreeMap<String, u32>,
    /// What is known of each query that was ever built, by its id.
    rows: BTreeMap<String, Row>,
}

/// What is known of a query of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    /// The title as of the last build, for people.
    title: String,
    /// The name and the stem of files, which are pinned everywhere.
    name: String,
    file: String,
    /// The rule and the number of the query, if it is not the first one.
    further: Option<Further>,
    /// Where it was built.
    outputs: BTreeMap<String, State>,
}

/// Which query of which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Further {
    rule: String,
    number: usize,
}

/// What an output has of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    /// The names in Splunk, which are pinned for this output: another one may have another label.
    splunk: Option<Splunk>,
    /// From 1; rises when the content changes.
    version: u32,
    /// The hash of the content.
    content: String,
    /// The release in which it came, and the last one that changed it.
    since: u32,
    changed: u32,
    /// The type of the rule that it became (Elastic).
    kind: Option<Kind>,
    /// The release in which it left.
    gone: Option<u32>,
    /// From when to when it was there before that, the oldest first.
    earlier: Vec<Stay>,
}

/// The names that only Splunk has.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Splunk {
    stanza: String,
    filter: String,
}

/// A time that is over in which an output had a query.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stay {
    since: u32,
    gone: u32,
    kind: Option<Kind>,
}

/// The type of a rule of Elastic, which cannot change once it is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// One query of EQL.
    Eql,
    /// One query of KQL.
    Query,
    /// A query of KQL whose results are counted.
    Threshold,
}

impl Kind {
    /// The word that Elastic has for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Eql => "eql",
            Self::Query => "query",
            Self::Threshold => "threshold",
        }
    }
}

/// The rules whose pinned names and types may change in this build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Relock(BTreeSet<String>);

impl Relock {
    /// The ids that `--relock` names.
    pub(crate) fn new<'i>(ids: impl IntoIterator<Item = &'i str>) -> Self {
        Self(ids.into_iter().map(|id| id.trim().to_ascii_lowercase()).collect())
    }

    /// True if the rule of this id may change.
    pub(crate) fn covers(&self, rule: &str) -> bool {
        self.0.contains(rule)
    }
}

impl Lock {
    /// Reads the file; if there is none, nothing was built before. Reports what is wrong with it; the error
    /// is one sentence.
    pub(crate) fn read(
        path: &Path,
        sources: &mut SourceMap,
        reporter: &mut Reporter,
    ) -> Result<Self, String> {
        let shown = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(format!("{shown}: {error}")),
        };
        let source = sources.add(shown.as_str(), text.as_str());
        file::parse(source, &text).map_err(|mistakes| {
            reporter.findings(&mistakes, sources);
            format!("{shown} cannot be used")
        })
    }

    /// The file: equal locks have equal text.
    pub(crate) fn to_text(&self) -> String {
        text::write(self)
    }

    /// The release of an output; 0 before its first build.
    pub(crate) fn release(&self, output: &str) -> u32 {
        self.outputs.get(output).copied().unwrap_or_default()
    }

    /// The type that the rule of this id has in an output, also if it left.
    pub(crate) fn kind(&self, output: &str, id: &str) -> Option<Kind> {
        self.rows.get(id)?.outputs.get(output)?.kind
    }

    /// The ids that `--relock` names and that no build has seen.
    pub(crate) fn unknown<'r>(&self, relock: &'r Relock) -> Vec<&'r str> {
        relock.0.iter().map(String::as_str).filter(|id| !self.rows.contains_key(*id)).collect()
    }
}

impl Row {
    /// The id of the rule.
    fn rule<'r>(&'r self, id: &'r str) -> &'r str {
        self.further.as_ref().map_or(id, |it| &it.rule)
    }

    /// The names that are pinned for an output; where it was not built yet, with this label and prefix.
    fn names(&self, output: &str, label: &str, macro_prefix: &str) -> Names {
        let Self { title, name, file, .. } = self;
        let names = Names::of(title, name, file, label, macro_prefix);
        match self.outputs.get(output).and_then(|state| state.splunk.clone()) {
            Some(Splunk { stanza, filter }) => Names { stanza, filter, ..names },
            None => names,
        }
    }

    /// True if no output has it any more.
    fn is_tombstone(&self) -> bool {
        self.outputs.values().all(|state| state.gone.is_some())
    }
}

/// The rule and the number of a query, for a row.
fn further(rule: &str, number: usize) -> Option<Further> {
    (number > 1).then(|| Further { rule: entry_id(rule, 1), number })
}
