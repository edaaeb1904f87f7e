//! What is wrong with the file, in our words.

use std::fmt::Display;
use std::ops::Range;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use isogloss_compiler::diagnostic::{Code, Diagnostic, suggest};
use isogloss_compiler::source::{SourceId, Span};

use super::placed::Placed;

/// What is wrong with the values of a file.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    /// The file.
    source: SourceId,
    /// What was found.
    pub(super) found: Vec<Diagnostic>,
}

impl Mistakes {
    /// Nothing is wrong with the file yet.
    pub(super) fn of(source: SourceId) -> Self {
        Self { source, found: Vec::new() }
    }

    /// The place of a value.
    pub(super) fn place(&self, range: &Range<usize>) -> Span {
        Span::new(self.source, range.start, range.end)
    }

    /// A value cannot be what it is.
    pub(super) fn invalid(&mut self, range: &Range<usize>, message: impl Display, help: &str) {
        let diagnostic =
            Diagnostic::new(Code::InvalidConfig, self.place(range), message.to_string());
        self.found.push(if help.is_empty() { diagnostic } else { diagnostic.with_help(help) });
    }

    /// A word that names nothing.
    pub(super) fn unknown(
        &mut self,
        word: &Placed<String>,
        message: impl Display,
        known: impl IntoIterator<Item = &'static str> + Clone,
    ) {
        let help = suggest(&word.value, known);
        let span = self.place(&word.range);
        let diagnostic = Diagnostic::new(Code::UnknownInConfig, span, message.to_string());
        self.found.push(diagnostic.with_help(help));
    }

    /// The globs of a list; those that cannot be read are reported.
    pub(super) fn globs(&mut self, written: &[Placed<String>]) -> Vec<Glob> {
        let mut globs = Vec::new();
        for text in written {
            match GlobBuilder::new(&text.value).literal_separator(true).build() {
                Ok(glob) => globs.push(glob),
                Err(error) => {
                    self.invalid(&text.range, format!("this is no glob: {}", error.kind()), "");
                }
            }
        }
        globs
    }

    /// The same, as one set.
    pub(super) fn glob_set(&mut self, written: &[Placed<String>]) -> GlobSet {
        let mut set = GlobSetBuilder::new();
        for glob in self.globs(written) {
            set.add(glob);
        }
        set.build().unwrap_or_default()
    }
}

/// The finding for an error of the TOML reader.
pub(super) fn explain_syntax(source: SourceId, error: &toml::de::Error) -> Diagnostic {
    let range = error.span().unwrap_or(0..0);
    let span = Span::new(source, range.start, range.end);
    let message = error.message().lines().collect::<Vec<_>>().join(", ");
    Diagnostic::new(Code::InvalidConfig, span, format!("this is not TOML: {message}"))
}

/// The finding for a value of another shape than it should have. The messages of serde name the unknown or
/// missing key in backticks, and after it the known ones.
pub(super) fn explain_shape(source: SourceId, text: &str, error: &toml::de::Error) -> Diagnostic {
    let range = error.span().unwrap_or(0..0);
    let span = Span::new(source, range.start, range.end);
    let message = error.message();
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let name = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        let help = suggest(name, known.iter().copied());
        let message = format!("`{name}` is not known here");
        return Diagnostic::new(Code::UnknownInConfig, span, message).with_help(help);
    }
    if message.starts_with("missing field") {
        let name = quoted.next().unwrap_or_default();
        // The reader underlines the whole table; its head is enough.
        let table = text.get(range.clone()).unwrap_or_default();
        let head = range.start + table.lines().next().unwrap_or_default().len();
        let span = Span::new(source, range.start, head);
        let mistake = Diagnostic::new(Code::InvalidConfig, span, format!("`{name}` is missing"));
        return match name {
            "reason" => mistake.with_help("every entry of the policy says why it is there"),
            _ => mistake,
        };
    }
    let message = message.lines().collect::<Vec<_>>().join(", ");
    let message = if message.starts_with("has to be") {
        format!("this {message}")
    } else {
        format!("this is not of the right type: {message}")
    };
    Diagnostic::new(Code::InvalidConfig, span, message)
}
