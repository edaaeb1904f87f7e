//! Operands: sums, products, functions, fields and values.

use isogloss_compiler::ir::Origin;

use super::super::ast::{Arithmetic, Call, Expr, FieldPath, Function, Literal, Operand};
use super::lexical::{
    backticked, fail, identifier, is_name_part, number, skip, string, symbol, word,
};
use super::{Level, Node, Parsed, climb, error};

/// `+ b - c` behind a first operand.
pub(super) fn sum(rest: &str, depth: usize, first: Node) -> Parsed<'_, Node> {
    series(rest, depth, first, Level::Product)
}

/// `* b / c` behind a first operand.
pub(super) fn product(rest: &str, depth: usize, first: Node) -> Parsed<'_, Node> {
    series(rest, depth, first, Level::Signed)
}

/// Signs with operands of this level.
fn series(rest: &str, depth: usize, first: Node, level: Level) -> Parsed<'_, Node> {
    let Node::Operand(first) = first else { return Ok((rest, first)) };
    let mut rest = rest;
    let mut others = Vec::new();
    while first.may_be_number()
        && let Some((after, sign)) = sign(rest, level == Level::Product)
    {
        let (behind, node) = climb(after, depth + 1, level)?;
        let operand = node.operand(after)?;
        if !operand.may_be_number() {
            return Err(error(after));
        }
        others.push((sign, operand));
        rest = behind;
    }
    Ok((rest, Node::Operand(Operand::series(first, others))))
}

fn sign(rest: &str, is_sum: bool) -> Option<(&str, Arithmetic)> {
    let (rest, ()) = skip(rest).ok()?;
    let (character, sign) = Arithmetic::ALL.iter().find(|(it, _)| rest.starts_with(*it))?;
    let after = rest.strip_prefix(*character)?;
    (sign.is_sum() == is_sum).then_some((after, *sign))
}

/// What begins with a word or a sign of one operand, or stands alone.
pub(super) fn prefix(rest: &str, depth: usize, level: Level) -> Parsed<'_, Node> {
    let (rest, ()) = skip(rest)?;
    if level <= Level::Comparison
        && let Ok((after, ())) = word(rest, "not")
    {
        let (rest, node) = climb(after, depth + 1, Level::Comparison)?;
        return Ok((rest, Node::Test(Expr::negate(node.test(rest)?))));
    }
    if let Some(after) = rest.strip_prefix('(') {
        let (rest, node) = climb(after, depth + 1, Level::Or)?;
        let (rest, ()) = symbol(rest, ")")?;
        return Ok((rest, node));
    }
    if let Some(after) = rest.strip_prefix(['-', '+']) {
        let (behind, node) = climb(after, depth + 1, Level::Signed)?;
        let operand = node.operand(after)?;
        if !operand.may_be_number() {
            return Err(error(after));
        }
        let operand = if rest.starts_with('-') { Operand::negative(operand) } else { operand };
        return Ok((behind, Node::Operand(operand)));
    }
    let (rest, operand) = match function(rest) {
        Some((after, function)) => call(after, depth, function)?,
        None => primary(rest)?,
    };
    Ok((rest, Node::Operand(operand)))
}

fn primary(rest: &str) -> Parsed<'_, Operand> {
    if starts_literal(rest) {
        return literal(rest);
    }
    let (rest, field) = field(rest)?;
    Ok((rest, Operand::Field(field)))
}

/// The name of a function and its parenthesis. Case does not matter.
fn function(rest: &str) -> Option<(&str, Function)> {
    let (after, name) = identifier(rest).ok()?;
    let folded = after.strip_prefix('~');
    let (behind, ()) = symbol(folded.unwrap_or(after), "(").ok()?;
    let name = if folded.is_some() { format!("{name}~") } else { name.to_owned() };
    let known = Function::ALL.iter().find(|(text, _)| text.eq_ignore_ascii_case(&name));
    known.map(|(_, function)| (behind, *function))
}

fn call(rest: &str, depth: usize, function: Function) -> Parsed<'_, Operand> {
    let mut rest = rest;
    let mut arguments = Vec::new();
    loop {
        // A function takes twice the stack that parentheses take.
        let (behind, node) = climb(rest, depth + 2, Level::Or)?;
        arguments.push(node.operand(rest)?);
        rest = behind;
        let Ok((after, ())) = symbol(rest, ",") else { break };
        rest = after;
    }
    let (least, most) = function.arity();
    if !(least..=most).contains(&arguments.len()) {
        return Err(error(rest));
    }
    let (rest, ()) = symbol(rest, ")")?;
    Ok((rest, Operand::Call(Call { function, arguments, origin: Origin::default() })))
}

/// `?a.b.c`, each part quoted or not.
pub(super) fn field(rest: &str) -> Parsed<'_, FieldPath> {
    let (rest, ()) = skip(rest)?;
    let (optional, mut rest) = rest.strip_prefix('?').map_or((false, rest), |after| (true, after));
    let mut parts = Vec::new();
    loop {
        let (after, part) = part(rest)?;
        parts.push(part);
        let Ok((next, ())) = symbol(after, ".") else {
            return Ok((after, FieldPath { name: parts.join("."), optional }));
        };
        rest = next;
    }
}

fn part(rest: &str) -> Parsed<'_, String> {
    let (rest, ()) = skip(rest)?;
    if rest.starts_with('`') {
        return backticked(rest);
    }
    let (rest, name) = identifier(rest)?;
    Ok((rest, name.to_owned()))
}

fn starts_literal(rest: &str) -> bool {
    let is_digit = |it: char| it.is_ascii_digit();
    rest.starts_with('"')
        || rest.strip_prefix('.').unwrap_or(rest).starts_with(is_digit)
        || ["true", "false", "null"].iter().any(|it| word(rest, it).is_ok())
}

/// A string, a number, `true`, `false` or `null`.
pub(super) fn literal(rest: &str) -> Parsed<'_, Operand> {
    let (rest, ()) = skip(rest)?;
    let words =
        [("true", Literal::Bool(true)), ("false", Literal::Bool(false)), ("null", Literal::Null)];
    for (text, literal) in words {
        if let Ok((after, ())) = word(rest, text) {
            return Ok((after, Operand::literal(literal)));
        }
    }
    if rest.starts_with('"') {
        let (rest, text) = string(rest)?;
        return Ok((rest, Operand::literal(Literal::Text(text))));
    }
    let (after, negative) = rest.strip_prefix('-').map_or((rest, false), |after| (after, true));
    if after.starts_with(is_name_part) || after.starts_with('.') {
        let (rest, text) = number(after)?;
        let text = if negative { format!("-{text}") } else { text.to_owned() };
        return Ok((rest, Operand::literal(Literal::Number(text))));
    }
    fail(rest)
}
