//! What to say about text that is not YAML, in the words of somebody who writes rules.

use granit_parser::{ErrorKind, ScanError};

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};

/// The text around a mistake. Spans count from the start of the file, a byte order mark included.
pub(super) struct Lines<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
    pub(super) offset: usize,
}

impl<'a> Lines<'a> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start + self.offset, end + self.offset)
    }

    fn start_of(&self, span: Span) -> usize {
        usize::try_from(span.start).unwrap_or_default().saturating_sub(self.offset)
    }

    /// The line that an offset is in: where it starts, and its text.
    fn line(&self, at: usize) -> (usize, &'a str) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let rest = self.text.get(start..).unwrap_or_default();
        (start, rest.lines().next().unwrap_or_default())
    }

    /// The place of `word` on the line of a span, before it.
    pub(super) fn before(&self, span: Span, word: &str) -> Option<Span> {
        let at = self.start_of(span);
        let mut from = at.saturating_sub(1024);
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        let found = from + self.text.get(from..at)?.rfind(word)?;
        Some(self.span(found, found + word.len()))
    }

    /// The value that starts at an offset, to the end of its line or to a comment.
    fn value_from(&self, at: usize) -> &'a str {
        let rest = self.text.get(at..).unwrap_or_default().lines().next().unwrap_or_default();
        rest.split(" #").next().unwrap_or_default().trim_end()
    }

    /// The value on a line behind its `- ` and its key, and where it starts.
    fn value_on(&self, at: usize) -> (usize, &'a str) {
        let (start, line) = self.line(at);
        let mut rest = line.trim_start();
        while let Some(inner) = rest.strip_prefix("- ") {
            rest = inner.trim_start();
        }
        if let Some((_, value)) = rest.split_once(": ") {
            rest = value.trim_start();
        }
        let place = start + line.len() - rest.len();
        (place, self.value_from(place))
    }
}

/// The finding for a syntax error of the parser.
pub(super) fn explain(error: &ScanError, lines: &Lines) -> Diagnostic {
    let end = lines.text.len();
    let mut start = error.marker().byte_offset().unwrap_or_default().min(end);
    while !lines.text.is_char_boundary(start) {
        start -= 1;
    }
    let (message, help) = words(error.kind(), start, lines);
    let hint = special_start(start, lines);
    let (start, length) = match &hint {
        Some(hint) => (hint.start, hint.length),
        None => {
            let next = lines.text.get(start..).and_then(|rest| rest.chars().next());
            (start, next.filter(|it| *it != '\n').map_or(0, char::len_utf8))
        }
    };
    let code = match error.kind() {
        ErrorKind::RecursionLimitExceeded => Code::LimitExceeded,
        _ => Code::InvalidYaml,
    };
    let (message, help) = match hint {
        Some(hint) => (hint.message, Some(hint.help)),
        None => (message, help),
    };
    let diagnostic = Diagnostic::new(code, lines.span(start, start + length), message);
    match help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}

/// A value that has to be quoted.
struct Hint {
    start: usize,
    length: usize,
    message: String,
    help: String,
}

/// What cannot start a plain value is nearly always the mistake, wherever the parser noticed it.
fn special_start(at: usize, lines: &Lines) -> Option<Hint> {
    let (start, value) = lines.value_on(at);
    let first = value.chars().next()?;
    let meaning = match first {
        '*' => "an alias",
        '&' => "an anchor",
        '!' => "a tag",
        '|' | '>' => "a block of text",
        '%' => "a directive",
        '@' | '`' => "a reserved character",
        _ => return None,
    };
    Some(Hint {
        start,
        length: first.len_utf8(),
        message: format!("a plain value cannot start with `{first}`, which starts {meaning}"),
        help: format!("quote it: {}", quoted(value)),
    })
}

/// The value in single quotes, for messages.
fn quoted(value: &str) -> String {
    const LONGEST: usize = 80;
    let (key, value) = match value.strip_suffix(':') {
        Some(key) => (":", key),
        None => ("", value),
    };
    if value.len() > LONGEST {
        return "`'…'`".to_owned();
    }
    format!("`'{}'{key}`", value.replace('\'', "''"))
}

type Words = (String, Option<String>);

#[expect(clippy::wildcard_enum_match_arm, reason = "the parser's own words do for the rest")]
fn words(kind: &ErrorKind, at: usize, lines: &Lines) -> Words {
    let (message, help) = match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::InvalidBlockEntryWhitespace
        | ErrorKind::TabInPlainScalar => {
            ("a tab stands where only spaces are allowed", "indent with spaces")
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => return bad_escape(at, lines),
        ErrorKind::InvalidTrailingSingleQuotedScalar => (
            "text follows the closing `'`",
            "a `'` inside single quotes is written twice: `'it''s'`",
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text follows the closing `\"`",
            "write the value in single quotes: there, `\"` is a plain character",
        ),
        ErrorKind::UnclosedQuotedScalar => {
            ("this quote is not closed", "close it; a `'` inside single quotes is written twice")
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
        ErrorKind::MisplacedFlowCollectionEnd | ErrorKind::MismatchedFlowCollectionEnd { .. } => (
            "this bracket closes nothing",
            "quote values that hold `[`, `]`, `{` or `}`",
        ),
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
            return ("lists and maps are nested deeper than 64 levels".to_owned(), None);
        }
        other => return (format!("this is not YAML: {other}"), None),
    };
    (message.to_owned(), Some(help.to_owned()))
}

/// `"C:\dir"`: in double quotes, backslashes are not what authors of rules want.
fn bad_escape(at: usize, lines: &Lines) -> Words {
    let (_, value) = lines.value_on(at);
    let inner = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let help = match inner {
        Some(inner) if !inner.contains('"') => format!("use single quotes: {}", quoted(inner)),
        _ => "use single quotes: there, `\\` is a plain character".to_owned(),
    };
    ("in double quotes `\\` starts an escape, and this is none".to_owned(), Some(help))
}

/// An alias whose anchor is not defined: nearly always a wildcard that has to be quoted.
pub(super) fn unknown_alias(name: &str, span: Span, lines: &Lines) -> Diagnostic {
    let start = lines.start_of(span);
    let rest = lines.value_from(start);
    let length = usize::try_from(span.end.saturating_sub(span.start)).unwrap_or_default();
    let in_brackets = rest.contains([',', ']', '}']) && !name.contains([',', ']', '}']);
    let value = if in_brackets { rest.get(..length).unwrap_or(rest) } else { rest };
    let message = format!("`*{name}` is an alias, and no anchor `&{name}` stands before it");
    Diagnostic::new(Code::UnknownAlias, span, message)
        .with_help(format!("if a wildcard is meant, quote the value: {}", quoted(value)))
}

/// An alias inside the value that it names.
pub(super) fn endless_alias(span: Span, lines: &Lines) -> Diagnostic {
    let start = lines.start_of(span);
    let length = usize::try_from(span.end.saturating_sub(span.start)).unwrap_or_default();
    let name = lines.text.get(start..start + length).unwrap_or_default();
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
        "the tags of single values are `!!str`, `!!int`, `!!float`, `!!bool` and `!!null`; a value \
         that starts with `!` has to be quoted",
    )
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
