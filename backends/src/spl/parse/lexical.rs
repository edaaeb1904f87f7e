//! Spaces, words, quotes and macros.

use isogloss_compiler::ir::Origin;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, tag_no_case, take_while1};
use nom::character::complete::char;
use nom::combinator::{cut, map, not, opt, peek, recognize, value, verify};
use nom::error::{Error, ErrorKind};
use nom::multi::{fold_many0, many0, many1, separated_list0};
use nom::sequence::{delimited, preceded, terminated};

use super::super::ast::{Call, Operator};
use super::{MAX_DEPTH, Parsed};

/// Spaces, and comments between three backticks.
pub(super) fn space0(rest: &str) -> Parsed<'_, ()> {
    let trim = |text: &'_ str| text.len() - text.trim_start_matches([' ', '\t', '\r', '\n']).len();
    let mut rest = rest.get(trim(rest)..).unwrap_or_default();
    while let Some(comment) = rest.strip_prefix("```") {
        let Some((_, after)) = comment.split_once("```") else {
            return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TakeUntil)));
        };
        rest = after.get(trim(after)..).unwrap_or_default();
    }
    Ok((rest, ()))
}

/// Spaces and comments, at least one.
pub(super) fn space1(rest: &str) -> Parsed<'_, ()> {
    let (after, ()) = space0(rest)?;
    if after.len() == rest.len() { fail(rest, ErrorKind::MultiSpace) } else { Ok((after, ())) }
}

/// Nothing can be read here.
pub(super) fn fail<T>(rest: &str, kind: ErrorKind) -> Parsed<'_, T> {
    Err(nom::Err::Error(Error::new(rest, kind)))
}

/// What has to be read here: no other reading is tried.
pub(super) fn sure<T>(parsed: Parsed<'_, T>) -> Parsed<'_, T> {
    parsed.map_err(|error| match error {
        nom::Err::Error(error) => nom::Err::Failure(error),
        other @ (nom::Err::Failure(_) | nom::Err::Incomplete(_)) => other,
    })
}

/// The parenthesis at the end.
pub(super) fn closed(rest: &str) -> Parsed<'_, ()> {
    value((), (space0, char(')'))).parse(rest)
}

/// Characters of a bare value: everything but spaces and what has a meaning of its own.
pub(super) fn is_word(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(
            character,
            '"' | '(' | ')' | ',' | '|' | '=' | '<' | '>' | '!' | '`' | '[' | ']'
        )
}

/// True for letters, digits and `_`.
pub(super) fn is_letter(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// A name of letters, digits and `_`, which does not begin with a digit.
pub(super) fn identifier(rest: &str) -> Parsed<'_, &str> {
    let start = |it: char| it.is_ascii_alphabetic() || it == '_';
    verify(take_while1(is_letter), move |name: &str| name.starts_with(start)).parse(rest)
}

/// `<<FIELD>>` of a template.
pub(super) fn placeholder(rest: &str) -> Parsed<'_, &str> {
    recognize((tag("<<"), identifier, tag(">>"))).parse(rest)
}

pub(super) fn operator(rest: &str) -> Parsed<'_, Operator> {
    if let Some(after) = rest.strip_prefix("==") {
        return Ok((after, Operator::Equal));
    }
    let found = Operator::ALL
        .iter()
        .find_map(|(text, operator)| Some((rest.strip_prefix(text)?, *operator)));
    found.map_or_else(|| fail(rest, ErrorKind::Tag), Ok)
}

/// In a value of `search` and a string of `eval`, `\\`, `\"` and `\|` are escapes and any other backslash
/// stands for itself.
pub(super) fn quoted(rest: &str) -> Parsed<'_, String> {
    let escapes = (value("\\", tag("\\\\")), value("\"", tag("\\\"")), value("|", tag("\\|")));
    let escape = alt((alt(escapes), value("\\", tag("\\"))));
    let piece = alt((is_not("\"\\"), escape));
    let text = fold_many0(piece, String::new, |text, piece| text + piece);
    preceded(char('"'), cut(terminated(text, char('"')))).parse(rest)
}

/// A name in single quotes.
pub(super) fn single_quoted(rest: &str) -> Parsed<'_, &str> {
    preceded(char('\''), cut(terminated(is_not("'"), char('\'')))).parse(rest)
}

/// A word with spaces before it, not the beginning of a longer one.
pub(super) fn word<'t>(
    text: &'static str,
) -> impl Parser<&'t str, Output = (), Error = Error<&'t str>> {
    map((space0, tag(text), word_end), |_| ())
}

/// A word in any case with spaces before it, not the beginning of a longer one.
pub(super) fn keyword<'t>(
    text: &'static str,
) -> impl Parser<&'t str, Output = (), Error = Error<&'t str>> {
    map((space0, tag_no_case(text), word_end), |_| ())
}

fn word_end(rest: &str) -> Parsed<'_, ()> {
    not(peek(take_while1(|it: char| is_word(it) || matches!(it, '=' | '<' | '>' | '!'))))
        .parse(rest)
}

/// A macro.
pub(super) fn call(rest: &str) -> Parsed<'_, Call> {
    let name = map(
        take_while1(|it: char| it.is_ascii_alphanumeric() || "_-:.".contains(it)),
        str::to_owned,
    );
    let separator = (space0, char(','));
    let arguments = separated_list0(separator, preceded(space0, call_argument));
    let arguments = opt(delimited(char('('), arguments, (space0, char(')'))));
    let inner = map((name, arguments), |(name, arguments)| Call {
        name,
        arguments: arguments.unwrap_or_default(),
        origin: Origin::default(),
    });
    delimited((char('`'), not(char('`'))), inner, char('`')).parse(rest)
}

/// The text of an argument, in which commas stand between quotes or parentheses.
fn call_argument(rest: &str) -> Parsed<'_, String> {
    let pieces = recognize(many1(|rest| call_piece(rest, 0)));
    let trimmed = map(pieces, |text: &str| text.trim_end().to_owned());
    verify(trimmed, |text: &String| !text.is_empty()).parse(rest)
}

fn call_piece(rest: &str, depth: usize) -> Parsed<'_, ()> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    let inner = many0(alt((value((), char(',')), |rest| call_piece(rest, depth + 1))));
    let group = value((), (char('('), cut((inner, char(')')))));
    alt((value((), is_not(",()`\"")), value((), quoted), group)).parse(rest)
}
