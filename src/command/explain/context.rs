//! The files of a run of `explain`: the one that is explained, and those that it refers to.

use std::path::{Path, PathBuf};

use isogloss_compiler::ast::{Content, Document, FilterRules};
use isogloss_compiler::source::{SourceId, SourceMap, Spanned};
use isogloss_compiler::{File, Index};

use crate::input::{self, is_rule, walk};

/// Reads what is explained, and further rules: those of `context`, or those of its folder if it refers to
/// rules that it does not have. Gives the source that is explained. The error is one sentence.
pub(super) fn read(
    path: &Path,
    context: &[PathBuf],
    sources: &mut SourceMap,
) -> Result<(Index, Option<SourceId>), String> {
    let mut files = read_all(&[path.to_owned()], sources)?;
    let explained = files.first().map(|file| file.source);
    let further = if context.is_empty() && files.iter().any(refers_to_others) {
        siblings(path)
    } else {
        let mut failures = Vec::new();
        let found = context.iter().flat_map(|it| walk(it, is_rule, &mut failures)).collect();
        match failures.into_iter().next() {
            Some(failure) => return Err(failure),
            None => found,
        }
    };
    let others: Vec<PathBuf> = further.into_iter().filter(|it| !is_same(it, path)).collect();
    files.extend(read_all(&others, sources)?);
    Ok((Index::new(files), explained))
}

fn read_all(paths: &[PathBuf], sources: &mut SourceMap) -> Result<Vec<File>, String> {
    let input = input::read(paths, sources);
    input.failures.into_iter().next().map_or(Ok(input.files), Err)
}

/// True for a correlation about rules, or a filter for rules, that are not in its file.
fn refers_to_others(file: &File) -> bool {
    let is_own =
        |name: &Spanned<String>| file.documents.iter().any(|it| is_called(it, &name.value));
    file.documents.iter().any(|document| match &document.content {
        Some(Content::Correlation(correlation)) => !correlation.rules.iter().all(is_own),
        Some(Content::Filter(filter)) => match &filter.rules {
            FilterRules::Any => true,
            FilterRules::Listed(names) => !names.iter().all(is_own),
        },
        Some(Content::Detection(_)) | None => false,
    })
}

fn is_called(document: &Document, name: &str) -> bool {
    let own = [&document.metadata.id, &document.metadata.name];
    own.into_iter().flatten().any(|own| own.to_lowercase() == name.to_lowercase())
}

/// The rule files of the same folder, sorted; none for standard input.
fn siblings(path: &Path) -> Vec<PathBuf> {
    let folder = match path.parent() {
        _ if path == Path::new("-") => return Vec::new(),
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut found: Vec<PathBuf> = paths.filter(|path| path.is_file() && is_rule(path)).collect();
    found.sort();
    found
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other
        || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|it| it == one))
}
