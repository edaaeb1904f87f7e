//! `case`: strings are written in lower case, upper case or snake case.

use super::rewrite_tests::rewrite_values;
use super::values::{Words, rewrite_tests};
use super::{Applies, Context, Entry, Fields, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::{Direction, LossKind, Part, TemplatePart, Test, fold, siblings};

#[derive(Debug)]
struct Case {
    method: Method,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Lower,
    Upper,
    Snake,
}

const METHODS: &[(&str, Method)] =
    &[("lower", Method::Lower), ("upper", Method::Upper), ("snake_case", Method::Snake)];

pub(super) const ENTRY: Entry =
    Entry { name: "case", owner: Owner::PySigma, keys: &["method"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let method = settings.word("method", METHODS, diagnostics);
    let method = if settings.node("method").is_none() { Method::Lower } else { method? };
    Some(Box::new(Case { method }))
}

impl Method {
    fn apply(self, text: &str) -> String {
        match self {
            Self::Lower => text.chars().map(|it| one(it.to_lowercase(), it)).collect(),
            Self::Upper => text.chars().map(|it| one(it.to_uppercase(), it)).collect(),
            Self::Snake => to_snake(text),
        }
    }
}

/// True if a letter of the part has another case.
fn has_case(part: &TemplatePart) -> bool {
    match part {
        TemplatePart::Known(Part::Text(text)) => text.chars().any(|it| siblings(it).len() > 1),
        TemplatePart::Known(Part::AnyRun | Part::AnyChar) | TemplatePart::Placeholder(_) => false,
    }
}

/// The letter in the other case, if there is one that Sigma takes for the same letter.
fn one(mut cases: impl Iterator<Item = char>, letter: char) -> char {
    match (cases.next(), cases.next()) {
        (Some(other), None) if fold(other) == fold(letter) => other,
        _ => letter,
    }
}

/// `FooBar` to `foo_bar`.
fn to_snake(text: &str) -> String {
    let mut snake = String::new();
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(one(letter.to_lowercase(), letter));
    }
    snake
}

const LOST: &str = "the pipeline changes the case of a value whose case matters";

impl Transformation for Case {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        rewrite_tests(run, applies, &mut |run, item, predicate, place| {
            if let Test::Regex(regex) = &predicate.test
                && !regex.tree.ignores_case()
            {
                run.lose(LossKind::Mapping, Direction::Mixed, LOST.to_owned(), item, place);
            }
            let words = Words::of(&predicate.test, item)?;
            let parts = words.parts.iter().map(|part| match part {
                TemplatePart::Known(Part::Text(text)) => {
                    TemplatePart::Known(Part::Text(self.method.apply(text)))
                }
                TemplatePart::Known(Part::AnyRun | Part::AnyChar)
                | TemplatePart::Placeholder(_) => part.clone(),
            });
            let changed = words.with(parts.collect());
            // A value that is written so already does not tell any more whether the event's was.
            if words.is_cased() && words.parts.iter().any(has_case) {
                run.lose(LossKind::Mapping, Direction::Mixed, LOST.to_owned(), item, place);
            }
            (changed != predicate.test).then(|| vec![changed])
        });
    }

    /// A language for which case matters finds a value only if the event's is written so too.
    fn replay(&self) -> Replay {
        match self.method {
            Method::Lower | Method::Upper => Replay::OnEvent,
            Method::Snake => Replay::Missing("words in snake case are known for whole values only"),
        }
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        let names: Vec<String> = fields.keys().cloned().collect();
        rewrite_values(fields, applies, &names, &|text| {
            Some(self.method.apply(text)).filter(|changed| changed != text)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stay_the_letters_that_they_are() {
        assert_eq!(Method::Lower.apply("ÄB\u{212a}İ"), "äb\u{212a}İ");
        assert_eq!(Method::Upper.apply("aßς"), "AßΣ");
        assert_eq!(Method::Snake.apply("FooBar9A"), "foo_bar9_a");
    }
}
