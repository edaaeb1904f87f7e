//! Bytes and characters that no rule file can hold. Each is reported with its offset.

use super::MAX_BYTES;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};

const MARK: char = '\u{feff}';

/// What is wrong with bytes that are not UTF-8, `broken_at` being the first that is not.
///
/// The span is one in the text that was read with replacement characters.
pub fn unreadable_bytes(source: SourceId, bytes: &[u8], broken_at: usize) -> Diagnostic {
    let span = Span::new(source, broken_at, broken_at + char::REPLACEMENT_CHARACTER.len_utf8());
    let wide = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        _ => None,
    };
    let Some(encoding) = wide else {
        let message = format!("byte {broken_at} is not UTF-8");
        return Diagnostic::new(Code::UnreadableText, span, message)
            .with_help("save the file as UTF-8");
    };
    wrong_encoding(span, encoding)
}

/// The mistake for which a text is not even given to the parser.
pub(super) fn refuse(source: SourceId, text: &str) -> Option<Diagnostic> {
    if text.len() > MAX_BYTES {
        let message = "the file is larger than 4 MiB";
        return Some(
            Diagnostic::new(Code::LimitExceeded, Span::new(source, 0, 0), message)
                .with_help("split the file"),
        );
    }
    // UTF-16 without a mark: every other byte of Latin text is zero.
    if let [0, 1..=127, 0, 1..=127, ..] | [1..=127, 0, 1..=127, 0, ..] = text.as_bytes() {
        return Some(wrong_encoding(Span::new(source, 0, 1), "UTF-16"));
    }
    let (offset, character) =
        text.char_indices().find(|(offset, it)| *offset > 0 && *it == MARK || is_forbidden(*it))?;
    let span = Span::new(source, offset, offset + character.len_utf8());
    let code = u32::from(character);
    let (message, help) = if character == MARK {
        let message = format!("byte {offset} starts a byte order mark inside the file");
        (message, "delete it; files that were joined may hold one at each seam")
    } else {
        let message = format!("byte {offset} is the control character U+{code:04X}");
        (message, "delete it, or write it as an escape in double quotes")
    };
    Some(Diagnostic::new(Code::ForbiddenCharacter, span, message).with_help(help))
}

fn wrong_encoding(span: Span, encoding: &str) -> Diagnostic {
    let message = format!("the file is {encoding}, and rules are UTF-8");
    Diagnostic::new(Code::UnreadableText, span, message).with_help("save the file as UTF-8")
}

/// What YAML counts as not printable (section 5.1), without the byte order mark.
fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    }
}
