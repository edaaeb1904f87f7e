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
    let (rest, node) = climb(rest, 0, Level::Or)?;
    Ok((rest, node.test(rest)?))
}

/// How strong operators bind, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Comparison,
    Sum,
    Product,
    Signed,
}

/// An operand and all operators behind it that bind at least so strong. One function for all levels, so
/// that deep texts need little of the stack.
fn climb(rest: &str, depth: usize, level: Level) -> Parsed<'_, Node> {
    if depth > MAX_DEPTH {
        return Err(error(rest));
    }
    let (mut rest, mut node) = operand::prefix(rest, depth, level)?;
    for (of, apply) in LEVELS {
        if level <= *of {
            (rest, node) = apply(rest, depth, node)?;
        }
    }
    Ok((rest, node))
}

/// Reads the operators of a level behind an operand.
type Apply = for<'t> fn(&'t str, usize, Node) -> Parsed<'t, Node>;

/// The strongest first.
const LEVELS: &[(Level, Apply)] = &[
    (Level::Product, operand::product),
    (Level::Sum, operand::sum),
    (Level::Comparison, comparison),
    (Level::And, and),
    (Level::Or, or),
];

fn and(rest: &str, depth: usize, first: Node) -> Parsed<'_, Node> {
    let Ok((after, ())) = word(rest, "and") else { return Ok((rest, first)) };
    let first = first.test(rest)?;
    let (rest, operands) = operands(after, depth, first, ("and", Level::Comparison))?;
    Ok((rest, Node::Test(Expr::all(operands))))
}

fn or(rest: &str, depth: usize, first: Node) -> Parsed<'_, Node> {
    let Ok((after, ())) = word(rest, "or") else { return Ok((rest, first)) };
    let first = first.test(rest)?;
    let (rest, operands) = operands(after, depth, first, ("or", Level::And))?;
    Ok((rest, Node::Test(Expr::any(operands))))
}

/// The operands behind the first joiner.
fn operands<'t>(
    rest: &'t str,
    depth: usize,
    first: Expr,
    (joiner, level): (&str, Level),
) -> Parsed<'t, Vec<Expr>> {
    let mut operands = vec![first];
    let mut after = rest;
    loop {
        let (rest, node) = climb(after, depth, level)?;
        operands.push(node.test(rest)?);
        match word(rest, joiner) {
            Ok((next, ())) => after = next,
            Err(_) => return Ok((rest, operands)),
        }
    }
}

/// A comparison, if an operator stands behind an operand.
fn comparison(rest: &str, depth: usize, node: Node) -> Parsed<'_, Node> {
    let Node::Operand(left) = node else { return Ok((rest, node)) };
    let (positive, negated) = match word(rest, "not") {
        Ok((after, ())) => (after, true),
        Err(_) => (rest, false),
    };
    let found = operator(positive).ok().filter(|(_, it)| !negated || it.takes_list());
    let Some((after, operator)) = found else { return Ok((rest, Node::Operand(left))) };
    if operator.is_for_text() && !left.may_be_text() {
        return Err(error(rest));
    }
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
        && let Ok((after, ())) = symbol(rest, "(")
    {
        let (rest, values) = lexical::list(after, value)?;
        let (rest, ()) = symbol(rest, ")")?;
        return Ok((rest, values));
    }
    if operator.takes_list() {
        return Err(error(rest));
    }
    if operator.is_for_text() {
        let (rest, value) = value(rest)?;
        return Ok((rest, vec![value]));
    }
    let (after, node) = climb(rest, depth + 1, Level::Sum)?;
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
