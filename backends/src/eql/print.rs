//! EQL tree to text. All syntax is decided here: quotes, escapes, parentheses, layout.

use std::fmt::Write;

use super::ast::{Argument, Call, Comparison, Expr, FieldPath, Literal, Query, Value};
use crate::layout::{Doc, Layout, Printed, located, render};

/// Words that have to be quoted as a part of a field's name.
const KEYWORDS: &[&str] = &[
    "and", "any", "by", "false", "in", "join", "like", "maxspan", "not", "null", "of", "or",
    "regex", "sample", "sequence", "true", "until", "where", "with",
];

/// Prints a query in lines of `width` columns, or on one line.
pub fn print(query: &Query, width: Option<usize>) -> Printed {
    render(width, |layout| {
        let category = layout.text(print_category(query.category.as_deref()));
        let head = located(&query.category_origin, category).append(" where");
        layout.headed(head, print_chain(&query.joined().condition, layout))
    })
}

fn print_category(category: Option<&str>) -> String {
    match category {
        None => "any".to_owned(),
        Some(name) if is_name(name) && !KEYWORDS.contains(&name) => name.to_owned(),
        Some(name) => quote(name),
    }
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
        Expr::Not(_) | Expr::Comparison(_) | Expr::Call(_) | Expr::Constant(_) => {
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
        Expr::Call(call) => print_call(call, layout),
        Expr::Constant(value) => layout.text(value.to_string()),
    }
}

fn print_comparison<'a>(comparison: &Comparison, layout: &Layout<'a>) -> Doc<'a> {
    let head = format!("{} {} ", print_field(&comparison.field), comparison.operator.as_str());
    let mut values = comparison.values.iter().map(|value| print_value(value, layout));
    let one = if comparison.operator.takes_list() || comparison.values.len() != 1 {
        None
    } else {
        values.next()
    };
    let values = one.unwrap_or_else(|| layout.list(",", values));
    located(&comparison.origin, layout.text(head).append(values))
}

fn print_call<'a>(call: &Call, layout: &Layout<'a>) -> Doc<'a> {
    let arguments = call.arguments.iter().map(|argument| match argument {
        Argument::Field(field) => layout.text(print_field(field)),
        Argument::Value(value) => print_value(value, layout),
    });
    let arguments = layout.list(",", arguments.collect::<Vec<_>>());
    located(&call.origin, layout.text(call.function.as_str()).append(arguments))
}

fn print_value<'a>(value: &Value, layout: &Layout<'a>) -> Doc<'a> {
    let text = match &value.literal {
        Literal::Text(text) => quote(text),
        Literal::Number(number) => number.clone(),
        Literal::Bool(value) => value.to_string(),
        Literal::Null => "null".to_owned(),
    };
    located(&value.origin, layout.text(text))
}

/// A field as it is written, with quotes around the parts that need them.
pub(crate) fn print_field(field: &FieldPath) -> String {
    let mark = if field.optional { "?" } else { "" };
    // A name with an empty part can only be quoted as a whole.
    let whole = field.name.split('.').any(str::is_empty);
    let parts: Vec<&str> = if whole { vec![&field.name] } else { field.name.split('.').collect() };
    let parts: Vec<String> = parts.into_iter().map(print_name).collect();
    format!("{mark}{}", parts.join("."))
}

fn print_name(name: &str) -> String {
    if is_name(name) && !KEYWORDS.contains(&name) {
        return name.to_owned();
    }
    format!("`{}`", name.replace('`', "``"))
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|it| it.is_ascii_alphabetic() || matches!(it, '_' | '@'))
        && characters.all(|it| it.is_ascii_alphanumeric() || it == '_')
}

/// A string in double quotes. Control and format characters are escaped, so that none can hide.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            hidden if isogloss_compiler::text::is_hidden(hidden) => {
                let _infallible = write!(quoted, "\\u{{{:02x}}}", u32::from(hidden));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
