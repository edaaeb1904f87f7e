//! KQL tree to text. All syntax is decided here: quotes, escapes, parentheses, layout.

mod threshold;

use std::fmt::Write;

use super::ast::{Comparison, Expr, Literal, Name, Query, Test, Value, Values};
use isogloss_compiler::text::is_hidden;

use crate::layout::{Doc, Layout, Printed, located, render};
pub use threshold::print_threshold;

/// Prints a query in lines of `width` columns, or on one line.
pub fn print(query: &Query, width: Option<usize>) -> Printed {
    render(width, |layout| print_chain(&query.joined().condition, layout))
}

/// An expression that stands alone or in parentheses.
fn print_chain<'a>(expr: &Expr, layout: &Layout<'a>) -> Doc<'a> {
    match expr {
        Expr::All(operands) => {
            layout.chain(" and", operands.iter().map(|it| print_operand(it, layout)))
        }
        Expr::Any(operands) => {
            layout.chain(" or", operands.iter().map(|it| print_operand(it, layout)))
        }
        Expr::Not(_) | Expr::Comparison(_) | Expr::Anywhere(_) | Expr::Nested { .. } => {
            print_operand(expr, layout)
        }
    }
}

/// An expression beside others: chains get parentheses, also where precedence would not ask for them.
fn print_operand<'a>(expr: &Expr, layout: &Layout<'a>) -> Doc<'a> {
    match expr {
        Expr::All(_) | Expr::Any(_) => layout.parenthesized(print_chain(expr, layout)),
        Expr::Not(operand) => layout.text("not ").append(print_operand(operand, layout)),
        Expr::Comparison(comparison) => print_comparison(comparison, layout),
        Expr::Anywhere(value) => print_value(value, layout),
        Expr::Nested { path, query } => {
            let head = layout.text(format!("{}: {{ ", print_name(path)));
            head.append(print_chain(query, layout)).append(layout.text(" }"))
        }
    }
}

fn print_comparison<'a>(comparison: &Comparison, layout: &Layout<'a>) -> Doc<'a> {
    let name = print_name(&comparison.field);
    let test = match &comparison.test {
        Test::Is(values) => layout.text(format!("{name}: ")).append(print_values(values, layout)),
        Test::Range(relation, value) => {
            let head = layout.text(format!("{name} {} ", relation.as_str()));
            head.append(print_value(value, layout))
        }
    };
    located(&comparison.origin, test)
}

/// One value, or a group in parentheses.
fn print_values<'a>(values: &Values, layout: &Layout<'a>) -> Doc<'a> {
    let list = |members: &[Values], operator: &str| {
        let members: Vec<Doc> = members.iter().map(|it| print_member(it, layout)).collect();
        layout.list(operator, members)
    };
    match values {
        Values::One(value) => print_value(value, layout),
        Values::Any(members) => list(members, " or"),
        Values::All(members) => list(members, " and"),
        Values::Not(_) => layout.parenthesized(print_member(values, layout)),
    }
}

/// Values inside of a group, where `not` needs no parentheses of its own.
fn print_member<'a>(values: &Values, layout: &Layout<'a>) -> Doc<'a> {
    match values {
        Values::Not(member) => layout.text("not ").append(print_values(member, layout)),
        Values::One(_) | Values::Any(_) | Values::All(_) => print_values(values, layout),
    }
}

fn print_value<'a>(value: &Value, layout: &Layout<'a>) -> Doc<'a> {
    let text = match &value.literal {
        Literal::Quoted(text) => quote(text),
        Literal::Unquoted(parts) => print_unquoted(parts),
    };
    located(&value.origin, layout.text(text))
}

fn print_name(name: &Name) -> String {
    match name {
        Name::Exact(name) => print_field(name),
        Name::Like(parts) => print_unquoted(parts),
    }
}

/// A field whose name is a plain word stands as it is, any other in quotes. Without quotes `null` is no
/// field, `true` and `false` are no names, and `not` ends a name too.
pub(crate) fn print_field(name: &str) -> String {
    const WORDS: &[&str] = &["and", "or", "not", "null", "true", "false"];
    let plain = |it: char| it.is_alphanumeric() || matches!(it, '.' | '_' | '-' | '@');
    let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
    if !name.is_empty() && name.chars().all(plain) && !is_word && !ends_in_not(name) {
        return name.to_owned();
    }
    quote(name)
}

fn print_unquoted(parts: &[Option<String>]) -> String {
    let mut out = String::new();
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.iter().enumerate() {
        match part {
            None => out.push('*'),
            Some(text) => push_unquoted(text, index == last, &mut out),
        }
    }
    out
}

/// Specials are escaped, and spaces beside the word of an operator, which they would make one. No value
/// has white space at its ends: Kibana trims it.
///
/// `not` needs no space before it: Kibana finds it at the end of `cannot ` too.
fn push_unquoted(text: &str, last: bool, out: &mut String) {
    let mut done = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let after = rest.as_str();
        match character {
            '\\' | '(' | ')' | ':' | '<' | '>' | '"' | '*' | '{' | '}' => {
                out.push('\\');
                out.push(character);
            }
            ' ' if after.starts_with(' ') || starts_operator(after) || ends_in_not(&done) => {
                out.push_str("\\u0020");
            }
            ' ' => out.push(' '),
            // A space may follow the whole value.
            't' | 'T' if last && after.is_empty() && ends_in_not(&format!("{done}t")) => {
                let _infallible = write!(out, "\\u{:04x}", u32::from(character));
            }
            other => push_visible(other, out),
        }
        done.push(character);
    }
}

fn starts_operator(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["and", "or"].iter().any(|word| lower.starts_with(word))
}

fn ends_in_not(text: &str) -> bool {
    text.trim_end_matches(' ').to_ascii_lowercase().ends_with("not")
}

fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            other => push_visible(other, &mut quoted),
        }
    }
    quoted.push('"');
    quoted
}

/// Hidden characters are escaped, as the two halves of UTF-16 where they need two.
fn push_visible(character: char, out: &mut String) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        hidden if is_hidden(hidden) || (hidden != ' ' && hidden.is_whitespace()) => {
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                let _infallible = write!(out, "\\u{unit:04x}");
            }
        }
        other => out.push(other),
    }
}
