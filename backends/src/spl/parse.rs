//! SPL text to tree (Splunk documentation, "Search Reference"). `search` binds `NOT`, `OR`, `AND`;
//! `where` and `eval` bind `NOT`, `AND`, `OR`. Operators of `search` are upper case.
//!
//! The commands of Splunk's own content are read with their structure. A command that is not known is
//! read as words, with its quotes, parentheses and brackets in pairs.

mod aggregate;
mod argument;
mod command;
mod eval;
mod lexical;
mod other;
mod row;
mod search;

use nom::character::complete::char;
use nom::combinator::{all_consuming, opt};
use nom::error::{Error, ErrorKind};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use super::ast::{Command, Query, Search};
use command::{command, starts_command};
use lexical::{fail, space0, sure, word};
use search::all;

type Parsed<'t, T> = IResult<&'t str, T>;

/// Parentheses, brackets and `NOT` may be nested this deep.
const MAX_DEPTH: usize = 100;
/// How many parentheses a bracket is worth.
const BRACKET: usize = 5;

/// Where an expression stands.
#[derive(Clone, Copy, Default)]
struct Place {
    /// How deep.
    depth: usize,
    /// True if the word `by` ends the expression, as in `tstats`.
    grouped: bool,
}

impl Place {
    /// A level deeper.
    fn inside(self, rest: &str) -> Result<Self, nom::Err<Error<&str>>> {
        if self.depth < MAX_DEPTH {
            Ok(Self { depth: self.depth + 1, ..self })
        } else {
            Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)))
        }
    }
}

/// Reads a query. The error is the byte at which the text is no longer SPL.
pub fn parse(text: &str) -> Result<Query, usize> {
    let first = opt(word("search"));
    let whole = preceded(first, |rest| query(rest, Place::default()));
    finish(text, all_consuming(terminated(whole, space0)).parse(text))
}

/// Reads an expression of `search`, such as the definition of a macro.
pub fn parse_search(text: &str) -> Result<Search, usize> {
    let whole = |rest| all(rest, Place::default());
    finish(text, all_consuming(terminated(whole, space0)).parse(text))
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

fn query(rest: &str, place: Place) -> Parsed<'_, Query> {
    let (after, condition) = match all(rest, place) {
        Ok((after, condition)) => (after, Some(condition)),
        Err(nom::Err::Error(_)) => (rest, None),
        Err(error) => return Err(error),
    };
    let (after, commands) = piped(after, place)?;
    if condition.is_none() && commands.is_empty() {
        return fail(space0(rest)?.0, ErrorKind::Many1);
    }
    Ok((after, Query { scope: None, condition, commands }))
}

/// Commands, each behind a pipe.
fn piped(mut rest: &str, place: Place) -> Parsed<'_, Vec<Command>> {
    let mut commands = Vec::new();
    while let Ok((after, _)) = pipe(rest) {
        let (after, command) = sure(command(after, place))?;
        commands.push(command);
        rest = after;
    }
    Ok((rest, commands))
}

fn pipe(rest: &str) -> Parsed<'_, char> {
    delimited(space0, char('|'), space0).parse(rest)
}

/// Commands, the first of which has no pipe before it.
fn pipeline(rest: &str, place: Place) -> Parsed<'_, Vec<Command>> {
    let (rest, first) = command(space0(rest)?.0, place)?;
    let (rest, others) = piped(rest, place)?;
    Ok((rest, std::iter::once(first).chain(others).collect()))
}

/// A search in brackets. The word `search` or a command may stand first.
fn subsearch(rest: &str, place: Place) -> Parsed<'_, Query> {
    let (rest, place) = opened(rest, place)?;
    let (rest, query) = if starts_command(rest) {
        let (rest, commands) = sure(pipeline(rest, place))?;
        (rest, Query { commands, ..Query::default() })
    } else {
        let (rest, _) = opt(word("search")).parse(rest)?;
        sure(query(rest, place))?
    };
    sure(preceded(space0, char(']')).parse(rest)).map(|(rest, _)| (rest, query))
}

/// Commands in brackets that work on the rows that are there.
fn template(rest: &str, place: Place) -> Parsed<'_, Vec<Command>> {
    let (rest, place) = opened(rest, place)?;
    let rest = pipe(rest).map_or(rest, |(rest, _)| rest);
    let (rest, commands) = sure(pipeline(rest, place))?;
    sure(preceded(space0, char(']')).parse(rest)).map(|(rest, _)| (rest, commands))
}

/// A bracket. Each is worth several parentheses, since a search has many parts.
fn opened(rest: &str, place: Place) -> Parsed<'_, Place> {
    let (rest, _) = (space0, char('[')).parse(rest)?;
    let inside = (0..BRACKET).try_fold(place, |place, _| place.inside(rest))?;
    Ok((rest, Place { grouped: false, ..inside }))
}
