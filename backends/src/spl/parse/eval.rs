//! Text to expressions of `eval`. Operators may be in any case.

use isogloss_compiler::ir::Origin;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, one_of};
use nom::combinator::{cut, map, opt, recognize, verify};
use nom::error::ErrorKind;
use nom::multi::{many0, separated_list0, separated_list1};
use nom::sequence::{delimited, preceded, terminated};

use super::super::ast::{Eval, Sign};
use super::lexical::{
    call, fail, identifier, keyword, operator, placeholder, quoted, single_quoted, space0,
};
use super::{Parsed, Place, subsearch};

/// Words that are no field.
const OPERATORS: &[&str] = &["and", "or", "not", "xor"];

/// An expression of `eval` and `where`.
pub(super) fn eval(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let (rest, mut operands) =
        separated_list1(keyword("XOR"), move |rest| any(rest, place)).parse(rest)?;
    match operands.pop() {
        Some(only) if operands.is_empty() => Ok((rest, only)),
        last => Ok((rest, Eval::Xor(operands.into_iter().chain(last).collect()))),
    }
}

fn any(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let (rest, operands) =
        separated_list1(keyword("OR"), move |rest| all(rest, place)).parse(rest)?;
    Eval::any(operands).map_or_else(|| fail(rest, ErrorKind::Many1), |it| Ok((rest, it)))
}

fn all(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let (rest, operands) =
        separated_list1(keyword("AND"), move |rest| negation(rest, place)).parse(rest)?;
    Eval::all(operands).map_or_else(|| fail(rest, ErrorKind::Many1), |it| Ok((rest, it)))
}

fn negation(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let Ok((after, ())) = keyword("NOT").parse(rest) else { return comparison(rest, place) };
    let place = place.inside(rest)?;
    map(cut(move |rest| negation(rest, place)), |it| Eval::Not(Box::new(it))).parse(after)
}

fn comparison(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let (rest, left) = chain(rest, place)?;
    if let Ok((after, operator)) = preceded(space0, operator).parse(rest) {
        let (rest, right) = cut(move |rest| chain(rest, place)).parse(after)?;
        return Ok((rest, left.compare(operator, right)));
    }
    let Ok((rest, (not, function))) = relation(rest) else { return Ok((rest, left)) };
    let list = |rest| arguments(rest, place);
    let one = map(move |rest| chain(rest, place), |it| vec![it]);
    let (rest, right) =
        if function == "in" { cut(list).parse(rest)? } else { cut(one).parse(rest)? };
    let found = Eval::call(function, std::iter::once(left).chain(right));
    Ok((rest, if not { Eval::Not(Box::new(found)) } else { found }))
}

/// `LIKE`, `IN` and their negations, which are functions too.
fn relation(rest: &str) -> Parsed<'_, (bool, &'static str)> {
    let like = map(keyword("LIKE"), |()| "like");
    let list = map(keyword("IN"), |()| "in");
    (map(opt(keyword("NOT")), |it| it.is_some()), alt((like, list))).parse(rest)
}

fn chain(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let (rest, first) = atom(rest, place)?;
    let next = (sign, cut(move |rest| atom(rest, place)));
    map(many0(next), move |others| Eval::chain(first.clone(), others)).parse(rest)
}

fn sign(rest: &str) -> Parsed<'_, Sign> {
    let (rest, character) = preceded(space0, one_of("+-*/%.")).parse(rest)?;
    let found = Sign::ALL.iter().find(|(text, _)| *text == character);
    found.map_or_else(|| fail(rest, ErrorKind::OneOf), |(_, sign)| Ok((rest, *sign)))
}

fn atom(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let (rest, ()) = space0(rest)?;
    if rest.starts_with('(') {
        return group(rest, place);
    }
    if rest.starts_with('[') {
        return map(|rest| subsearch(rest, place), Eval::Search).parse(rest);
    }
    if let Ok((after, function)) = terminated(function, (space0, tag("("))).parse(rest) {
        let start = rest.get(rest.len() - after.len() - 1..).unwrap_or_default();
        let (rest, arguments) = cut(|rest| arguments(rest, place)).parse(start)?;
        return Ok((rest, Eval::call(function, arguments)));
    }
    if let Ok((after, _)) = minus(rest) {
        let place = place.inside(rest)?;
        let zero = || Box::new(Eval::Number("0".to_owned()));
        let operand = cut(move |rest| atom(rest, place));
        return map(operand, |it| Eval::Minus(zero(), Box::new(it))).parse(after);
    }
    leaf(rest)
}

/// A sign that is no part of a number.
fn minus(rest: &str) -> Parsed<'_, char> {
    if number(rest).is_ok() { fail(rest, ErrorKind::Char) } else { char('-').parse(rest) }
}

fn group(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let place = place.inside(rest)?;
    let inner = cut(terminated(move |rest| eval(rest, place), (space0, char(')'))));
    preceded(char('('), inner).parse(rest)
}

fn arguments(rest: &str, place: Place) -> Parsed<'_, Vec<Eval>> {
    let place = place.inside(rest)?;
    let list = separated_list0((space0, char(',')), move |rest| eval(rest, place));
    preceded((space0, char('(')), cut(terminated(list, (space0, char(')'))))).parse(rest)
}

fn function(rest: &str) -> Parsed<'_, &str> {
    verify(identifier, |name: &str| !is_operator(name)).parse(rest)
}

fn is_operator(name: &str) -> bool {
    OPERATORS.iter().any(|operator| operator.eq_ignore_ascii_case(name))
}

fn leaf(rest: &str) -> Parsed<'_, Eval> {
    let token = recognize((
        char('$'),
        take_while1(|it: char| it != '$' && it.is_ascii_graphic()),
        char('$'),
    ));
    let token = alt((token, placeholder));
    let name = recognize((identifier, opt(tag("{}"))));
    let name = verify(name, |name: &str| !is_operator(name));
    let field = alt((single_quoted, name));
    alt((
        map(quoted, |text| Eval::Text { text, origin: Origin::default() }),
        map(field, |name: &str| Eval::Field(name.to_owned())),
        map(number, |text: &str| Eval::Number(text.to_owned())),
        map(token, |text: &str| Eval::Token(text.to_owned())),
        map(call, Eval::Macro),
    ))
    .parse(rest)
}

fn number(rest: &str) -> Parsed<'_, &str> {
    let digits = || take_while1(|it: char| it.is_ascii_digit());
    recognize((opt(char('-')), digits(), opt((char('.'), digits())))).parse(rest)
}

/// Names and their expressions, with commas between them.
pub(super) fn assignments(rest: &str, place: Place) -> Parsed<'_, Vec<(String, Eval)>> {
    let one = move |rest| assignment(rest, place);
    separated_list1((space0, char(',')), one).parse(rest)
}

/// A name and its expression.
pub(super) fn assignment(rest: &str, place: Place) -> Parsed<'_, (String, Eval)> {
    let name = preceded(space0, target);
    let value = cut(move |rest| eval(rest, place));
    (terminated(name, delimited(space0, char('='), space0)), value).parse(rest)
}

/// The name of a field that is set.
fn target(rest: &str) -> Parsed<'_, String> {
    let plain = |it: char| it.is_ascii_alphanumeric() || "_.{}$:@-".contains(it);
    let piece = alt((placeholder, take_while1(plain)));
    let bare = recognize(nom::multi::many1(piece));
    let name = alt((single_quoted, bare));
    alt((quoted, map(name, str::to_owned))).parse(rest)
}
