//! Bytes that are on the disk before a name says so.

use std::fs::File;
use std::io;
use std::path::Path;

/// From so many files on, one call for the file system is faster than one for each of them.
const MANY: usize = 64;

/// How a folder is brought to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sync {
    /// Each file and folder by itself.
    Each,
    /// The whole file system at the end, which Linux can do.
    AtOnce,
}

impl Sync {
    /// How so many new files are brought to the disk.
    pub(super) fn of(files: usize) -> Self {
        if cfg!(target_os = "linux") && files >= MANY { Self::AtOnce } else { Self::Each }
    }

    /// After a file is written.
    pub(super) fn file(self, file: &File) -> io::Result<()> {
        match self {
            Self::Each => file.sync_all(),
            Self::AtOnce => Ok(()),
        }
    }

    /// After a folder is filled.
    pub(super) fn folder(self, folder: &Path) -> io::Result<()> {
        match self {
            Self::Each => sync_folder(folder),
            Self::AtOnce => Ok(()),
        }
    }

    /// After everything is written.
    pub(super) fn all(self, folder: &Path) -> io::Result<()> {
        match self {
            Self::Each => Ok(()),
            Self::AtOnce => sync_file_system(folder),
        }
    }
}

#[cfg(target_os = "linux")]
fn sync_file_system(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(folder: &Path) -> io::Result<()> {
    sync_folder(folder)
}

/// Brings the names in a folder to the disk.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
