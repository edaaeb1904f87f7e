//! Functions of `eval` (Splunk documentation, "Evaluation functions"). A function of one text is null
//! for a field with several values: the documents do not say what it does with them.

use super::context::Context;
use super::multivalue;
use super::network::holds_address;
use super::time::{nanoseconds, read_time, seconds, write_time};
use super::worth::{Worth, compare};
use crate::spl::ast::Operator;

/// The functions that have nothing to do with null.
pub(super) fn apply(function: &str, arguments: &[Worth], context: &Context) -> Worth {
    let found = of_text(function, arguments, context)
        .or_else(|| of_number(function, arguments))
        .or_else(|| of_time(function, arguments))
        .or_else(|| of_any(function, arguments))
        .or_else(|| multivalue::apply(function, arguments, context));
    found.unwrap_or(Worth::Null)
}

/// `None` if the function is none of these or does not know what to do with its arguments.
fn of_text(function: &str, arguments: &[Worth], context: &Context) -> Option<Worth> {
    Some(match (function, arguments) {
        ("match", [Worth::Text(text), Worth::Text(pattern)]) => {
            Worth::Bool(context.matches(pattern, text))
        }
        ("match", [Worth::List(values), Worth::Text(pattern)]) => {
            Worth::Bool(values.iter().any(|text| context.matches(pattern, text)))
        }
        ("like", [Worth::Text(text), Worth::Text(pattern)]) => {
            let characters = |text: &str| text.chars().collect::<Vec<char>>();
            Worth::Bool(is_like(&characters(text), &characters(pattern)))
        }
        ("replace", [Worth::Text(text), Worth::Text(pattern), Worth::Text(with)]) => {
            replace(text, pattern, with, context)?
        }
        ("lower", [Worth::Text(text)]) => Worth::Text(text.to_lowercase()),
        ("upper", [Worth::Text(text)]) => Worth::Text(text.to_uppercase()),
        ("trim", [Worth::Text(text)]) => Worth::Text(text.trim_matches([' ', '\t']).to_owned()),
        ("len", [Worth::Text(text)]) => Worth::count(text.chars().count()),
        ("len", [Worth::Number(number)]) => Worth::count(number.to_string().chars().count()),
        ("substr", [Worth::Text(text), start]) => part(text, start.whole()?, None),
        ("substr", [Worth::Text(text), start, length]) => {
            part(text, start.whole()?, Some(length.whole()?))
        }
        ("split", [Worth::Text(text), Worth::Text(delimiter)]) if !delimiter.is_empty() => {
            Worth::of(text.split(delimiter.as_str()).map(str::to_owned).collect())
        }
        ("cidrmatch", [Worth::Text(network), Worth::Text(text)]) => {
            Worth::Bool(holds_address(network, text))
        }
        _ => return None,
    })
}

fn of_number(function: &str, arguments: &[Worth]) -> Option<Worth> {
    Some(match (function, arguments) {
        ("tonumber", [Worth::Text(text)]) => Worth::number(text),
        ("tonumber", [Worth::Number(number)]) => Worth::Number(*number),
        ("abs", [Worth::Number(number)]) => Worth::finite(number.abs()),
        ("floor", [Worth::Number(number)]) => Worth::finite(number.floor()),
        ("ceil" | "ceiling", [Worth::Number(number)]) => Worth::finite(number.ceil()),
        ("round", [Worth::Number(number)]) => Worth::finite(number.round()),
        ("round", [Worth::Number(number), places]) => {
            let scale = 10_f64.powi(i32::try_from(places.whole()?).ok()?);
            Worth::finite((number * scale).round() / scale)
        }
        _ => return None,
    })
}

fn of_time(function: &str, arguments: &[Worth]) -> Option<Worth> {
    Some(match (function, arguments) {
        ("strftime", [Worth::Number(time), Worth::Text(form)]) => {
            Worth::Text(write_time(nanoseconds(&time.to_string())?, form))
        }
        ("strptime", [Worth::Text(text), Worth::Text(form)]) => {
            Worth::number(&seconds(read_time(text, form)?))
        }
        _ => return None,
    })
}

/// Functions of values of any kind.
fn of_any(function: &str, arguments: &[Worth]) -> Option<Worth> {
    Some(match (function, arguments) {
        ("null", []) => Worth::Null,
        ("true", []) => Worth::Bool(true),
        ("false", []) => Worth::Bool(false),
        ("in", [subject, list @ ..]) => {
            let equal = |it: &Worth| compare(subject, Operator::Equal, it) == Worth::Bool(true);
            if *subject == Worth::Null { Worth::Null } else { Worth::Bool(list.iter().any(equal)) }
        }
        ("nullif", [left, right]) => {
            if compare(left, Operator::Equal, right) == Worth::Bool(true) {
                Worth::Null
            } else {
                left.clone()
            }
        }
        // A field of an event is text, and a number if it looks like one.
        ("isnum", [operand]) => Worth::Bool(looks_numeric(operand).is_some()),
        ("isint", [operand]) => {
            Worth::Bool(looks_numeric(operand).is_some_and(|it| it.fract() == 0.0))
        }
        ("isstr", [operand]) => Worth::Bool(
            matches!(operand, Worth::Text(_) | Worth::List(_)) && looks_numeric(operand).is_none(),
        ),
        ("isbool", [operand]) => Worth::Bool(matches!(operand, Worth::Bool(_))),
        ("tostring", [Worth::Bool(value)]) => {
            Worth::Text(if *value { "True" } else { "False" }.to_owned())
        }
        ("tostring", [Worth::Number(number)]) => Worth::Text(number.to_string()),
        ("tostring", [Worth::Text(text)]) => Worth::Text(text.clone()),
        ("min", values) => extreme(values, false)?,
        ("max", values) => extreme(values, true)?,
        ("json_array", values) => Worth::Text(json_array(values)),
        _ => return None,
    })
}

fn looks_numeric(operand: &Worth) -> Option<f64> {
    match operand {
        Worth::Number(number) => Some(*number),
        Worth::Text(text) => text.parse().ok().filter(|it: &f64| it.is_finite()),
        Worth::List(_) | Worth::Bool(_) | Worth::Null => None,
    }
}

/// The least or greatest: a text is greater than any number. What null does here is not documented.
fn extreme(values: &[Worth], greatest: bool) -> Option<Worth> {
    let numbers: Option<Vec<f64>> = values.iter().map(Worth::as_number).collect();
    let single = values.iter().all(|it| matches!(it, Worth::Number(_) | Worth::Text(_)));
    if let Some(numbers) = numbers {
        let numbers = numbers.into_iter();
        let found = if greatest { numbers.reduce(f64::max) } else { numbers.reduce(f64::min) };
        return found.map(Worth::Number);
    }
    let numbers = values.iter().filter_map(Worth::as_number);
    let texts = values.iter().filter_map(Worth::text);
    let text = |it: &str| Worth::Text(it.to_owned());
    match (single, greatest) {
        (false, _) => None,
        (true, true) => texts.max().map(text),
        (true, false) => numbers.reduce(f64::min).map(Worth::Number).or(texts.min().map(text)),
    }
}

/// A list in JSON. A field with several values is a list in it.
fn json_array(values: &[Worth]) -> String {
    let text = |it: &str| serde_json::Value::from(it).to_string();
    let elements = values.iter().map(|value| match value {
        Worth::Text(value) => text(value),
        Worth::Number(number) => number.to_string(),
        Worth::Bool(value) => value.to_string(),
        Worth::Null => "null".to_owned(),
        Worth::List(values) => {
            let elements: Vec<String> = values.iter().map(|it| text(it)).collect();
            format!("[{}]", elements.join(","))
        }
    });
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}

/// `%` is any run, `_` one character.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => {
            (0..=text.len()).any(|at| text.get(at..).is_some_and(|text| is_like(text, rest)))
        }
        Some((first, rest)) => text
            .split_first()
            .is_some_and(|(own, text)| (*first == '_' || first == own) && is_like(text, rest)),
    }
}

/// `replace`: `\1` stands for the first group.
fn replace(text: &str, pattern: &str, with: &str, context: &Context) -> Option<Worth> {
    let mut template = String::new();
    let mut rest = with.chars().peekable();
    while let Some(character) = rest.next() {
        match (character, rest.peek()) {
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                template.push_str("${");
                template.extend(rest.next());
                template.push('}');
            }
            ('$', _) => template.push_str("$$"),
            _ => template.push(character),
        }
    }
    let changed = |it: &regex::Regex| it.replace_all(text, template.as_str()).into_owned();
    context.with_pattern(pattern, changed).map(Worth::Text)
}

/// `substr`: places are counted from 1, negative ones from the end.
fn part(text: &str, start: i64, length: Option<i64>) -> Worth {
    let characters: Vec<char> = text.chars().collect();
    let total = i64::try_from(characters.len()).unwrap_or(i64::MAX);
    let start = if start < 0 { total.saturating_add(start) } else { start - 1 };
    let taken = length.and_then(|it| usize::try_from(it).ok()).unwrap_or(characters.len());
    match usize::try_from(start) {
        Ok(start) => Worth::Text(characters.into_iter().skip(start).take(taken).collect()),
        Err(_) => Worth::Null,
    }
}
