//! A case: changes of a repository, step by step, with a build after each.
//!
//! ```text
//! What the case shows.
//!
//! == first build              a step
//! $ --deployed 1              further arguments of the command
//! -- rules/a.yml              a file: the lines up to the next mark
//! title: A
//! -- rules/b.yml = b.yml      a file of tests/cases/build/common
//! ~~ rules/b.yml              a change: the line that follows becomes the one after it, where `\n` ends a line
//! title: B
//! title: C
//! xx rules/c.yml              a file that goes
//! ?? build/spl/README.md      a file that is shown after the build
//! ?? isogloss.lock title      its lines with a word
//! ```

use crate::building::Repository;

/// A change of the repository, and what is shown of the build after it.
pub(crate) struct Step {
    pub(crate) title: String,
    pub(crate) arguments: Vec<String>,
    changes: Vec<Change>,
    /// Paths of files, and what the lines to show have; nothing for all of them.
    pub(crate) shown: Vec<(String, String)>,
}

enum Change {
    Write(String, String),
    Copy(String, String),
    Replace(String, String, String),
    Remove(String),
}

/// The steps of a case.
pub(crate) fn parse(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = text.lines().skip_while(|line| !line.starts_with("== ")).peekable();
    while let Some(line) = lines.next() {
        let Some((mark, rest)) = line.split_once(' ') else {
            assert!(line.is_empty(), "no mark: {line}");
            continue;
        };
        if mark == "==" {
            let title = rest.to_owned();
            steps.push(Step { title, arguments: vec![], changes: vec![], shown: vec![] });
            continue;
        }
        let step = steps.last_mut().expect("a step");
        let mut next = || lines.next().expect("a line").to_owned();
        match mark {
            "$" => step.arguments.extend(rest.split_whitespace().map(str::to_owned)),
            "~~" => step.changes.push(Change::Replace(rest.to_owned(), next(), next())),
            "xx" => step.changes.push(Change::Remove(rest.to_owned())),
            "??" => {
                let (path, word) = rest.split_once(' ').unwrap_or((rest, ""));
                step.shown.push((path.to_owned(), word.to_owned()));
            }
            "--" => step.changes.push(if let Some((path, common)) = rest.split_once(" = ") {
                Change::Copy(path.to_owned(), common.to_owned())
            } else {
                let mut text = Vec::new();
                while let Some(line) = lines.next_if(|line| !is_mark(line)) {
                    text.push(line);
                }
                Change::Write(rest.to_owned(), text.join("\n").trim_end().to_owned() + "\n")
            }),
            other => panic!("no mark: {other}"),
        }
    }
    steps
}

fn is_mark(line: &str) -> bool {
    ["== ", "$ ", "-- ", "~~ ", "xx ", "?? "].iter().any(|mark| line.starts_with(mark))
}

impl Step {
    /// Changes the repository.
    pub(crate) fn apply(&self, repository: &Repository) {
        for change in &self.changes {
            match change {
                Change::Write(path, text) => repository.write(path, text),
                Change::Copy(path, common) => {
                    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/build/common");
                    let text = std::fs::read(format!("{folder}/{common}"));
                    repository.write(path, text.unwrap_or_else(|_| panic!("no {common}")));
                }
                Change::Replace(path, old, new) => {
                    let text = std::fs::read_to_string(repository.path(path)).expect("a file");
                    assert!(text.contains(old.as_str()), "{path} has no `{old}`");
                    let new = new.replace("\\n", "\n");
                    repository.write(path, text.replacen(old.as_str(), &new, 1));
                }
                Change::Remove(path) => {
                    let path = repository.path(path);
                    if path.is_dir() {
                        std::fs::remove_dir_all(path).expect("a folder");
                    } else {
                        std::fs::remove_file(path).expect("a file");
                    }
                }
            }
        }
    }
}
