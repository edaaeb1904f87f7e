//! EQL on an event, as Elasticsearch's documents describe it.
//!
//! Written from the documentation alone: nothing of the compiler's evaluator is used, so that an error
//! in one is not an error in both. Comparisons match any value of a field. A missing field does not
//! match; an optional field that is missing is taken as missing from every index, so it is null, and
//! null stays null under `not`. Case is ignored for ASCII letters only.

mod function;

use std::fmt::Write;

use isogloss_compiler::ir::{Event, Mapped};

use super::ast::{Comparison, Expr, Literal, Operator, Query};

/// True if the query finds the event. `scoped` tells whether the log source counts too.
pub fn evaluate(query: &Query, event: &Event<Mapped>, scoped: bool) -> bool {
    let category = query.category.as_deref().is_none_or(|category| {
        event.values("event.category").iter().any(|value| value.text() == category)
    });
    let scope = category && query.scope.iter().all(|scope| truth(scope, event) == Some(true));
    (!scoped || scope) && truth(&query.condition, event) == Some(true)
}

/// `None` is null.
fn truth(expr: &Expr, event: &Event<Mapped>) -> Option<bool> {
    match expr {
        Expr::Constant(value) => Some(*value),
        Expr::Not(operand) => truth(operand, event).map(|value| !value),
        Expr::All(operands) => {
            let values: Vec<_> = operands.iter().map(|it| truth(it, event)).collect();
            if values.contains(&Some(false)) {
                return Some(false);
            }
            values.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
        }
        Expr::Any(operands) => {
            let values: Vec<_> = operands.iter().map(|it| truth(it, event)).collect();
            if values.contains(&Some(true)) {
                return Some(true);
            }
            values.into_iter().collect::<Option<Vec<_>>>().map(|_| false)
        }
        Expr::Comparison(comparison) => compare(comparison, event),
        Expr::Call(call) => function::truth(call, event),
    }
}

fn compare(comparison: &Comparison, event: &Event<Mapped>) -> Option<bool> {
    let found: Vec<String> =
        event.values(&comparison.field.name).iter().map(|it| it.text().to_owned()).collect();
    let null = comparison.values.iter().any(|value| value.literal == Literal::Null);
    if null {
        return Some(found.is_empty() == (comparison.operator == Operator::Equal));
    }
    if found.is_empty() && comparison.field.optional {
        return None;
    }
    if comparison.operator == Operator::NotEqual {
        let equals =
            |text: &String| comparison.values.iter().any(|value| equal(text, &value.literal));
        return Some(!found.iter().any(equals));
    }
    let matches = |text: &String| {
        comparison.values.iter().any(|value| holds(comparison.operator, text, &value.literal))
    };
    Some(found.iter().any(matches))
}

fn holds(operator: Operator, text: &str, literal: &Literal) -> bool {
    let wanted = match literal {
        Literal::Text(wanted) => wanted.as_str(),
        Literal::Number(_) | Literal::Bool(_) | Literal::Null => "",
    };
    match operator {
        Operator::Equal | Operator::In => equal(text, literal),
        Operator::NotEqual => !equal(text, literal),
        Operator::Less => order(text, literal).is_some_and(std::cmp::Ordering::is_lt),
        Operator::LessEqual => order(text, literal).is_some_and(std::cmp::Ordering::is_le),
        Operator::Greater => order(text, literal).is_some_and(std::cmp::Ordering::is_gt),
        Operator::GreaterEqual => order(text, literal).is_some_and(std::cmp::Ordering::is_ge),
        Operator::InFolded => lower(text) == lower(wanted),
        Operator::Match | Operator::LikeFolded => glob(&lower(wanted), &lower(text)),
        Operator::Like => {
            glob(&wanted.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>())
        }
        Operator::Regex => run(wanted, false, text),
        Operator::RegexFolded => run(wanted, true, text),
    }
}

fn equal(text: &str, literal: &Literal) -> bool {
    match literal {
        Literal::Text(wanted) => text == wanted,
        Literal::Number(wanted) => text.parse::<f64>().ok() == wanted.parse().ok(),
        Literal::Bool(wanted) => text.eq_ignore_ascii_case(&wanted.to_string()),
        Literal::Null => false,
    }
}

fn order(text: &str, literal: &Literal) -> Option<std::cmp::Ordering> {
    match literal {
        Literal::Number(wanted) => match (text.parse::<i64>(), wanted.parse::<i64>()) {
            (Ok(text), Ok(wanted)) => Some(text.cmp(&wanted)),
            _ => text.parse::<f64>().ok()?.partial_cmp(&wanted.parse().ok()?),
        },
        Literal::Text(wanted) => Some(text.cmp(wanted)),
        Literal::Bool(_) | Literal::Null => None,
    }
}

fn lower(text: &str) -> Vec<char> {
    text.chars().map(|it| it.to_ascii_lowercase()).collect()
}

/// `*` is any run, `?` one character; there is no escape. What stands between two runs is taken where
/// it is found first; the ends are fixed.
fn glob(pattern: &[char], text: &[char]) -> bool {
    let fits = |piece: &[char], text: &[char]| {
        piece.iter().zip(text).all(|(wanted, found)| *wanted == '?' || wanted == found)
    };
    let mut pieces = pattern.split(|it| *it == '*');
    let first = pieces.next().unwrap_or_default();
    let Some((start, mut rest)) = text.split_at_checked(first.len()) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() && fits(first, start) };
    if !fits(first, start) {
        return false;
    }
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let Some(at) = rest.windows(piece.len()).position(|window| fits(piece, window)) else {
            return false;
        };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    let end = rest.len().checked_sub(last.len()).and_then(|at| rest.get(at..));
    end.is_some_and(|end| fits(last, end))
}

/// Runs a regular expression of Lucene's dialect on a whole value.
fn run(pattern: &str, folded: bool, text: &str) -> bool {
    let Some(program) = to_program(pattern, folded) else { return false };
    regex::Regex::new(&program).is_ok_and(|program| program.is_match(text))
}

/// Lucene's dialect in the syntax of the `regex` crate; `None` for operators that we never emit.
fn to_program(pattern: &str, folded: bool) -> Option<String> {
    let mut program = String::from(r"\A(?:");
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => push_literal(rest.next()?, folded, &mut program),
            '[' => push_class(&mut rest, &mut program)?,
            '.' => program.push_str("(?s:.)"),
            '#' | '@' | '&' | '<' | '>' | '~' | '"' => return None,
            '|' | '(' | ')' | '*' | '+' | '?' | '{' | '}' => program.push(character),
            digit if digit.is_ascii_digit() => program.push(digit),
            ',' => program.push(','),
            literal => push_literal(literal, folded, &mut program),
        }
    }
    program.push_str(r")\z");
    Some(program)
}

/// Without regard to case, only ASCII letters outside of classes are folded.
fn push_literal(character: char, folded: bool, program: &mut String) {
    if folded && character.is_ascii_alphabetic() {
        let letters = (character.to_ascii_lowercase(), character.to_ascii_uppercase());
        let _infallible = write!(program, "[{}{}]", letters.0, letters.1);
    } else {
        push_code(character, program);
    }
}

fn push_code(character: char, program: &mut String) {
    let _infallible = write!(program, "\\x{{{:x}}}", u32::from(character));
}

fn push_class(rest: &mut std::str::Chars, program: &mut String) -> Option<()> {
    program.push('[');
    let mut first = true;
    loop {
        match rest.next()? {
            ']' => break,
            '^' if first => program.push('^'),
            '-' => program.push('-'),
            '\\' => push_code(rest.next()?, program),
            character => push_code(character, program),
        }
        first = false;
    }
    program.push(']');
    Some(())
}
