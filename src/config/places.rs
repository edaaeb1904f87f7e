//! The paths of a run.

use std::path::{Path, PathBuf};

use isogloss_compiler::Index;
use isogloss_compiler::diagnostic::{Code, Diagnostic, Severity};
use isogloss_compiler::source::SourceMap;

use super::{Config, clean};
use crate::staging;

/// The paths of a run: those given, and the filters that are read beside them. Filters of other environments
/// are left out, wherever they are, unless they are given themselves.
#[derive(Debug)]
pub(crate) struct Places {
    /// What is read.
    pub(crate) paths: Vec<PathBuf>,
    /// Whole paths, and whether what is below them is read; the longest one decides.
    borders: Vec<(PathBuf, bool)>,
}

impl Places {
    pub(super) fn new(config: &Config, given: &[PathBuf]) -> Self {
        let current = std::env::current_dir().unwrap_or_default();
        let mut borders = Vec::new();
        let mut paths = given.to_vec();
        for path in given {
            borders.push((clean(&current.join(path)), true));
        }
        for path in config.filters() {
            borders.push((clean(&current.join(&path)), true));
            paths.push(path);
        }
        let environments = config.written.env.values().map(|file| &file.rules);
        for rules in environments.chain([&config.written.rules]) {
            let others = rules.filters().map(|path| clean(&config.folder.join(path)));
            for path in others {
                if !borders.iter().any(|(other, _)| *other == path) {
                    borders.push((path, false));
                }
            }
        }
        // What a build writes holds YAML too, and is no rule of the repository.
        borders.extend(config.outputs().map(|folder| (folder, false)));
        Self { paths, borders }
    }

    /// True if the file is read.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        if path == Path::new("-") || self.borders.iter().all(|(_, is_read)| *is_read) {
            return true;
        }
        let whole = clean(&std::env::current_dir().unwrap_or_default().join(path));
        if whole.components().any(|part| staging::is_unfinished(part.as_os_str())) {
            return false;
        }
        let around = self.borders.iter().filter(|(border, _)| whole.starts_with(border));
        let nearest = around.max_by_key(|(border, _)| border.components().count());
        nearest.is_none_or(|(_, is_read)| *is_read)
    }
}

impl Config {
    /// The error, of one sentence, names an output folder that holds rules: what lies in one is not read.
    pub(crate) fn keep_rules_out_of_outputs(&self) -> Result<(), String> {
        let current = std::env::current_dir().unwrap_or_default();
        for path in self.rules().into_iter().chain(self.filters()) {
            let whole = clean(&current.join(&path));
            if let Some(output) = self.outputs().find(|it| whole.starts_with(it)) {
                let path = path.display();
                return Err(format!("the output folder {} holds rules: {path}", output.display()));
            }
        }
        Ok(())
    }

    /// The filters of the configuration that are added to no rule of the run: such a filter excludes nothing,
    /// although somebody relies on it.
    pub(crate) fn idle_filters(&self, index: &Index, sources: &SourceMap) -> Vec<Diagnostic> {
        let current = std::env::current_dir().unwrap_or_default();
        let folders: Vec<PathBuf> =
            self.filters().iter().map(|path| clean(&current.join(path))).collect();
        let path_of = |source| sources.get(source).map_or("", |it| it.path.as_str());
        let is_taken = |id| {
            let found = index.rules().find(|(other, ..)| *other == id);
            found.is_some_and(|(_, file, document)| {
                let path = self.relative(path_of(file.source));
                index.is_referenced(id) || self.selects(&path, document, &index.logsources(id))
            })
        };
        let mut idle = Vec::new();
        for (_, file, document) in index.rules() {
            let Some(filter) = document.filter() else { continue };
            let path = clean(&current.join(path_of(file.source)));
            let is_beside = folders.iter().any(|folder| path.starts_with(folder));
            if is_beside && !index.ids_filtered_by(filter).any(is_taken) {
                let message = "the filter is added to no rule of this run";
                let help = "mend `rules` or `logsource` of the filter, or delete it";
                let found = Diagnostic::new(Code::UnusedFilter, document.span, message);
                idle.push(found.with_severity(Severity::Error).with_help(help));
            }
        }
        idle
    }
}
