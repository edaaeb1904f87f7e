//! What to say about a regular expression that cannot be read, in the words of somebody who writes rules.

use regex_syntax::ast::{Error, ErrorKind, Span};

/// What is wrong with a regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegexMistake {
    /// In one sentence.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where the guilty text starts, in bytes of the expression.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

impl RegexMistake {
    /// A mistake at a place.
    pub(super) fn new(span: &Span, message: impl Into<String>) -> Self {
        let (start, end) = (span.start.offset, span.end.offset);
        Self { message: message.into(), help: None, start, end }
    }

    /// Says what to write instead.
    pub(super) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Starts before the place.
    fn from(self, start: usize) -> Self {
        Self { start, ..self }
    }
}

/// What the parser could not read, in our words; `text` is what it read.
pub(super) fn explain(text: &str, error: &Error) -> RegexMistake {
    let span = error.span();
    let shown = text.get(span.start.offset..span.end.offset).unwrap_or_default();
    match error.kind() {
        ErrorKind::ClassEscapeInvalid
        | ErrorKind::ClassRangeInvalid
        | ErrorKind::ClassRangeLiteral
        | ErrorKind::ClassUnclosed => explain_class(shown, error),
        ErrorKind::EscapeHexEmpty
        | ErrorKind::EscapeHexInvalid
        | ErrorKind::EscapeHexInvalidDigit
        | ErrorKind::EscapeUnexpectedEof
        | ErrorKind::EscapeUnrecognized
        | ErrorKind::UnicodeClassInvalid
        | ErrorKind::UnsupportedBackreference => explain_escape(text, shown, error),
        ErrorKind::FlagUnrecognized
        | ErrorKind::FlagDanglingNegation
        | ErrorKind::FlagDuplicate { .. }
        | ErrorKind::FlagRepeatedNegation { .. }
        | ErrorKind::FlagUnexpectedEof => explain_flag(text, error),
        ErrorKind::UnsupportedLookAround => explain_look(shown, span),
        ErrorKind::GroupUnclosed => RegexMistake::new(span, "this `(` is not closed")
            .with_help("close it with `)`, or write `\\(` for the character"),
        ErrorKind::GroupUnopened => RegexMistake::new(span, "this `)` closes nothing")
            .with_help("write `\\)` for the character"),
        ErrorKind::DecimalEmpty
        | ErrorKind::DecimalInvalid
        | ErrorKind::RepetitionCountInvalid
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::RepetitionCountUnclosed
        | ErrorKind::RepetitionMissing => explain_repetition(text, shown, error),
        ErrorKind::NestLimitExceeded(most) => {
            RegexMistake::new(span, format!("groups are nested deeper than {most} levels"))
        }
        // The list of kinds is open, and the parser's own words do for what is left.
        ErrorKind::CaptureLimitExceeded
        | ErrorKind::GroupNameDuplicate { .. }
        | ErrorKind::GroupNameEmpty
        | ErrorKind::GroupNameInvalid
        | ErrorKind::GroupNameUnexpectedEof
        | ErrorKind::SpecialWordBoundaryUnclosed
        | ErrorKind::SpecialWordBoundaryUnrecognized
        | ErrorKind::SpecialWordOrRepetitionUnexpectedEof
        | _ => RegexMistake::new(
            span,
            format!("the regular expression cannot be read: {}", error.kind()),
        ),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`explain` has chosen the kinds")]
fn explain_class(shown: &str, error: &Error) -> RegexMistake {
    let at = |message: String| RegexMistake::new(error.span(), message);
    match error.kind() {
        ErrorKind::ClassEscapeInvalid => {
            at(format!("`{shown}` is no character, and cannot stand in `[…]`"))
                .with_help("write it outside of the brackets")
        }
        ErrorKind::ClassRangeInvalid => {
            let mistake = at(format!("the range `{shown}` runs backwards"));
            match shown.split_once('-').filter(|(start, end)| start.len() + end.len() == 2) {
                Some((start, end)) => mistake.with_help(format!("write `{end}-{start}`")),
                None => mistake.with_help("to mean the character `-`, write it last in `[…]`"),
            }
        }
        ErrorKind::ClassRangeLiteral => at(format!("`{shown}` cannot be an end of a range"))
            .with_help("to mean the character `-`, write it last in `[…]`"),
        _ => at("this `[` is not closed".to_owned())
            .with_help("close it with `]`, or write `\\[` for the character"),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller sends only those of this family")]
fn explain_escape(text: &str, shown: &str, error: &Error) -> RegexMistake {
    const BACKSLASH: &str = "write `\\\\` for a backslash";
    let span = error.span();
    let start = text.get(..span.start.offset).and_then(|it| it.rfind('\\')).unwrap_or_default();
    let letter = text.get(start..).and_then(|it| it.chars().nth(1)).unwrap_or_default();
    if matches!(error.kind(), ErrorKind::EscapeUnexpectedEof) && shown != "\\" {
        let message = format!("the escape `\\{letter}` is not complete");
        return RegexMistake::new(span, message).with_help(BACKSLASH);
    }
    match error.kind() {
        ErrorKind::EscapeUnexpectedEof => {
            RegexMistake::new(span, "this `\\` escapes nothing").with_help(BACKSLASH)
        }
        ErrorKind::UnsupportedBackreference if shown == "\\0" => {
            RegexMistake::new(span, "`\\0` is not supported").with_help("write `\\x00`")
        }
        ErrorKind::UnsupportedBackreference => {
            let message = format!("`{shown}` refers to a group, which not every target can do");
            let help =
                format!("write the text out; for a backslash before the digit, write `\\{shown}`");
            RegexMistake::new(span, message).with_help(help)
        }
        ErrorKind::EscapeUnrecognized if shown == "\\k" => {
            let message = "`\\k` refers to a group, which not every target can do";
            RegexMistake::new(span, message).with_help("write the text out")
        }
        ErrorKind::EscapeUnrecognized => {
            let message = format!("`{shown}` is no escape of regular expressions here");
            let help = match shown {
                "\\h" => "write `[ \\t]`",
                "\\R" => "write `\\r?\\n`",
                "\\Z" => "it also stops before a last line feed: write `$` for the very end",
                "\\N" => "write `[^\\n]`",
                "\\K" | "\\G" => "leave it out: only whether the expression is found counts",
                "\\Q" | "\\E" => "write a `\\` before each character that is no letter or digit",
                _ => BACKSLASH,
            };
            RegexMistake::new(span, message).with_help(help)
        }
        _ => {
            let message = match letter {
                'p' | 'P' => "classes such as `\\p{L}` are not supported".to_owned(),
                _ => format!("`\\{letter}` is no escape without its hexadecimal digits"),
            };
            RegexMistake::new(span, message).from(start).with_help(BACKSLASH)
        }
    }
}

/// `(?` and what cannot follow it.
fn explain_flag(text: &str, error: &Error) -> RegexMistake {
    let span = error.span();
    let start =
        text.get(..span.end.offset).and_then(|it| it.rfind("(?")).unwrap_or(span.start.offset);
    let after = text.get(start + 2..).unwrap_or_default();
    let (message, help) = match after.chars().next() {
        Some('>') => ("atomic groups are not supported", "write `(?:…)` if that finds the same"),
        Some('|') => ("groups that count anew are not supported", "write `(?:…)`"),
        Some('#') => {
            ("comments are not supported", "leave it out, and write it behind a `#` of YAML")
        }
        Some('(') => ("groups with a condition are not supported", "write the cases out, with `|`"),
        Some('R' | '&' | '0'..='9' | '+') => {
            ("groups that call a group are not supported", "write the group out")
        }
        Some('\'') => ("a group is named in another way here", "write `(?:…)`, without a name"),
        _ => ("`(?` is followed by no flag that is known", "the flags are `i`, `m`, `s` and `x`"),
    };
    RegexMistake::new(span, message).from(start).with_help(help)
}

/// Splunk has look-around, Elastic has none: such a rule could not mean the same everywhere.
fn explain_look(shown: &str, span: &Span) -> RegexMistake {
    let what = if shown.starts_with("(?<") { "look-behind" } else { "look-ahead" };
    let message = format!("{what} is not supported, since not every target has it");
    let help = if shown.ends_with('!') {
        "write what must not match as a detection of its own, and join it with `and not`"
    } else {
        "write what has to match as an item of its own, or as a further value of `re|all`"
    };
    RegexMistake::new(span, message).with_help(help)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller sends only those of this family")]
fn explain_repetition(text: &str, shown: &str, error: &Error) -> RegexMistake {
    let span = error.span();
    let mistake = |message: String| RegexMistake::new(span, message);
    let brace = text.get(..span.end.offset).and_then(|it| it.rfind('{'));
    match error.kind() {
        ErrorKind::RepetitionMissing => {
            let sign: String =
                text.get(span.start.offset..).unwrap_or_default().chars().take(1).collect();
            let help = match sign.as_str() {
                "*" => "write `.*` for any text, or `\\*` for the character".to_owned(),
                sign => format!("write `\\{sign}` for the character"),
            };
            let message = format!("nothing stands before this `{sign}` that it could repeat");
            RegexMistake { end: span.start.offset + sign.len(), ..mistake(message) }.with_help(help)
        }
        ErrorKind::RepetitionCountInvalid => mistake(format!("`{shown}` counts backwards"))
            .with_help("write the smaller number first"),
        ErrorKind::DecimalInvalid => mistake("this number is too large".to_owned()),
        _ => {
            let message = "this `{` counts in some tools and is a character in others";
            mistake(message.to_owned())
                .from(brace.unwrap_or(span.start.offset))
                .with_help("write both numbers, as in `{0,3}`, or `\\{` for the character")
        }
    }
}
