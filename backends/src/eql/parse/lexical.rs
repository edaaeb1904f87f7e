//! Spaces and comments, words, names and strings.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while_m_n};
use nom::character::complete::{char, one_of};
use nom::combinator::{map, map_opt, value};
use nom::error::{Error, ErrorKind};
use nom::multi::fold_many0;
use nom::sequence::{delimited, preceded};

use super::Parsed;

/// Words that are no names unless they are quoted.
pub(in super::super) const KEYWORDS: &[&str] = &[
    "and", "any", "by", "false", "in", "join", "like", "maxspan", "not", "null", "of", "or",
    "regex", "sample", "sequence", "true", "until", "where", "with",
];

/// Nothing can be read here.
pub(super) fn fail<T>(rest: &str) -> Parsed<'_, T> {
    Err(nom::Err::Error(Error::new(rest, ErrorKind::Tag)))
}

/// Spaces, and comments: `//` to the end of a line, and `/*` to the first `*/`.
pub(super) fn skip(rest: &str) -> Parsed<'_, ()> {
    let mut rest = rest;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        if rest.starts_with("//") {
            rest = rest.find(['\r', '\n']).and_then(|end| rest.get(end..)).unwrap_or_default();
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let Some((_, after)) = comment.split_once("*/") else { return fail(rest) };
            rest = after;
        } else {
            return Ok((rest, ()));
        }
    }
}

/// A word that is not the beginning of a longer one.
pub(super) fn word<'t>(rest: &'t str, text: &str) -> Parsed<'t, ()> {
    let (rest, ()) = skip(rest)?;
    match rest.strip_prefix(text) {
        Some(after) if !after.starts_with(is_name_part) => Ok((after, ())),
        _ => fail(rest),
    }
}

/// A sign that is not a word.
pub(super) fn symbol<'t>(rest: &'t str, text: &str) -> Parsed<'t, ()> {
    let (rest, ()) = skip(rest)?;
    rest.strip_prefix(text).map_or_else(|| fail(rest), |after| Ok((after, ())))
}

/// Elements with commas between them, at least one.
pub(super) fn list<'t, T>(
    rest: &'t str,
    element: impl Fn(&'t str) -> Parsed<'t, T>,
) -> Parsed<'t, Vec<T>> {
    let (mut rest, first) = element(rest)?;
    let mut elements = vec![first];
    while let Ok((after, ())) = symbol(rest, ",") {
        let (behind, next) = element(after)?;
        elements.push(next);
        rest = behind;
    }
    Ok((rest, elements))
}

/// A name that is no keyword.
pub(super) fn identifier(rest: &str) -> Parsed<'_, &str> {
    let (rest, ()) = skip(rest)?;
    let end = rest.find(|it| !is_name_part(it) && it != '@').unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(end).unwrap_or_default();
    if is_name(name) && !KEYWORDS.contains(&name) { Ok((after, name)) } else { fail(rest) }
}

/// True for a name that needs no quotes, unless it is a keyword.
pub(in super::super) fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|it| it.is_ascii_alphabetic() || matches!(it, '_' | '@'))
        && characters.all(is_name_part)
}

pub(super) fn is_name_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// A name between backticks, in which two of them stand for one.
pub(super) fn backticked(rest: &str) -> Parsed<'_, String> {
    let part = alt((is_not("`"), value("`", tag("``"))));
    let body = fold_many0(part, String::new, |name, part| name + part);
    let (after, name) = delimited(char('`'), body, char('`')).parse(rest)?;
    if name.is_empty() { fail(rest) } else { Ok((after, name)) }
}

/// The digits of a number of units.
pub(super) fn whole_number(rest: &str) -> Parsed<'_, u64> {
    let (rest, ()) = skip(rest)?;
    let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at_checked(end).unwrap_or_default();
    digits.parse().map_or_else(|_| fail(rest), |number| Ok((after, number)))
}

/// `4`, `4.`, `4.25`, `.25`, each with an exponent or without.
pub(super) fn number(rest: &str) -> Parsed<'_, &str> {
    let digits = |text: &str| text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    let from = |at: usize| rest.get(at..).unwrap_or_default();
    let whole = digits(rest);
    let mut end = whole;
    if let Some(fraction) = from(end).strip_prefix('.') {
        let length = digits(fraction);
        if whole + length == 0 {
            return fail(rest);
        }
        end += 1 + length;
    }
    if end == 0 {
        return fail(rest);
    }
    if let Some(exponent) = from(end).strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        let length = digits(exponent.get(sign..).unwrap_or_default());
        end += if length == 0 { 0 } else { 1 + sign + length };
    }
    Ok((from(end), rest.get(..end).unwrap_or_default()))
}

/// A string in one or three double quotes.
pub(super) fn string(rest: &str) -> Parsed<'_, String> {
    match rest.strip_prefix("\"\"\"") {
        Some(after) => raw_string(rest, after),
        None => quoted_string(rest),
    }
}

/// It ends at three quotes, and up to two more belong to it; no line feed stands in it.
fn raw_string<'t>(rest: &'t str, after: &'t str) -> Parsed<'t, String> {
    let Some(end) = after.find("\"\"\"") else { return fail(rest) };
    let behind = after.get(end + 3..).unwrap_or_default();
    let more = behind.bytes().take(2).take_while(|it| *it == b'"').count();
    let text = after.get(..end + more).unwrap_or_default();
    match text.find(['\r', '\n']) {
        Some(at) => fail(text_from(after, at)),
        None => Ok((text_from(behind, more), text.to_owned())),
    }
}

fn text_from(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

/// With the escapes that are documented, and no others.
fn quoted_string(rest: &str) -> Parsed<'_, String> {
    let code =
        delimited(tag("u{"), take_while_m_n(2, 8, |it: char| it.is_ascii_hexdigit()), char('}'));
    let code = map_opt(code, |hex| char::from_u32(u32::from_str_radix(hex, 16).ok()?));
    let escape = alt((map_opt(one_of("btnfr\"\\"), unescape), code));
    let plain = map(is_not("\"\\\r\n"), Piece::Text);
    let piece = alt((plain, map(preceded(char('\\'), escape), Piece::Char)));
    let body = fold_many0(piece, String::new, |mut text, piece| {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Char(character) => text.push(character),
        }
        text
    });
    delimited(char('"'), body, char('"')).parse(rest)
}

enum Piece<'t> {
    Text(&'t str),
    Char(char),
}

fn unescape(letter: char) -> Option<char> {
    match letter {
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        't' => Some('\t'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        '"' | '\\' => Some(letter),
        _ => None,
    }
}
