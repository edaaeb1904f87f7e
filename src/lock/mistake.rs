//! What is wrong with the lock, in our words.

use std::ops::Range;

use isogloss_compiler::diagnostic::{Code, Diagnostic};
use isogloss_compiler::source::{SourceId, Span};

use super::VERSION;

const MARKERS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// Both sides of a merge that are still in the file.
pub(super) fn merge(source: SourceId, text: &str) -> Option<Diagnostic> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if MARKERS.iter().any(|marker| line.starts_with(marker)) {
            let span = Span::new(source, start, start + line.trim_end().len());
            let message = "a merge has left both of its sides here";
            let help = "keep the rules of both sides, and of two numbers of one key the higher one; \
                        then run `isogloss build`";
            return Some(Diagnostic::new(Code::InvalidConfig, span, message).with_help(help));
        }
        start += line.len();
    }
    None
}

/// A file of a later isogloss.
pub(super) fn later(source: SourceId, range: Range<usize>, version: i64) -> Diagnostic {
    let span = Span::new(source, range.start, range.end);
    let message = format!("the file has version {version}, and this isogloss knows {VERSION}");
    Diagnostic::new(Code::InvalidConfig, span, message)
        .with_help("use the isogloss that the repository uses elsewhere")
}

/// What the TOML reader says. It names a key that is not known in backticks.
pub(super) fn toml(source: SourceId, error: &toml::de::Error) -> Diagnostic {
    let range = error.span().unwrap_or_default();
    let message = error.message().lines().collect::<Vec<_>>().join(", ");
    let code = if message.starts_with("unknown field") {
        Code::UnknownInConfig
    } else {
        Code::InvalidConfig
    };
    let span = Span::new(source, range.start, range.end);
    Diagnostic::new(code, span, message).with_help(RESTORE)
}

/// A value that no build writes.
pub(super) fn value(source: SourceId, range: Range<usize>, message: &str) -> Diagnostic {
    let span = Span::new(source, range.start, range.end);
    Diagnostic::new(Code::InvalidConfig, span, message).with_help(RESTORE)
}

const RESTORE: &str =
    "only `isogloss build` writes this file: take it back from the version control";
