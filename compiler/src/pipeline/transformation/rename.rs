//! Giving fields other names, in rules and in events.

use super::values::lose_tests;
use super::{Applies, Fields, Place, Rewrite, Run, add_value};
use crate::ir::{Expr, FieldName, Item, Predicate, Sigma, Test};

/// The new names of a field: several mean that any of them may match, none that it is left out. `None`
/// is a name that stays.
pub(super) type Names<'n> = dyn Fn(&str) -> Option<Vec<String>> + 'n;

/// Gives every field of a rule its new names.
pub(super) fn rename_fields(run: &mut Run, applies: &Applies, names: &Names) {
    run.rewrite_items(applies, &mut |run, item, place| {
        Renaming { run, applies, names, changed: false }.rewrite(item, place)
    });
    let fields = std::mem::take(&mut run.rule.body.fields);
    let mut renaming = Renaming { run, applies, names, changed: false };
    let fields = fields.iter().flat_map(|field| renaming.names_of(&field.0));
    let fields = fields.map(FieldName).collect();
    run.rule.body.fields = fields;
}

struct Renaming<'r, 'p> {
    run: &'r mut Run<'p>,
    applies: &'r Applies<'r>,
    names: &'r Names<'r>,
    changed: bool,
}

impl Renaming<'_, '_> {
    fn rewrite(&mut self, item: &Item<Sigma>, place: Place) -> Rewrite {
        let field = item.field.as_ref().map(|field| self.names_of(&field.0));
        if let (Some(field), Some([])) = (&item.field, field.as_deref()) {
            return Rewrite::LeaveOut(mapped_to_nothing(&field.0));
        }
        let Some(referring) = self.rename_references(item, place) else {
            return Rewrite::LeaveOut("the fields that it refers to are mapped to nothing".into());
        };
        if !self.changed {
            return Rewrite::Keep;
        }
        let fields: Vec<FieldName> = field.into_iter().flatten().map(FieldName).collect();
        let renamed = referring.try_map(&mut |item, _| match item.field {
            Some(_) => item.on_any_of(&fields),
            None => Some(Expr::Item(item.clone())),
        });
        renamed.map_or(Rewrite::Keep, Rewrite::Replace)
    }

    /// The names that a field has from now on.
    fn names_of(&mut self, name: &str) -> Vec<String> {
        match (self.names)(name) {
            Some(new) if self.applies.to_field(Some(name), self.run) => {
                self.run.mark_field(name, &new, self.applies.id());
                self.changed = true;
                new
            }
            Some(_) | None => vec![name.to_owned()],
        }
    }

    /// A reference to a field that gets several names becomes a reference to any of them.
    fn rename_references(&mut self, item: &Item<Sigma>, place: Place) -> Option<Expr<Sigma>> {
        let mut groups = Vec::with_capacity(item.predicates.len());
        let mut lost = None;
        for predicate in &item.predicates {
            let Test::FieldRef { field, anchor } = &predicate.test else {
                groups.push(vec![predicate.clone()]);
                continue;
            };
            let refer = |name: String| Predicate {
                test: Test::FieldRef { field: FieldName(name), anchor: *anchor },
                origin: predicate.origin.clone(),
            };
            let names = self.names_of(&field.0);
            if names.is_empty() {
                lost = Some(mapped_to_nothing(&field.0));
            } else {
                groups.push(names.into_iter().map(refer).collect());
            }
        }
        if groups.is_empty() {
            return None;
        }
        if let Some(message) = lost {
            lose_tests(self.run, item, place, message);
        }
        let expr = Expr::item_of_groups(item.field.as_ref(), item.link, groups, &item.origin)?;
        Some(expr.negated_if(item.negated))
    }
}

fn mapped_to_nothing(field: &str) -> String {
    format!("the pipeline maps `{field}` to no field")
}

/// Gives every field of an event its new names.
pub(super) fn rename_event(fields: &mut Fields, applies: &Applies, names: &Names) {
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
