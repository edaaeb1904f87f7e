//! `jq_expression`: the part of jq that selects values. A whole jq would be a programming language, in
//! which a pipeline could run without an end.
//!
//! ```text
//! expression := step ("|" step)*
//! step       := path | "select" "(" path ("==" | "!=") literal ")"
//! path       := "." (name | string | brackets)? (("." (name | string))? | brackets | "?")*
//! brackets   := "[" (number | string)? "]"
//! ```

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, multispace0};
use nom::combinator::{all_consuming, map, map_opt, map_res, opt, recognize, value};
use nom::error::Error;
use nom::multi::{many0, many1, separated_list1};
use nom::sequence::{delimited, pair, preceded, terminated};
use nom::{IResult, Parser};
use serde_json::Value;

/// Selects values of a document.
#[derive(Debug, PartialEq)]
pub(super) struct Selector(Vec<Step>);

#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// `.name`, `["name"]`.
    Key(String),
    /// `[0]`, `[-1]`.
    Place(i64),
    /// `[]`.
    Each,
    /// `?`: nothing where the step before does not fit.
    Optional,
    /// `select(path == literal)`.
    Select { path: Vec<Step>, equal: bool, literal: Value },
}

/// The most values at a time.
const MOST: usize = 200_000;

impl Selector {
    /// Reads an expression. The error is the byte at which it is no longer understood.
    pub(super) fn parse(text: &str) -> Result<Self, usize> {
        let steps = separated_list1(symbol("|"), step);
        match all_consuming(terminated(steps, multispace0)).parse(text) {
            Ok((_, steps)) => Ok(Self(steps.concat())),
            Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
                Err(text.len().saturating_sub(error.input.len()))
            }
            Err(nom::Err::Incomplete(_)) => Err(text.len()),
        }
    }

    /// The selected values as texts; null is none. The error is one sentence.
    pub(super) fn texts(&self, document: &Value) -> Result<Vec<String>, String> {
        let mut texts = Vec::new();
        for value in walk(&self.0, document)? {
            match value {
                Value::Null => {}
                Value::String(text) => texts.push(text.clone()),
                Value::Bool(_) | Value::Number(_) => texts.push(value.to_string()),
                Value::Array(_) | Value::Object(_) => {
                    return Err("the expression selects a list or a map, and not its values; \
                                end it in `[]`"
                        .to_owned());
                }
            }
        }
        Ok(texts)
    }
}

const NULL: &Value = &Value::Null;

/// The values that the steps lead to.
fn walk<'v>(steps: &[Step], start: &'v Value) -> Result<Vec<&'v Value>, String> {
    let mut values = vec![start];
    for (at, step) in steps.iter().enumerate() {
        let lenient = steps.get(at + 1) == Some(&Step::Optional);
        let mut next = Vec::new();
        for value in values {
            match take(step, value) {
                Ok(found) => next.extend(found),
                Err(_) if lenient => {}
                Err(reason) => return Err(reason),
            }
            if next.len() > MOST {
                return Err(format!("the expression selects more than {MOST} values"));
            }
        }
        values = next;
    }
    Ok(values)
}

fn take<'v>(step: &Step, value: &'v Value) -> Result<Vec<&'v Value>, String> {
    match (step, value) {
        (Step::Optional, _) => Ok(vec![value]),
        (Step::Key(_) | Step::Place(_), Value::Null) => Ok(vec![NULL]),
        (Step::Key(key), Value::Object(map)) => Ok(vec![map.get(key).unwrap_or(NULL)]),
        (Step::Key(key), _) => Err(format!("`{key}` is asked of what is no map")),
        (Step::Place(place), Value::Array(list)) => {
            let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
            let place = if *place < 0 { place.saturating_add(length) } else { *place };
            let found = usize::try_from(place).ok().and_then(|place| list.get(place));
            Ok(vec![found.unwrap_or(NULL)])
        }
        (Step::Place(place), _) => Err(format!("`[{place}]` is asked of what is no list")),
        (Step::Each, Value::Array(list)) => Ok(list.iter().collect()),
        (Step::Each, Value::Object(map)) => Ok(map.values().collect()),
        (Step::Each, _) => Err("`[]` is asked of what is no list and no map".to_owned()),
        (Step::Select { path, equal, literal }, _) => {
            let found = walk(path, value)?;
            let kept = found.into_iter().filter(|it| (*it == literal) == *equal);
            Ok(kept.map(|_| value).collect())
        }
    }
}

type Parsed<'t, T> = IResult<&'t str, T>;

fn symbol<'t>(text: &'static str) -> impl Parser<&'t str, Output = (), Error = Error<&'t str>> {
    map((multispace0, tag(text), multispace0), |_| ())
}

fn step(rest: &str) -> Parsed<'_, Vec<Step>> {
    alt((map(select, |step| vec![step]), path)).parse(rest)
}

fn select(rest: &str) -> Parsed<'_, Step> {
    let equal = alt((value(true, symbol("==")), value(false, symbol("!="))));
    let inner =
        delimited((symbol("select"), char('('), multispace0), (path, equal, literal), symbol(")"));
    map(inner, |(path, equal, literal)| Step::Select { path, equal, literal }).parse(rest)
}

fn path(rest: &str) -> Parsed<'_, Vec<Step>> {
    let key = || map(alt((name, string)), Step::Key);
    let mark = || map(many0(char('?')), |marks| marks.first().map(|_| Step::Optional));
    let mut first = pair(opt(alt((key(), brackets))), mark());
    let more = pair(alt((preceded(char('.'), alt((key(), brackets))), brackets)), mark());
    let (rest, _) = preceded(multispace0, char('.')).parse(rest)?;
    let (rest, (step, optional)) = first.parse(rest)?;
    let (rest, more) = many0(more).parse(rest)?;
    let more = more.into_iter().flat_map(|(step, optional)| [Some(step), optional]);
    Ok((rest, [step, optional].into_iter().chain(more).flatten().collect()))
}

fn brackets(rest: &str) -> Parsed<'_, Step> {
    let inner = opt(alt((map(integer, Step::Place), map(string, Step::Key))));
    map(delimited(symbol_open, inner, preceded(multispace0, char(']'))), |step| {
        step.unwrap_or(Step::Each)
    })
    .parse(rest)
}

fn symbol_open(rest: &str) -> Parsed<'_, char> {
    terminated(char('['), multispace0).parse(rest)
}

fn name(rest: &str) -> Parsed<'_, String> {
    let start = |it: char| it.is_ascii_alphabetic() || it == '_';
    let more = |it: char| it.is_ascii_alphanumeric() || it == '_';
    map_opt(take_while1(more), |text: &str| text.starts_with(start).then(|| text.to_owned()))
        .parse(rest)
}

fn integer(rest: &str) -> Parsed<'_, i64> {
    let digits = take_while1(|it: char| it.is_ascii_digit());
    map_res(recognize((opt(char('-')), digits)), str::parse).parse(rest)
}

/// A string of JSON.
fn string(rest: &str) -> Parsed<'_, String> {
    let escape = recognize((char('\\'), nom::character::complete::anychar));
    let plain = take_while1(|it: char| it != '"' && it != '\\');
    let body = recognize((char('"'), many0(alt((escape, plain))), char('"')));
    map_res(body, serde_json::from_str).parse(rest)
}

fn literal(rest: &str) -> Parsed<'_, Value> {
    let number = recognize((
        opt(char('-')),
        many1(take_while1(|it: char| it.is_ascii_digit())),
        opt((char('.'), take_while(|it: char| it.is_ascii_digit()))),
    ));
    alt((
        map(string, Value::String),
        value(Value::Bool(true), tag("true")),
        value(Value::Bool(false), tag("false")),
        value(Value::Null, tag("null")),
        map_res(number, serde_json::from_str),
    ))
    .parse(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(expression: &str, document: &str) -> Result<Vec<String>, String> {
        let selector = Selector::parse(expression).map_err(|place| format!("at {place}"))?;
        selector.texts(&serde_json::from_str(document).unwrap())
    }

    #[test]
    fn paths_lead_to_values() {
        let document = r#"{"a": [{"b c": "x", "on": true}, {"b c": 7, "on": false}], "n": null}"#;
        for (expression, wanted) in [
            (".a[].\"b c\"", vec!["x", "7"]),
            (".a[0][\"b c\"]", vec!["x"]),
            (".a | .[-1] | .\"b c\"", vec!["7"]),
            (".a[] | select(.on == true) | .[\"b c\"]", vec!["x"]),
            (".a[] | select(.on != true) | .[\"b c\"]", vec!["7"]),
            (".n", vec![]),
            (".missing.deeper", vec![]),
            (".n[]?", vec![]),
            (".a[].on", vec!["true", "false"]),
        ] {
            assert_eq!(run(expression, document).unwrap(), wanted, "{expression}");
        }
        assert!(run(".a", document).is_err());
        assert!(run(".a.b", document).is_err());
    }

    #[test]
    fn the_rest_of_jq_is_refused_at_its_place() {
        for (expression, place) in [("map(.a)", 0), (".a | length", 3), (".a + 1", 3), ("", 0)] {
            assert_eq!(Selector::parse(expression), Err(place), "{expression}");
        }
    }
}
