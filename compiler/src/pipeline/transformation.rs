//! Transformations: one file each, with its two directions, on a rule and on an event.

mod field_name_mapping;
mod field_name_prefix;
mod hash_list;
mod map_values;
mod prefix_alternatives;
mod registry_numbers;
mod rewrite_tests;
mod split_field;
mod strip_prefix;
mod xml_entities;

use std::fmt::Debug;

use serde_json::{Map, Value};

use super::condition::Conditions;
use super::parse::ReadFile;
use super::run::{Rewrite, Run};
use crate::diagnostic::Diagnostics;
use crate::ir::{Expr, FieldName, Item, Predicate, Sigma, Test};
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
    &field_name_mapping::ENTRY,
    &field_name_prefix::ENTRY,
    // Our own, for values that a platform writes in another way.
    &split_field::ENTRY,
    &hash_list::ENTRY,
    &strip_prefix::ENTRY,
    &prefix_alternatives::ENTRY,
    &map_values::ENTRY,
    &registry_numbers::ENTRY,
    &xml_entities::ENTRY,
];

/// Gives every field of a rule its new names. Several names mean that any of them may match; `None` is
/// a name that stays.
fn rename_fields(run: &mut Run, applies: &Applies, names: &dyn Fn(&str) -> Option<Vec<String>>) {
    run.rewrite_items(applies, &mut |run, item, _| {
        let mut changed = false;
        let mut rename = |run: &mut Run, name: &str| -> Vec<String> {
            match names(name) {
                Some(new) if applies.to_field(Some(name), run) => {
                    run.mark_field(name, &new, applies.id());
                    changed = true;
                    new
                }
                Some(_) | None => vec![name.to_owned()],
            }
        };
        let referring = rename_references(item, &mut |name| rename(run, name));
        let renamed = referring.and_then(|expr| {
            expr.try_map(&mut |item, _| match &item.field {
                Some(field) => {
                    let names = rename(run, &field.0).into_iter().map(FieldName);
                    item.on_any_of(&names.collect::<Vec<_>>())
                }
                None => Some(Expr::Item(item.clone())),
            })
        });
        match renamed {
            _ if !changed => Rewrite::Keep,
            Some(expr) => Rewrite::Replace(expr),
            None => Rewrite::Drop,
        }
    });
    let fields = std::mem::take(&mut run.rule.body.fields);
    let renamed = fields.into_iter().flat_map(|field| match names(&field.0) {
        Some(new) if applies.to_field(Some(&field.0), run) => {
            run.mark_field(&field.0, &new, applies.id());
            new.into_iter().map(FieldName).collect()
        }
        Some(_) | None => vec![field],
    });
    run.rule.body.fields = renamed.collect();
}

/// A reference to a field that gets several names becomes a reference to any of them.
fn rename_references(
    item: &Item<Sigma>,
    names: &mut dyn FnMut(&str) -> Vec<String>,
) -> Option<Expr<Sigma>> {
    let groups = item.predicates.iter().map(|predicate| {
        let Test::FieldRef { field, anchor } = &predicate.test else {
            return vec![predicate.clone()];
        };
        let refer = |name: String| Predicate {
            test: Test::FieldRef { field: FieldName(name), anchor: *anchor },
            origin: predicate.origin.clone(),
        };
        names(&field.0).into_iter().map(refer).collect()
    });
    let expr =
        Expr::item_of_groups(item.field.as_ref(), item.link, groups.collect(), &item.origin)?;
    Some(expr.negated_if(item.negated))
}

/// Gives every field of an event its new names; `None` is a name that stays.
fn rename_event(
    fields: &mut Fields,
    applies: &Applies,
    names: &dyn Fn(&str) -> Option<Vec<String>>,
) {
    let old = std::mem::take(fields);
    for (name, value) in old {
        let new = names(&name).filter(|_| applies.to_field_of_event(&name));
        let stays = new.is_none() || applies.to_some_items_only();
        for new in new.into_iter().flatten().filter(|new| *new != name || !stays) {
            add_value(fields, new, value.clone());
        }
        if stays {
            add_value(fields, name, value);
        }
    }
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
