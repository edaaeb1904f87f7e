//! KQL text to tree (Kibana documentation, "Kibana Query Language"). Binding: `not`, `and`, `or`;
//! these words in any case, with white space around them.

mod lexical;

use std::collections::BTreeMap;

use isogloss_compiler::ir::Origin;
use nom::branch::alt;
use nom::character::complete::char;
use nom::combinator::{all_consuming, cut, map, opt};
use nom::error::{Error, ErrorKind};
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use super::ast::{Comparison, Expr, Literal, Name, Query, Relation, Test, Value, Values};
use lexical::{literal, not_word, space0, word};

type Parsed<'t, T> = IResult<&'t str, T>;

/// Parentheses and braces may be nested this deep.
const MAX_DEPTH: usize = 200;

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
    let operands = separated_list1(word("or"), move |rest| and(rest, depth));
    joined(operands, Expr::any, rest)
}

fn and(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    let operands = separated_list1(word("and"), move |rest| negation(rest, depth));
    joined(operands, Expr::all, rest)
}

/// A chain, which is never empty.
fn joined<'t, T>(
    mut members: impl Parser<&'t str, Output = Vec<T>, Error = Error<&'t str>>,
    join: fn(Vec<T>) -> Option<T>,
    rest: &'t str,
) -> Parsed<'t, T> {
    let (after, members) = members.parse(rest)?;
    join(members).map(|it| (after, it)).ok_or_else(|| fail(rest, ErrorKind::Many1))
}

fn fail(rest: &str, kind: ErrorKind) -> nom::Err<Error<&str>> {
    nom::Err::Error(Error::new(rest, kind))
}

/// One `not` at most; another needs parentheses.
fn negation(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    let negated = preceded(not_word, cut(move |rest| primary(rest, depth)));
    alt((map(negated, Expr::negate), move |rest| primary(rest, depth))).parse(rest)
}

fn primary(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    alt((enclosed('(', ')', depth), move |rest| test(rest, depth))).parse(rest)
}

/// An expression in parentheses or braces.
fn enclosed<'t>(
    open: char,
    close: char,
    depth: usize,
) -> impl Parser<&'t str, Output = Expr, Error = Error<&'t str>> {
    let inner = cut(move |rest| or(rest, depth + 1));
    let end = cut(preceded(space0, char(close)));
    delimited((char(open), space0), inner, end)
}

/// A name with its test, or a value without a name.
fn test(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    let (behind, first) = literal(rest)?;
    let (after, ()) = space0(behind)?;
    if let Ok((after, relation)) = relation(after) {
        let (after, bound) = cut(preceded(space0, literal)).parse(after)?;
        return Ok((after, compare(first, Test::Range(relation, located(bound)))));
    }
    let Some(after) = after.strip_prefix(':') else {
        // White space behind a value belongs to the word that follows.
        return Ok((behind, Expr::Anywhere(located(first))));
    };
    let (after, ()) = space0(after)?;
    if after.starts_with('{') {
        let (after, query) = enclosed('{', '}', depth).parse(after)?;
        return Ok((after, Expr::Nested { path: name(first), query: Box::new(query) }));
    }
    let (after, values) = cut(|rest| values(rest, depth)).parse(after)?;
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
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    let inner = cut(move |rest| or_values(rest, depth + 1));
    let group = delimited((char('('), space0), inner, cut(preceded(space0, char(')'))));
    let one = map(literal, |literal| Values::One(located(literal)));
    alt((group, one)).parse(rest)
}

fn or_values(rest: &str, depth: usize) -> Parsed<'_, Values> {
    let members = separated_list1(word("or"), move |rest| and_values(rest, depth));
    joined(members, Values::any, rest)
}

fn and_values(rest: &str, depth: usize) -> Parsed<'_, Values> {
    let members = separated_list1(word("and"), move |rest| not_values(rest, depth));
    joined(members, Values::all, rest)
}

fn not_values(rest: &str, depth: usize) -> Parsed<'_, Values> {
    let negated = preceded(not_word, cut(move |rest| values(rest, depth)));
    alt((map(negated, Values::negate), move |rest| values(rest, depth))).parse(rest)
}
