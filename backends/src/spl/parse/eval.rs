//! Text to expressions of `eval`.

use isogloss_compiler::ir::Origin;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{is_not, take_while1};
use nom::character::complete::{char, multispace0};
use nom::combinator::{cut, map, opt, recognize};
use nom::error::{Error, ErrorKind};
use nom::multi::{separated_list0, separated_list1};
use nom::sequence::{delimited, preceded};

use super::super::ast::Eval;
use super::{MAX_DEPTH, Parsed, operator, some, string, word};

pub(super) fn eval_any(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    let (after, operands) =
        separated_list1(word("OR"), move |rest| eval_all(rest, depth)).parse(rest)?;
    some(rest, after, Eval::any(operands))
}

fn eval_all(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    let (after, operands) =
        separated_list1(word("AND"), move |rest| eval_not(rest, depth)).parse(rest)?;
    some(rest, after, Eval::all(operands))
}

fn eval_not(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    let inner = preceded(word("NOT"), cut(move |rest| eval_not(rest, depth + 1)));
    alt((map(inner, |operand| Eval::Not(Box::new(operand))), move |rest| {
        comparison_of_eval(rest, depth)
    }))
    .parse(rest)
}

fn comparison_of_eval(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    let right = (preceded(multispace0, operator), move |rest| difference(rest, depth));
    let both = (move |rest| difference(rest, depth), opt(right));
    map(both, |(left, right)| match right {
        Some((operator, right)) => left.compare(operator, right),
        None => left,
    })
    .parse(rest)
}

fn difference(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    let atom = move |rest| eval_atom(rest, depth);
    let right = preceded((multispace0, char('-')), atom);
    map((atom, opt(right)), |(left, right)| match right {
        Some(right) => Eval::Minus(Box::new(left), Box::new(right)),
        None => left,
    })
    .parse(rest)
}

fn eval_atom(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    let inner = move |rest| eval_any(rest, depth + 1);
    let group = delimited(char('('), inner, preceded(multispace0, char(')')));
    let arguments = separated_list0(preceded(multispace0, char(',')), inner);
    let function = take_while1(|it: char| it.is_ascii_alphanumeric() || it == '_');
    let call = map(
        (function, delimited(char('('), arguments, preceded(multispace0, char(')')))),
        |(function, arguments)| Eval::call(function, arguments),
    );
    let digits = || take_while1(|it: char| it.is_ascii_digit());
    let number = recognize((opt(char('-')), digits(), opt((char('.'), digits()))));
    let quoted = map(delimited(char('\''), is_not("'"), char('\'')), |name: &str| {
        Eval::Field(name.to_owned())
    });
    let text = map(string, |text| Eval::Text { text, origin: Origin::default() });
    let number = map(number, |text: &str| Eval::Number(text.to_owned()));
    preceded(multispace0, alt((group, call, quoted, text, number))).parse(rest)
}
