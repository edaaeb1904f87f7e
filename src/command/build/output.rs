//! What a build compares or writes: the lock file, then the folder of each target.

use std::path::{Path, PathBuf};

use isogloss_backends::content::Artifact;

use super::Locks;
use crate::exit::Exit;
use crate::manifest::Manifest;
use crate::report::Reporter;
use crate::staging::{self, Difference, State, Written};

/// What a target gets.
pub(super) struct Folder {
    /// The target, and the environment if there is one.
    pub(super) name: String,
    /// Where it belongs.
    pub(super) path: PathBuf,
    pub(super) artifacts: Vec<Artifact>,
    pub(super) manifest: Manifest,
}

/// The error names two targets whose folders would hold each other, or one that would hold the
/// configuration.
pub(super) fn keep_apart(folders: &[&Folder], configuration: &Path) -> Result<(), String> {
    let outputs = folders.iter().map(|it| (it.name.clone(), it.path.clone()));
    staging::apart(&outputs.collect::<Vec<_>>(), configuration)
}

/// Says what would change. The error is one sentence.
pub(super) fn compare(
    folders: &[&Folder],
    locks: &Locks,
    reporter: &mut Reporter,
) -> Result<Exit, String> {
    let mut stale = Vec::new();
    if locks.before != locks.lock {
        stale.push(format!("{} is not what would be written", shown(locks.file)));
    }
    for folder in folders {
        let differences = staging::check(&folder.path, &folder.artifacts, &folder.manifest)?;
        stale.extend(differences.iter().map(|it| difference(&folder.path, it)));
    }
    if stale.is_empty() {
        reporter.line("the lock file and the output are what would be built");
        return Ok(Exit::Fine);
    }
    for line in stale {
        reporter.failure(&line);
    }
    reporter.line("`isogloss build` brings them up to date");
    Ok(Exit::Findings)
}

fn difference(folder: &Path, difference: &Difference) -> String {
    let path = shown(&folder.join(&difference.path));
    match difference.state {
        State::Missing => format!("{path} is missing"),
        State::Different => format!("{path} is not what would be written"),
        State::LeftOver => format!("{path} would be removed"),
    }
}

/// Writes the lock file first: a build that is interrupted after it gives the same when it is done again. The
/// error is one sentence.
pub(super) fn write(
    folders: &[&Folder],
    locks: &Locks,
    reporter: &mut Reporter,
) -> Result<(), String> {
    // What stands in the way of one folder keeps all of them as they are, and the lock file too.
    for folder in folders {
        staging::check(&folder.path, &folder.artifacts, &folder.manifest)?;
    }
    staging::write_file(locks.file, &locks.lock.to_text())?;
    for folder in folders {
        let written = staging::write(&folder.path, &folder.artifacts, &folder.manifest)?;
        for path in &written.overwritten {
            reporter.line(&format!(
                "{} was changed by hand, and is written anew",
                shown(&folder.path.join(path))
            ));
        }
        reporter.line(&summary(&folder.path, &written));
    }
    Ok(())
}

fn summary(folder: &Path, written: &Written) -> String {
    let Written { files, unchanged, removed, .. } = written;
    let (count, gone) = (files.len(), removed.len());
    let word = if count == 1 { "file" } else { "files" };
    format!("{}: {count} {word} written, {unchanged} unchanged, {gone} removed", shown(folder))
}

/// A path for people: from the current folder, if it is below it.
pub(super) fn shown(path: &Path) -> String {
    let current = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&current).unwrap_or(path).display().to_string()
}
