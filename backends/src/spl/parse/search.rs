//! Text to expressions of `search`.

use isogloss_compiler::ir::Origin;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while1};
use nom::character::complete::char;
use nom::combinator::{cut, map, not, opt, peek, recognize, value, verify};
use nom::error::ErrorKind;
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded, terminated};

use super::super::ast::{Comparison, Literal, Operator, Search, Term, Value};
use super::lexical::{
    call, closed, fail, identifier, is_word, operator, quoted, space0, sure, word,
};
use super::{Parsed, Place, subsearch};

/// Words that are no term.
const OPERATORS: &[&str] = &["AND", "OR", "NOT", "IN"];

/// An expression of `search`. Chains of operators are read in one place, which keeps the stack flat.
pub(super) fn all(rest: &str, place: Place) -> Parsed<'_, Search> {
    let (mut rest, first) = negation(rest, place)?;
    let (mut all, mut any) = (Vec::new(), vec![first]);
    loop {
        let (is_or, after) = match word("OR").parse(rest) {
            Ok((after, ())) => (true, after),
            Err(_) => (false, opt(word("AND")).parse(rest)?.0),
        };
        // An operator without an operand is left where it is.
        let (after, operand) = match negation(after, place) {
            Err(nom::Err::Error(_)) => break,
            parsed => parsed?,
        };
        if !is_or {
            all.extend(Search::any(std::mem::take(&mut any)));
        }
        any.push(operand);
        rest = after;
    }
    all.extend(Search::any(any));
    Search::all(all).map_or_else(|| fail(rest, ErrorKind::Many1), |it| Ok((rest, it)))
}

fn negation(rest: &str, place: Place) -> Parsed<'_, Search> {
    let Ok((after, ())) = word("NOT").parse(rest) else { return primary(rest, place) };
    let (rest, operand) = sure(negation(after, place.inside(rest)?))?;
    Ok((rest, Search::negate(operand)))
}

fn primary(rest: &str, place: Place) -> Parsed<'_, Search> {
    let (rest, ()) = space0(rest)?;
    if let Some(inner) = rest.strip_prefix('(') {
        let (rest, inner) = sure(all(inner, place.inside(rest)?))?;
        return sure(closed(rest)).map(|(rest, ())| (rest, inner));
    }
    if rest.starts_with('[') {
        let (rest, query) = subsearch(rest, place)?;
        return Ok((rest, Search::Subsearch(Box::new(query))));
    }
    leaf(rest, place)
}

fn leaf(rest: &str, place: Place) -> Parsed<'_, Search> {
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
