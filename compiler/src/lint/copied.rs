//! Lints on what copying text into a rule does to its values.

use super::{Context, texts};
use crate::ast::DetectionItem;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::text::is_hidden;

const OPENING: &[char] = &['‘', '“', '„', '«', '‚'];
const CLOSING: &[char] = &['’', '”', '“', '»', '‘'];

/// A value between the quotes of a word processor, which are part of it.
pub(super) fn typographic_quotes(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    for (text, span) in texts(item) {
        if !text.starts_with(OPENING) || !text.ends_with(CLOSING) {
            continue;
        }
        let message = "the value starts and ends with typographic quotes, which are part of it";
        let inner = text.trim_matches(|it| OPENING.contains(&it) || CLOSING.contains(&it));
        let help = format!("write straight quotes: `'{}'`", inner.replace('\'', "''"));
        found.push(Diagnostic::new(Code::TypographicQuotes, span, message).with_help(help));
    }
}

/// A character in a value that nobody sees, or that looks like a space and is none.
pub(super) fn unseen_character(context: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    for value in &item.values {
        let crate::ast::ValueKind::Text(text) = &value.value else { continue };
        let Some((at, unseen)) = text.char_indices().find(|(_, it)| is_unseen(*it)) else {
            continue;
        };
        // A value without a plain letter, or with other letters, is about the character itself.
        let is_plain = text.chars().all(|it| it.is_ascii() || is_unseen(it));
        let is_escaped = !context.slice(value.span).contains(unseen);
        if is_escaped || !is_plain || !text.contains(|it: char| it.is_ascii_alphanumeric()) {
            continue;
        }
        let span = value.verbatim.map_or(value.span, |text| inside(text, at, unseen.len_utf8()));
        let code = u32::from(unseen);
        let message = if unseen.is_whitespace() {
            format!("the value holds U+{code:04X}, which looks like a space and is none")
        } else {
            format!("the value holds U+{code:04X}, which cannot be seen")
        };
        let help = "type this part anew; if the character is meant, write it as an escape in double quotes";
        found.push(Diagnostic::new(Code::UnseenCharacter, span, message).with_help(help));
    }
}

/// Controls have a lint of their own.
fn is_unseen(character: char) -> bool {
    let foreign_space = character.is_whitespace() && !character.is_ascii();
    !character.is_control() && (is_hidden(character) || foreign_space)
}

fn inside(text: Span, at: usize, length: usize) -> Span {
    let offset = |bytes: usize| text.start.saturating_add(u32::try_from(bytes).unwrap_or_default());
    Span { start: offset(at), end: offset(at + length), ..text }
}

/// `4624, 4625` and `-a -b` over several lines: one value that was meant to be a list.
pub(super) fn list_in_value(context: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    if item.listed || item.field.is_none() {
        return;
    }
    for (text, span) in texts(item) {
        let written = context.slice(span);
        let numbers: Vec<&str> = text.split(',').map(str::trim).collect();
        let is_number = |it: &&str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        // Quotes say that the text is meant.
        if numbers.len() > 1 && numbers.iter().all(is_number) && written == text {
            let message = format!("`{text}` is one value, not a list of numbers");
            let help = format!("write `[{}]`", numbers.join(", "));
            found.push(Diagnostic::new(Code::ListInValue, span, message).with_help(help));
        }
        let lines = written.lines().count();
        if lines > 1 && written.lines().all(|line| is_glued_item(line.trim_start())) {
            let message = "these lines are one value, since no space follows the `-`";
            let help = "write `- ` before each value";
            found.push(Diagnostic::new(Code::ListInValue, span, message).with_help(help));
        }
    }
}

fn is_glued_item(line: &str) -> bool {
    line.strip_prefix('-').is_some_and(|it| it.starts_with(|it: char| !it.is_whitespace()))
}
