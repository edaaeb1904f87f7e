//! KQL text to tree (Kibana documentation, "Kibana Query Language"). Binding: `not`, `and`, `or`;
//! these words in any case.

mod threshold;

use std::collections::BTreeSet;

use isogloss_compiler::ir::Origin;
use nom::branch::alt;
use nom::bytes::complete::{tag_no_case, take_while1};
use nom::character::complete::{char, multispace0, multispace1};
use nom::combinator::{all_consuming, cut, map, not, opt, peek};
use nom::error::{Error, ErrorKind};
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use super::ast::{Comparison, Expr, Link, Literal, Query, Relation, Value};

pub use threshold::parse_threshold;

type Parsed<'t, T> = IResult<&'t str, T>;

/// Parentheses and `not` may be nested this deep.
const MAX_DEPTH: usize = 200;

/// Reads a query. The error is the byte at which the text is no longer KQL.
pub fn parse(text: &str) -> Result<Query, usize> {
    match all_consuming(terminated(|rest| or(rest, 0), multispace0)).parse(text) {
        Ok((_, condition)) => Ok(Query { scope: None, condition, addresses: BTreeSet::new() }),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            Err(text.len() - error.input.len())
        }
        Err(nom::Err::Incomplete(_)) => Err(text.len()),
    }
}

fn or(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    let (after, operands) =
        separated_list1(word("or"), move |rest| and(rest, depth)).parse(rest)?;
    joined(rest, after, Expr::any(operands))
}

fn and(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    let (after, operands) =
        separated_list1(word("and"), move |rest| negation(rest, depth)).parse(rest)?;
    joined(rest, after, Expr::all(operands))
}

fn joined<'t>(rest: &'t str, after: &'t str, expr: Option<Expr>) -> Parsed<'t, Expr> {
    expr.map(|expr| (after, expr)).ok_or(nom::Err::Error(Error::new(rest, ErrorKind::Many1)))
}

fn negation(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    let inner = preceded(word("not"), cut(move |rest| negation(rest, depth + 1)));
    alt((map(inner, Expr::negate), move |rest| primary(rest, depth))).parse(rest)
}

fn primary(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    let group = delimited(
        char('('),
        cut(move |rest| or(rest, depth + 1)),
        preceded(multispace0, char(')')),
    );
    preceded(multispace0, alt((group, comparison))).parse(rest)
}

fn comparison(rest: &str) -> Parsed<'_, Expr> {
    let field = alt((quoted, map(take_while1(is_field), str::to_owned)));
    let (rest, (field, relation)) = (field, preceded(multispace0, relation)).parse(rest)?;
    let (rest, (link, literals)) =
        cut(preceded(multispace0, alt((value_group, single)))).parse(rest)?;
    let values =
        literals.into_iter().map(|literal| Value { literal, origin: Origin::default() }).collect();
    Ok((
        rest,
        Expr::Comparison(Comparison { field, relation, link, values, origin: Origin::default() }),
    ))
}

fn relation(rest: &str) -> Parsed<'_, Relation> {
    let found = Relation::ALL
        .iter()
        .find_map(|(text, relation)| Some((rest.strip_prefix(text)?, *relation)));
    found.ok_or(nom::Err::Error(Error::new(rest, ErrorKind::Tag)))
}

fn single(rest: &str) -> Parsed<'_, (Link, Vec<Literal>)> {
    map(literal, |literal| (Link::Any, vec![literal])).parse(rest)
}

/// `(a or b)`, `(a and b)`.
fn value_group(rest: &str) -> Parsed<'_, (Link, Vec<Literal>)> {
    let value = || preceded(multispace0, literal);
    let (rest, first) = preceded(char('('), value()).parse(rest)?;
    let (rest, all) = opt(peek(word("and"))).parse(rest)?;
    let (link, operator) = if all.is_some() { (Link::All, "and") } else { (Link::Any, "or") };
    let (rest, more) = nom::multi::many0(preceded(word(operator), value())).parse(rest)?;
    let (rest, _) = preceded(multispace0, char(')')).parse(rest)?;
    Ok((rest, (link, std::iter::once(first).chain(more).collect())))
}

fn literal(rest: &str) -> Parsed<'_, Literal> {
    alt((map(quoted, Literal::Quoted), unquoted)).parse(rest)
}

fn quoted(rest: &str) -> Parsed<'_, String> {
    let (mut rest, _) = char('"').parse(rest)?;
    let mut text = String::new();
    loop {
        let mut characters = rest.chars();
        match characters.next() {
            Some('"') => return Ok((characters.as_str(), text)),
            Some('\\') => rest = escape(rest, &['"', '\\'], &mut text)?,
            Some(other) => {
                text.push(other);
                rest = characters.as_str();
            }
            None => return Err(nom::Err::Error(Error::new(rest, ErrorKind::Char))),
        }
    }
}

/// Ends at a special character, or at a space before an operator; spaces at its ends are not part of it.
fn unquoted(rest: &str) -> Parsed<'_, Literal> {
    const SPECIAL: &[char] = &['\\', '(', ')', ':', '<', '>', '"', '*', '{', '}'];
    let start = rest;
    let mut rest = rest;
    let mut parts: Vec<Option<String>> = Vec::new();
    loop {
        let mut characters = rest.chars();
        let at_operator = alt((word("and"), word("or"))).parse(rest).is_ok();
        // Kibana finds this operator inside of a value too, and then gives up.
        if (tag_no_case("not"), multispace1::<&str, Error<&str>>).parse(rest).is_ok() {
            return Err(nom::Err::Error(Error::new(rest, ErrorKind::Not)));
        }
        match characters.next() {
            Some('*') => {
                parts.push(None);
                rest = characters.as_str();
            }
            Some('\\') => {
                let mut decoded = String::new();
                rest = escape(rest, SPECIAL, &mut decoded)?;
                push_text(&decoded, &mut parts);
            }
            Some(other)
                if !SPECIAL.contains(&other)
                    && !(other.is_whitespace() && (at_operator || ends(rest))) =>
            {
                push_text(other.encode_utf8(&mut [0; 4]), &mut parts);
                rest = characters.as_str();
            }
            Some(_) | None => break,
        }
    }
    if parts.is_empty() {
        return Err(nom::Err::Error(Error::new(start, ErrorKind::Char)));
    }
    trim_ends(&mut parts);
    Ok((rest, Literal::Unquoted(parts)))
}

/// Kibana trims a value after it has decoded its escapes.
fn trim_ends(parts: &mut [Option<String>]) {
    if let Some(Some(first)) = parts.first_mut() {
        *first = first.trim_start().to_owned();
    }
    if let Some(Some(last)) = parts.last_mut() {
        *last = last.trim_end().to_owned();
    }
}

/// True where nothing but spaces is left of a value.
fn ends(rest: &str) -> bool {
    matches!(
        rest.trim_start().chars().next(),
        None | Some(')' | '(' | ':' | '<' | '>' | '"' | '{' | '}')
    )
}

/// Adds to the text at the end, which starts anew after a wildcard.
fn push_text(text: &str, parts: &mut Vec<Option<String>>) {
    match parts.last_mut() {
        Some(Some(last)) => last.push_str(text),
        Some(None) | None => parts.push(Some(text.to_owned())),
    }
}

fn escape<'t>(
    rest: &'t str,
    plain: &[char],
    text: &mut String,
) -> Result<&'t str, nom::Err<Error<&'t str>>> {
    let fail = || nom::Err::Error(Error::new(rest, ErrorKind::Escaped));
    let mut characters = rest.chars();
    characters.next();
    let letter = characters.next().ok_or_else(fail)?;
    match letter {
        'n' => text.push('\n'),
        'r' => text.push('\r'),
        't' => text.push('\t'),
        'u' => {
            let (rest, decoded) = unicode(characters.as_str()).ok_or_else(fail)?;
            text.push(decoded);
            return Ok(rest);
        }
        other if plain.contains(&other) => text.push(other),
        _ => return Err(fail()),
    }
    Ok(characters.as_str())
}

/// Four hexadecimal digits, twice for characters that need two units of UTF-16.
fn unicode(rest: &str) -> Option<(&str, char)> {
    let unit = |rest: &str| u16::from_str_radix(rest.get(..4)?, 16).ok();
    let first = unit(rest)?;
    let rest = rest.get(4..)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((rest, character));
    }
    let second = unit(rest.strip_prefix("\\u")?)?;
    let character = char::decode_utf16([first, second]).next()?.ok()?;
    Some((rest.get(6..)?, character))
}

/// An operator with spaces before it, not the beginning of a longer word.
fn word<'t>(text: &'static str) -> impl Parser<&'t str, Output = (), Error = Error<&'t str>> {
    let end = not(peek(take_while1(|it: char| is_field(it) || it == ':')));
    map((multispace0, tag_no_case(text), end), |_| ())
}

fn is_field(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | '_' | '-' | '@')
}
