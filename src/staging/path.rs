//! Paths of artifacts and of output folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use isogloss_backends::content::{Artifact, is_device};
use isogloss_compiler::text::is_hidden;

use crate::manifest;

/// The longest part of a path, in bytes, on all common file systems.
const LONGEST: usize = 255;

/// The folder with its links followed, as far as it exists.
pub(super) fn resolve(folder: &Path) -> PathBuf {
    if let Ok(real) = folder.canonicalize() {
        return real;
    }
    match (folder.parent(), folder.file_name()) {
        (Some(parent), Some(name)) => {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            resolve(parent).join(name)
        }
        (Some(_), None) | (None, _) => folder.to_owned(),
    }
}

/// True if no output folder is another one or lies in one, and none holds the configuration; else an error of
/// one sentence. Outputs are given with their names.
pub(crate) fn apart(outputs: &[(String, PathBuf)], configuration: &Path) -> Result<(), String> {
    let configuration = resolve(configuration);
    let resolved: Vec<(&str, PathBuf)> =
        outputs.iter().map(|(name, folder)| (name.as_str(), resolve(folder))).collect();
    for (place, (name, folder)) in resolved.iter().enumerate() {
        if configuration.starts_with(folder) {
            return Err(format!(
                "the output folder of {name}, {}, holds the configuration",
                folder.display()
            ));
        }
        for (other, of_other) in resolved.iter().skip(place + 1) {
            if folder.starts_with(of_other) || of_other.starts_with(folder) {
                return Err(format!(
                    "the output folders of {name} and {other} lie in each other: {} and {}",
                    folder.display(),
                    of_other.display()
                ));
            }
        }
    }
    Ok(())
}

/// Refuses artifacts that cannot stand side by side in a folder of any system.
pub(super) fn refuse_unsafe(artifacts: &[Artifact]) -> Result<(), String> {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for Artifact { path, .. } in artifacts {
        if let Some(reason) = unsafe_because(path) {
            return Err(format!("the file `{path}` cannot be written: {reason}"));
        }
        if let Some(other) = known.insert(path.to_lowercase(), path) {
            return Err(format!("the files `{other}` and `{path}` are one on some file systems"));
        }
    }
    for path in known.keys() {
        let above = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        for folder in above {
            if let Some(file) = known.get(folder) {
                return Err(format!("`{file}` would be a file and a folder"));
            }
        }
    }
    Ok(())
}

fn unsafe_because(path: &str) -> Option<&'static str> {
    if path == manifest::NAME {
        return Some("the manifest has this name");
    }
    path.split('/').find_map(|part| match part {
        "" => Some("its path has an empty part"),
        "." | ".." => Some("its path leaves the folder"),
        part if part.len() > LONGEST => Some("a part of its path is too long"),
        part if part.contains(|it| is_hidden(it) || "\\:*?\"<>|".contains(it)) => {
            Some("its path has a character that not every file system takes")
        }
        part if part.ends_with(['.', ' ']) || part.starts_with(' ') => {
            Some("a part of its path starts or ends in what Windows leaves out")
        }
        part => {
            let stem = part.split('.').next().unwrap_or_default().trim_end();
            is_device(&stem.to_ascii_lowercase()).then_some("Windows keeps its name for a device")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_their_folder() {
        for path in [
            "",
            "/a",
            "a//b",
            "a/",
            "..",
            "a/../b",
            ".",
            "a/./b",
            "a\\b",
            "C:a",
            "a\0",
            "a\nb",
            "nul",
            "a/Con.txt",
            "LPT1",
            "a.",
            "a ",
            " a",
            "a?b",
            "isogloss.manifest.json",
            "a\u{202e}b",
        ] {
            assert!(unsafe_because(path).is_some(), "{path}");
        }
        assert!(unsafe_because(&"x".repeat(256)).is_some());
        for path in ["a", "a/b.conf", ".a", "default/savedsearches.conf", "consent", "com10", "é"]
        {
            assert_eq!(unsafe_because(path), None, "{path}");
        }
    }

    #[test]
    fn files_stand_side_by_side() {
        let check = |paths: &[&str]| {
            let artifacts: Vec<Artifact> =
                paths.iter().map(|path| Artifact::text(*path, "")).collect();
            refuse_unsafe(&artifacts).err().unwrap_or_default()
        };
        assert_eq!(check(&["a/b", "a/c", "a.b"]), "");
        assert_eq!(
            check(&["a/b", "A/B"]),
            "the files `a/b` and `A/B` are one on some file systems"
        );
        assert_eq!(check(&["a/b/c", "a/b"]), "`a/b` would be a file and a folder");
    }

    #[test]
    fn outputs_lie_apart() {
        let folder = tempfile::tempdir().unwrap();
        let check = |paths: &[&str]| {
            let outputs: Vec<(String, PathBuf)> =
                paths.iter().map(|path| ((*path).to_owned(), folder.path().join(path))).collect();
            apart(&outputs, &folder.path().join("repository")).is_ok()
        };
        assert!(check(&["repository/a", "repository/b", "repository/ab"]));
        assert!(!check(&["a/b", "a"]));
        assert!(!check(&["a", "a"]));
        assert!(!check(&["repository"]));
        assert!(!check(&["."]));
    }
}
