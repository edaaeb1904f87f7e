//! The findings that are known: `check --baseline` fails only on others.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;

use isogloss_compiler::source::SourceMap;
use serde::{Deserialize, Serialize};

use crate::fingerprint::fingerprints;
use crate::json::to_text;
use crate::output::write_file;
use crate::report::Group;

/// The version of the form of the file.
const VERSION: u8 = 1;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u8,
    /// Sorted by fingerprint within a path, so that a diff shows what came and went.
    findings: Vec<Known>,
}

/// A finding; only the fingerprint is compared, the rest is for people.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    path: String,
    code: String,
    message: String,
    fingerprint: String,
}

/// The known findings of a run, and which of them are still there.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    known: BTreeMap<String, Cell<bool>>,
}

impl Baseline {
    /// Reads the file. The error is one sentence.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let fail = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| fail(&error))?;
        let file: File = serde_json::from_str(&text).map_err(|error| fail(&error))?;
        if file.version != VERSION {
            return Err(fail(&format!("version {} of baselines is not known", file.version)));
        }
        let known =
            file.findings.into_iter().map(|it| (it.fingerprint, Cell::new(false))).collect();
        Ok(Self { known })
    }

    /// Takes the known findings out of a group, and says how many those were.
    pub(crate) fn subtract(&self, group: &mut Group, sources: &SourceMap) -> usize {
        let before = group.findings.len();
        let mut prints = fingerprints(&group.findings, &group.subject, sources).into_iter();
        group.findings.retain(|_| {
            let seen = prints.next().and_then(|it| self.known.get(&it));
            seen.map(|seen| seen.set(true)).is_none()
        });
        before - group.findings.len()
    }

    /// How many known findings are not there any more.
    pub(crate) fn gone(&self) -> usize {
        self.known.values().filter(|seen| !seen.get()).count()
    }
}

/// Writes all findings as the next baseline. The error is one sentence.
pub(crate) fn write(path: &Path, groups: &[Group], sources: &SourceMap) -> Result<usize, String> {
    let mut findings = Vec::new();
    for group in groups {
        let prints = fingerprints(&group.findings, &group.subject, sources);
        let known = group.findings.iter().zip(prints).map(|(finding, fingerprint)| Known {
            path: group.subject.path.clone(),
            code: finding.code.as_str().to_owned(),
            message: finding.message.clone(),
            fingerprint,
        });
        findings.extend(known);
    }
    findings.sort_by(|a, b| {
        (&a.path, &a.code, &a.fingerprint).cmp(&(&b.path, &b.code, &b.fingerprint))
    });
    let count = findings.len();
    write_file(path, &(to_text(&File { version: VERSION, findings }, true)? + "\n"))?;
    Ok(count)
}
