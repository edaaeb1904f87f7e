//! The new folder beside the old one.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::exchange::{self, Exchange};
use super::plan::Plan;
use super::sync::{Sync, sync_folder};
use super::{Kill, Stop, next};

/// The new folder, and where the old one is moved to for a moment where two cannot change places.
pub(super) struct Staging {
    folder: PathBuf,
    new: PathBuf,
    aside: PathBuf,
    exchange: fn(&Path, &Path) -> io::Result<Exchange>,
}

/// Between the name of a folder and the process in the names that only builds have.
pub(super) const MARK: &str = ".isogloss-";
const ASIDE: &str = "aside-";

impl Staging {
    pub(super) fn new(folder: &Path) -> Self {
        let process = std::process::id();
        Self {
            folder: folder.to_owned(),
            new: beside(folder, &process.to_string()),
            aside: beside(folder, &format!("{ASIDE}{process}")),
            exchange: exchange::exchange,
        }
    }

    /// As on a file system that cannot exchange folders.
    #[cfg(test)]
    pub(super) fn without_exchange(folder: &Path) -> Self {
        Self { exchange: |_, _| Ok(Exchange::Unknown), ..Self::new(folder) }
    }

    /// Makes the new folder whole: what stays, what is new, and all of it on the disk.
    pub(super) fn fill(&self, plan: &Plan, kill: &mut Kill) -> Result<(), Stop> {
        let sync = Sync::of(plan.write.len());
        fs::create_dir(&self.new).map_err(at(&self.new))?;
        next(kill)?;
        for path in &plan.folders {
            let folder = self.new.join(path);
            fs::create_dir_all(&folder).map_err(at(&folder))?;
            next(kill)?;
        }
        for path in &plan.keep {
            self.make_room(path)?;
            keep(&plan.folder().join(path), &self.new.join(path))?;
            next(kill)?;
        }
        for (path, bytes) in &plan.write {
            self.make_room(Path::new(path))?;
            let (old, new) = (plan.folder().join(path), self.new.join(path));
            write_new(&new, bytes, &old, sync).map_err(at(&new))?;
            next(kill)?;
        }
        self.finish_folders(sync)?;
        sync.all(&self.new).map_err(at(&self.new))?;
        next(kill)
    }

    fn make_room(&self, path: &Path) -> Result<(), String> {
        let folder = path.parent().map_or_else(|| self.new.clone(), |above| self.new.join(above));
        fs::create_dir_all(&folder).map_err(at(&folder))
    }

    /// Gives all folders the modes that they had, and brings them to the disk, the inner ones first.
    fn finish_folders(&self, sync: Sync) -> Result<(), String> {
        let walk = walkdir::WalkDir::new(&self.new).contents_first(true);
        for entry in walk {
            let entry = entry.map_err(|error| error.to_string())?;
            if !entry.file_type().is_dir() {
                continue;
            }
            let path = entry.path();
            sync.folder(path).map_err(at(path))?;
            let old = path.strip_prefix(&self.new).map(|it| self.folder.join(it));
            let modes = old.ok().and_then(|it| fs::symlink_metadata(it).ok());
            if let Some(old) = modes.filter(fs::Metadata::is_dir) {
                fs::set_permissions(path, old.permissions()).map_err(at(path))?;
            }
        }
        Ok(())
    }

    /// Puts the new folder in the place of the old one, and removes that.
    pub(super) fn take_the_place(&self, plan: &Plan, kill: &mut Kill) -> Result<(), Stop> {
        if !self.folder.exists() {
            let moved = fs::rename(&self.new, &self.folder).map_err(at(&self.folder));
            moved.map_err(|reason| self.failed(reason))?;
            next(kill)?;
            return Ok(sync_above(&self.folder)?);
        }
        let exchanged = (self.exchange)(&self.new, &self.folder);
        let exchanged = exchanged.map_err(cannot_exchange(&self.folder));
        match exchanged.map_err(|reason| self.failed(reason))? {
            Exchange::Done => {
                next(kill)?;
                sync_above(&self.folder)?;
                self.remove_old(&self.new, plan)?;
            }
            Exchange::Unknown => {
                let moved = fs::rename(&self.folder, &self.aside);
                let moved = moved.map_err(cannot_exchange(&self.folder));
                moved.map_err(|reason| self.failed(reason))?;
                next(kill)?;
                if let Err(error) = fs::rename(&self.new, &self.folder) {
                    // The old folder is better than none.
                    fs::rename(&self.aside, &self.folder).map_err(at(&self.folder))?;
                    return Err(self.failed(at(&self.folder)(error)));
                }
                next(kill)?;
                sync_above(&self.folder)?;
                self.remove_old(&self.aside, plan)?;
            }
        }
        next(kill)
    }

    /// Removes the old folder. What somebody has put into it while the new one was made goes along before.
    fn remove_old(&self, old: &Path, plan: &Plan) -> Result<(), String> {
        for path in plan.of_others(old)? {
            let (from, to) = (old.join(&path), self.folder.join(&path));
            if is_same_file(&from, &to) {
                continue;
            }
            let above = to.parent().unwrap_or(&self.folder);
            fs::create_dir_all(above).map_err(at(above))?;
            fs::rename(&from, &to).map_err(at(&to))?;
        }
        // What cannot be removed now, the next build tries again.
        let _left_over = remove_all(old);
        Ok(())
    }

    /// Clears away what was made, unless a test plays a killed process.
    pub(super) fn given_up(&self, stop: Stop) -> Stop {
        match &stop {
            Stop::Failed(_) => {
                let _left_over = remove_all(&self.new);
            }
            Stop::Killed => {}
        }
        stop
    }

    fn failed(&self, reason: String) -> Stop {
        self.given_up(Stop::Failed(reason))
    }
}

/// What killed builds have left beside a folder.
pub(super) fn left_over(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let start = beside(folder, "");
    let (Some(above), Some(start)) = (start.parent(), start.file_name()) else {
        return Ok(Vec::new());
    };
    let entries = match fs::read_dir(above) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(above)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(at(above))?;
        if is_of_a_build(&entry.file_name(), start) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// True for the start with the number of a process after it.
fn is_of_a_build(name: &OsStr, start: &OsStr) -> bool {
    let (Some(name), Some(start)) = (name.to_str(), start.to_str()) else { return false };
    let Some(process) = name.strip_prefix(start) else { return false };
    let process = process.strip_prefix(ASIDE).unwrap_or(process);
    !process.is_empty() && process.bytes().all(|it| it.is_ascii_digit())
}

/// Removes what killed builds have left. If there is no folder, the old one that was moved aside comes back.
pub(super) fn clear_away(folder: &Path) -> Result<(), String> {
    let is_aside = |path: &PathBuf| {
        let start = beside(folder, ASIDE);
        path.to_string_lossy().starts_with(start.to_string_lossy().as_ref())
    };
    for path in left_over(folder)? {
        if is_aside(&path) && !folder.exists() {
            fs::rename(&path, folder).map_err(at(folder))?;
        } else {
            remove_all(&path)?;
        }
    }
    Ok(())
}

/// `.<name of the folder>.isogloss-<rest>`, beside the folder.
pub(super) fn beside(folder: &Path, rest: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(folder.file_name().unwrap_or_default());
    name.push(MARK);
    name.push(rest);
    folder.with_file_name(name)
}

/// A file or a link that stays: the same file under a second name, or a copy where that is not possible.
fn keep(old: &Path, new: &Path) -> Result<(), String> {
    if fs::hard_link(old, new).is_ok() {
        return Ok(());
    }
    let kind = fs::symlink_metadata(old).map_err(at(old))?.file_type();
    if kind.is_symlink() {
        return copy_link(old, new).map_err(at(old));
    }
    if !kind.is_file() {
        return Err(format!("{} is no file, and cannot be kept", old.display()));
    }
    copy_file(old, new).map_err(at(old))
}

/// True if two names are those of one file, or it cannot be told.
#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::symlink_metadata(one), fs::symlink_metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        (Ok(_), Err(_)) => false,
        (Err(_), _) => true,
    }
}

#[cfg(not(unix))]
fn is_same_file(_one: &Path, other: &Path) -> bool {
    fs::symlink_metadata(other).is_ok()
}

fn copy_file(old: &Path, new: &Path) -> io::Result<()> {
    fs::copy(old, new)?;
    let times = fs::FileTimes::new().set_modified(fs::metadata(old)?.modified()?);
    let file = File::options().write(true).open(new);
    match file {
        Ok(file) => {
            file.set_times(times)?;
            file.sync_all()
        }
        // A file that nobody may write keeps its mode and gets a new time.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn copy_link(old: &Path, new: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(old)?, new)
}

#[cfg(not(unix))]
fn copy_link(old: &Path, new: &Path) -> io::Result<()> {
    // Windows needs a privilege for links: what it points to is copied.
    fs::copy(old, new).map(|_| ())
}

/// Writes a file with the mode of the one before it.
fn write_new(path: &Path, bytes: &[u8], before: &Path, sync: Sync) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    if let Ok(old) = fs::symlink_metadata(before)
        && old.is_file()
    {
        file.set_permissions(old.permissions())?;
    }
    sync.file(&file)
}

fn sync_above(folder: &Path) -> Result<(), String> {
    let above = folder.parent().unwrap_or(Path::new("."));
    sync_folder(above).map_err(at(above))
}

/// Removes a file, or a folder with all that is in it. Folders that nobody may write are made writable first.
fn remove_all(folder: &Path) -> Result<(), String> {
    match folder.symlink_metadata() {
        Ok(it) if !it.is_dir() => return fs::remove_file(folder).map_err(at(folder)),
        Ok(_) => {}
        Err(_) => return Ok(()),
    }
    if fs::remove_dir_all(folder).is_ok() {
        return Ok(());
    }
    make_writable(folder);
    fs::remove_dir_all(folder).map_err(at(folder))
}

#[cfg(unix)]
fn make_writable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let folders = walkdir::WalkDir::new(folder).into_iter().flatten();
    for entry in folders.filter(|entry| entry.file_type().is_dir()) {
        // If that fails, the removal says why.
        let _said_later = fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o700));
    }
}

#[cfg(not(unix))]
fn make_writable(_folder: &Path) {}

fn at(path: &Path) -> impl FnOnce(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

fn cannot_exchange(folder: &Path) -> impl FnOnce(io::Error) -> String {
    move |error| {
        if matches!(error.kind(), io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices) {
            return format!(
                "{} is where a file system begins, so it cannot be exchanged for a new folder: write into a \
                 folder below it",
                folder.display()
            );
        }
        at(folder)(error)
    }
}
