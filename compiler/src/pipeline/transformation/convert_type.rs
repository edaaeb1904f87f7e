//! `convert_type`: strings become numbers, or numbers strings.

use super::values::{Words, rewrite_tests};
use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostics};
use crate::ir::{Number, Pattern, Test};

#[derive(Debug)]
struct ConvertType {
    target: Type,
}

/// What a value becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
}

/// The words for types.
pub(super) const TYPES: &[(&str, Type)] = &[("str", Type::Text), ("num", Type::Number)];

pub(super) const ENTRY: Entry =
    Entry { name: "convert_type", owner: Owner::PySigma, keys: &["target_type"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    if settings.node("target_type").is_none() {
        settings.missing("target_type", "write `target_type: str` or `num`", diagnostics);
        return None;
    }
    let target = settings.word("target_type", TYPES, diagnostics)?;
    Some(Box::new(ConvertType { target }))
}

impl Transformation for ConvertType {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        rewrite_tests(run, applies, &mut |run, item, predicate, _| match self.target {
            Type::Text => match &predicate.test {
                Test::Number(number) => Some(vec![Test::Like(Pattern::text(number.as_str()))]),
                Test::Like(_)
                | Test::Bool(_)
                | Test::Null
                | Test::Regex(_)
                | Test::Compare(..)
                | Test::Cidr(_)
                | Test::FieldRef { .. }
                | Test::Time { .. }
                | Test::Query { .. }
                | Test::Open(_) => None,
            },
            Type::Number if item.field.is_none() => None,
            Type::Number => {
                let words = Words::of(&predicate.test, item)?;
                if let Some(number) = words.as_text().and_then(Number::canonical) {
                    return Some(vec![Test::Number(number)]);
                }
                let message = format!(
                    "a pipeline makes numbers of these values, and `{}` is none",
                    words.plain()
                );
                let help =
                    "a number is written in decimal, without leading zeros, and has no wildcards";
                run.refuse(Code::RefusedByPipeline, &predicate.origin, message, help);
                None
            }
        });
    }

    /// Numbers and strings are both compared by their text.
    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
