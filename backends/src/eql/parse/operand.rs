//! Operands: sums, products, functions, fields and values.

use isogloss_compiler::ir::Origin;

use super::super::ast::{Arithmetic, Call, FieldPath, Function, Literal, Operand};
use super::lexical::{
    backticked, fail, identifier, is_name_part, list, number, skip, string, symbol, word,
};
use super::{Node, Parsed, check_depth, error, or};

/// `a + b - c`.
pub(super) fn sum(rest: &str, depth: usize) -> Parsed<'_, Node> {
    series(rest, depth, true, product)
}

/// `a * b / c`, which binds stronger.
fn product(rest: &str, depth: usize) -> Parsed<'_, Node> {
    series(rest, depth, false, signed)
}

fn series<'t>(
    rest: &'t str,
    depth: usize,
    is_sum: bool,
    operand: fn(&'t str, usize) -> Parsed<'t, Node>,
) -> Parsed<'t, Node> {
    let (mut rest, node) = operand(rest, depth)?;
    let Node::Operand(first) = node else { return Ok((rest, node)) };
    let mut others = Vec::new();
    while let Some((after, sign)) = sign(rest, is_sum) {
        let (behind, node) = operand(after, depth)?;
        others.push((sign, node.operand(after)?));
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

/// `-a` and `+a`, which bind stronger than the signs between operands.
fn signed(rest: &str, depth: usize) -> Parsed<'_, Node> {
    check_depth(rest, depth)?;
    let (rest, ()) = skip(rest)?;
    let Some(after) = rest.strip_prefix(['-', '+']) else { return primary(rest, depth) };
    let (behind, node) = signed(after, depth + 1)?;
    let operand = node.operand(after)?;
    let is_number = |literal: &Literal| matches!(literal, Literal::Number(_));
    if operand.as_value().is_some_and(|value| !is_number(&value.literal)) {
        return Err(error(after));
    }
    let operand = if rest.starts_with('-') { Operand::negative(operand) } else { operand };
    Ok((behind, Node::Operand(operand)))
}

fn primary(rest: &str, depth: usize) -> Parsed<'_, Node> {
    if let Some(after) = rest.strip_prefix('(') {
        let (behind, node) = or(after, depth + 1)?;
        let (behind, ()) = symbol(behind, ")")?;
        return Ok((behind, node));
    }
    if let Some((after, function)) = function(rest) {
        let (rest, call) = call(after, depth, function)?;
        return Ok((rest, Node::Operand(Operand::Call(call))));
    }
    let (rest, operand) = if starts_literal(rest) {
        literal(rest)?
    } else {
        let (rest, field) = field(rest)?;
        (rest, Operand::Field(field))
    };
    Ok((rest, Node::Operand(operand)))
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

fn call(rest: &str, depth: usize, function: Function) -> Parsed<'_, Call> {
    let argument = |rest| {
        let (after, node) = or(rest, depth + 1)?;
        Ok((after, node.operand(rest)?))
    };
    let (rest, arguments) = list(rest, argument)?;
    let (least, most) = function.arity();
    if !(least..=most).contains(&arguments.len()) {
        return Err(error(rest));
    }
    let (rest, ()) = symbol(rest, ")")?;
    Ok((rest, Call { function, arguments, origin: Origin::default() }))
}

/// `?a.b.c`, each part quoted or not.
pub(super) fn field(rest: &str) -> Parsed<'_, FieldPath> {
    let (rest, ()) = skip(rest)?;
    let (optional, mut rest) =
        rest.strip_prefix('?').map_or((false, rest), |after| (true, after));
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
