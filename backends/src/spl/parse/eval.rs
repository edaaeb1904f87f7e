//! Text to expressions of `eval`. Operators may be in any case.

use isogloss_compiler::ir::Origin;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, one_of};
use nom::combinator::{cut, map, opt, peek, recognize, value, verify};
use nom::error::ErrorKind;
use nom::multi::{many1, separated_list1};
use nom::sequence::{delimited, preceded, terminated};

use super::super::ast::{Eval, Sign};
use super::lexical::{
    call, closed, fail, identifier, keyword, operator, placeholder, quoted, single_quoted, space0,
    sure,
};
use super::{Parsed, Place, subsearch};

/// Words that are no field.
const OPERATORS: &[&str] = &["and", "or", "not", "xor"];

/// An expression of `eval` and `where`. Chains of operators are read in one place, which keeps the stack
/// flat: `XOR` binds last, `AND` first.
pub(super) fn eval(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let (mut rest, first) = negation(rest, place)?;
    let (mut xor, mut any, mut all) = (Vec::new(), Vec::new(), vec![first]);
    while let Ok((after, link)) = link(rest) {
        // An operator without an operand is left where it is.
        let (after, operand) = match negation(after, place) {
            Err(nom::Err::Error(_)) => break,
            parsed => parsed?,
        };
        if link != Link::And {
            any.extend(Eval::all(std::mem::take(&mut all)));
        }
        if link == Link::Xor {
            xor.extend(Eval::any(std::mem::take(&mut any)));
        }
        all.push(operand);
        rest = after;
    }
    any.extend(Eval::all(all));
    let Some(last) = Eval::any(any) else { return fail(rest, ErrorKind::Many1) };
    if xor.is_empty() {
        return Ok((rest, last));
    }
    xor.push(last);
    Ok((rest, Eval::Xor(xor)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    And,
    Or,
    Xor,
}

fn link(rest: &str) -> Parsed<'_, Link> {
    let and = value(Link::And, keyword("AND"));
    let or = value(Link::Or, keyword("OR"));
    alt((and, or, value(Link::Xor, keyword("XOR")))).parse(rest)
}

fn negation(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let Ok((after, ())) = keyword("NOT").parse(rest) else { return comparison(rest, place) };
    let (rest, operand) = sure(negation(after, place.inside(rest)?))?;
    Ok((rest, Eval::Not(Box::new(operand))))
}

fn comparison(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let (rest, left) = chain(rest, place)?;
    if let Ok((after, operator)) = preceded(space0, operator).parse(rest) {
        let (rest, right) = sure(chain(after, place))?;
        return Ok((rest, left.compare(operator, right)));
    }
    let Ok((rest, (not, function))) = relation(rest) else { return Ok((rest, left)) };
    let (rest, mut operands) = (rest, vec![left]);
    let (rest, right) = if function == "in" {
        sure(arguments(rest, place))?
    } else {
        let (rest, right) = sure(chain(rest, place))?;
        (rest, vec![right])
    };
    operands.extend(right);
    let found = Eval::call(function, operands);
    Ok((rest, if not { Eval::Not(Box::new(found)) } else { found }))
}

/// `LIKE`, `IN` and their negations, which are functions too.
fn relation(rest: &str) -> Parsed<'_, (bool, &'static str)> {
    let like = map(keyword("LIKE"), |()| "like");
    let list = map(keyword("IN"), |()| "in");
    (map(opt(keyword("NOT")), |it| it.is_some()), alt((like, list))).parse(rest)
}

fn chain(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let (mut rest, first) = atom(rest, place)?;
    let mut others = Vec::new();
    while let Ok((after, sign)) = sign(rest) {
        let (after, operand) = sure(atom(after, place))?;
        others.push((sign, operand));
        rest = after;
    }
    Ok((rest, Eval::chain(first, others)))
}

fn sign(rest: &str) -> Parsed<'_, Sign> {
    let (rest, character) = preceded(space0, one_of("+-*/%.")).parse(rest)?;
    let found = Sign::ALL.iter().find(|(text, _)| *text == character);
    found.map_or_else(|| fail(rest, ErrorKind::OneOf), |(_, sign)| Ok((rest, *sign)))
}

fn atom(rest: &str, place: Place) -> Parsed<'_, Eval> {
    let (rest, ()) = space0(rest)?;
    if let Some(inner) = rest.strip_prefix('(') {
        let (rest, inner) = sure(eval(inner, place.inside(rest)?))?;
        return sure(closed(rest)).map(|(rest, ())| (rest, inner));
    }
    if rest.starts_with('[') {
        return subsearch(rest, place).map(|(rest, query)| (rest, Eval::Search(Box::new(query))));
    }
    if let Ok((after, name)) = terminated(function, peek((space0, char('(')))).parse(rest) {
        let (rest, arguments) = sure(arguments(after, place))?;
        return Ok((rest, Eval::call(name, arguments)));
    }
    if let Ok((after, _)) = minus(rest) {
        let (rest, operand) = sure(atom(after, place.inside(rest)?))?;
        let zero = Eval::Number("0".to_owned());
        return Ok((rest, Eval::Minus(Box::new(zero), Box::new(operand))));
    }
    leaf(rest)
}

/// A sign that is no part of a number.
fn minus(rest: &str) -> Parsed<'_, char> {
    if number(rest).is_ok() { fail(rest, ErrorKind::Char) } else { char('-').parse(rest) }
}

/// Expressions in parentheses, with commas between them.
fn arguments(rest: &str, place: Place) -> Parsed<'_, Vec<Eval>> {
    let (mut rest, _) = (space0, char('(')).parse(rest)?;
    let place = place.inside(rest)?;
    let mut operands = Vec::new();
    if let Ok((rest, ())) = closed(rest) {
        return Ok((rest, operands));
    }
    loop {
        let (after, operand) = sure(eval(rest, place))?;
        operands.push(operand);
        if let Ok((after, ())) = closed(after) {
            return Ok((after, operands));
        }
        (rest, _) = sure(preceded(space0, char(',')).parse(after))?;
    }
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
    let whole = (digits(), opt((char('.'), digits())));
    let whole = alt((recognize(whole), recognize((char('.'), digits()))));
    recognize((opt(char('-')), whole)).parse(rest)
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
    let bare = recognize(many1(piece));
    let name = alt((single_quoted, bare));
    alt((quoted, map(name, str::to_owned))).parse(rest)
}
