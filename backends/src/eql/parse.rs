//! EQL text to tree (Elastic documentation, "EQL syntax reference"). Binding: `not`, `and`, `or`.

mod lexical;
mod operand;
mod statement;

use nom::IResult;
use nom::error::{Error, ErrorKind};

use super::ast::{Expr, Literal, Operand, Operator, Query, Statement};
pub(super) use lexical::{KEYWORDS, is_name};
use lexical::{fail, skip, string, symbol, word};

type Parsed<'t, T> = IResult<&'t str, T>;

/// Parentheses, `not`, signs and functions may be nested this deep.
const MAX_DEPTH: usize = 200;

/// Reads a query about one event. The error is the byte at which the text is no longer EQL.
pub fn parse(text: &str) -> Result<Query, usize> {
    complete(text, statement::query)
}

/// Reads any text of EQL: a query about one event, a sequence or a sample, with pipes.
pub fn parse_statement(text: &str) -> Result<Statement, usize> {
    complete(text, statement::statement)
}

/// Reads a condition without its `category where`.
pub fn parse_condition(text: &str) -> Result<Expr, usize> {
    complete(text, condition)
}

fn complete<'t, T>(text: &'t str, parser: fn(&'t str) -> Parsed<'t, T>) -> Result<T, usize> {
    let read = parser(text).and_then(|(rest, tree)| {
        let (rest, ()) = skip(rest)?;
        if rest.is_empty() { Ok((rest, tree)) } else { fail(rest) }
    });
    match read {
        Ok((_, tree)) => Ok(tree),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            Err(text.len() - error.input.len())
        }
        Err(nom::Err::Incomplete(_)) => Err(text.len()),
    }
}

/// What parentheses may hold: a test or an operand.
enum Node {
    Test(Expr),
    Operand(Operand),
}

impl Node {
    /// The operand, which is what has to stand at `rest`.
    fn operand(self, rest: &str) -> Result<Operand, nom::Err<Error<&str>>> {
        match self {
            Self::Operand(operand) => Ok(operand),
            Self::Test(_) => Err(error(rest)),
        }
    }

    /// The test; what is none lacks a comparison at `rest`.
    fn test(self, rest: &str) -> Result<Expr, nom::Err<Error<&str>>> {
        match self {
            Self::Test(test) => Ok(test),
            Self::Operand(Operand::Call(call)) if call.function.is_test() => Ok(Expr::Call(call)),
            Self::Operand(Operand::Value(value)) => match value.literal {
                Literal::Bool(value) => Ok(Expr::Constant(value)),
                Literal::Text(_) | Literal::Number(_) | Literal::Null => Err(error(rest)),
            },
            Self::Operand(_) => Err(error(rest)),
        }
    }
}

fn error(rest: &str) -> nom::Err<Error<&str>> {
    let rest = skip(rest).map_or(rest, |(rest, ())| rest);
    nom::Err::Error(Error::new(rest, ErrorKind::Tag))
}

fn condition(rest: &str) -> Parsed<'_, Expr> {
    let (rest, node) = or(rest, 0)?;
    Ok((rest, node.test(rest)?))
}

fn or(rest: &str, depth: usize) -> Parsed<'_, Node> {
    chain(rest, depth, "or", and, |operands| Expr::any(operands))
}

fn and(rest: &str, depth: usize) -> Parsed<'_, Node> {
    chain(rest, depth, "and", negation, |operands| Expr::all(operands))
}

fn chain<'t>(
    rest: &'t str,
    depth: usize,
    joiner: &str,
    operand: fn(&'t str, usize) -> Parsed<'t, Node>,
    join: fn(Vec<Expr>) -> Expr,
) -> Parsed<'t, Node> {
    let (mut rest, first) = operand(rest, depth)?;
    let Ok((mut after, ())) = word(rest, joiner) else { return Ok((rest, first)) };
    let mut operands = vec![first.test(rest)?];
    loop {
        let (behind, node) = operand(after, depth)?;
        operands.push(node.test(behind)?);
        rest = behind;
        match word(rest, joiner) {
            Ok((next, ())) => after = next,
            Err(_) => return Ok((rest, Node::Test(join(operands)))),
        }
    }
}

fn negation(rest: &str, depth: usize) -> Parsed<'_, Node> {
    check_depth(rest, depth)?;
    let Ok((after, ())) = word(rest, "not") else { return comparison(rest, depth) };
    let (rest, node) = negation(after, depth + 1)?;
    Ok((rest, Node::Test(Expr::negate(node.test(rest)?))))
}

fn check_depth(rest: &str, depth: usize) -> Result<(), nom::Err<Error<&str>>> {
    if depth > MAX_DEPTH { Err(error(rest)) } else { Ok(()) }
}

/// An operand, or a comparison of one.
fn comparison(rest: &str, depth: usize) -> Parsed<'_, Node> {
    let (rest, node) = operand::sum(rest, depth)?;
    let Node::Operand(left) = node else { return Ok((rest, node)) };
    let (positive, negated) = match word(rest, "not") {
        Ok((after, ())) => (after, true),
        Err(_) => (rest, false),
    };
    let found = operator(positive).ok().filter(|(_, it)| !negated || it.takes_list());
    let Some((after, operator)) = found else { return Ok((rest, Node::Operand(left))) };
    let (rest, right) = right_side(after, depth, operator)?;
    if left.has_field() && right.iter().any(Operand::has_field) {
        return Err(error(after));
    }
    let test = Expr::compare(left, operator, right);
    Ok((rest, Node::Test(if negated { Expr::negate(test) } else { test })))
}

/// What an operator compares with: values in parentheses, a text, or any operand.
fn right_side(rest: &str, depth: usize, operator: Operator) -> Parsed<'_, Vec<Operand>> {
    let value = |rest| value(rest, operator);
    if operator.may_take_list()
        && let Ok((after, _)) = symbol(rest, "(")
    {
        let (rest, values) = lexical::list(after, value)?;
        let (rest, _) = symbol(rest, ")")?;
        return Ok((rest, values));
    }
    if operator.takes_list() {
        return Err(error(rest));
    }
    if operator.is_for_text() {
        let (rest, value) = value(rest)?;
        return Ok((rest, vec![value]));
    }
    let (after, node) = operand::sum(rest, depth)?;
    Ok((after, vec![node.operand(rest)?]))
}

/// A value that the operator can compare with.
fn value(rest: &str, operator: Operator) -> Parsed<'_, Operand> {
    if operator.is_for_text() {
        let (rest, ()) = skip(rest)?;
        let (rest, text) = string(rest)?;
        return Ok((rest, Operand::literal(Literal::Text(text))));
    }
    operand::literal(rest)
}

fn operator(rest: &str) -> Parsed<'_, Operator> {
    let (rest, ()) = skip(rest)?;
    for (text, operator) in Operator::ALL {
        let Some(after) = rest.strip_prefix(text) else { continue };
        let goes_on = after.starts_with(|it| lexical::is_name_part(it) || it == '~');
        if !(text.starts_with(|it: char| it.is_ascii_alphabetic()) && goes_on) {
            return Ok((after, *operator));
        }
    }
    fail(rest)
}
