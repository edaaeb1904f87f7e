//! Rules from files, folders and standard input.

use std::io::Read;
use std::path::{Path, PathBuf};

use isogloss_compiler::File;
use isogloss_compiler::diagnostic::{Code, Diagnostic};
use isogloss_compiler::source::{SourceId, SourceMap, Span};
use rayon::prelude::*;

/// What was read, and what could not be.
#[derive(Debug, Default)]
pub(crate) struct Input {
    /// The files, in the order of the output.
    pub(crate) files: Vec<File>,
    /// One sentence for each path that could not be read.
    pub(crate) failures: Vec<String>,
}

/// Reads every rule below `paths`, on all cores. A path that cannot be read does not stop the others.
pub(crate) fn read(paths: &[PathBuf], sources: &mut SourceMap) -> Input {
    let mut failures = Vec::new();
    let found: Vec<PathBuf> = paths.iter().flat_map(|path| find(path, &mut failures)).collect();
    let texts: Vec<_> = found.par_iter().map(|path| (path, load(path))).collect();
    let mut loaded = Vec::with_capacity(texts.len());
    for (path, bytes) in texts {
        match bytes {
            Ok(bytes) => {
                let text = decode(bytes);
                let source = sources.add(show(path), text.text);
                loaded.push((source, text.broken_at));
            }
            Err(error) => failures.push(format!("{}: {error}", show(path))),
        }
    }
    let files =
        loaded.into_par_iter().map(|(source, broken)| parse(source, broken, sources)).collect();
    Input { files, failures }
}

/// The path as it is shown, with `/` between its parts.
pub(crate) fn show(path: &Path) -> String {
    if path == Path::new("-") {
        return "<stdin>".to_owned();
    }
    path.to_string_lossy().replace('\\', "/")
}

/// The rule files below a path, sorted.
fn find(path: &Path, failures: &mut Vec<String>) -> Vec<PathBuf> {
    walk(path, is_rule, failures)
}

/// A file as it is, whatever its name; below a folder the files that are `wanted`, sorted.
pub(crate) fn walk(
    path: &Path,
    wanted: fn(&Path) -> bool,
    failures: &mut Vec<String>,
) -> Vec<PathBuf> {
    // Anything that is there and is no folder can be read: files, links, pipes.
    if path == Path::new("-") || (path.exists() && !path.is_dir()) {
        return vec![path.to_owned()];
    }
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(path).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() && wanted(entry.path()) => {
                found.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => failures.push(explain(path, &error)),
        }
    }
    found
}

/// True for the names of rule files.
pub(crate) fn is_rule(path: &Path) -> bool {
    let yaml = path.extension().is_some_and(|it| it == "yml" || it == "yaml");
    yaml && !is_expectation(path)
}

/// True for files of expectations, which stand beside the rules: `*.test.yml`.
pub(crate) fn is_expectation(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".test.yml") || name.ends_with(".test.yaml")
}

fn explain(path: &Path, error: &walkdir::Error) -> String {
    let place = error.path().unwrap_or(path);
    match error.io_error() {
        Some(error) if error.kind() == std::io::ErrorKind::NotFound => {
            format!("{}: there is no such file or folder", show(place))
        }
        Some(error) => format!("{}: {error}", show(place)),
        None => format!("{}: {error}", show(place)),
    }
}

/// The bytes of a file, or of standard input for `-`.
pub(crate) fn load(path: &Path) -> std::io::Result<Vec<u8>> {
    if path != Path::new("-") {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A text, and the byte at which it was not UTF-8.
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) broken_at: Option<usize>,
}

/// Bytes as text; what is not UTF-8 is replaced.
pub(crate) fn decode(bytes: Vec<u8>) -> Decoded {
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, broken_at: None },
        Err(error) => {
            let broken_at = Some(error.utf8_error().valid_up_to());
            Decoded { text: String::from_utf8_lossy(error.as_bytes()).into_owned(), broken_at }
        }
    }
}

fn parse(source: SourceId, broken_at: Option<usize>, sources: &SourceMap) -> File {
    let Some(offset) = broken_at else {
        let text = sources.get(source).map(|it| it.text.clone()).unwrap_or_default();
        return File::read(source, &text);
    };
    let span = Span::new(source, offset, offset + '\u{fffd}'.len_utf8());
    let message = format!("byte {offset} is not UTF-8");
    let diagnostic = Diagnostic::new(Code::UnreadableText, span, message)
        .with_help("save the file as UTF-8, without a byte order mark of another encoding");
    File::unreadable(source, diagnostic)
}
