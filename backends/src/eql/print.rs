//! EQL tree to text. All syntax is decided here: quotes, escapes, parentheses, layout.

use std::fmt::Write;

use super::ast::{
    Call, Comparison, Computed, Expr, FieldPath, Key, Literal, Operand, Pipe, Query, Sequence,
    Series, Stage, Statement, Value,
};
use super::parse::{KEYWORDS, is_name};
use crate::layout::{Doc, Layout, Printed, located, render};

/// So many operands are joined by one `and` or `or`; more of them become groups in parentheses.
///
/// To Elasticsearch `a or b or c` is `(a or b) or c`: every operand makes the tree one deeper, and trees
/// that are too deep are refused (<https://github.com/elastic/elasticsearch/pull/150003>; before that the
/// parser bounded the depth of a text).
const LONGEST_CHAIN: usize = 50;
/// Columns that a stage stands further right than its sequence.
const INDENT: isize = 2;

/// Prints a query in lines of `width` columns, or on one line.
pub fn print(query: &Query, width: Option<usize>) -> Printed {
    render(width, |layout| print_query(query, layout))
}

/// Prints a whole text of EQL.
pub fn print_statement(statement: &Statement, width: Option<usize>) -> Printed {
    render(width, |layout| {
        let (body, pipes) = match statement {
            Statement::Event(query, pipes) => (print_query(query, layout), pipes),
            Statement::Sequence(sequence, pipes) => (print_sequence(sequence, layout), pipes),
            Statement::Sample(sample, pipes) => {
                let head = layout.text("sample").append(print_keys(&sample.keys, layout));
                (print_stages(head, &sample.stages, layout), pipes)
            }
        };
        let pipes = pipes.iter().map(|pipe| match pipe {
            Pipe::Head(count) => layout.text(format!("| head {count}")),
            Pipe::Tail(count) => layout.text(format!("| tail {count}")),
        });
        layout.lines(std::iter::once(body).chain(pipes))
    })
}

fn print_sequence<'a>(sequence: &Sequence, layout: &Layout<'a>) -> Doc<'a> {
    let Sequence { keys, maxspan, stages, until } = sequence;
    let maxspan = maxspan.map(|it| format!(" with maxspan={}{}", it.count, it.unit.as_str()));
    let head = layout.text("sequence").append(print_keys(keys, layout));
    let head = head.append(maxspan.unwrap_or_default());
    let body = print_stages(head, stages, layout);
    let until = until.iter().map(|stage| layout.text("until ").append(print_stage(stage, layout)));
    layout.lines(std::iter::once(body).chain(until))
}

/// A head, and a stage a line where they do not fit on one.
fn print_stages<'a>(head: Doc<'a>, stages: &[Stage], layout: &Layout<'a>) -> Doc<'a> {
    let stages = stages.iter().map(|stage| print_stage(stage, layout));
    layout.lines(std::iter::once(head).chain(stages)).nest(INDENT)
}

fn print_stage<'a>(stage: &Stage, layout: &Layout<'a>) -> Doc<'a> {
    let mark = layout.text(if stage.missing { "!" } else { "" });
    let query = layout.bracketed(print_query(&stage.query, layout));
    let runs = if stage.runs == 1 { String::new() } else { format!(" with runs={}", stage.runs) };
    mark.append(query).append(print_keys(&stage.keys, layout)).append(runs)
}

fn print_keys<'a>(keys: &[Key], layout: &Layout<'a>) -> Doc<'a> {
    let before = std::iter::once(" by ").chain(std::iter::repeat(", "));
    let keys = keys.iter().zip(before).map(|(key, before)| {
        layout.text(before).append(located(&key.origin, layout.text(print_field(&key.field))))
    });
    layout.concat(keys)
}

fn print_query<'a>(query: &Query, layout: &Layout<'a>) -> Doc<'a> {
    let category = layout.text(print_category(query.category.as_deref()));
    let head = located(&query.category_origin, category).append(" where");
    layout.headed(head, print_chain(&query.joined().condition, layout))
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
        Expr::All(operands) => print_operands(" and", operands, layout),
        Expr::Any(operands) => print_operands(" or", operands, layout),
        Expr::Not(_)
        | Expr::Comparison(_)
        | Expr::Call(_)
        | Expr::Computed(_)
        | Expr::Constant(_) => print_test(expr, layout),
    }
}

/// Operands of a chain; of a long one, groups of them, which read back as one chain.
fn print_operands<'a>(operator: &str, operands: &[Expr], layout: &Layout<'a>) -> Doc<'a> {
    let mut docs: Vec<Doc<'a>> = operands.iter().map(|it| print_test(it, layout)).collect();
    while docs.len() > LONGEST_CHAIN {
        let size = docs.len().div_ceil(docs.len().div_ceil(LONGEST_CHAIN));
        let mut rest = docs.into_iter();
        docs = Vec::new();
        while rest.len() > 0 {
            let group = layout.chain(operator, rest.by_ref().take(size));
            docs.push(layout.parenthesized(group));
        }
    }
    layout.chain(operator, docs)
}

/// An expression beside others: chains get parentheses, also where precedence would not ask for them.
fn print_test<'a>(expr: &Expr, layout: &Layout<'a>) -> Doc<'a> {
    match expr {
        Expr::All(_) | Expr::Any(_) => layout.parenthesized(print_chain(expr, layout)),
        Expr::Not(operand) => layout.text("not ").append(print_test(operand, layout)),
        Expr::Comparison(comparison) => print_comparison(comparison, layout),
        Expr::Call(call) => print_call(call, layout),
        Expr::Computed(computed) => print_computed(computed, layout),
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

fn print_computed<'a>(computed: &Computed, layout: &Layout<'a>) -> Doc<'a> {
    let Computed { left, operator, right, origin } = computed;
    let left = print_operand(left, layout).append(format!(" {} ", operator.as_str()));
    let mut right = right.iter().map(|it| print_operand(it, layout));
    let one = if operator.takes_list() || right.len() != 1 { None } else { right.next() };
    let right = one.unwrap_or_else(|| layout.list(",", right));
    located(origin, left.append(right))
}

/// What is compared or is an argument.
fn print_operand<'a>(operand: &Operand, layout: &Layout<'a>) -> Doc<'a> {
    match operand {
        Operand::Field(field) => layout.text(print_field(field)),
        Operand::Value(value) => print_value(value, layout),
        Operand::Call(call) => print_call(call, layout),
        Operand::Negative(inner) => layout.text("-").append(print_factor(inner, layout)),
        Operand::Series(series) => print_series(series, layout),
    }
}

fn print_series<'a>(series: &Series, layout: &Layout<'a>) -> Doc<'a> {
    let first = print_factor(&series.first, layout);
    series.rest.iter().fold(first, |doc, (sign, operand)| {
        doc.append(format!(" {} ", sign.as_char())).append(print_factor(operand, layout))
    })
}

/// An operand beside a sign: sums and products get parentheses.
fn print_factor<'a>(operand: &Operand, layout: &Layout<'a>) -> Doc<'a> {
    match operand {
        Operand::Series(series) => layout.parenthesized(print_series(series, layout)),
        Operand::Field(_) | Operand::Value(_) | Operand::Call(_) | Operand::Negative(_) => {
            print_operand(operand, layout)
        }
    }
}

fn print_call<'a>(call: &Call, layout: &Layout<'a>) -> Doc<'a> {
    let arguments = call.arguments.iter().map(|it| print_operand(it, layout));
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
