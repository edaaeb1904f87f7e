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

use nom::branch::alt;
use nom::character::complete::char;
use nom::combinator::{all_consuming, cut, map, opt, verify};
use nom::error::{Error, ErrorKind};
use nom::multi::{many0, many1};
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

use super::ast::{Command, Query, Search};
use command::{command, starts_command};
use lexical::{space0, word};
use search::all;

type Parsed<'t, T> = IResult<&'t str, T>;

/// Parentheses, brackets and `NOT` may be nested this deep.
const MAX_DEPTH: usize = 200;

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
    let whole = (opt(move |rest| all(rest, place)), move |rest| piped(rest, place));
    let whole = verify(whole, |(condition, commands)| condition.is_some() || !commands.is_empty());
    map(whole, |(condition, commands)| Query { scope: None, condition, commands }).parse(rest)
}

/// Commands, each behind a pipe.
fn piped(rest: &str, place: Place) -> Parsed<'_, Vec<Command>> {
    let next = cut(preceded(space0, move |rest| command(rest, place)));
    many0(preceded((space0, char('|')), next)).parse(rest)
}

/// Commands, the first of which has no pipe before it.
fn pipeline(rest: &str, place: Place) -> Parsed<'_, Vec<Command>> {
    let (rest, first) = preceded(space0, |rest| command(rest, place)).parse(rest)?;
    let (rest, others) = piped(rest, place)?;
    Ok((rest, std::iter::once(first).chain(others).collect()))
}

/// A search in brackets. The word `search` or a command may stand first.
fn subsearch(rest: &str, place: Place) -> Parsed<'_, Query> {
    bracketed(rest, place, |rest, place| {
        if starts_command(rest) {
            return map(
                |rest| pipeline(rest, place),
                |commands| Query { commands, ..Query::default() },
            )
            .parse(rest);
        }
        preceded(opt(word("search")), |rest| query(rest, place)).parse(rest)
    })
}

/// Commands in brackets that work on the rows that are there.
fn template(rest: &str, place: Place) -> Parsed<'_, Vec<Command>> {
    bracketed(rest, place, |rest, place| {
        let piped = many1(preceded((space0, char('|'), space0), |rest| command(rest, place)));
        alt((piped, |rest| pipeline(rest, place))).parse(rest)
    })
}

fn bracketed<'t, T>(
    rest: &'t str,
    place: Place,
    inner: impl Fn(&'t str, Place) -> Parsed<'t, T>,
) -> Parsed<'t, T> {
    let (rest, _) = (space0, char('[')).parse(rest)?;
    let place = Place { grouped: false, ..place.inside(rest)? };
    let body = |rest| inner(rest, place);
    cut(terminated(body, (space0, char(']')))).parse(rest)
}
