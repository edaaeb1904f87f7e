//! One file that is wholly the old one or wholly the new one, such as the lock.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::folder::{beside, clear_away};
use super::guard::Guard;
use super::path::resolve;
use super::sync::sync_folder;

/// Keeps other builds away from a file until the guard is dropped, from before it is read until after it is
/// written. The error is one sentence.
pub(crate) fn alone_with(path: &Path) -> Result<Guard, String> {
    let path = resolve(path);
    let guard = Guard::take(&path)?;
    clear_away(&path)?;
    Ok(guard)
}

/// Writes a file in one step: beside it first, then in its place. Bytes that it has already are not written.
/// True if it was written; the error is one sentence.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<bool, String> {
    // A link stays one, and what it points to is replaced.
    let path = resolve(path);
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    match fs::read(&path) {
        Ok(bytes) if bytes == text.as_bytes() => return Ok(false),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let new = beside(&path, &std::process::id().to_string());
    let replaced = write_beside(&path, &new, text);
    if replaced.is_err() {
        // It may not have been made at all.
        let _left_over = fs::remove_file(&new);
    }
    replaced.map_err(failed).map(|()| true)
}

fn write_beside(path: &Path, new: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(new)?;
    file.write_all(text.as_bytes())?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()?;
    drop(file);
    fs::rename(new, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_in_one_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("isogloss.lock");
        assert_eq!(write_file(&path, "a"), Ok(true));
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(write_file(&path, "a"), Ok(false));
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        assert_eq!(write_file(&path, "b"), Ok(true));
        assert_eq!(fs::read_to_string(&path).unwrap(), "b");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::write(folder.path().join(".isogloss.lock.isogloss-7"), "killed").unwrap();
        let guard = alone_with(&path).unwrap();
        let error = alone_with(&path).err().unwrap();
        assert!(error.starts_with("another build is writing to "), "{error}");
        drop(guard);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let missing = folder.path().join("missing/isogloss.lock");
        assert!(write_file(&missing, "a").is_err());
    }
}
