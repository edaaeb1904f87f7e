//! The last step of a pipeline: detections go where conditions name them, fields get their facts, the
//! log source becomes a scope.

mod losses;
mod open;

use std::sync::Arc;

use super::extension::UnknownLogsource;
use super::{Extension, Pipelines, Processed, ScopeEntry, Unmapped, absent, file_name, leave_out};
use crate::ast::{Body, Logsource};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{
    Condition, Coverage, Expr, Field, FieldFacts, FieldName, HasName, Item, Linked, Loss, Macro,
    Mapped, Named, Origin, Origins, Polarity, Rule, Scope, Sigma, Test,
};
use crate::lower::lower_body;
use losses::{
    general, inexact, macro_name, refuse_logsource, rival, undefined, unmapped_field, unscoped,
};
use open::{OpenPlaceholder, map_predicates, refuse_once};

impl Pipelines {
    /// Links a rule. The error says why the pipelines refuse it, and which placeholders none of them has
    /// filled in.
    pub fn link(&self, processed: Processed) -> Result<Rule<Mapped>, Diagnostics> {
        let Processed { rule, mut losses, refusals: mut refused, index, .. } = processed;
        let Rule { metadata, logsource, logsource_origin, mut origins, body } = rule;
        let Named { detections, conditions, fields } = body;
        let entry = self.find_scope(&logsource);
        let names = Names { pipelines: self, logsource: &logsource, entry };
        let mut found = Found::default();
        let mut nothing_left = false;
        let linked = conditions.iter().filter_map(|condition| {
            let Some(joined) = join(condition, &|name| detections.get(name).cloned()) else {
                nothing_left = true;
                return None;
            };
            joined.try_map(&mut |item, polarity| {
                let item = names.name_item(item, polarity, &mut found);
                item.map_err(|them| {
                    for it in them.iter().map(|it| it.to_diagnostic(&origins)) {
                        refuse_once(it, &mut refused);
                    }
                })
                .ok()
            })
        });
        let conditions: Vec<_> = linked.collect();
        if nothing_left && refused.is_empty() {
            refused.push(leave_out::refuse_empty(&logsource_origin, &origins));
        }
        refused.extend(found.refused.iter().map(|it| it.to_diagnostic(&origins)));
        losses.append(&mut found.losses);
        let scope = names.link_scope(&logsource_origin, &mut origins, &mut losses, &mut refused);
        if !refused.is_empty() {
            return Err(refused);
        }
        let scope = match index {
            Some(index) => Scope { index, ..scope },
            None => scope,
        };
        let unverified = conditions.iter().flat_map(Expr::items).any(has_raw_query);
        let coverage = Coverage { scoped: entry.is_some(), ..found.coverage };
        let fields = fields.into_iter().map(|field| field.0).collect();
        let body = Linked { scope, conditions, fields, losses, coverage, unverified };
        Ok(Rule { metadata, logsource, logsource_origin, origins, body })
    }

    /// What becomes of a field's name, in rules of this log source, by the facts about fields and by the
    /// policies for unmapped ones.
    pub(super) fn policy(
        &self,
        name: &str,
        rule: &Logsource,
        entry: Option<&ScopeEntry>,
    ) -> Policy<'_> {
        let known = entry.and_then(|entry| entry.known.as_ref());
        let is_known = |name: &str| match known {
            Some(known) => known.contains(name),
            None => self.facts(name).is_some(),
        };
        if is_known(name) {
            return Policy::Keep;
        }
        let policies = || self.extensions().filter_map(|extension| extension.unmapped.as_ref());
        let mut prefixes = policies().filter_map(|policy| match policy {
            Unmapped::Prefix { prefix, logsource } if logsource.contains(rule) => Some(prefix),
            Unmapped::Prefix { .. } | Unmapped::Warn | Unmapped::Refuse => None,
        });
        match (prefixes.next(), policies().next()) {
            (Some(prefix), _) if known.is_none() => {
                if name.starts_with(prefix) {
                    Policy::Keep
                } else {
                    Policy::Prefix(prefix)
                }
            }
            (Some(prefix), _) if is_known(&format!("{prefix}{name}")) => Policy::Prefix(prefix),
            (_, Some(Unmapped::Refuse)) => Policy::Refuse,
            (_, Some(Unmapped::Prefix { .. } | Unmapped::Warn)) => Policy::Lose,
            (_, None) if known.is_some() => Policy::Lose,
            (_, None) => Policy::Keep,
        }
    }

    /// What becomes of a log source without a scope; the last pipeline that says so decides.
    fn unknown_logsource(&self) -> UnknownLogsource {
        let mut policies = self.extensions().filter_map(|it| it.unknown_logsource.clone());
        policies.next().unwrap_or(UnknownLogsource::Warn)
    }

    /// Scopes that hold for what was chosen.
    fn scopes(&self) -> impl Iterator<Item = &ScopeEntry> {
        let scopes = self.list.iter().flat_map(|pipeline| &pipeline.extension.scopes);
        scopes.filter(|entry| entry.when.holds(&self.choices))
    }

    /// Fields that hold the file name of another: name and path.
    pub(super) fn file_names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.extensions()
            .flat_map(|extension| &extension.fields)
            .filter_map(|(name, facts)| Some((name.as_str(), facts.file_name_of.as_deref()?)))
    }

    /// Another scope for the rule that says something else than the one that was taken.
    fn rival<'a>(&'a self, taken: &ScopeEntry, logsource: &Logsource) -> Option<&'a ScopeEntry> {
        let mut fitting = self.scopes().filter(|entry| entry.fits(logsource));
        fitting
            .find(|entry| !entry.logsource.contains(&taken.logsource) && !entry.holds_all_of(taken))
    }

    /// Later pipelines come first: they say more.
    fn extensions(&self) -> impl Iterator<Item = &Extension> {
        self.list.iter().rev().map(|pipeline| &pipeline.extension)
    }

    pub(super) fn facts(&self, name: &str) -> Option<&Arc<FieldFacts>> {
        self.extensions().find_map(|extension| extension.fields.get(name))
    }

    /// The most specific scope whose log source contains the rule's; of equals the last.
    pub(super) fn find_scope(&self, logsource: &Logsource) -> Option<&ScopeEntry> {
        let fitting = self.scopes().filter(|entry| entry.fits(logsource));
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
    /// The rule is refused.
    Refuse,
}

/// What was found while a rule was linked.
#[derive(Default)]
struct Found {
    losses: Vec<Loss>,
    coverage: Coverage,
    refused: Vec<UnknownField>,
}

/// The pipelines, and what they say about the log source of one rule.
struct Names<'p> {
    pipelines: &'p Pipelines,
    logsource: &'p Logsource,
    entry: Option<&'p ScopeEntry>,
}

impl Names<'_> {
    fn field(&self, name: &str) -> Field {
        let mut facts = self.pipelines.facts(name).map(Arc::clone).unwrap_or_default();
        if self.entry.is_some_and(|it| it.optional.iter().any(|it| it == name)) {
            Arc::make_mut(&mut facts).optional = true;
        }
        if self.entry.is_some_and(|it| it.canonical.iter().any(|it| it == name)) {
            Arc::make_mut(&mut facts).canonical_case = true;
        }
        Field { name: name.to_owned(), facts }
    }

    /// The scope of the rule, with what it loses.
    fn link_scope(
        &self,
        origin: &Origin,
        origins: &mut Origins,
        losses: &mut Vec<Loss>,
        refused: &mut Diagnostics,
    ) -> Scope {
        let Some(entry) = self.entry else {
            return self.without_scope(origin, origins, losses, refused);
        };
        losses.extend(inexact(entry, origin));
        losses.extend(match self.pipelines.rival(entry, self.logsource) {
            Some(other) => Some(rival(other, origin)),
            None => general(entry, self.logsource, origin),
        });
        Scope { origin: origin.join(&origins.add(entry.span)), ..self.scope_of(entry, origins) }
    }

    /// What stands for a log source that no pipeline knows.
    fn without_scope(
        &self,
        origin: &Origin,
        origins: &Origins,
        losses: &mut Vec<Loss>,
        refused: &mut Diagnostics,
    ) -> Scope {
        match self.pipelines.unknown_logsource() {
            UnknownLogsource::Warn => losses.push(unscoped(self.logsource, origin)),
            UnknownLogsource::Macro(definition) => {
                losses.push(undefined(self.logsource, origin));
                let call = Macro { name: macro_name(self.logsource), definition };
                return Scope { call: Some(call), origin: origin.clone(), ..Scope::default() };
            }
            UnknownLogsource::Refuse => {
                refused.push(refuse_logsource(self.logsource, origin, origins));
            }
        }
        Scope::default()
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
            data_model: entry.data_model.clone(),
            origin: Origin::default(),
        }
    }

    /// Terms of a scope are written in the target's fields.
    fn terms(&self, body: &Body, origins: &mut Origins) -> Option<Expr<Mapped>> {
        // Whether the terms can be lowered was checked when the pipeline was read.
        let expr = lower_body(body, origins, &mut Vec::new())?;
        expr.try_map(&mut |item, _| {
            let field = item.field.as_ref().map(|field| self.field(field.name()));
            let predicates = map_predicates(item, &mut |field| self.field(field.name())).ok()?;
            Some(Expr::Item(item.with_state(field, predicates)))
        })
    }

    fn name_item(
        &self,
        item: &Item<Sigma>,
        polarity: Polarity,
        found: &mut Found,
    ) -> Result<Expr<Mapped>, Vec<OpenPlaceholder>> {
        let mut name = |field: &FieldName| self.name_field(field.name(), item, polarity, found);
        let predicates = map_predicates(item, &mut name)?;
        let keywords = self.entry.and_then(|entry| entry.keywords.as_deref());
        let field = match &item.field {
            Some(field) => Some(name(field)),
            None => keywords.map(|name| self.field(name)),
        };
        let mut file_names = self.pipelines.file_names();
        let path = field.as_ref().map(HasName::name);
        let file_name =
            file_names.find(|(_, of)| Some(*of) == path).map(|(name, _)| self.field(name));
        let (item, changed) = absent::on_item(item.with_state(field, predicates));
        found.losses.extend(changed.map(|it| absent::loss(&item, it, polarity)));
        Ok(match file_name {
            Some(name) => file_name::on_item(&item, &name),
            None => Expr::Item(item),
        })
    }

    /// The field of the target by the policy for unmapped fields.
    fn name_field(
        &self,
        name: &str,
        item: &Item<Sigma>,
        polarity: Polarity,
        found: &mut Found,
    ) -> Field {
        // What its log source does not have may still have facts, such as its type.
        let unknown = |name: String| {
            let mut field = self.field(&name);
            Arc::make_mut(&mut field.facts).optional = true;
            field
        };
        note(&mut found.coverage.fields, name);
        match self.pipelines.policy(name, self.logsource, self.entry) {
            Policy::Keep => self.field(name),
            Policy::Prefix(prefix) => {
                let name = format!("{prefix}{name}");
                if self.pipelines.facts(&name).is_some() {
                    self.field(&name)
                } else {
                    unknown(name)
                }
            }
            Policy::Lose => {
                let known = self.pipelines.nearby(name, self.entry);
                found.losses.push(unmapped_field(item, name, known, polarity));
                note(&mut found.coverage.unmapped, name);
                unknown(name.to_owned())
            }
            Policy::Refuse => {
                let (name, origin) = (name.to_owned(), item.origin.clone());
                found.refused.push(UnknownField { name: name.clone(), origin });
                unknown(name)
            }
        }
    }
}

fn note(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|it| it == name) {
        names.push(name.to_owned());
    }
}

/// A field that the pipelines do not know, where they refuse such rules.
struct UnknownField {
    name: String,
    origin: Origin,
}

impl UnknownField {
    fn to_diagnostic(&self, origins: &Origins) -> Diagnostic {
        let span = origins.spans(&self.origin).next().unwrap_or_default();
        let message = format!("the pipeline knows no field for `{}`", self.name);
        Diagnostic::new(Code::RefusedByPipeline, span, message)
            .with_help("map the field, or write `unmapped: warn` in the pipeline")
    }
}

fn has_raw_query(item: &Item<Mapped>) -> bool {
    item.predicates.iter().any(|it| matches!(it.test, Test::Query { .. }))
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
