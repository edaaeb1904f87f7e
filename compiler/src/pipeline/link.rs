//! The last step of a pipeline: detections go where conditions name them, fields get their facts, the
//! log source becomes a scope.

use std::sync::Arc;

use super::{Extension, Pipelines, Processed, ScopeEntry, Unmapped, file_name};
use crate::ast::Body;
use crate::ir::{
    Condition, Direction, Expr, Field, FieldFacts, HasName, Item, Linked, Loss, LossKind, Mapped, Named,
    Origin, Origins, Polarity, Rule, Scope, Sigma,
};
use crate::lower::lower_body;

impl Pipelines {
    /// Links a rule.
    #[must_use]
    pub fn link(&self, processed: Processed) -> Rule<Mapped> {
        let Rule { metadata, logsource, mut origins, body: Named { detections, conditions, fields } } = processed.rule;
        let mut losses = Vec::new();
        let linked = conditions.iter().filter_map(|condition| {
            let joined = join(condition, &|name| detections.get(name).cloned())?;
            joined.try_map(&mut |item, polarity| Some(self.name_item(item, polarity, &mut losses)))
        });
        let conditions = linked.collect();
        let scope = match self.find_scope(&logsource) {
            Some(entry) => self.scope_of(entry, &mut origins, &mut losses),
            None => {
                losses.push(unscoped(&logsource.to_string()));
                Scope::default()
            }
        };
        let fields = fields.into_iter().map(|field| field.0).collect();
        Rule { metadata, logsource, origins, body: Linked { scope, conditions, fields, losses } }
    }

    /// The name that a field has after the policy for unmapped fields.
    pub(super) fn final_name(&self, name: String) -> String {
        match (self.facts(&name), self.unmapped()) {
            (None, Some(Unmapped::Prefix(prefix))) => format!("{prefix}{name}"),
            (Some(_) | None, _) => name,
        }
    }

    /// Fields that hold the file name of another: name and path.
    pub(super) fn file_names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.extensions().flat_map(|extension| &extension.fields).filter_map(|(name, facts)| {
            Some((name.as_str(), facts.file_name_of.as_deref()?))
        })
    }

    /// Later pipelines come first: they say more.
    fn extensions(&self) -> impl Iterator<Item = &Extension> {
        self.list.iter().rev().map(|pipeline| &pipeline.extension)
    }

    fn facts(&self, name: &str) -> Option<&Arc<FieldFacts>> {
        self.extensions().find_map(|extension| extension.fields.get(name))
    }

    fn unmapped(&self) -> Option<&Unmapped> {
        self.extensions().find_map(|extension| extension.unmapped.as_ref())
    }

    fn field(&self, name: &str) -> Field {
        let facts = match self.facts(name) {
            Some(facts) => Arc::clone(facts),
            None => Arc::default(),
        };
        Field { name: name.to_owned(), facts }
    }

    /// The most specific scope whose log source contains the rule's; of equals the last.
    fn find_scope(&self, logsource: &crate::ast::Logsource) -> Option<&ScopeEntry> {
        let scopes = self.list.iter().flat_map(|pipeline| &pipeline.extension.scopes);
        let fitting = scopes.filter(|entry| entry.logsource.contains(logsource));
        fitting.max_by_key(|entry| entry.logsource.specificity())
    }

    fn scope_of(&self, entry: &ScopeEntry, origins: &mut Origins, losses: &mut Vec<Loss>) -> Scope {
        if let Some((direction, why)) = &entry.inexact {
            losses.push(Loss {
                kind: LossKind::Logsource,
                direction: *direction,
                message: why.clone(),
                origin: Origin::default(),
            });
        }
        let terms = entry.terms.as_ref().and_then(|it| self.terms(it, origins));
        let except = entry.except.as_ref().and_then(|it| self.terms(it, origins));
        Scope {
            call: entry.call.clone(),
            category: entry.category.clone(),
            condition: Expr::all(terms.into_iter().chain(except.map(Expr::negate))),
            index: entry.index.clone(),
            output_fields: entry.output_fields.clone(),
        }
    }

    /// Terms of a scope are written in the target's fields.
    fn terms(&self, body: &Body, origins: &mut Origins) -> Option<Expr<Mapped>> {
        // Whether the terms can be lowered was checked when the pipeline was read.
        let expr = lower_body(body, origins, &mut Vec::new())?;
        expr.try_map(&mut |item, _| {
            let field = item.field.as_ref().map(|field| self.field(field.name()));
            Some(Expr::Item(item.with_field(field)))
        })
    }

    fn name_item(&self, item: &Item<Sigma>, polarity: Polarity, losses: &mut Vec<Loss>) -> Expr<Mapped> {
        let Some(name) = item.field.as_ref().map(HasName::name) else {
            return Expr::Item(item.with_field(None));
        };
        let field = match (self.facts(name), self.unmapped()) {
            (Some(_), _) | (None, None) => self.field(name),
            (None, Some(Unmapped::Prefix(prefix))) => Field {
                name: format!("{prefix}{name}"),
                facts: Arc::new(FieldFacts { optional: true, ..FieldFacts::default() }),
            },
            (None, Some(Unmapped::Warn)) => {
                losses.push(unmapped_field(item, name, polarity));
                self.field(name)
            }
        };
        let file_name = self.file_names().find(|(_, path)| *path == field.name).map(|(name, _)| self.field(name));
        let item = item.with_field(Some(field));
        match file_name {
            Some(name) => file_name::on_item(&item, &name),
            None => Expr::Item(item),
        }
    }
}

/// Puts each detection where its name stands.
fn join(condition: &Condition, detection: &dyn Fn(&str) -> Option<Expr<Sigma>>) -> Option<Expr<Sigma>> {
    match condition {
        Condition::All(operands) => {
            let operands: Vec<_> = operands.iter().filter_map(|it| join(it, detection)).collect();
            Expr::all(operands)
        }
        Condition::Any(operands) => {
            let operands: Vec<_> = operands.iter().filter_map(|it| join(it, detection)).collect();
            Expr::any(operands)
        }
        Condition::Not(operand) => Some(Expr::negate(join(operand, detection)?)),
        Condition::Detection(name) => detection(name),
    }
}

/// A predicate on a field that no event has is false.
fn unmapped_field(item: &Item<Sigma>, name: &str, polarity: Polarity) -> Loss {
    Loss {
        kind: LossKind::UnmappedField,
        direction: Direction::Narrower.at(polarity.under(item)),
        message: format!("the pipeline knows no field for `{name}`"),
        origin: item.origin.clone(),
    }
}

fn unscoped(logsource: &str) -> Loss {
    Loss {
        kind: LossKind::UnscopedLogsource,
        direction: Direction::Wider,
        message: format!("no pipeline has a scope for {logsource}: the query searches everything"),
        origin: Origin::default(),
    }
}
