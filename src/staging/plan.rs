//! What has to be done to a folder, before anything is done.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use isogloss_backends::content::Artifact;
use walkdir::WalkDir;

use super::{Written, path};
use crate::manifest::{self, Manifest, sha256};

/// The most files in the way that an error names.
const MAX_NAMED: usize = 5;

/// A file of an output folder that is not what would be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Its path in the folder.
    pub(crate) path: String,
    /// What is the matter.
    pub(crate) state: State,
}

/// What is the matter with a file of an output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It would be written and is not there.
    Missing,
    /// It has other bytes.
    Different,
    /// It was written once and would not be written now.
    LeftOver,
}

/// What has to be done to a folder.
#[derive(Debug, Default)]
pub(super) struct Plan {
    folder: PathBuf,
    /// Files to be written, with their bytes.
    pub(super) write: BTreeMap<String, Vec<u8>>,
    /// Files and links that stay as they are: ours and those of others.
    pub(super) keep: BTreeSet<PathBuf>,
    /// Folders that stay, also if they are empty.
    pub(super) folders: BTreeSet<PathBuf>,
    /// What isogloss wrote, and what it will have written.
    ours: BTreeSet<PathBuf>,
    /// The files of ours that are there and have other bytes, or are no longer wanted.
    stale: BTreeSet<String>,
    removed: BTreeSet<String>,
    overwritten: BTreeSet<String>,
    unchanged: usize,
}

impl Plan {
    /// Compares a folder with what was built. An error if it cannot be an output folder, or if a file that
    /// isogloss did not write is in the way.
    pub(super) fn new(
        folder: &Path,
        artifacts: &[Artifact],
        manifest: &Manifest,
    ) -> Result<Self, String> {
        path::refuse_unsafe(artifacts)?;
        refuse_folder(folder)?;
        let before = Manifest::read(folder)?.unwrap_or_default().artifacts;
        let hashes = artifacts.iter().map(|it| (it.path.clone(), sha256(&it.bytes))).collect();
        let manifest = Manifest { artifacts: hashes, ..manifest.clone() };
        let mut write: BTreeMap<String, Vec<u8>> =
            artifacts.iter().map(|it| (it.path.clone(), it.bytes.clone())).collect();
        write.insert(manifest::NAME.to_owned(), manifest.to_text().into_bytes());
        let mut plan = Self { folder: folder.to_owned(), write, ..Self::default() };
        let in_the_way = plan.compare(&before)?;
        match in_the_way.as_slice() {
            [] => Ok(plan),
            paths => Err(blocked(folder, paths)),
        }
    }

    /// Looks at everything in the folder. Gives back what is in the way of files that have to be written.
    fn compare(&mut self, before: &BTreeMap<String, String>) -> Result<Vec<PathBuf>, String> {
        let mut in_the_way = Vec::new();
        let wanted: BTreeSet<PathBuf> = self.write.keys().map(PathBuf::from).collect();
        let above_wanted = folders_of(&wanted);
        let above_ours = folders_of(before.keys());
        self.ours = wanted.iter().cloned().chain(before.keys().map(PathBuf::from)).collect();
        let mut others: BTreeSet<PathBuf> = BTreeSet::new();
        for Found { path, is_folder, is_file } in entries(&self.folder)? {
            let ours = path.to_str().filter(|name| is_ours(name, before)).map(str::to_owned);
            match ours {
                Some(name) if !is_folder => {
                    self.compare_file(name, is_file, before)?;
                    continue;
                }
                // A folder that had files of ours goes with the last of them.
                Some(_) | None if is_folder && above_ours.contains(&path) => continue,
                Some(_) | None => {}
            }
            let is_in_the_way =
                wanted.contains(&path) || !is_folder && above_wanted.contains(&path);
            if is_in_the_way {
                in_the_way.push(path);
                continue;
            }
            others.extend(path.ancestors().skip(1).map(Path::to_owned));
            if is_folder {
                self.folders.insert(path);
            } else {
                self.keep.insert(path);
            }
        }
        // A folder that was ours, that would become a file, and in which somebody else has something.
        in_the_way.extend(wanted.intersection(&others).cloned());
        Ok(in_the_way)
    }

    /// A file of ours that is there. What is no file any more, such as a link, counts as edited.
    fn compare_file(
        &mut self,
        name: String,
        is_file: bool,
        before: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        let path = self.folder.join(&name);
        let bytes = if is_file {
            Some(std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?)
        } else {
            None
        };
        if bytes.is_some() && self.write.get(&name) == bytes.as_ref() {
            self.write.remove(&name);
            self.keep.insert(PathBuf::from(name));
            self.unchanged += 1;
            return Ok(());
        }
        let hash = bytes.as_deref().map(sha256);
        if before.contains_key(&name) && before.get(&name) != hash.as_ref() {
            self.overwritten.insert(name.clone());
        }
        if !self.write.contains_key(&name) {
            self.removed.insert(name.clone());
        }
        self.stale.insert(name);
        Ok(())
    }

    /// True if the folder is what was built.
    pub(super) fn changes_nothing(&self) -> bool {
        self.write.is_empty() && self.removed.is_empty()
    }

    /// What differs, by path.
    pub(super) fn differences(&self) -> Vec<Difference> {
        let paths: BTreeSet<&String> = self.write.keys().chain(&self.removed).collect();
        let state = |path: &String| {
            if self.removed.contains(path) {
                State::LeftOver
            } else if self.stale.contains(path) {
                State::Different
            } else {
                State::Missing
            }
        };
        paths
            .into_iter()
            .map(|path| Difference { path: path.clone(), state: state(path) })
            .collect()
    }

    /// What there is to tell when the plan is done.
    pub(super) fn written(&self) -> Written {
        Written {
            folder: self.folder.clone(),
            files: self.write.keys().cloned().collect(),
            unchanged: self.unchanged,
            removed: self.removed.iter().cloned().collect(),
            overwritten: self.overwritten.iter().cloned().collect(),
        }
    }

    /// The files of others in a folder that was the one of the plan.
    pub(super) fn of_others(&self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        let found = entries(folder)?.into_iter().filter(|it| !it.is_folder).map(|it| it.path);
        Ok(found.filter(|path| !self.ours.contains(path)).collect())
    }

    /// The folder of the plan.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// All folders that the paths lie in.
fn folders_of(paths: impl IntoIterator<Item = impl AsRef<Path>>) -> BTreeSet<PathBuf> {
    let paths = paths.into_iter();
    paths
        .flat_map(|path| path.as_ref().ancestors().skip(1).map(Path::to_owned).collect::<Vec<_>>())
        .collect()
}

fn is_ours(name: &str, before: &BTreeMap<String, String>) -> bool {
    name == manifest::NAME || before.contains_key(name)
}

/// Something in a folder.
struct Found {
    /// Its path in the folder.
    path: PathBuf,
    is_folder: bool,
    is_file: bool,
}

/// Everything in a folder, in order; nothing if there is no folder. Links are not followed.
fn entries(folder: &Path) -> Result<Vec<Found>, String> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1).sort_by_file_name() {
        let entry = entry.map_err(|error| error.to_string())?;
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_owned();
        // `/` between the parts, as in the manifest, on every system.
        let path =
            path.to_str().map(|it| PathBuf::from(it.replace('\\', SEPARATOR))).unwrap_or(path);
        let kind = entry.file_type();
        if kind.is_dir() {
            refuse_other_file_system(folder, entry.path())?;
        }
        found.push(Found { path, is_folder: kind.is_dir(), is_file: kind.is_file() });
    }
    Ok(found)
}

/// What stands between the parts of a path where `\` does.
const SEPARATOR: &str = if cfg!(windows) { "/" } else { "\\" };

fn refuse_folder(folder: &Path) -> Result<(), String> {
    let shown = folder.display();
    if folder.file_name().is_none() || folder.parent().is_none() {
        return Err(format!("{shown} cannot be an output folder"));
    }
    match std::fs::symlink_metadata(folder) {
        Ok(it) if !it.is_dir() => Err(format!("{shown} has to be a folder, and is something else")),
        Ok(_) if folder.join("isogloss.toml").exists() => {
            Err(format!("{shown} holds a configuration, so it cannot be an output folder"))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}

/// A file system that begins inside of the folder could not be moved, and would be emptied with the old folder.
#[cfg(unix)]
fn refuse_other_file_system(folder: &Path, inner: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| {
        let found = std::fs::symlink_metadata(path);
        found.map(|it| it.dev()).map_err(|error| format!("{}: {error}", path.display()))
    };
    if device(folder)? == device(inner)? {
        return Ok(());
    }
    Err(format!("{} is a file system of its own inside of an output folder", inner.display()))
}

#[cfg(not(unix))]
fn refuse_other_file_system(_folder: &Path, _inner: &Path) -> Result<(), String> {
    Ok(())
}

fn blocked(folder: &Path, paths: &[PathBuf]) -> String {
    let mut named: Vec<String> =
        paths.iter().take(MAX_NAMED).map(|it| folder.join(it).display().to_string()).collect();
    if paths.len() > MAX_NAMED {
        named.push(format!("{} more", paths.len() - MAX_NAMED));
    }
    format!(
        "isogloss did not write {}, and would have to overwrite it: move it away, or choose another folder",
        named.join(", ")
    )
}
