//! Transformations: one file each, with its two directions, on a rule and on an event.

mod add_condition;
mod add_field;
mod case;
mod change_logsource;
mod convert_type;
mod detection_item_failure;
mod drop_detection_item;
mod extract_fields;
mod field_name_mapping;
mod field_name_prefix;
mod field_name_prefix_mapping;
mod field_name_suffix;
mod field_name_transform;
mod hash_list;
mod hashes_fields;
mod map_string;
mod map_values;
mod placeholder;
mod prefix_alternatives;
mod python;
mod quoted;
mod regex;
mod registry_numbers;
mod remove_field;
mod rename;
mod replace_string;
mod rewrite_tests;
mod rule_failure;
mod set_custom_attribute;
mod set_field;
mod set_state;
mod set_value;
mod split_field;
mod strict_field_mapping_failure;
mod strip_prefix;
pub(super) mod values;
mod xml_elements;
mod xml_entities;

use std::fmt::Debug;

use serde_json::{Map, Value};

use super::condition::Conditions;
use super::parse::ReadFile;
use super::run::{Place, Rewrite, Run};
use crate::diagnostic::Diagnostics;
use crate::ir::{FieldName, Item, Sigma};
use crate::parse::Fields as Settings;

/// The fields of an event while it is mapped.
pub type Fields = Map<String, Value>;

/// One kind of transformation, with its settings.
pub trait Transformation: Debug + Send + Sync {
    /// Changes a rule. `applies` says which of its parts the item's conditions let through.
    fn on_rule(&self, run: &mut Run, applies: &Applies);

    /// What has to be done to an event so that it fits the changed rule as it fitted the rule before.
    fn replay(&self) -> Replay;

    /// Does it; only where [`replay`](Self::replay) says so.
    fn on_event(&self, _fields: &mut Fields, _applies: &Applies) {}

    /// The fields that it gives other names, for messages.
    fn renamed_fields(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// The direction of a transformation on an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Events stay as they are.
    Nothing,
    /// Events are changed too.
    OnEvent,
    /// There is no such direction, for this reason.
    Missing(&'static str),
}

/// Which parts of a rule or an event the conditions of a processing item let through.
#[derive(Debug, Clone, Copy)]
pub struct Applies<'i> {
    conditions: &'i Conditions,
    id: Option<&'i str>,
}

impl<'i> Applies<'i> {
    pub(super) fn new(conditions: &'i Conditions, id: Option<&'i str>) -> Self {
        Self { conditions, id }
    }

    /// The id of the processing item.
    pub fn id(&self) -> Option<&'i str> {
        self.id
    }

    /// True if the conditions on detection items and on field names let a detection item through.
    pub fn to_item(&self, item: &Item<Sigma>, run: &Run) -> bool {
        self.conditions.item_holds(item, run)
    }

    /// True if the conditions on field names let a field of a rule through; `None` stands for keywords.
    pub fn to_field(&self, field: Option<&str>, run: &Run) -> bool {
        self.conditions.field_holds(field, run)
    }

    /// True if the conditions on field names let a field of an event through.
    pub fn to_field_of_event(&self, field: &str) -> bool {
        self.conditions.field_of_event_holds(field)
    }

    /// True if there are conditions on detection items, so that some items with a field may have been
    /// changed and others not: an event then needs what both ask for.
    pub fn to_some_items_only(&self) -> bool {
        self.conditions.has_item_conditions()
    }
}

/// A transformation as it is written in a file.
pub(crate) struct Entry {
    /// Its `type`.
    pub(crate) name: &'static str,
    /// Whose it is.
    pub(crate) owner: Owner,
    /// The keys of its settings.
    pub(crate) keys: &'static [&'static str],
    /// Reads its settings; `None` if they are wrong, after saying so.
    pub(crate) parse: fn(&Settings, &Context, &mut Diagnostics) -> Option<Box<dyn Transformation>>,
}

/// Who has defined a type of transformations, which decides where it may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The format of pySigma.
    PySigma,
    /// Our extensions: under `isogloss.transformations` only.
    Isogloss,
}

/// What reading a transformation needs beside its settings.
pub(crate) struct Context<'c> {
    /// Reads a file beside the pipeline.
    pub(crate) read_file: &'c ReadFile<'c>,
}

/// Every transformation.
pub(crate) const TRANSFORMATIONS: &[&Entry] = &[
    // Names of fields.
    &field_name_mapping::ENTRY,
    &field_name_prefix_mapping::ENTRY,
    &field_name_prefix::ENTRY,
    &field_name_suffix::ENTRY,
    &field_name_transform::ENTRY,
    // Detection items.
    &drop_detection_item::ENTRY,
    &hashes_fields::ENTRY,
    &extract_fields::ENTRY,
    // Values.
    &replace_string::ENTRY,
    &map_string::ENTRY,
    &regex::ENTRY,
    &set_value::ENTRY,
    &convert_type::ENTRY,
    &case::ENTRY,
    // Placeholders.
    &placeholder::wildcard::ENTRY,
    &placeholder::value::ENTRY,
    &placeholder::file::ENTRY,
    &placeholder::query::ENTRY,
    &placeholder::remote::HTTP,
    &placeholder::remote::COMMAND,
    // The rule.
    &add_condition::ENTRY,
    &change_logsource::ENTRY,
    &add_field::ENTRY,
    &remove_field::ENTRY,
    &set_field::ENTRY,
    &set_custom_attribute::ENTRY,
    &set_state::ENTRY,
    // Refusals.
    &rule_failure::ENTRY,
    &detection_item_failure::ENTRY,
    &strict_field_mapping_failure::ENTRY,
    // Our own, for values that a platform writes in another way.
    &split_field::ENTRY,
    &hash_list::ENTRY,
    &strip_prefix::ENTRY,
    &prefix_alternatives::ENTRY,
    &map_values::ENTRY,
    &registry_numbers::ENTRY,
    &xml_entities::ENTRY,
    &quoted::ENTRY,
    &xml_elements::ENTRY,
];

/// Names of fields that a rule shows, which have to be there.
fn parse_shown(
    key: &str,
    help: &str,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<FieldName>> {
    if settings.node(key).is_none() {
        settings.missing(key, help, diagnostics);
        return None;
    }
    let names = settings.texts(key, diagnostics);
    Some(names.into_iter().map(|it| FieldName(it.value)).collect())
}

/// Two fields that get one name become a list.
pub(super) fn add_value(fields: &mut Fields, name: String, value: Value) {
    match fields.get_mut(&name) {
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
        None => {
            fields.insert(name, value);
        }
    }
}
