//! The last step of a pipeline: detections go where conditions name them, fields get their facts, the
//! log source becomes a scope.

use std::sync::Arc;

use super::{Extension, Pipelines, Processed, ScopeEntry, Unmapped, file_name};
use crate::ast::{Body, Logsource};
use crate::ir::{
    Condition, Direction, Expr, Field, FieldFacts, HasName, Item, Linked, Loss, LossKind, Mapped,
    Named, Origin, Origins, Polarity, Rule, Scope, Sigma, Test,
};
use crate::lower::lower_body;

impl Pipelines {
    /// Links a rule.
    #[must_use]
    pub fn link(&self, processed: Processed) -> Rule<Mapped> {
        let Rule { metadata, logsource, logsource_origin, mut origins, body } = processed.rule;
        let Named { detections, conditions, fields } = body;
        let entry = self.find_scope(&logsource);
        let names = Names {
            pipelines: self,
            logsource: &logsource,
            optional: entry.map_or(&[], |it| &*it.optional),
        };
        let mut losses = Vec::new();
        let linked = conditions.iter().filter_map(|condition| {
            let joined = join(condition, &|name| detections.get(name).cloned())?;
            joined.try_map(&mut |item, polarity| Some(names.name_item(item, polarity, &mut losses)))
        });
        let conditions = linked.collect();
        let scope = if let Some(entry) = entry {
            losses.extend(inexact(entry, &logsource_origin));
            let other = self.rival(entry, &logsource);
            losses.extend(other.map(|other| rival(other, &logsource_origin)));
            Scope {
                origin: logsource_origin.join(&origins.add(entry.span)),
                ..names.scope_of(entry, &mut origins)
            }
        } else {
            losses.push(unscoped(&logsource.to_string(), &logsource_origin));
            Scope::default()
        };
        let fields = fields.into_iter().map(|field| field.0).collect();
        Rule {
            metadata,
            logsource,
            logsource_origin,
            origins,
            body: Linked { scope, conditions, fields, losses },
        }
    }

    /// What becomes of a field's name by the policy for unmapped fields.
    pub(super) fn policy(&self, name: &str, rule: &Logsource) -> Policy<'_> {
        if self.facts(name).is_some() {
            return Policy::Keep;
        }
        match self.extensions().find_map(|extension| extension.unmapped.as_ref()) {
            None => Policy::Keep,
            Some(Unmapped::Prefix { prefix, .. }) if name.starts_with(prefix) => Policy::Keep,
            Some(Unmapped::Prefix { prefix, logsource }) if logsource.contains(rule) => {
                Policy::Prefix(prefix)
            }
            Some(Unmapped::Prefix { .. } | Unmapped::Warn) => Policy::Lose,
        }
    }

    /// Fields that hold the file name of another: name and path.
    pub(super) fn file_names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.extensions()
            .flat_map(|extension| &extension.fields)
            .filter_map(|(name, facts)| Some((name.as_str(), facts.file_name_of.as_deref()?)))
    }

    /// Another scope for the rule that says something else than the one that was taken.
    fn rival<'a>(&'a self, taken: &ScopeEntry, logsource: &Logsource) -> Option<&'a ScopeEntry> {
        let scopes = self.list.iter().flat_map(|pipeline| &pipeline.extension.scopes);
        let mut fitting = scopes.filter(|entry| entry.logsource.contains(logsource));
        fitting.find(|entry| !entry.logsource.contains(&taken.logsource))
    }

    /// Later pipelines come first: they say more.
    fn extensions(&self) -> impl Iterator<Item = &Extension> {
        self.list.iter().rev().map(|pipeline| &pipeline.extension)
    }

    fn facts(&self, name: &str) -> Option<&Arc<FieldFacts>> {
        self.extensions().find_map(|extension| extension.fields.get(name))
    }

    /// The most specific scope whose log source contains the rule's; of equals the last.
    fn find_scope(&self, logsource: &Logsource) -> Option<&ScopeEntry> {
        let scopes = self.list.iter().flat_map(|pipeline| &pipeline.extension.scopes);
        let fitting = scopes.filter(|entry| entry.logsource.contains(logsource));
        fitting.max_by_key(|entry| entry.logsource.specificity())
    }
}

/// What becomes of a field's name after all transformations.
pub(super) enum Policy<'p> {
    /// It is the name.
    Keep,
    /// It gets this prefix.
    Prefix(&'p str),
    /// It is passed on, but the platform may not have it.
    Lose,
}

/// The pipelines, and which fields may be missing in the log source of one rule.
struct Names<'p> {
    pipelines: &'p Pipelines,
    logsource: &'p Logsource,
    optional: &'p [String],
}

impl Names<'_> {
    fn field(&self, name: &str) -> Field {
        let mut facts = self.pipelines.facts(name).map(Arc::clone).unwrap_or_default();
        if self.optional.iter().any(|it| it == name) {
            Arc::make_mut(&mut facts).optional = true;
        }
        Field { name: name.to_owned(), facts }
    }

    fn scope_of(&self, entry: &ScopeEntry, origins: &mut Origins) -> Scope {
        let mut lower = |body: &Option<Body>| self.terms(body.as_ref()?, origins);
        let (terms, any, except) = (lower(&entry.terms), lower(&entry.any), lower(&entry.except));
        Scope {
            call: entry.call.clone(),
            category: entry.category.clone(),
            condition: Expr::all(terms.into_iter().chain(any).chain(except.map(Expr::negate))),
            index: entry.index.clone(),
            output_fields: entry.output_fields.clone(),
            origin: Origin::default(),
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

    fn name_item(
        &self,
        item: &Item<Sigma>,
        polarity: Polarity,
        losses: &mut Vec<Loss>,
    ) -> Expr<Mapped> {
        let Some(name) = item.field.as_ref().map(HasName::name) else {
            return Expr::Item(item.with_field(None));
        };
        let unknown = |name: String| {
            let facts = Arc::new(FieldFacts { optional: true, ..FieldFacts::default() });
            Field { name, facts }
        };
        let field = match self.pipelines.policy(name, self.logsource) {
            Policy::Keep => self.field(name),
            Policy::Prefix(prefix) => unknown(format!("{prefix}{name}")),
            Policy::Lose => {
                losses.push(unmapped_field(item, name, polarity));
                unknown(name.to_owned())
            }
        };
        let mut file_names = self.pipelines.file_names();
        let file_name =
            file_names.find(|(_, path)| *path == field.name).map(|(name, _)| self.field(name));
        let item = item.with_field(Some(field));
        match file_name {
            Some(name) => file_name::on_item(&item, &name),
            None => Expr::Item(item),
        }
    }
}

/// Puts each detection where its name stands.
fn join(
    condition: &Condition,
    detection: &dyn Fn(&str) -> Option<Expr<Sigma>>,
) -> Option<Expr<Sigma>> {
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

/// A predicate on a field that no event has is false, and absence is true.
fn unmapped_field(item: &Item<Sigma>, name: &str, polarity: Polarity) -> Loss {
    let direction =
        |test: &Test| if *test == Test::Null { Direction::Wider } else { Direction::Narrower };
    let directions = item.predicates.iter().map(|it| direction(&it.test));
    let direction = directions.reduce(Direction::and).unwrap_or(Direction::Mixed);
    Loss {
        kind: LossKind::UnmappedField,
        direction: direction.at(polarity.under(item)),
        message: format!("the pipeline knows no field for `{name}`"),
        origin: item.origin.clone(),
    }
}

fn unscoped(logsource: &str, origin: &Origin) -> Loss {
    Loss {
        kind: LossKind::UnscopedLogsource,
        direction: Direction::Wider,
        message: format!("no pipeline has a scope for {logsource}: the query searches everything"),
        origin: origin.clone(),
    }
}

fn inexact(entry: &ScopeEntry, origin: &Origin) -> Option<Loss> {
    let (direction, message) = entry.inexact.clone()?;
    Some(Loss { kind: LossKind::Logsource, direction, message, origin: origin.clone() })
}

fn rival(other: &ScopeEntry, origin: &Origin) -> Loss {
    Loss {
        kind: LossKind::Logsource,
        direction: Direction::Wider,
        message: format!("the scope for {} fits too, and only one can be taken", other.logsource),
        origin: origin.clone(),
    }
}
