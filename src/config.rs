//! `isogloss.toml`: what a repository of rules says once for every run. Described in
//! `docs/configuration.md`.

mod file;
mod mistake;

use std::path::{Component, Path, PathBuf};

use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::source::SourceMap;

use crate::cli::{Configuration, Talk};
use crate::policy::{Entry, Policy};
use crate::report::Reporter;
pub(crate) use file::Target;

/// The name of the file.
const NAME: &str = "isogloss.toml";

/// The settings of a repository; without a file, those of the tool.
#[derive(Debug, Default)]
pub(crate) struct Config {
    file: file::File,
    /// The folder that paths in the file are relative to; absolute.
    folder: PathBuf,
    entries: Vec<Entry>,
}

/// Reads the file that `--config` names, else the nearest one upwards from the current folder. Reports what
/// is wrong with it; the error is one sentence.
pub(crate) fn load(
    arguments: &Configuration,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Config, String> {
    let current = std::env::current_dir().map_err(|error| error.to_string())?;
    let path = match &arguments.config {
        Some(path) => path.clone(),
        None if arguments.no_config => return Ok(Config { folder: current, ..Config::default() }),
        None => match find(&current) {
            Some(path) => path,
            None => return Ok(Config { folder: current, ..Config::default() }),
        },
    };
    let shown = relative(&current, &path);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{shown}: {error}"))?;
    let folder = clean(&current.join(&path)).parent().map(Path::to_owned).unwrap_or(current);
    let source = sources.add(shown.as_str(), text.as_str());
    let mut mistakes = Vec::new();
    let config = file::parse(source, &text, &mut mistakes).map(|file| {
        let entries = file.entries(source, &mut mistakes);
        Config { file, folder, entries }
    });
    match config {
        Some(config) if mistakes.is_empty() => Ok(config),
        Some(_) | None => Err(refuse(&shown, &mistakes, sources, reporter)),
    }
}

fn refuse(
    path: &str,
    mistakes: &[Diagnostic],
    sources: &SourceMap,
    reporter: &mut Reporter,
) -> String {
    reporter.findings(mistakes, sources);
    format!("the configuration {path} cannot be used")
}

fn find(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file())
}

impl Config {
    /// What the file says about a target, if it names it.
    pub(crate) fn target(&self, name: &str) -> Option<&Target> {
        self.file.targets.get(name)
    }

    /// The pipelines of a target; files are found from the folder of the configuration.
    pub(crate) fn pipelines(&self, target: &Target) -> Vec<String> {
        let is_name = |name: &str| name == "default" || isogloss_pipelines::find(name).is_some();
        let absolute = |name: &String| {
            let path =
                relative(&std::env::current_dir().unwrap_or_default(), &self.folder.join(name));
            if is_name(name) { name.clone() } else { path }
        };
        target.pipelines.iter().map(absolute).collect()
    }

    /// The baseline that `check` compares with.
    pub(crate) fn baseline(&self) -> Option<PathBuf> {
        self.file.check.baseline.as_ref().map(|path| self.folder.join(path))
    }

    /// The policy of the file, and after it that of the command line. The error is one sentence.
    pub(crate) fn policy(&mut self, talk: &Talk) -> Result<Policy, String> {
        let today = time::OffsetDateTime::now_utc().date();
        Policy::new(std::mem::take(&mut self.entries), &talk.policy, today)
    }

    /// A path as the policy names it: relative to the configuration.
    pub(crate) fn relative(&self, path: &str) -> String {
        relative(&self.folder, Path::new(path))
    }
}

/// A path from a folder, with `/` between its parts; paths elsewhere stay as they are.
fn relative(folder: &Path, path: &Path) -> String {
    let current = std::env::current_dir().unwrap_or_default();
    let absolute = clean(&current.join(path));
    let below = absolute.strip_prefix(clean(folder)).map(Path::to_owned);
    below.unwrap_or_else(|_| path.to_owned()).to_string_lossy().replace('\\', "/")
}

/// The path without `.` and `..`, read as text.
fn clean(path: &Path) -> PathBuf {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_configuration() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(relative(&here, Path::new("./rules/../rules/a.yml")), "rules/a.yml");
        assert_eq!(relative(&here.join("rules"), Path::new("rules/a.yml")), "a.yml");
        assert_eq!(relative(&here, &here.join("a.yml")), "a.yml");
        assert_eq!(relative(&here.join("x"), Path::new("rules/a.yml")), "rules/a.yml");
    }
}
