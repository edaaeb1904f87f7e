//! Correlations: references become the rules that they name.

use std::sync::Arc;

use super::bounds::report_impossible;
use super::condition::lower_names;
use crate::ast::{self, Bound, CorrelationCondition, CorrelationKind, Relation};
use crate::decimal::{Comparison, Decimal};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{
    AnyRule, Base, Correlation, FieldName, GroupField, Measure, Origins, Sigma, Trigger,
};
use crate::source::Spanned;

/// Lowers a correlation over its rules, which are in the order of `correlation.rules`.
pub(crate) fn lower_correlation(
    correlation: &ast::Correlation,
    rules: Vec<AnyRule<Sigma>>,
    diagnostics: &mut Diagnostics,
) -> Correlation<Sigma> {
    let mut origins = Origins::default();
    report_aliases(correlation, diagnostics);
    let bases = correlation.rules.iter().zip(rules).map(|(name, rule)| Base {
        name: name.value.clone(),
        rule,
        origin: origins.add(name.span),
    });
    let bases: Vec<_> = bases.collect();
    let group_by: Vec<_> =
        correlation.group_by.iter().map(|it| group_field(correlation, it, &mut origins)).collect();
    let trigger = lower_trigger(correlation, &mut origins);
    let trigger_origin = origins.add(correlation.kind.span);
    report_impossible(correlation, diagnostics);
    report_lost_fields(&bases, &group_by, &trigger, &origins, diagnostics);
    Correlation {
        metadata: Arc::clone(&correlation.metadata),
        origins,
        bases,
        group_by,
        timespan: correlation.timespan.value,
        trigger,
        trigger_origin,
        losses: Vec::new(),
    }
}

/// An alias has the name that it gives for each rule; any other field is called the same everywhere.
fn group_field(
    correlation: &ast::Correlation,
    name: &Spanned<String>,
    origins: &mut Origins,
) -> GroupField<Sigma> {
    let alias = correlation.aliases.iter().find(|it| it.name.value == name.value);
    let fields = correlation.rules.iter().map(|rule| match alias {
        Some(alias) => {
            let field = alias.fields.iter().find(|(of, _)| of.value == rule.value);
            field.map(|(_, field)| FieldName(field.value.clone()))
        }
        None => Some(FieldName(name.value.clone())),
    });
    let fields = fields.collect();
    GroupField { name: name.value.clone(), fields, origin: origins.add(name.span) }
}

/// An alias that lacks a rule would leave out all its events.
fn report_aliases(correlation: &ast::Correlation, diagnostics: &mut Diagnostics) {
    let measured: &[Spanned<String>] = match &correlation.condition {
        Some(CorrelationCondition::Bounds { field, .. }) => field,
        Some(CorrelationCondition::Extended(_)) | None => &[],
    };
    for alias in &correlation.aliases {
        let mut uses = correlation.group_by.iter().chain(measured);
        if !uses.any(|it| it.value == alias.name.value) {
            let message = format!("the alias `{}` is not used", alias.name.value);
            let help = "use it in `group-by` or as the `field` of the condition";
            let lint = Diagnostic::new(Code::UnusedAlias, alias.name.span, message);
            diagnostics.push(lint.with_help(help));
        }
        for rule in &correlation.rules {
            if !alias.fields.iter().any(|(of, _)| of.value == rule.value) {
                let message =
                    format!("the alias `{}` has no field for `{}`", alias.name.value, rule.value);
                let mistake = Diagnostic::new(Code::InvalidCorrelation, alias.name.span, message)
                    .with_place(rule.span, "this rule")
                    .with_help(format!("write `{}: field` under the alias", rule.value));
                diagnostics.push(mistake);
            }
        }
    }
}

/// Warns of fields that the matches of a correlation do not have: they have those of its groups.
fn report_lost_fields(
    bases: &[Base<Sigma>],
    group_by: &[GroupField<Sigma>],
    trigger: &Trigger<Sigma>,
    origins: &Origins,
    diagnostics: &mut Diagnostics,
) {
    for (place, base) in bases.iter().enumerate() {
        let AnyRule::Correlation(inner) = &base.rule else { continue };
        for field in group_by.iter().chain(trigger.fields()) {
            let Some(Some(name)) = field.fields.get(place) else { continue };
            if inner.group_by.iter().any(|it| it.name == name.0) {
                continue;
            }
            let message = format!(
                "the matches of `{}` have no field `{}`, so none of them counts",
                base.name, name.0
            );
            let span = |origin| origins.spans(origin).next().unwrap_or_default();
            let help = format!("add `{}` to the `group-by` of `{}`", name.0, base.name);
            let lint = Diagnostic::new(Code::LostField, span(&field.origin), message)
                .with_place(span(&base.origin), "this correlation")
                .with_help(help);
            diagnostics.push(lint);
        }
    }
}

fn lower_trigger(correlation: &ast::Correlation, origins: &mut Origins) -> Trigger<Sigma> {
    match &correlation.condition {
        None => {
            let number = Decimal::from(correlation.rules.len());
            let relation = Relation::Compare(Comparison::GreaterEqual);
            let measure = measure_rules(correlation.kind.value);
            Trigger::Bounds { measure, bounds: vec![Bound { relation, number }] }
        }
        Some(CorrelationCondition::Extended(condition)) => {
            Trigger::Extended(lower_names(condition))
        }
        Some(CorrelationCondition::Bounds { bounds, field, percentile }) => {
            let fields = field.iter().map(|it| group_field(correlation, it, origins));
            let fields: Vec<_> = fields.collect();
            let measure = lower_measure(correlation.kind.value, fields, percentile.as_ref());
            let bounds = bounds.iter().map(|it| it.value.clone()).collect();
            Trigger::Bounds { measure, bounds }
        }
    }
}

fn measure_rules(kind: CorrelationKind) -> Measure<Sigma> {
    match kind {
        CorrelationKind::TemporalOrdered => Measure::RulesInOrder,
        CorrelationKind::EventCount
        | CorrelationKind::ValueCount
        | CorrelationKind::Temporal
        | CorrelationKind::ValueSum
        | CorrelationKind::ValueAvg
        | CorrelationKind::ValuePercentile
        | CorrelationKind::ValueMedian => Measure::Rules,
    }
}

/// What a type measures. Reading has seen to it that those about a field have one.
fn lower_measure(
    kind: CorrelationKind,
    fields: Vec<GroupField<Sigma>>,
    percentile: Option<&Decimal>,
) -> Measure<Sigma> {
    let first = fields.first().cloned();
    match (kind, first) {
        (CorrelationKind::Temporal | CorrelationKind::TemporalOrdered, _) => measure_rules(kind),
        (CorrelationKind::ValueCount, Some(_)) => Measure::Distinct(fields),
        (CorrelationKind::ValueSum, Some(field)) => Measure::Sum(field),
        (CorrelationKind::ValueAvg, Some(field)) => Measure::Mean(field),
        (CorrelationKind::ValuePercentile | CorrelationKind::ValueMedian, Some(field)) => {
            let median = || Decimal::from(50);
            Measure::Percentile(field, percentile.cloned().unwrap_or_else(median))
        }
        (CorrelationKind::EventCount, _)
        | (
            CorrelationKind::ValueCount
            | CorrelationKind::ValueSum
            | CorrelationKind::ValueAvg
            | CorrelationKind::ValuePercentile
            | CorrelationKind::ValueMedian,
            None,
        ) => Measure::Events,
    }
}
