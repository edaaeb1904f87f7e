//! Text to expressions of `search`.

use isogloss_compiler::ir::Origin;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while1};
use nom::character::complete::char;
use nom::combinator::{cut, map, not, opt, peek, recognize, value, verify};
use nom::error::ErrorKind;
use nom::multi::{many0, separated_list1};
use nom::sequence::{delimited, preceded, terminated};

use super::super::ast::{Comparison, Literal, Operator, Search, Term, Value};
use super::lexical::{call, fail, identifier, is_word, operator, quoted, space0, word};
use super::{Parsed, Place, subsearch};

/// Words that are no term.
const OPERATORS: &[&str] = &["AND", "OR", "NOT", "IN"];

pub(super) fn all(rest: &str, place: Place) -> Parsed<'_, Search> {
    let (rest, first) = any(rest, place)?;
    let more = preceded(opt(word("AND")), move |rest| any(rest, place));
    let (rest, others) = many0(more).parse(rest)?;
    some(rest, Search::all(std::iter::once(first).chain(others)))
}

fn any(rest: &str, place: Place) -> Parsed<'_, Search> {
    let (rest, operands) =
        separated_list1(word("OR"), move |rest| negation(rest, place)).parse(rest)?;
    some(rest, Search::any(operands))
}

fn some<T>(rest: &str, value: Option<T>) -> Parsed<'_, T> {
    value.map_or_else(|| fail(rest, ErrorKind::Many1), |value| Ok((rest, value)))
}

fn negation(rest: &str, place: Place) -> Parsed<'_, Search> {
    let Ok((after, ())) = word("NOT").parse(rest) else { return primary(rest, place) };
    let place = place.inside(rest)?;
    map(cut(move |rest| negation(rest, place)), Search::negate).parse(after)
}

fn primary(rest: &str, place: Place) -> Parsed<'_, Search> {
    let (rest, ()) = space0(rest)?;
    if rest.starts_with('(') {
        return group(rest, place);
    }
    if rest.starts_with('[') {
        let inner = |query| Search::Subsearch(Box::new(query));
        return map(|rest| subsearch(rest, place), inner).parse(rest);
    }
    let everything =
        value(Search::Everything, terminated(char('*'), peek(not(take_while1(is_word)))));
    alt((
        map(call, Search::Call),
        map(verbatim, |text| Search::Verbatim(text.to_owned())),
        map(comparison, Search::Comparison),
        everything,
        map(|rest| term(rest, place), Search::Term),
    ))
    .parse(rest)
}

fn group(rest: &str, place: Place) -> Parsed<'_, Search> {
    let place = place.inside(rest)?;
    let inner = cut(terminated(move |rest| all(rest, place), (space0, char(')'))));
    preceded(char('('), inner).parse(rest)
}

/// `TERM(a.b)`, `CASE(a)` and `field::value`.
fn verbatim(rest: &str) -> Parsed<'_, &str> {
    let value = alt((map(quoted, |_| ()), map(take_while1(is_word), |_| ())));
    alt((directed, recognize((identifier, tag("::"), value)))).parse(rest)
}

fn directed(rest: &str) -> Parsed<'_, &str> {
    let inner = alt((map(quoted, |_| ()), map(is_not("()\"|[]`"), |_| ())));
    recognize((alt((tag("TERM("), tag("CASE("))), cut((inner, char(')'))))).parse(rest)
}

fn comparison(rest: &str) -> Parsed<'_, Comparison> {
    let (rest, field) = field(rest)?;
    let list = delimited(
        (word("IN"), space0, char('(')),
        cut(separated_list1((space0, char(',')), literal)),
        cut((space0, char(')'))),
    );
    let one = (preceded(space0, operator), cut(map(literal, |it| vec![it])));
    let (rest, (operator, literals)) =
        alt((map(list, |it| (Operator::Equal, it)), one)).parse(rest)?;
    let values =
        literals.into_iter().map(|literal| Value { literal, origin: Origin::default() }).collect();
    Ok((rest, Comparison { field, operator, values, origin: Origin::default() }))
}

/// A field before an operator.
fn field(rest: &str) -> Parsed<'_, String> {
    let plain =
        verify(take_while1(is_word), |name: &str| !OPERATORS.contains(&name) && name != "*");
    alt((quoted, map(plain, str::to_owned))).parse(rest)
}

/// A word that is no operator, or text in quotes.
fn term(rest: &str, place: Place) -> Parsed<'_, Term> {
    let ends = |text: &str| place.grouped && ["by", "groupby"].contains(&&*text.to_lowercase());
    let plain =
        verify(take_while1(is_word), |text: &str| !OPERATORS.contains(&text) && !ends(text));
    let text = alt((quoted, map(plain, str::to_owned)));
    map(text, |text| Term { text, origin: Origin::default() }).parse(rest)
}

fn literal(rest: &str) -> Parsed<'_, Literal> {
    let bare = (take_while1(is_word), opt(tag("()")));
    let bare = map(alt((directed, recognize(bare))), |word: &str| Literal::Word(word.to_owned()));
    let text = map(quoted, Literal::Quoted);
    preceded(space0, alt((text, map(call, Literal::Call), bare))).parse(rest)
}
