//! Text to expressions of `search`.

use isogloss_compiler::ir::Origin;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::take_while1;
use nom::character::complete::{char, multispace0};
use nom::combinator::{cut, map, not, opt, peek, value, verify};
use nom::error::{Error, ErrorKind};
use nom::multi::{many1, separated_list1};
use nom::sequence::{delimited, preceded, terminated};

use super::super::ast::{Comparison, Literal, Operator, Search, Term, Value};
use super::{MAX_DEPTH, Parsed, call, field, is_word, operator, quoted_value, some, word};

pub(super) fn all(rest: &str, depth: usize) -> Parsed<'_, Search> {
    let operand = preceded(opt(word("AND")), move |rest| any(rest, depth));
    let (after, operands) = many1(operand).parse(rest)?;
    some(rest, after, Search::all(operands))
}

fn any(rest: &str, depth: usize) -> Parsed<'_, Search> {
    let (after, operands) =
        separated_list1(word("OR"), move |rest| negation(rest, depth)).parse(rest)?;
    some(rest, after, Search::any(operands))
}

fn negation(rest: &str, depth: usize) -> Parsed<'_, Search> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    let inner = preceded(word("NOT"), cut(move |rest| negation(rest, depth + 1)));
    alt((map(inner, Search::negate), move |rest| primary(rest, depth))).parse(rest)
}

fn primary(rest: &str, depth: usize) -> Parsed<'_, Search> {
    let group = delimited(
        char('('),
        cut(move |rest| all(rest, depth + 1)),
        preceded(multispace0, char(')')),
    );
    let everything =
        value(Search::Everything, terminated(char('*'), peek(not(take_while1(is_word)))));
    preceded(
        multispace0,
        alt((
            group,
            map(call, Search::Call),
            map(comparison, Search::Comparison),
            everything,
            map(term, Search::Term),
        )),
    )
    .parse(rest)
}

fn comparison(rest: &str) -> Parsed<'_, Comparison> {
    let (rest, field) = field(rest)?;
    let list = delimited(
        (word("IN"), multispace0, char('(')),
        separated_list1(preceded(multispace0, char(',')), literal),
        preceded(multispace0, char(')')),
    );
    let one = (preceded(multispace0, operator), map(literal, |it| vec![it]));
    let (rest, (operator, literals)) =
        alt((map(list, |it| (Operator::Equal, it)), one)).parse(rest)?;
    let values =
        literals.into_iter().map(|literal| Value { literal, origin: Origin::default() }).collect();
    Ok((rest, Comparison { field, operator, values, origin: Origin::default() }))
}

/// A word that is no operator, or text in quotes. `by` ends the condition of `tstats`.
fn term(rest: &str) -> Parsed<'_, Term> {
    let plain = verify(take_while1(is_word), |text: &str| {
        !["AND", "OR", "NOT", "IN", "by"].contains(&text)
    });
    let text = alt((quoted_value, map(plain, str::to_owned)));
    map(text, |text| Term { text, origin: Origin::default() }).parse(rest)
}

fn literal(rest: &str) -> Parsed<'_, Literal> {
    let word = map(take_while1(is_word), |word: &str| Literal::Word(word.to_owned()));
    preceded(multispace0, alt((map(quoted_value, Literal::Quoted), word))).parse(rest)
}
