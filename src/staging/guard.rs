//! One build at a time: a lock beside what is written, which ends with the process.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::folder::beside;

/// Holds the lock of a folder or a file until it is dropped.
pub(crate) struct Guard {
    path: PathBuf,
    file: Option<File>,
}

impl Guard {
    /// True if there is the lock of a folder: another build has it, or one that was killed has left it.
    pub(super) fn is_there(folder: &Path) -> bool {
        beside(folder, "lock").exists()
    }

    /// Takes the lock, and makes the folders above; an error of one sentence if another build has it.
    pub(super) fn take(folder: &Path) -> Result<Self, String> {
        let path = beside(folder, "lock");
        let failed = |error: io::Error| format!("{}: {error}", path.display());
        if let Some(above) = folder.parent() {
            fs::create_dir_all(above).map_err(failed)?;
        }
        loop {
            let Some(file) = open(&path).map_err(failed)? else {
                return Err(format!(
                    "another build is writing to {}: try again when it has ended",
                    folder.display()
                ));
            };
            // The build before may have removed the file after this one has opened it.
            if is_at(&file, &path) {
                return Ok(Self { path, file: Some(file) });
            }
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Removed while it is held, so that no other build loses the one it has taken. It is empty, and
        // in nobody's way if it stays.
        let _stays = fs::remove_file(&self.path);
        drop(self.file.take());
    }
}

/// The file with its lock; `None` if another process has it.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<Option<File>> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;
    let file = File::options().write(true).create(true).truncate(false).open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        (Ok(_) | Err(_), _) => false,
    }
}

/// On Windows a file that is opened without sharing is the lock.
#[cfg(windows)]
fn open(path: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;
    /// `FILE_SHARE_DELETE`: this process removes the file while it has it.
    const SHARE_DELETE: u32 = 4;
    /// `ERROR_SHARING_VIOLATION`.
    const IN_USE: i32 = 32;
    let mut options = File::options();
    options.write(true).create(true).truncate(false).share_mode(SHARE_DELETE);
    match options.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(IN_USE) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(not(any(unix, windows)))]
fn open(path: &Path) -> io::Result<Option<File>> {
    File::options().write(true).create(true).truncate(false).open(path).map(Some)
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}
