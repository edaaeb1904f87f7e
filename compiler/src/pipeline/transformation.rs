//! Transformations: one file each, with its two directions, on a rule and on an event.

mod field_name_mapping;
mod field_name_prefix;

use std::fmt::Debug;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::diagnostic::Diagnostics;
use crate::ir::{Expr, FieldName, Item, Predicate, Rule, Sigma, Test};
use crate::parse::Fields as Settings;

/// The fields of an event while it is mapped.
pub type Fields = Map<String, Value>;

/// One kind of transformation, with its settings.
pub trait Transformation: Debug + Send + Sync {
    /// Changes a rule. `applies` says which fields the item's conditions let through.
    fn on_rule(&self, rule: &mut Rule<Sigma>, applies: &dyn Fn(&str) -> bool);

    /// Changes an event as it changes a rule, so that both fit each other again.
    fn on_event(&self, fields: &mut Fields, applies: &dyn Fn(&str) -> bool);
}

/// A transformation as it is written in a file.
pub(crate) struct Entry {
    /// Its `type`.
    pub(crate) name: &'static str,
    /// The keys of its settings.
    pub(crate) keys: &'static [&'static str],
    /// Reads its settings; `None` if they are wrong, after saying so.
    pub(crate) parse: fn(&Settings, &mut Diagnostics) -> Option<Box<dyn Transformation>>,
}

/// Every transformation.
pub(crate) const TRANSFORMATIONS: &[&Entry] =
    &[&field_name_mapping::ENTRY, &field_name_prefix::ENTRY];

/// Gives every field of a rule its new names; several names mean that any of them may match.
fn rename_fields(rule: &mut Rule<Sigma>, names: &dyn Fn(&str) -> Vec<String>) {
    let detections = std::mem::take(&mut rule.body.detections);
    let renamed = detections.into_iter().filter_map(|(name, expr)| {
        let expr = expr.try_map(&mut |item, _| rename_references(item, names))?;
        let expr = expr.try_map(&mut |item, _| match &item.field {
            Some(field) => {
                let names: Vec<FieldName> = names(&field.0).into_iter().map(FieldName).collect();
                item.on_any_of(&names)
            }
            None => Some(Expr::Item(item.clone())),
        });
        Some((name, expr?))
    });
    rule.body.detections = renamed.collect::<IndexMap<_, _>>();
    let fields = std::mem::take(&mut rule.body.fields);
    rule.body.fields = fields.iter().flat_map(|it| names(&it.0)).map(FieldName).collect();
}

/// A reference to a field that gets several names becomes a reference to any of them.
fn rename_references(
    item: &Item<Sigma>,
    names: &dyn Fn(&str) -> Vec<String>,
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

/// Gives every field of an event its new names.
fn rename_event(fields: &mut Fields, names: &dyn Fn(&str) -> Vec<String>) {
    let old = std::mem::take(fields);
    for (name, value) in old {
        for name in names(&name) {
            add_value(fields, name, value.clone());
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
