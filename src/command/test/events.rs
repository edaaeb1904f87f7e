//! Events from files, folders and standard input.

use std::io::Read;
use std::path::{Path, PathBuf};

use isogloss_compiler::diagnostic::{Code, Diagnostic, Diagnostics};
use isogloss_compiler::events::{Fields, read_events};
use isogloss_compiler::source::{SourceMap, Span};

use crate::input::{show, walk};

/// All events of a run, numbered from 0 over all files in order.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The fields of each event, as they stand in its file.
    pub(super) list: Vec<Fields>,
    /// Each file, and the number of its first event.
    files: Vec<(String, usize)>,
    /// What is wrong with files.
    pub(super) diagnostics: Diagnostics,
    /// One sentence for each path that could not be read.
    pub(super) failures: Vec<String>,
}

/// Reads all events. A file that cannot be read does not stop the others.
pub(super) fn read(paths: &[PathBuf], sources: &mut SourceMap) -> Events {
    let mut events = Events::default();
    for path in paths {
        for file in walk(path, is_events, &mut events.failures) {
            match load(&file) {
                Ok(bytes) => events.add(show(&file), bytes, sources),
                Err(error) => events.failures.push(format!("{}: {error}", show(&file))),
            }
        }
    }
    events
}

/// The bytes of a file, or of standard input for `-`. Events may be of any size.
fn load(path: &Path) -> std::io::Result<Vec<u8>> {
    if path != Path::new("-") {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Bytes as text, and the byte at which they are not UTF-8; such bytes are replaced.
fn decode(bytes: Vec<u8>) -> (String, Option<usize>) {
    String::from_utf8(bytes).map_or_else(
        |error| {
            let at = error.utf8_error().valid_up_to();
            (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(at))
        },
        |text| (text, None),
    )
}

fn is_events(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "json" || it == "ndjson" || it == "jsonl")
}

impl Events {
    /// Adds the events of a file. Its text is kept only if there is something to show in it.
    fn add(&mut self, path: String, bytes: Vec<u8>, sources: &mut SourceMap) {
        let (text, broken_at) = decode(bytes);
        let broken = broken_at.map(|at| {
            let place = at..at + '\u{fffd}'.len_utf8();
            (format!("byte {at} is not UTF-8"), place)
        });
        let fault = broken.or_else(|| {
            let (events, fault) = read_events(&text);
            self.files.push((path.clone(), self.list.len()));
            self.list.extend(events);
            fault.map(|it| (it.message, it.place))
        });
        if let Some((message, place)) = fault {
            let source = sources.add(path, text);
            let span = Span::new(source, place.start, place.end);
            self.diagnostics.push(Diagnostic::new(Code::InvalidEvents, span, message));
        }
    }

    /// `file:place` of an event, the place from 0.
    pub(super) fn place(&self, number: usize) -> String {
        let at = self.files.partition_point(|(_, first)| *first <= number);
        let file = at.checked_sub(1).and_then(|it| self.files.get(it));
        file.map_or_else(String::new, |(path, first)| format!("{path}:{}", number - first))
    }
}
