//! White space, the words of operators, values with and without quotes, escapes.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag_no_case, take_while, take_while1};
use nom::combinator::{map, value};
use nom::error::ErrorKind;

use super::super::ast::{Literal, is_trimmed};
use super::{Parsed, fail};

/// What has a meaning of its own in a value without quotes.
const SPECIAL: &[char] = &['\\', '(', ')', ':', '<', '>', '"', '*', '{', '}'];

/// White space between the parts of a query; other spaces are characters of a value.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n' | '\u{a0}')
}

pub(super) fn space0(rest: &str) -> Parsed<'_, ()> {
    value((), take_while(is_space)).parse(rest)
}

fn space1(rest: &str) -> Parsed<'_, ()> {
    value((), take_while1(is_space)).parse(rest)
}

/// An operator between white space.
pub(super) fn word<'t>(
    text: &'static str,
) -> impl Parser<&'t str, Output = (), Error = nom::error::Error<&'t str>> {
    value((), (space1, tag_no_case(text), space1))
}

/// `not`, which needs no space before it.
pub(super) fn not_word(rest: &str) -> Parsed<'_, ()> {
    value((), (tag_no_case("not"), space1)).parse(rest)
}

/// A value or a name, in quotes or without.
pub(super) fn literal(rest: &str) -> Parsed<'_, Literal> {
    alt((map(quoted, Literal::Quoted), unquoted)).parse(rest)
}

/// A backslash that begins no escape stands for itself.
fn quoted(rest: &str) -> Parsed<'_, String> {
    let Some(mut rest) = rest.strip_prefix('"') else {
        return Err(fail(rest, ErrorKind::Char));
    };
    let mut text = String::new();
    loop {
        let mut characters = rest.chars();
        match characters.next() {
            Some('"') => return Ok((characters.as_str(), text)),
            Some(other) => {
                let plain = (characters.as_str(), other);
                let (after, character) = escape(rest, &['"', '\\']).unwrap_or(plain);
                text.push(character);
                rest = after;
            }
            None => return Err(fail(rest, ErrorKind::Char)),
        }
    }
}

/// Ends at a special character and at the word of an operator. White space at the ends is no part of it.
fn unquoted(start: &str) -> Parsed<'_, Literal> {
    let mut rest = start;
    let mut parts = Parts::default();
    loop {
        if not_word(rest).is_ok() {
            break;
        }
        let (after, _) = take_while(is_space).parse(rest)?;
        if after.len() < rest.len() {
            if word("and").parse(rest).is_ok() || word("or").parse(rest).is_ok() {
                break;
            }
            parts.push_text(rest.get(..rest.len() - after.len()).unwrap_or_default());
            rest = after;
            continue;
        }
        let Some(after) = piece(rest, &mut parts) else { break };
        rest = after;
    }
    if rest.len() == start.len() {
        return Err(fail(start, ErrorKind::Char));
    }
    Ok((rest, parts.finish()))
}

/// Reads a character, an escape or a wildcard; `None` where the value ends.
fn piece<'t>(rest: &'t str, parts: &mut Parts) -> Option<&'t str> {
    if let Some(after) = rest.strip_prefix('*') {
        parts.push_wildcard();
        return Some(after);
    }
    let plain = || {
        let mut characters = rest.chars();
        let character = characters.next().filter(|it| !SPECIAL.contains(it))?;
        Some((characters.as_str(), character))
    };
    if let Some((after, character)) = escape(rest, SPECIAL).or_else(plain) {
        parts.push_text(character.encode_utf8(&mut [0; 4]));
        return Some(after);
    }
    let (after, word) = escaped_word(rest)?;
    parts.push_text(word);
    Some(after)
}

/// Texts and wildcards as they are read.
#[derive(Default)]
struct Parts(Vec<Option<String>>);

impl Parts {
    /// Adds to the text at the end, which starts anew after a wildcard.
    fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Some(last)) => last.push_str(text),
            Some(None) | None => self.0.push(Some(text.to_owned())),
        }
    }

    /// Two wildcards are one.
    fn push_wildcard(&mut self) {
        if self.0.last() != Some(&None) {
            self.0.push(None);
        }
    }

    /// Kibana trims a value after it has decoded its escapes. What nothing is left of is the empty text.
    fn finish(self) -> Literal {
        let mut parts = self.0;
        if let Some(Some(first)) = parts.first_mut() {
            *first = first.trim_start_matches(is_trimmed).to_owned();
        }
        if let Some(Some(last)) = parts.last_mut() {
            *last = last.trim_end_matches(is_trimmed).to_owned();
        }
        parts.retain(|part| part.as_deref() != Some(""));
        if parts.is_empty() { Literal::Quoted(String::new()) } else { Literal::Unquoted(parts) }
    }
}

/// The word of an operator behind a backslash. `\not` is none: `\n` is a line feed.
fn escaped_word(rest: &str) -> Option<(&str, &str)> {
    let after = rest.strip_prefix('\\')?;
    let word = ["and", "or"].iter().find_map(|word| {
        let start = after.get(..word.len())?;
        start.eq_ignore_ascii_case(word).then_some(start)
    })?;
    Some((after.get(word.len()..)?, word))
}

/// The character that a backslash and what follows stand for; `plain` are those that stand for themselves.
fn escape<'t>(rest: &'t str, plain: &[char]) -> Option<(&'t str, char)> {
    let mut characters = rest.strip_prefix('\\')?.chars();
    let character = match characters.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(characters.as_str()),
        other => plain.contains(&other).then_some(other)?,
    };
    Some((characters.as_str(), character))
}

/// Four hexadecimal digits, twice for characters that need two units of UTF-16.
fn unicode(rest: &str) -> Option<(&str, char)> {
    let (rest, first) = unit(rest)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((rest, character));
    }
    let (rest, second) = unit(rest.strip_prefix("\\u")?)?;
    let character = char::decode_utf16([first, second]).next()?.ok()?;
    Some((rest, character))
}

fn unit(rest: &str) -> Option<(&str, u16)> {
    let (digits, rest) = rest.split_at_checked(4)?;
    let is_number = digits.bytes().all(|it| it.is_ascii_hexdigit());
    Some((rest, u16::from_str_radix(digits, 16).ok().filter(|_| is_number)?))
}
