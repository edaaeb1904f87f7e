//! Rules from files, folders and standard input.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use isogloss_compiler::File;
use isogloss_compiler::source::{SourceId, SourceMap};
use isogloss_compiler::yaml::{MAX_BYTES, unreadable_bytes};
use rayon::prelude::*;

use crate::config::Places;
use crate::exit::Exit;
use crate::report::Reporter;

/// How standard input is shown.
pub(crate) const STDIN: &str = "<stdin>";

/// What was read, and what could not be.
#[derive(Debug, Default)]
pub(crate) struct Input {
    /// The files, in the order of the output.
    pub(crate) files: Vec<File>,
    /// One sentence for each path that could not be read.
    pub(crate) failures: Vec<String>,
}

impl Input {
    /// Says what could not be read; wrong usage if there is any of it.
    pub(crate) fn report(&self, reporter: &mut Reporter) -> Exit {
        for failure in &self.failures {
            reporter.failure(failure);
        }
        if self.failures.is_empty() { Exit::Fine } else { Exit::Usage }
    }
}

/// Reads every rule below `paths`, on all cores. A path that cannot be read does not stop the others.
pub(crate) fn read(paths: &[PathBuf], sources: &mut SourceMap) -> Input {
    read_as(paths, &|_| true, sources, File::read)
}

/// The same for the places of the configuration.
pub(crate) fn read_places(places: &Places, sources: &mut SourceMap) -> Input {
    read_as(&places.paths, &|path| places.holds(path), sources, File::read)
}

/// The same, with what lints look at.
pub(crate) fn read_for_lints(places: &Places, sources: &mut SourceMap) -> Input {
    read_as(&places.paths, &|path| places.holds(path), sources, File::read_for_lints)
}

/// How the text of a file is read.
type ReadText = fn(SourceId, &str) -> File;

fn read_as(
    paths: &[PathBuf],
    wanted: &dyn Fn(&Path) -> bool,
    sources: &mut SourceMap,
    read_text: ReadText,
) -> Input {
    let mut failures = Vec::new();
    let mut found: Vec<PathBuf> = paths.iter().flat_map(|path| find(path, &mut failures)).collect();
    found.retain(|path| wanted(path));
    keep_once(&mut found);
    let texts: Vec<_> = found.par_iter().map(|path| (path, load(path))).collect();
    let mut loaded = Vec::with_capacity(texts.len());
    for (path, bytes) in texts {
        match bytes {
            Ok(bytes) => {
                let text = decode(bytes);
                let source = sources.add(show(path), text.text);
                loaded.push((source, text.broken));
            }
            Err(error) => failures.push(format!("{}: {error}", show(path))),
        }
    }
    let files =
        loaded.into_par_iter().map(|(source, broken)| parse(source, broken, sources, read_text));
    Input { files: files.collect(), failures }
}

/// A file that several paths lead to is read once.
fn keep_once(files: &mut Vec<PathBuf>) {
    let mut seen = BTreeSet::new();
    files.retain(|path| match path.canonicalize() {
        Ok(whole) => seen.insert(whole),
        // Standard input, and what will be reported where it is read.
        Err(_) => true,
    });
}

/// The path as it is shown, with `/` between its parts.
pub(crate) fn show(path: &Path) -> String {
    if path == Path::new("-") {
        return STDIN.to_owned();
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

/// The bytes of a file; of one that is too large, one more than is allowed, so that it is refused later.
fn load(path: &Path) -> std::io::Result<Vec<u8>> {
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) + 1;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    let file = std::fs::File::open(path)?;
    let length = file.metadata().map_or(0, |it| it.len()).min(most);
    bytes.reserve_exact(usize::try_from(length).unwrap_or_default() + 1);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a file; what is not UTF-8 is replaced.
pub(crate) fn load_text(path: &Path) -> std::io::Result<String> {
    load(path).map(|bytes| decode(bytes).text)
}

/// A text, and what is wrong if its bytes were not UTF-8.
struct Decoded {
    text: String,
    broken: Option<Broken>,
}

/// Where bytes are not UTF-8, and how the file starts, which shows other encodings.
struct Broken {
    at: usize,
    start: Vec<u8>,
}

fn decode(bytes: Vec<u8>) -> Decoded {
    let too_large = bytes.len() > MAX_BYTES;
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, broken: None },
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let start = bytes.iter().copied().take(4).collect();
            // Where the file was cut off, a character may have been cut.
            let broken = (!too_large || at + 4 < bytes.len()).then_some(Broken { at, start });
            Decoded { text: String::from_utf8_lossy(bytes).into_owned(), broken }
        }
    }
}

fn parse(
    source: SourceId,
    broken: Option<Broken>,
    sources: &SourceMap,
    read_text: ReadText,
) -> File {
    if let Some(Broken { at, start }) = broken {
        return File::unreadable(source, unreadable_bytes(source, &start, at));
    }
    let text = sources.get(source).map(|it| it.text.clone()).unwrap_or_default();
    read_text(source, &text)
}
