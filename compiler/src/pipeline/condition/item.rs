//! Conditions on detection items and their values.

use super::state::{self, StateCondition};
use super::{Kind, parse_applied, parse_flag, parse_value};
use crate::diagnostic::Diagnostics;
use crate::ir::{Item, Part, Sigma, TemplatePart, Test};
use crate::parse::Fields;
use crate::pipeline::program::parse_program;
use crate::pipeline::run::Run;
use crate::pipeline::transformation::values::Words;

/// A condition on a detection item.
#[derive(Debug)]
pub(super) enum ItemCondition {
    /// Any or all of its values are so.
    Values { all: bool, value: ValueCondition },
    /// A processing item has changed it.
    Applied(String),
    /// The state of the run.
    State(StateCondition),
}

/// A condition on one value.
#[derive(Debug)]
pub(super) enum ValueCondition {
    /// A regular expression matches the text from its start, or does not.
    Text { program: regex::Regex, negated: bool },
    /// It is exactly this one.
    Equal(Test<Sigma>),
    /// It has a wildcard.
    Wildcard,
    /// It is null.
    Null,
}

pub(super) const KINDS: &[Kind<ItemCondition>] = &[
    Kind { name: "match_string", keys: &["cond", "pattern", "negate"], parse: parse_text },
    Kind {
        name: "match_value",
        keys: &["cond", "value"],
        parse: |entry, diagnostics| {
            let value = parse_value(entry, diagnostics).map(ValueCondition::Equal);
            parse_values(entry, value, diagnostics)
        },
    },
    Kind {
        name: "contains_wildcard",
        keys: &["cond"],
        parse: |entry, diagnostics| {
            parse_values(entry, Some(ValueCondition::Wildcard), diagnostics)
        },
    },
    Kind {
        name: "is_null",
        keys: &["cond"],
        parse: |entry, diagnostics| parse_values(entry, Some(ValueCondition::Null), diagnostics),
    },
    Kind {
        name: "processing_item_applied",
        keys: &["processing_item_id"],
        parse: |entry, diagnostics| {
            Some(ItemCondition::Applied(parse_applied(entry, diagnostics)?))
        },
    },
    Kind {
        name: "processing_state",
        keys: state::KEYS,
        parse: |entry, diagnostics| Some(ItemCondition::State(state::parse(entry, diagnostics)?)),
    },
];

fn parse_text(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<ItemCondition> {
    let negated = parse_flag("negate", entry, diagnostics);
    let value = match entry.node("pattern") {
        None => {
            entry.missing("pattern", "write a regular expression", diagnostics);
            None
        }
        Some(node) => parse_program(node, true, diagnostics)
            .map(|program| ValueCondition::Text { program, negated }),
    };
    parse_values(entry, value, diagnostics)
}

/// `cond` says of how many values it has to hold.
fn parse_values(
    entry: &Fields,
    value: Option<ValueCondition>,
    diagnostics: &mut Diagnostics,
) -> Option<ItemCondition> {
    if entry.node("cond").is_none() {
        entry.missing("cond", "write `cond: any` or `cond: all`", diagnostics);
        return None;
    }
    let all = entry.word("cond", &[("any", false), ("all", true)], diagnostics)?;
    Some(ItemCondition::Values { all, value: value? })
}

impl ItemCondition {
    pub(super) fn holds(&self, item: &Item<Sigma>, run: &Run) -> bool {
        match self {
            Self::Values { all, value } => {
                let mut tests = item.predicates.iter().map(|it| value.holds(&it.test, item));
                if *all { tests.all(|it| it) } else { tests.any(|it| it) }
            }
            Self::Applied(id) => run.was_applied_to_item(item, id),
            Self::State(condition) => condition.holds(run),
        }
    }
}

impl ValueCondition {
    fn holds(&self, test: &Test<Sigma>, item: &Item<Sigma>) -> bool {
        let words = Words::of(test, item);
        match self {
            Self::Text { program, negated } => {
                words.is_some_and(|it| program.is_match(&it.plain())) != *negated
            }
            Self::Equal(value) => match (words, Words::of(value, item)) {
                (Some(found), Some(wanted)) => found.is_same(&wanted),
                (Some(_), None) | (None, Some(_)) => false,
                (None, None) => value == test,
            },
            Self::Wildcard => words.is_some_and(|it| it.parts.iter().any(is_wildcard)),
            Self::Null => *test == Test::Null,
        }
    }
}

fn is_wildcard(part: &TemplatePart) -> bool {
    match part {
        TemplatePart::Known(Part::AnyRun | Part::AnyChar) => true,
        TemplatePart::Known(Part::Text(_)) | TemplatePart::Placeholder(_) => false,
    }
}
