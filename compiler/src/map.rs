//! Rules and correlations on their way to a backend: through pipelines and passes.

use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::ir::{
    AnyRule, Base, Condition, Correlation, Direction, Expr, Field, FieldName, GroupField, Item,
    Link, Loss, LossKind, Mapped, Measure, Named, Origin, Origins, Part, Pattern, Predicate, Rule,
    Sigma, Test, Trigger,
};
use crate::pass::run_passes;
use crate::pipeline::Pipelines;

/// A lowered rule, through its pipelines and passes: ready for a backend. The error says which
/// placeholders no pipeline has filled in.
pub fn map_rule(rule: Rule<Sigma>, pipelines: &Pipelines) -> Result<Rule<Mapped>, Diagnostics> {
    pipelines.link(pipelines.apply(rule)).map(run_passes)
}

/// A lowered correlation, with each of its rules through the pipelines and passes, and its own fields
/// named as the pipelines name them in each rule. The places of its rules are in its own table of origins.
///
/// The error says why the pipelines refuse one of its rules.
pub fn map_correlation(
    correlation: Correlation<Sigma>,
    pipelines: &Pipelines,
) -> Result<Correlation<Mapped>, Diagnostics> {
    let mut origins = correlation.origins.clone();
    let mapped = map_parts(correlation, pipelines, &mut origins)?;
    Ok(Correlation { origins, ..mapped })
}

/// All but the table of origins, to which the places of the rules are added.
fn map_parts(
    correlation: Correlation<Sigma>,
    pipelines: &Pipelines,
    origins: &mut Origins,
) -> Result<Correlation<Mapped>, Diagnostics> {
    let Correlation { metadata, bases, group_by, timespan, trigger, trigger_origin, .. } =
        correlation;
    let mut namer = Namer { pipelines, bases: &bases, losses: Vec::new() };
    let group_by = group_by.iter().map(|it| namer.name(it)).collect::<Result<_, _>>()?;
    let trigger = namer.name_trigger(&trigger)?;
    let losses = namer.losses;
    let bases = bases.into_iter().map(|base| map_base(base, pipelines, origins));
    let bases = bases.collect::<Result<_, Diagnostics>>()?;
    let origins = Origins::default();
    Ok(Correlation {
        metadata,
        origins,
        bases,
        group_by,
        timespan,
        trigger,
        trigger_origin,
        losses,
    })
}

fn map_base(
    base: Base<Sigma>,
    pipelines: &Pipelines,
    origins: &mut Origins,
) -> Result<Base<Mapped>, Diagnostics> {
    let Base { name, rule, origin } = base;
    let rule = match rule {
        AnyRule::Detection(rule) => {
            let mut rule = map_rule(rule, pipelines)?;
            rule.move_origins(origins);
            AnyRule::Detection(rule)
        }
        AnyRule::Correlation(inner) => {
            let by = origins.append(&inner.origins);
            let mut inner = map_parts(inner, pipelines, origins)?;
            shift_own(&mut inner, by);
            AnyRule::Correlation(inner)
        }
    };
    Ok(Base { name, rule, origin })
}

/// Shifts the origins of a correlation's own parts; those of its rules have their place already.
fn shift_own(correlation: &mut Correlation<Mapped>, by: u32) {
    let Correlation { bases, group_by, trigger, trigger_origin, losses, .. } = correlation;
    let fields = group_by.iter_mut().chain(trigger.fields_mut()).map(|field| &mut field.origin);
    let bases = bases.iter_mut().map(|base| &mut base.origin);
    let losses = losses.iter_mut().map(|loss| &mut loss.origin);
    for origin in fields.chain(bases).chain(losses).chain([trigger_origin]) {
        *origin = origin.shifted(by);
    }
}

/// Gives the fields of a correlation the names that they have in the events of each rule.
struct Namer<'c> {
    pipelines: &'c Pipelines,
    bases: &'c [Base<Sigma>],
    losses: Vec<Loss>,
}

impl Namer<'_> {
    fn name_trigger(&mut self, trigger: &Trigger<Sigma>) -> Result<Trigger<Mapped>, Diagnostics> {
        Ok(match trigger {
            Trigger::Extended(condition) => Trigger::Extended(condition.clone()),
            Trigger::Bounds { measure, bounds } => {
                let measure = self.name_measure(measure)?;
                Trigger::Bounds { measure, bounds: bounds.clone() }
            }
        })
    }

    fn name_measure(&mut self, measure: &Measure<Sigma>) -> Result<Measure<Mapped>, Diagnostics> {
        Ok(match measure {
            Measure::Events => Measure::Events,
            Measure::Rules => Measure::Rules,
            Measure::RulesInOrder => Measure::RulesInOrder,
            Measure::Distinct(fields) => {
                Measure::Distinct(fields.iter().map(|it| self.name(it)).collect::<Result<_, _>>()?)
            }
            Measure::Sum(field) => Measure::Sum(self.name(field)?),
            Measure::Mean(field) => Measure::Mean(self.name(field)?),
            Measure::Percentile(field, rank) => {
                Measure::Percentile(self.name(field)?, rank.clone())
            }
        })
    }

    fn name(&mut self, group: &GroupField<Sigma>) -> Result<GroupField<Mapped>, Diagnostics> {
        let pairs = self.bases.iter().zip(&group.fields);
        let fields = pairs.map(|(base, field)| match (field, &base.rule) {
            (None, _) => Ok(None),
            (Some(field), AnyRule::Detection(rule)) => {
                let (mapped, losses) = name_in_rule(rule, field, self.pipelines)?;
                self.losses.extend(losses.into_iter().map(|loss| of_field(loss, group)));
                Ok(mapped)
            }
            // The match of a correlation has the fields of its groups.
            (Some(field), AnyRule::Correlation(_)) => {
                let (name, facts) = (field.0.clone(), Arc::default());
                Ok(Some(Field { name, facts }))
            }
        });
        let fields = fields.collect::<Result<Vec<_>, Diagnostics>>()?;
        Ok(GroupField { name: group.name.clone(), fields, origin: group.origin.clone() })
    }
}

/// Without its name on the platform no event has the field; one that holds only a part puts other events
/// into one group.
fn of_field(loss: Loss, group: &GroupField<Sigma>) -> Loss {
    let absent = loss.kind == LossKind::UnmappedField;
    let direction = if absent { Direction::Narrower } else { Direction::Mixed };
    Loss { direction, origin: group.origin.clone(), ..loss }
}

/// The name of a field in the events of a rule, and what it loses: what the pipelines make of a rule of
/// the same log source that only asks for the field.
fn name_in_rule(
    rule: &Rule<Sigma>,
    field: &FieldName,
    pipelines: &Pipelines,
) -> Result<(Option<Field>, Vec<Loss>), Diagnostics> {
    const ASKED: &str = "field";
    let any =
        Predicate { test: Test::Like(Pattern::new([Part::AnyRun])), origin: Origin::default() };
    let item = Item {
        field: Some(field.clone()),
        link: Link::Any,
        negated: false,
        predicates: vec![any],
        origin: Origin::default(),
    };
    let body = Named {
        detections: [(ASKED.to_owned(), Expr::Item(item))].into_iter().collect(),
        conditions: vec![Condition::Detection(ASKED.to_owned())],
        fields: Vec::new(),
    };
    let asked = Rule { body, ..rule.clone() };
    let mapped = pipelines.link(pipelines.apply(asked))?;
    let fields =
        mapped.body.conditions.iter().flat_map(Expr::items).filter_map(|it| it.field.clone());
    let mut fields: Vec<Field> = fields.collect();
    fields.dedup();
    let mut losses = mapped.body.losses;
    losses.retain(|loss| matches!(loss.kind, LossKind::UnmappedField | LossKind::Mapping));
    if let [first, _, ..] = &*fields {
        let message = format!(
            "`{}` is read from `{}` only, one of its names on the platform",
            field.0, first.name
        );
        let (direction, origin) = (Direction::Mixed, Origin::default());
        losses.push(Loss { kind: LossKind::Mapping, direction, message, origin });
    }
    Ok((fields.into_iter().next(), losses))
}
