//! Output folders that are wholly the old one or wholly the new one, at every moment.
//!
//! A new folder is made beside the old one, `.<name>.isogloss-<process>`: files that stay are hard links, so
//! they cost nothing and keep their times; the others are written and brought to the disk. Then the two
//! folders change places in one step, and the old one is removed. What a killed build leaves behind, the next
//! one clears away; a lock beside the folder keeps builds apart.
//!
//! Linux and macOS exchange two folders in one step, on the usual file systems. Elsewhere the old folder is
//! moved aside first, and for that moment there is none; the next build puts it back if need be.
//!
//! Files that isogloss did not write are never touched. They are known by not standing in the manifest that
//! the last build left in the folder (`crate::manifest`).

mod exchange;
mod folder;
mod guard;
mod path;
mod plan;
mod replace;
mod sync;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use isogloss_backends::content::Artifact;

use crate::manifest::Manifest;
use folder::Staging;
use guard::Guard;
pub(crate) use path::apart;
use plan::Plan;
pub(crate) use plan::{Difference, State};
pub(crate) use replace::{alone_with, write_file};

/// True for the name of what a build that was killed has left behind.
pub(crate) fn is_unfinished(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.') && name.contains(folder::MARK)
}

/// What a build has done to an output folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// The files that were written, new ones and changed ones, in order.
    pub(crate) files: Vec<String>,
    /// How many files have the bytes that they had.
    pub(crate) unchanged: usize,
    /// The files that were removed, in order.
    pub(crate) removed: Vec<String>,
    /// Which of the files that were written or removed somebody had edited since the last build.
    pub(crate) overwritten: Vec<String>,
}

/// Where a folder differs from what would be built. Writes nothing.
pub(crate) fn check(
    folder: &Path,
    artifacts: &[Artifact],
    manifest: &Manifest,
) -> Result<Vec<Difference>, String> {
    let folder = path::resolve(folder);
    Ok(Plan::new(&folder, artifacts, manifest)?.differences())
}

/// Makes a folder what was built, and nothing else if that fails. The manifest gets the list of artifacts;
/// the error is one sentence.
pub(crate) fn write(
    folder: &Path,
    artifacts: &[Artifact],
    manifest: &Manifest,
) -> Result<Written, String> {
    match write_in_steps(folder, artifacts, manifest, Staging::new, &mut || false) {
        Ok(written) => Ok(written),
        Err(Stop::Failed(reason)) => Err(reason),
        Err(Stop::Killed) => Err("the build was stopped".to_owned()),
    }
}

/// Why a folder was not written to its end.
#[derive(Debug, PartialEq, Eq)]
enum Stop {
    /// Something failed, and was cleared away.
    Failed(String),
    /// A test stops the work here, and leaves everything as it is, as if the process were killed.
    Killed,
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
    }
}

/// Called between all steps; true ends the work there, as if the process were killed.
type Kill<'k> = dyn FnMut() -> bool + 'k;

fn next(kill: &mut Kill) -> Result<(), Stop> {
    if kill() { Err(Stop::Killed) } else { Ok(()) }
}

fn write_in_steps(
    folder: &Path,
    artifacts: &[Artifact],
    manifest: &Manifest,
    staging: fn(&Path) -> Staging,
    kill: &mut Kill,
) -> Result<Written, Stop> {
    let folder = path::resolve(folder);
    let plan = Plan::new(&folder, artifacts, manifest)?;
    let is_clean = folder::left_over(&folder)?.is_empty() && !Guard::is_there(&folder);
    if plan.changes_nothing() && is_clean {
        return Ok(plan.written());
    }
    let guard = Guard::take(&folder)?;
    next(kill)?;
    folder::clear_away(&folder)?;
    next(kill)?;
    // Another build may have ended before the lock was taken.
    let plan = Plan::new(&folder, artifacts, manifest)?;
    if !plan.changes_nothing() {
        let staging = staging(&folder);
        staging.fill(&plan, kill).map_err(|stop| staging.given_up(stop))?;
        staging.take_the_place(&plan, kill)?;
    }
    drop(guard);
    Ok(plan.written())
}
