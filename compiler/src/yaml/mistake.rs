//! What to say about text that is not YAML, in the words of somebody who writes rules.

use granit_parser::{ErrorKind, ScanError};

use super::hint::{self, Hint, quoted};
use super::lines::Lines;
use super::paste;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The finding for a syntax error of the parser.
pub(super) fn explain(error: &ScanError, lines: &Lines) -> Diagnostic {
    let mut start = error.marker().byte_offset().unwrap_or_default().min(lines.text.len());
    while !lines.text.is_char_boundary(start) {
        start -= 1;
    }
    if let Some(conflict) = paste::conflict(start, lines) {
        return conflict;
    }
    let hint = paste::find(start, lines).or_else(|| likelier(error.kind(), start, lines));
    let hint = hint.unwrap_or_else(|| {
        let next = lines.text.get(start..).and_then(|rest| rest.chars().next());
        let length = next.filter(|it| *it != '\n').map_or(0, char::len_utf8);
        let (message, help) = words(error.kind());
        Hint { start, length, message, help: help.to_owned() }
    });
    let code = if *error.kind() == ErrorKind::RecursionLimitExceeded {
        Code::LimitExceeded
    } else {
        Code::InvalidYaml
    };
    let span = lines.span(hint.start, hint.start + hint.length);
    let diagnostic = Diagnostic::new(code, span, hint.message);
    if hint.help.is_empty() { diagnostic } else { diagnostic.with_help(hint.help) }
}

/// What the author most likely meant, depending on what the parser says.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest has the parser's place")]
fn likelier(kind: &ErrorKind, at: usize, lines: &Lines) -> Option<Hint> {
    match kind {
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => hint::bad_escape(at, lines),
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar
        | ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidFlowScalarIndent => hint::find_open(at, lines),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            hint::find(at, lines)
                .or_else(|| hint::find_open(at, lines))
                .or_else(|| hint::key_in_value(at, lines))
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => hint::quoted_condition(at, lines),
        ErrorKind::RecursionLimitExceeded => None,
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => {
            // The parser stops behind the tab.
            let (start, line) = lines.line(at);
            let indent = line.len() - line.trim_start().len();
            let tab = start + line.get(..indent)?.find('\t')?;
            let (message, help) = words(kind);
            Some(Hint { start: tab, length: 1, message, help: help.to_owned() })
        }
        _ => hint::find(at, lines).or_else(|| hint::mixed_entries(at, lines)),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the parser's own words do for the rest")]
fn words(kind: &ErrorKind) -> (String, &'static str) {
    let (message, help) = match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::InvalidBlockEntryWhitespace
        | ErrorKind::TabInPlainScalar => {
            ("a tab stands where only spaces are allowed", "indent with spaces")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar => (
            "text follows the closing `'`",
            "quote the whole value; a `'` inside single quotes is written twice: `'it''s'`",
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text follows the closing `\"`",
            "write the whole value in single quotes: there, `\"` is a plain character",
        ),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
            ("a quote is not closed", "close it; a `'` inside single quotes is written twice")
        }
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator => (
            "a list `[…]` or map `{…}` is not closed, or a `,` is missing in it",
            "quote values that start with `[` or `{`",
        ),
        ErrorKind::MisplacedFlowCollectionEnd | ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            ("this bracket closes nothing", "quote values that hold `[`, `]`, `{` or `}`")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            ("a `: ` stands in a plain value", "quote the whole value")
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "a key without a `:`, or text that belongs to no key",
            "write `key: value`, with a space behind the `:`",
        ),
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::InvalidIndentation => (
            "this line does not fit to the lines above it",
            "keys of one map, and the `-` of one list, stand in one column",
        ),
        ErrorKind::RecursionLimitExceeded => {
            ("lists and maps are nested deeper than 64 levels", "")
        }
        other => return (format!("this is not YAML: {other}"), ""),
    };
    (message.to_owned(), help)
}

/// An alias whose anchor is not defined: nearly always a wildcard that has to be quoted.
pub(super) fn unknown_alias(name: &str, span: Span, lines: &Lines) -> Diagnostic {
    let start = lines.start_of(span);
    let rest = lines.value_from(start);
    let length = usize::try_from(span.end.saturating_sub(span.start)).unwrap_or_default();
    let in_brackets = rest.contains([',', ']', '}']) && !name.contains([',', ']', '}']);
    let name = name.strip_suffix(':').unwrap_or(name);
    let value =
        if in_brackets || rest.contains(": ") { rest.get(..length).unwrap_or(rest) } else { rest };
    let message = format!("`*{name}` is an alias, and no anchor `&{name}` stands before it");
    Diagnostic::new(Code::UnknownAlias, span, message)
        .with_help(format!("if a wildcard is meant, quote the value: {}", quoted(value)))
}

/// An alias inside the value that it names.
pub(super) fn endless_alias(span: Span, lines: &Lines) -> Diagnostic {
    let name = lines.at(span);
    let message = format!("the alias `{name}` stands in the value that it names");
    Diagnostic::new(Code::EndlessAlias, span, message).with_help("write the value out")
}

pub(super) fn unfit_tag(tag: &str, text: &str, span: Span) -> Diagnostic {
    let message = format!("the tag `{tag}` does not fit `{text}`");
    Diagnostic::new(Code::UnsupportedTag, span, message).with_help("leave the tag out")
}

pub(super) fn unknown_tag(tag: &str, span: Span) -> Diagnostic {
    let message = format!("the tag `{tag}` cannot be used here");
    Diagnostic::new(Code::UnsupportedTag, span, message).with_help(
        "if the text is meant, quote the whole value; the tags of values are `!!str`, `!!int`, \
         `!!float`, `!!bool` and `!!null`",
    )
}

/// An anchor that nothing refers to: nearly always text that has to be quoted.
pub(super) fn unused_anchor(name: &str, span: Span, lines: &Lines) -> Diagnostic {
    let value = lines.value_from(lines.start_of(span));
    let message = format!("`&{name}` is an anchor that no alias uses, and no part of the value");
    Diagnostic::new(Code::UnusedAnchor, span, message)
        .with_help(format!("if the text is meant, quote it: {}", quoted(value)))
}

/// True if a syntax error only repeats that a value was taken for an alias.
pub(super) fn is_echo(
    mistake: &Diagnostic,
    last: Option<&Diagnostic>,
    text: &str,
    offset: usize,
) -> bool {
    let Some(last) = last.filter(|it| matches!(it.code, Code::UnknownAlias | Code::UnsupportedTag))
    else {
        return false;
    };
    let place = |it: &Diagnostic| {
        let start = it.labels.first().map_or(0, |label| label.span.start);
        usize::try_from(start).unwrap_or_default().saturating_sub(offset)
    };
    let between = text.get(place(last)..place(mistake)).unwrap_or_default();
    mistake.code == Code::InvalidYaml && between.lines().count() <= 2
}
