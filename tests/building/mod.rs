//! A repository of rules in a folder of its own, and what `isogloss build` makes of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The files below a folder, by their paths with `/`. A folder without files has its path and a `/`.
pub(crate) type Tree = BTreeMap<String, Vec<u8>>;

/// A repository that goes when it is dropped, in a folder of its own.
pub(crate) struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("repository")).expect("a folder");
        Self { folder }
    }

    /// The path of a file, or of a folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("repository").join(path)
    }

    /// Writes a file, with its folders.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// `isogloss build` in the folder of the repository.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_isogloss"));
        command.arg("build").args(arguments).current_dir(self.path(""));
        command
    }

    /// Runs the command to its end.
    pub(crate) fn build(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Everything below a folder of the repository.
    pub(crate) fn tree(&self, folder: &str) -> Tree {
        tree(&self.path(folder))
    }
}

/// Everything below a folder.
pub(crate) fn tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    for entry in walkdir::WalkDir::new(folder).min_depth(1).sort_by_file_name() {
        let entry = entry.expect("readable");
        let path = entry.path().strip_prefix(folder).expect("below the folder");
        let path = path.display().to_string().replace('\\', "/");
        if entry.file_type().is_file() {
            tree.insert(path, std::fs::read(entry.path()).expect("readable"));
        } else if std::fs::read_dir(entry.path()).expect("readable").next().is_none() {
            tree.insert(format!("{path}/"), Vec::new());
        }
    }
    tree
}
