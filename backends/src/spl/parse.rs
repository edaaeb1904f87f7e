//! SPL text to tree (Splunk documentation, "Search Reference"). `search` binds `NOT`, `OR`, `AND`;
//! `where` and `eval` bind `NOT`, `AND`, `OR`. Operators are upper case.

mod command;
mod eval;
mod search;

use isogloss_compiler::ir::Origin;
use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while1};
use nom::character::complete::{char, multispace0};
use nom::combinator::{all_consuming, cut, map, not, opt, peek, value, verify};
use nom::error::{Error, ErrorKind};
use nom::multi::{fold_many0, many0, separated_list0};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use super::ast::{Call, Operator, Query, Search};
use command::command;
use search::all;

type Parsed<'t, T> = IResult<&'t str, T>;

/// Parentheses and `NOT` may be nested this deep.
const MAX_DEPTH: usize = 200;

/// Reads a query. The error is the byte at which the text is no longer SPL.
pub fn parse(text: &str) -> Result<Query, usize> {
    finish(text, all_consuming(terminated(|rest| query(rest, 0), multispace0)).parse(text))
}

fn query(rest: &str, depth: usize) -> Parsed<'_, Query> {
    let next = cut(move |rest| command(rest, depth));
    let commands = many0(preceded((multispace0, char('|'), multispace0), next));
    map((opt(move |rest| all(rest, depth)), commands), |(condition, commands)| Query {
        scope: None,
        condition,
        commands,
    })
    .parse(rest)
}

/// A search in brackets; the word `search` may stand first.
fn subsearch(rest: &str, depth: usize) -> Parsed<'_, Query> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    let inner = preceded(opt(word("search")), move |rest| query(rest, depth + 1));
    delimited((multispace0, char('[')), inner, (multispace0, char(']'))).parse(rest)
}

/// Reads an expression of `search`, such as the definition of a macro.
pub fn parse_search(text: &str) -> Result<Search, usize> {
    finish(text, all_consuming(terminated(|rest| all(rest, 0), multispace0)).parse(text))
}

fn finish<T>(text: &str, parsed: Parsed<'_, T>) -> Result<T, usize> {
    match parsed {
        Ok((_, value)) => Ok(value),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            Err(text.len() - error.input.len())
        }
        Err(nom::Err::Incomplete(_)) => Err(text.len()),
    }
}

fn some<'t, T>(rest: &'t str, after: &'t str, value: Option<T>) -> Parsed<'t, T> {
    value.map(|value| (after, value)).ok_or(nom::Err::Error(Error::new(rest, ErrorKind::Many1)))
}

fn operator(rest: &str) -> Parsed<'_, Operator> {
    let found = Operator::ALL
        .iter()
        .find_map(|(text, operator)| Some((rest.strip_prefix(text)?, *operator)));
    found.ok_or(nom::Err::Error(Error::new(rest, ErrorKind::Tag)))
}

/// Characters of a bare value: everything but spaces and what has a meaning of its own.
fn is_word(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(
            character,
            '"' | '(' | ')' | ',' | '|' | '=' | '<' | '>' | '!' | '`' | '[' | ']'
        )
}

fn field(rest: &str) -> Parsed<'_, String> {
    let start = |it: char| it.is_ascii_alphabetic() || it == '_';
    let more = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.');
    let plain = verify(take_while1(more), move |name: &str| {
        name.starts_with(start) && !["AND", "OR", "NOT", "IN"].contains(&name)
    });
    alt((quoted_value, map(plain, str::to_owned))).parse(rest)
}

/// In a value of `search`, `\\`, `\"` and `\|` are escapes and any other backslash stands for itself.
fn quoted_value(rest: &str) -> Parsed<'_, String> {
    let escapes = (value("\\", tag("\\\\")), value("\"", tag("\\\"")), value("|", tag("\\|")));
    let escape = alt((alt(escapes), value("\\", tag("\\"))));
    let piece = alt((is_not("\"\\"), escape));
    delimited(char('"'), fold_many0(piece, String::new, |text, piece| text + piece), char('"'))
        .parse(rest)
}

fn call(rest: &str) -> Parsed<'_, Call> {
    let name = map(
        take_while1(|it: char| it.is_ascii_alphanumeric() || "_-:.".contains(it)),
        str::to_owned,
    );
    let argument = preceded(multispace0, map(is_not(",)`"), str::to_owned));
    let arguments = opt(delimited(char('('), separated_list0(char(','), argument), char(')')));
    let inner = map((name, arguments), |(name, arguments)| Call {
        name,
        arguments: arguments.unwrap_or_default(),
        origin: Origin::default(),
    });
    delimited(char('`'), inner, char('`')).parse(rest)
}

/// In a string of `eval`, `\\`, `\"` and `\|` are escapes and any other backslash stands for itself.
fn string(rest: &str) -> Parsed<'_, String> {
    quoted_value(rest)
}

/// An operator with spaces before it, not the beginning of a longer word.
fn word<'t>(text: &'static str) -> impl Parser<&'t str, Output = (), Error = Error<&'t str>> {
    let end = not(peek(take_while1(|it: char| is_word(it) || matches!(it, '=' | '<' | '>' | '!'))));
    map((multispace0, tag(text), end), |_| ())
}

/// The name of a command.
fn name<'t>(text: &'static str) -> impl Parser<&'t str, Output = (), Error = Error<&'t str>> {
    let end = not(peek(take_while1(|it: char| it.is_ascii_alphanumeric() || it == '_')));
    map((tag(text), end), |_| ())
}
