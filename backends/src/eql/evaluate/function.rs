//! The functions of EQL.
//!
//! A network, and a field that starts with, ends with or contains a given text, are tested by queries, on any
//! value of a field. All other functions are scripts: a field is its first value, and what they give is
//! null where a value is missing.

use std::net::{IpAddr, Ipv6Addr};

use isogloss_compiler::ir::{Event, Mapped};

use super::super::ast::{Arithmetic, Call, FieldPath, Function, Literal};
use super::operand::{Data, calculate, parse_number, value as value_of};
use super::pattern::{contains_pattern, lower};

/// Where a text is looked for.
#[derive(Clone, Copy)]
enum Place {
    Start,
    End,
    Anywhere,
}

/// Where a function looks for a text, and whether it ignores case.
fn place(function: Function) -> Option<(Place, bool)> {
    match function {
        Function::StartsWith => Some((Place::Start, false)),
        Function::StartsWithFolded => Some((Place::Start, true)),
        Function::EndsWith => Some((Place::End, false)),
        Function::EndsWithFolded => Some((Place::End, true)),
        Function::StringContains => Some((Place::Anywhere, false)),
        Function::StringContainsFolded => Some((Place::Anywhere, true)),
        Function::Add
        | Function::Between
        | Function::BetweenFolded
        | Function::CidrMatch
        | Function::Concat
        | Function::Divide
        | Function::IndexOf
        | Function::IndexOfFolded
        | Function::Length
        | Function::Modulo
        | Function::Multiply
        | Function::Number
        | Function::String
        | Function::Substring
        | Function::Subtract => None,
    }
}

/// The answer of a function that is a test. `None` is null.
pub(super) fn truth(call: &Call, event: &Event<Mapped>) -> Option<bool> {
    let Some((place, folded)) = place(call.function) else { return cidr_match(call, event) };
    let [text, part] = &*call.arguments else { return None };
    let part_text = value_of(part, event)?.text();
    if let (Some(field), false) = (text.as_field(), part.has_field()) {
        return query(place, folded, (field, &part_text), event);
    }
    let text = value_of(text, event)?.text();
    Some(if folded {
        script(place, &text.to_lowercase(), &part_text.to_lowercase())
    } else {
        script(place, &text, &part_text)
    })
}

/// On any value of a field.
fn query(
    place: Place,
    folded: bool,
    (field, part): (&FieldPath, &str),
    event: &Event<Mapped>,
) -> Option<bool> {
    let values = event.values(&field.name);
    if values.is_empty() && field.optional {
        return None;
    }
    let holds = |text: &str| match place {
        Place::Start if folded => lower(text).starts_with(&lower(part)),
        Place::Start => text.starts_with(part),
        // `*`, `?` and `\` of the text keep their meaning in the pattern that is made of it.
        Place::End => contains_pattern(part, folded, true, text),
        Place::Anywhere => !part.is_empty() && contains_pattern(part, folded, false, text),
    };
    Some(values.iter().any(|value| holds(value.text())))
}

fn script(place: Place, text: &str, part: &str) -> bool {
    match place {
        Place::Start => text.starts_with(part),
        Place::End => text.ends_with(part),
        // An empty text is contained in none.
        Place::Anywhere => !part.is_empty() && text.contains(part),
    }
}

/// What a function gives that is no test. `None` is null.
pub(super) fn value(call: &Call, event: &Event<Mapped>) -> Option<Data> {
    let given = |at: usize| call.arguments.get(at);
    let argument = |at: usize| value_of(given(at)?, event);
    let text = |at: usize| argument(at).map(|it| it.text());
    let arithmetic = |sign| calculate(&argument(0)?, sign, &argument(1)?);
    match call.function {
        Function::Add => arithmetic(Arithmetic::Plus),
        Function::Subtract => arithmetic(Arithmetic::Minus),
        Function::Multiply => arithmetic(Arithmetic::Times),
        Function::Divide => arithmetic(Arithmetic::Divide),
        Function::Modulo => arithmetic(Arithmetic::Modulo),
        Function::Length => whole(text(0)?.chars().count()),
        Function::String => text(0).map(Data::Text),
        Function::Concat => {
            let parts = call.arguments.iter().map(|it| value_of(it, event).map(|it| it.text()));
            parts.collect::<Option<String>>().map(Data::Text)
        }
        Function::Between | Function::BetweenFolded => {
            let folded = call.function == Function::BetweenFolded;
            let greedy = if given(3).is_some() { argument(3)? } else { Data::Bool(false) };
            let greedy = greedy == Data::Bool(true);
            Some(Data::Text(between(&text(0)?, (&text(1)?, &text(2)?), greedy, folded)))
        }
        Function::IndexOf | Function::IndexOfFolded => {
            let folded = call.function == Function::IndexOfFolded;
            let start = if given(2).is_some() { argument(2)?.whole()? } else { 0 };
            index_of(&text(0)?, &text(1)?, start, folded)
        }
        Function::Substring => {
            let end = if given(2).is_some() { Some(argument(2)?.whole()?) } else { None };
            Some(Data::Text(substring(&text(0)?, argument(1)?.whole()?, end)))
        }
        Function::Number => number(text(0)?.trim(), argument(1)),
        Function::CidrMatch
        | Function::EndsWith
        | Function::EndsWithFolded
        | Function::StartsWith
        | Function::StartsWithFolded
        | Function::StringContains
        | Function::StringContainsFolded => truth(call, event).map(Data::Bool),
    }
}

fn whole(number: usize) -> Option<Data> {
    i64::try_from(number).ok().map(Data::Whole)
}

fn characters(text: &str, folded: bool) -> Vec<char> {
    if folded { text.to_lowercase().chars().collect() } else { text.chars().collect() }
}

/// The place of a part at or behind `start`.
fn find(text: &[char], part: &[char], start: usize) -> Option<usize> {
    (start..=text.len().checked_sub(part.len())?)
        .find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(part)))
}

/// The shortest text behind the left one, or the longest; empty if there is none.
fn between(text: &str, (left, right): (&str, &str), greedy: bool, folded: bool) -> String {
    let searched = characters(text, folded);
    let (left, right) = (characters(left, folded), characters(right, folded));
    let Some(start) = find(&searched, &left, 0).map(|at| at + left.len()) else {
        return String::new();
    };
    let mut end = find(&searched, &right, start);
    while greedy && let Some(next) = end.and_then(|at| find(&searched, &right, at + 1)) {
        end = Some(next);
    }
    let length = end.map_or(0, |end| end - start);
    text.chars().skip(start).take(length).collect()
}

fn index_of(text: &str, part: &str, start: i64, folded: bool) -> Option<Data> {
    let start = usize::try_from(start).unwrap_or(0);
    let text = characters(text, folded);
    if start > text.len() {
        return None;
    }
    whole(find(&text, &characters(part, folded), start)?)
}

/// Negative places count from the end.
fn substring(text: &str, start: i64, end: Option<i64>) -> String {
    let text: Vec<char> = text.chars().collect();
    let place = |at: i64| match usize::try_from(at) {
        Ok(at) => at.min(text.len()),
        Err(_) => {
            text.len().saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX))
        }
    };
    let (start, end) = (place(start), end.map_or(text.len(), place));
    text.get(start..end).unwrap_or_default().iter().collect()
}

/// `0x` stands before hexadecimal digits, whatever the base.
fn number(text: &str, base: Option<Data>) -> Option<Data> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let radix = match base {
        Some(base) => Some(u32::try_from(base.whole()?).ok()?),
        None => None,
    };
    let prefixed = digits.strip_prefix("0x");
    match radix.or(prefixed.map(|_| 16)) {
        Some(radix @ (2..=9 | 11..=36)) => {
            let digits = format!("{sign}{}", prefixed.unwrap_or(digits));
            i64::from_str_radix(&digits, radix).ok().map(Data::Whole)
        }
        Some(10) | None => parse_number(&format!("{sign}{digits}")),
        Some(_) => None,
    }
}

fn cidr_match(call: &Call, event: &Event<Mapped>) -> Option<bool> {
    let (address, networks) = call.arguments.split_first()?;
    let networks = networks.iter().map(|it| match it.as_value().map(|it| &it.literal) {
        Some(Literal::Text(text)) => Some(text.as_str()),
        Some(Literal::Number(_) | Literal::Bool(_) | Literal::Null) | None => None,
    });
    let networks: Vec<&str> = networks.collect::<Option<_>>()?;
    let values = address.as_field().map(|field| event.values(&field.name));
    let optional = address.as_field().is_some_and(|field| field.optional);
    let found: Vec<String> = match values {
        Some(values) if values.is_empty() && optional => return None,
        Some(values) => values.iter().map(|value| value.text().to_owned()).collect(),
        None => vec![value_of(address, event)?.text()],
    };
    let mut addresses = found.iter().filter_map(|text| Some(bits(text.parse().ok()?)));
    Some(addresses.any(|address| networks.iter().any(|it| lies_in(address, it) == Some(true))))
}

/// Elasticsearch keeps all addresses in the form of version 6.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    }
}

fn lies_in(address: u128, network: &str) -> Option<bool> {
    let (base, length) = network.split_once('/')?;
    let base: IpAddr = base.parse().ok()?;
    let length: u32 = length.parse().ok()?;
    let free = if base.is_ipv4() { 32_u32 } else { 128 }.checked_sub(length)?;
    let prefix = |bits: u128| bits.checked_shr(free).unwrap_or_default();
    Some(prefix(address) == prefix(bits(base)))
}
