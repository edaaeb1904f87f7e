//! `regex`: strings become regular expressions that find the same values.

use super::values::rewrite_tests;
use super::{Applies, Context, Entry, Owner, Place, Replay, Run, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostics};
use crate::ir::{Direction, Item, LossKind, Part, Pattern, RegexFlags, Sigma, Test, siblings};
use crate::value::parse_regex;

#[derive(Debug)]
struct RegexTransformation {
    method: Method,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Plain,
    Flag,
    Brackets,
}

const METHODS: &[(&str, Method)] = &[
    ("plain", Method::Plain),
    ("ignore_case_flag", Method::Flag),
    ("ignore_case_brackets", Method::Brackets),
];

pub(super) const ENTRY: Entry =
    Entry { name: "regex", owner: Owner::PySigma, keys: &["method"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let method = settings.word("method", METHODS, diagnostics);
    let method = if settings.node("method").is_none() { Method::Brackets } else { method? };
    Some(Box::new(RegexTransformation { method }))
}

impl Transformation for RegexTransformation {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        rewrite_tests(run, applies, &mut |run, item, predicate, place| match &predicate.test {
            Test::Like(pattern) if !pattern.parts().is_empty() => {
                self.rewrite(run, pattern, item, place).map(|test| vec![test])
            }
            Test::Like(_)
            | Test::Number(_)
            | Test::Bool(_)
            | Test::Null
            | Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::FieldRef { .. }
            | Test::Time { .. }
            | Test::Query { .. }
            | Test::Open(_) => None,
        });
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}

impl RegexTransformation {
    fn rewrite(
        &self,
        run: &mut Run,
        pattern: &Pattern,
        item: &Item<Sigma>,
        place: Place,
    ) -> Option<Test<Sigma>> {
        let method = if pattern.is_cased() { Method::Plain } else { self.method };
        let has_letters = pattern.texts().flat_map(str::chars).any(|it| siblings(it).len() > 1);
        if method == Method::Plain && !pattern.is_cased() && has_letters {
            let message = "the pipeline makes a regular expression that regards case of a value";
            run.lose(LossKind::Case, Direction::Narrower, message.to_owned(), item, place);
        }
        let flags =
            RegexFlags { ignore_case: method == Method::Flag, dot_all: true, multi_line: false };
        match parse_regex(&write(pattern, method), flags) {
            Ok(regex) => Some(Test::Regex(regex)),
            Err(mistake) => {
                let message = format!(
                    "a pipeline makes a regular expression of a value: {}",
                    mistake.message
                );
                run.refuse(Code::RefusedByPipeline, &item.origin, message, "");
                None
            }
        }
    }
}

/// The pattern as a regular expression, which is searched anywhere in a value.
fn write(pattern: &Pattern, method: Method) -> String {
    let mut parts = pattern.parts();
    let mut text = String::new();
    let starts_open = parts.first() == Some(&Part::AnyRun);
    let ends_open = parts.last() == Some(&Part::AnyRun);
    if starts_open {
        parts = parts.split_first().map_or(parts, |(_, rest)| rest);
    } else {
        text.push('^');
    }
    if ends_open {
        parts = parts.split_last().map_or(parts, |(_, rest)| rest);
    }
    for part in parts {
        match part {
            Part::Text(plain) if method == Method::Brackets => {
                text.extend(plain.chars().map(bracket));
            }
            Part::Text(plain) => text.push_str(&::regex::escape(plain)),
            Part::AnyRun => text.push_str(".*"),
            Part::AnyChar => text.push('.'),
        }
    }
    if !ends_open {
        text.push('$');
    }
    text
}

/// A character with all that differ from it only by case.
fn bracket(character: char) -> String {
    let siblings = siblings(character);
    if siblings.len() > 1 {
        format!("[{}]", siblings.iter().rev().collect::<String>())
    } else {
        ::regex::escape(character.encode_utf8(&mut [0; 4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_value_is_matched() {
        let text = |text: &str| Part::Text(text.to_owned());
        let pattern = |parts: Vec<Part>| Pattern::new(parts);
        for (pattern, method, wanted) in [
            (pattern(vec![text("a.b")]), Method::Plain, r"^a\.b$"),
            (pattern(vec![Part::AnyRun, text("a"), Part::AnyRun]), Method::Flag, "a"),
            (pattern(vec![Part::AnyRun, text(r"\a1")]), Method::Brackets, r"\\[aA]1$"),
            (
                pattern(vec![text("a"), Part::AnyRun, text("b"), Part::AnyChar]),
                Method::Plain,
                "^a.*b.$",
            ),
            (pattern(vec![Part::AnyRun]), Method::Plain, ""),
        ] {
            assert_eq!(write(&pattern, method), wanted);
        }
    }
}
