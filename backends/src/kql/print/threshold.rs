//! A threshold rule to text: an object of JSON with the keys of Kibana's rules.

use std::fmt::Write;

use isogloss_compiler::ir::Origin;
use isogloss_compiler::text::is_hidden;

use super::super::ast::{Key, Threshold};
use super::print;
use crate::layout::Printed;

/// Prints a threshold rule, one key a line; without a width everything on one line.
pub fn print_threshold(threshold: &Threshold, width: Option<usize>) -> Printed {
    let query = print(&threshold.query, None);
    let Threshold { fields, value, cardinality, lookback, interval, origin, .. } = threshold;
    let fields = fields.iter().map(key).collect();
    let mut counted = vec![("field", Json::List(fields)), ("value", Json::Number(*value, origin))];
    counted.extend(cardinality.as_ref().map(|it| {
        let entries = vec![("field", key(&it.field)), ("value", Json::Number(it.value, origin))];
        ("cardinality", Json::List(vec![Json::Object(entries)]))
    }));
    let from = format!("now-{}", duration(*lookback));
    let interval = duration(*interval);
    let rule = Json::Object(vec![
        ("type", Json::Text("threshold", None)),
        ("language", Json::Text("kuery", None)),
        ("query", Json::Query(&query)),
        ("threshold", Json::Object(counted)),
        ("from", Json::Text(&from, None)),
        ("interval", Json::Text(&interval, None)),
    ]);
    let mut page = Page { printed: Printed::default() };
    page.write(&rule, width.map(|_| 0));
    page.printed
}

fn key(key: &Key) -> Json<'_> {
    Json::Text(&key.name, Some(&key.origin))
}

/// A number of seconds in the largest unit that it is a multiple of.
fn duration(seconds: u64) -> String {
    let units = [(3600, 'h'), (60, 'm'), (1, 's')];
    let fitting = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (unit, letter) = fitting.unwrap_or((1, 's'));
    format!("{}{letter}", seconds / unit)
}

/// A value of JSON, and where it comes from.
enum Json<'t> {
    Text(&'t str, Option<&'t Origin>),
    Number(u64, &'t Origin),
    /// A text that has parts.
    Query(&'t Printed),
    List(Vec<Json<'t>>),
    Object(Vec<(&'static str, Json<'t>)>),
}

struct Page {
    printed: Printed,
}

impl Page {
    /// Objects have a line for each key up to lists, which stand on one line; `depth` is `None` there.
    fn write(&mut self, json: &Json, depth: Option<usize>) {
        let start = self.printed.text.len();
        match json {
            Json::Text(text, origin) => {
                self.string(text);
                self.mark(start, *origin);
            }
            Json::Number(number, origin) => {
                self.push(&number.to_string());
                self.mark(start, Some(origin));
            }
            Json::Query(query) => {
                let places = self.string(&query.text);
                let place = |at: usize| places.get(at).copied().unwrap_or(start);
                let moved = query
                    .parts
                    .iter()
                    .map(|(range, origin)| (place(range.start)..place(range.end), origin.clone()));
                self.printed.parts.extend(moved);
            }
            Json::List(elements) => {
                self.push("[");
                for (place, element) in elements.iter().enumerate() {
                    self.push(if place > 0 { ", " } else { "" });
                    self.write(element, None);
                }
                self.push("]");
            }
            Json::Object(entries) => self.object(entries, depth),
        }
    }

    fn object(&mut self, entries: &[(&'static str, Json)], depth: Option<usize>) {
        let inner = depth.map(|depth| depth + 1);
        self.push("{");
        for (place, (key, value)) in entries.iter().enumerate() {
            self.push(if place > 0 { "," } else { "" });
            self.start_line(inner, if place > 0 { " " } else { "" });
            self.string(key);
            self.push(": ");
            self.write(value, inner);
        }
        self.start_line(depth, "");
        self.push("}");
    }

    /// A new line, or what stands in its place on a line.
    fn start_line(&mut self, depth: Option<usize>, otherwise: &str) {
        match depth {
            Some(depth) => {
                self.push("\n");
                self.push(&"  ".repeat(depth));
            }
            None => self.push(otherwise),
        }
    }

    /// A string in quotes, and where each byte of it, and its end, are in the text.
    fn string(&mut self, text: &str) -> Vec<usize> {
        let mut places = Vec::with_capacity(text.len() + 1);
        self.push("\"");
        for character in text.chars() {
            places.extend(std::iter::repeat_n(self.printed.text.len(), character.len_utf8()));
            push_escaped(character, &mut self.printed.text);
        }
        places.push(self.printed.text.len());
        self.push("\"");
        places
    }

    fn push(&mut self, text: &str) {
        self.printed.text.push_str(text);
    }

    fn mark(&mut self, start: usize, origin: Option<&Origin>) {
        let end = self.printed.text.len();
        self.printed.parts.extend(origin.map(|origin| (start..end, origin.clone())));
    }
}

/// Hidden characters are escaped, as the two halves of UTF-16 where they need two.
fn push_escaped(character: char, out: &mut String) {
    match character {
        '"' | '\\' => {
            out.push('\\');
            out.push(character);
        }
        hidden if is_hidden(hidden) || hidden.is_control() => {
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                let _infallible = write!(out, "\\u{unit:04x}");
            }
        }
        other => out.push(other),
    }
}
