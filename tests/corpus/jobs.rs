//! Queries with their events and our answers, for other evaluators (`conformance/agree.py`).
//!
//! Each target has a folder of its own, each rule a file in it, each query a line or two: once on the
//! events of its log source, and once without the scope on the events of which it is not known.

mod elastic;
mod eql;
mod kql;
mod spl;
mod types;

use std::path::Path;

use isogloss_backends::Trial;
use isogloss_compiler::ir::{Event, Loss, Mapped, Rule};
use serde_json::Value;

use elastic::Elastic;

/// A rule, what became of it, and where its jobs go.
pub(crate) struct Judged<'j> {
    pub(crate) path: &'j str,
    pub(crate) rule: &'j Rule<Mapped>,
    pub(crate) trials: &'j [Trial<'j>],
    /// True if the queries mean what the rule means.
    pub(crate) exact: bool,
    /// What they lose.
    pub(crate) losses: &'j [Loss],
}

/// Events, and whether the scope is asked for, too.
struct Part<'j> {
    events: Vec<&'j Event<Mapped>>,
    scoped: bool,
}

impl<'j> Judged<'j> {
    /// The events of the log source, and those of which it is not known.
    fn parts(&self) -> [Part<'j>; 2] {
        [true, false].map(|scoped| {
            let trials = self.trials.iter().filter(|it| it.scoped == scoped);
            Part { events: trials.map(|it| it.event).collect(), scoped }
        })
    }
}

/// Writes the jobs of a rule in a language, one a line.
pub(crate) fn write(folder: &Path, target: &str, number: usize, judged: &Judged) {
    let jobs: Vec<Value> = match target {
        "spl" => spl::jobs(judged),
        "eql" => eql::jobs(judged),
        "kql" => kql::jobs(judged),
        // A target without a language of its own.
        _ => return,
    };
    let lines: String = jobs.into_iter().map(|job| format!("{job}\n")).collect();
    let folder = folder.join(target);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("{number:05}.jsonl")), lines).expect("a file");
}

/// The places of the events that are found.
fn places(found: impl Iterator<Item = bool>) -> Vec<usize> {
    found.enumerate().filter(|(_, found)| *found).map(|(place, _)| place).collect()
}
