//! What is wrong with the file, in our words.

use isogloss_compiler::diagnostic::{Code, Diagnostic, suggest};
use isogloss_compiler::source::{SourceId, Span};

/// The finding for an error of the TOML reader. Its messages name the unknown or missing key in
/// backticks, and after it the known ones.
pub(super) fn explain(source: SourceId, text: &str, error: &toml::de::Error) -> Diagnostic {
    let range = error.span().unwrap_or(0..0);
    let span = Span::new(source, range.start, range.end);
    let message = error.message();
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") {
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
        return Diagnostic::new(Code::InvalidConfig, span, format!("`{name}` is missing"))
            .with_help("every entry of the policy says why it is there");
    }
    let what = if message.starts_with("invalid type") {
        "this is not of the right type"
    } else {
        "this is not TOML"
    };
    let message = format!("{what}: {}", message.lines().collect::<Vec<_>>().join(", "));
    Diagnostic::new(Code::InvalidConfig, span, message)
}

/// Where a table of this name is opened, for keys whose place the reader does not give.
pub(super) fn key_span(source: SourceId, text: &str, name: &str) -> Span {
    let places = text.match_indices(name).map(|(place, _)| place);
    let is_key = |place: &usize| {
        let before = text.get(..*place).and_then(|it| it.chars().next_back());
        before.is_some_and(|it| matches!(it, '.' | '"' | '\'' | '\n' | ' '))
    };
    let start = places.into_iter().find(is_key).unwrap_or_default();
    Span::new(source, start, start + name.len())
}
