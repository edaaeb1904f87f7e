//! KQL text to tree (Kibana documentation, "Kibana Query Language"). Binding: `not`, `and`, `or`;
//! these words in any case, with white space around them.

mod lexical;
mod threshold;

use std::collections::BTreeMap;

use isogloss_compiler::ir::Origin;
use nom::combinator::{all_consuming, opt};
use nom::error::{Error, ErrorKind};
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

use super::ast::{Comparison, Expr, Literal, Name, Query, Relation, Test, Value, Values};
use lexical::{literal, not_word, space0, word};

pub use threshold::parse_threshold;

type Parsed<'t, T> = IResult<&'t str, T>;

/// Parentheses and braces may be nested this deep.
const MAX_DEPTH: usize = 100;

/// Reads a query; the empty one finds everything, as `*` does. The error is the byte at which the text is
/// no longer KQL.
pub fn parse(text: &str) -> Result<Query, usize> {
    let everything = || Expr::Anywhere(located(Literal::any()));
    let query = preceded(space0, opt(|rest| or(rest, 0)));
    match all_consuming(terminated(query, space0)).parse(text) {
        Ok((_, condition)) => Ok(Query {
            scope: None,
            condition: condition.unwrap_or_else(everything),
            kinds: BTreeMap::new(),
        }),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            Err(text.len() - error.input.len())
        }
        Err(nom::Err::Incomplete(_)) => Err(text.len()),
    }
}

fn or(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    chain(rest, depth, "or", and, Expr::any)
}

fn and(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    chain(rest, depth, "and", negation, Expr::all)
}

/// Members between the words of an operator. Plain loops, here and below, keep the stack small.
fn chain<'t, T>(
    start: &'t str,
    depth: usize,
    operator: &'static str,
    member: fn(&'t str, usize) -> Parsed<'t, T>,
    join: fn(Vec<T>) -> Option<T>,
) -> Parsed<'t, T> {
    let (mut rest, first) = member(start, depth)?;
    let mut members = vec![first];
    while let Ok((after, ())) = word(operator).parse(rest) {
        let (after, next) = sure(member(after, depth))?;
        members.push(next);
        rest = after;
    }
    join(members).map(|it| (rest, it)).ok_or_else(|| fail(start, ErrorKind::Many1))
}

fn fail(rest: &str, kind: ErrorKind) -> nom::Err<Error<&str>> {
    nom::Err::Error(Error::new(rest, kind))
}

/// What has to be read here: no other reading is tried.
fn sure<T>(parsed: Parsed<'_, T>) -> Parsed<'_, T> {
    parsed.map_err(|error| match error {
        nom::Err::Error(error) => nom::Err::Failure(error),
        other @ (nom::Err::Failure(_) | nom::Err::Incomplete(_)) => other,
    })
}

/// One `not` at most; another needs parentheses.
fn negation(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    if let Ok((after, ())) = not_word(rest) {
        let (rest, operand) = sure(primary(after, depth))?;
        return Ok((rest, Expr::negate(operand)));
    }
    primary(rest, depth)
}

fn primary(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    match rest.strip_prefix('(') {
        Some(inner) => enclosed(inner, ')', depth, or),
        None => test(rest, depth),
    }
}

/// What stands behind an opening parenthesis or brace, which has to be closed.
fn enclosed<'t, T>(
    rest: &'t str,
    close: char,
    depth: usize,
    inner: fn(&'t str, usize) -> Parsed<'t, T>,
) -> Parsed<'t, T> {
    if depth >= MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    let (rest, ()) = space0(rest)?;
    let (rest, found) = sure(inner(rest, depth + 1))?;
    let (rest, ()) = space0(rest)?;
    let rest = rest.strip_prefix(close).ok_or_else(|| fail(rest, ErrorKind::Char));
    sure(rest.map(|rest| (rest, found)))
}

/// A name with its test, or a value without a name.
fn test(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    let (behind, first) = literal(rest)?;
    let (after, ()) = space0(behind)?;
    if let Ok((after, relation)) = relation(after) {
        let (after, ()) = space0(after)?;
        let (after, bound) = sure(literal(after))?;
        return Ok((after, compare(first, Test::Range(relation, located(bound)))));
    }
    let Some(after) = after.strip_prefix(':') else {
        // White space behind a value belongs to the word that follows.
        return Ok((behind, Expr::Anywhere(located(first))));
    };
    let (after, ()) = space0(after)?;
    if let Some(inner) = after.strip_prefix('{') {
        let (after, query) = enclosed(inner, '}', depth, or)?;
        return Ok((after, Expr::Nested { path: name(first), query: Box::new(query) }));
    }
    let (after, values) = sure(values(after, depth))?;
    Ok((after, compare(first, Test::Is(values))))
}

fn compare(field: Literal, test: Test) -> Expr {
    Expr::Comparison(Comparison { field: name(field), test, origin: Origin::default() })
}

/// A name has wildcards only where it has no quotes.
fn name(literal: Literal) -> Name {
    match literal {
        Literal::Quoted(text) => Name::Exact(text),
        Literal::Unquoted(parts) if parts.iter().all(Option::is_some) => {
            Name::Exact(parts.into_iter().flatten().collect())
        }
        Literal::Unquoted(parts) => Name::Like(parts),
    }
}

fn located(literal: Literal) -> Value {
    Value { literal, origin: Origin::default() }
}

fn relation(rest: &str) -> Parsed<'_, Relation> {
    let found = Relation::ALL
        .iter()
        .find_map(|(text, relation)| Some((rest.strip_prefix(text)?, *relation)));
    found.ok_or_else(|| fail(rest, ErrorKind::Tag))
}

/// One value, or a group in parentheses.
fn values(rest: &str, depth: usize) -> Parsed<'_, Values> {
    if let Some(inner) = rest.strip_prefix('(') {
        return enclosed(inner, ')', depth, or_values);
    }
    let (rest, literal) = literal(rest)?;
    Ok((rest, Values::One(located(literal))))
}

fn or_values(rest: &str, depth: usize) -> Parsed<'_, Values> {
    chain(rest, depth, "or", and_values, Values::any)
}

fn and_values(rest: &str, depth: usize) -> Parsed<'_, Values> {
    chain(rest, depth, "and", not_values, Values::all)
}

fn not_values(rest: &str, depth: usize) -> Parsed<'_, Values> {
    if let Ok((after, ())) = not_word(rest) {
        let (rest, member) = sure(values(after, depth))?;
        return Ok((rest, Values::negate(member)));
    }
    values(rest, depth)
}
