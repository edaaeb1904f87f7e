//! Conditions on the names of fields.

use super::state::{self, StateCondition};
use super::{Kind, parse_applied};
use crate::diagnostic::Diagnostics;
use crate::ir::{HasName, Item, Sigma};
use crate::parse::Fields;
use crate::pipeline::program::parse_program;
use crate::pipeline::run::Run;
use crate::yaml::Node;

/// A condition on the name of a field.
#[derive(Debug)]
pub(super) enum FieldCondition {
    /// The name is one of these, or none of them.
    Names { names: Names, excluded: bool },
    /// A processing item has made the name.
    Applied(String),
    /// The state of the run.
    State(StateCondition),
}

/// Names of fields.
#[derive(Debug)]
pub(super) enum Names {
    /// As they are.
    Plain(Vec<String>),
    /// What regular expressions match from the start.
    Patterns(Vec<regex::Regex>),
}

impl Names {
    fn contain(&self, name: &str) -> bool {
        match self {
            Self::Plain(names) => names.iter().any(|it| it == name),
            Self::Patterns(patterns) => patterns.iter().any(|it| it.is_match(name)),
        }
    }
}

pub(super) const KINDS: &[Kind<FieldCondition>] = &[
    Kind { name: "include_fields", keys: &["fields", "mode"], parse: parse_included },
    Kind { name: "exclude_fields", keys: &["fields", "mode"], parse: parse_excluded },
    Kind {
        name: "processing_item_applied",
        keys: &["processing_item_id"],
        parse: |entry, diagnostics| {
            Some(FieldCondition::Applied(parse_applied(entry, diagnostics)?))
        },
    },
    Kind {
        name: "processing_state",
        keys: state::KEYS,
        parse: |entry, diagnostics| Some(FieldCondition::State(state::parse(entry, diagnostics)?)),
    },
];

fn parse_included(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<FieldCondition> {
    Some(FieldCondition::Names { names: parse_names(entry, diagnostics)?, excluded: false })
}

fn parse_excluded(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<FieldCondition> {
    Some(FieldCondition::Names { names: parse_names(entry, diagnostics)?, excluded: true })
}

fn parse_names(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<Names> {
    if entry.node("fields").is_none() {
        entry.missing("fields", "the condition names fields", diagnostics);
        return None;
    }
    let patterns = entry.word("mode", &[("plain", false), ("re", true)], diagnostics);
    let names = entry.texts("fields", diagnostics);
    if patterns != Some(true) {
        return Some(Names::Plain(names.into_iter().map(|it| it.value).collect()));
    }
    let elements = entry.node("fields").map(Node::elements).unwrap_or_default();
    let programs = elements.iter().filter_map(|node| parse_program(node, true, diagnostics));
    Some(Names::Patterns(programs.collect()))
}

impl FieldCondition {
    /// True for a field of this name. `None` stands for keywords, which have no name: no list has it.
    pub(super) fn holds(&self, field: Option<&str>, run: &Run) -> bool {
        match self {
            Self::Names { names, excluded } => {
                field.is_some_and(|field| names.contain(field)) != *excluded
            }
            Self::Applied(id) => field.is_some_and(|field| run.was_applied_to_field(field, id)),
            Self::State(condition) => condition.holds(run),
        }
    }

    /// True if it holds for the field of a detection item or for one that its values refer to.
    pub(super) fn holds_for_item(&self, item: &Item<Sigma>, run: &Run) -> bool {
        if let Self::Applied(id) = self {
            return run.was_applied_to_item(item, id);
        }
        let mut references = item.predicates.iter().filter_map(|it| it.test.referred());
        self.holds(item.field_name(), run) || references.any(|it| self.holds(Some(it.name()), run))
    }

    /// True for a field of an event; a condition that goes by more than the name holds nowhere.
    pub(super) fn holds_for_event(&self, field: &str) -> bool {
        match self {
            Self::Names { names, excluded } => names.contain(field) != *excluded,
            Self::Applied(_) | Self::State(_) => false,
        }
    }

    /// True if only the name matters.
    pub(super) fn goes_by_name(&self) -> bool {
        match self {
            Self::Names { .. } => true,
            Self::Applied(_) | Self::State(_) => false,
        }
    }
}
