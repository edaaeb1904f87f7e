//! Paths as people write them.

use std::path::{Component, Path, PathBuf};

/// A path from a folder, with `/` between its parts; paths elsewhere stay as they are.
pub(super) fn relative(folder: &Path, path: &Path) -> String {
    let current = std::env::current_dir().unwrap_or_default();
    let absolute = clean(&current.join(path));
    let below = absolute.strip_prefix(clean(folder)).map(Path::to_owned);
    below.unwrap_or_else(|_| path.to_owned()).to_string_lossy().replace('\\', "/")
}

/// A path from a folder, with `..` if it is not below it.
pub(super) fn from(folder: &Path, path: &Path) -> String {
    let absolute = clean(&std::env::current_dir().unwrap_or_default().join(path));
    let folder = clean(folder);
    let common =
        folder.components().zip(absolute.components()).take_while(|(one, other)| one == other);
    let common = common.count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(absolute.components().skip(common)).collect();
    way.to_string_lossy().replace('\\', "/")
}

/// The path without `.` and `..`, read as text.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                cleaned.pop();
            }
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => cleaned.push(part),
        }
    }
    cleaned
}
