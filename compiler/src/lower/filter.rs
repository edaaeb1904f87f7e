//! Filters: what a filter says is added to a rule, by `and`.

use super::condition::{lower_condition, report_unused};
use super::lower_body;
use crate::ast::{Body, Condition, Filter};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{self, Origins, Rule, Sigma};

/// Adds a filter to a rule. `number` tells the filters of one rule apart, so that the names of each, and
/// what its globs select, stay its own. A filter with an error is not added.
pub(crate) fn add_filter(
    rule: &mut Rule<Sigma>,
    filter: &Filter,
    number: usize,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let before = diagnostics.len();
    let names: Vec<&str> = filter.detections.iter().map(|it| it.name.value.as_str()).collect();
    let condition = lower_condition(&filter.condition, &names, diagnostics)?;
    let private = |name: &str| format!("filter {number}: {name}");
    for detection in &filter.detections {
        let expr = lower_body(detection.body.as_ref()?, &mut rule.origins, diagnostics)?;
        rule.body.detections.insert(private(&detection.name.value), expr);
    }
    if diagnostics.iter().skip(before).any(Diagnostic::is_error) {
        return None;
    }
    let condition = condition.renamed(&private);
    for of_rule in &mut rule.body.conditions {
        *of_rule = ir::Condition::All(vec![of_rule.clone(), condition.clone()]);
    }
    Some(())
}

/// Reports what is wrong with a filter, whether a rule is there for it or not.
pub(crate) fn check_filter(filter: &Filter, diagnostics: &mut Diagnostics) {
    let mut origins = Origins::default();
    for body in filter.detections.iter().filter_map(|it| it.body.as_ref()) {
        lower_body(body, &mut origins, diagnostics);
    }
    let names: Vec<&str> = filter.detections.iter().map(|it| it.name.value.as_str()).collect();
    if let Some(condition) = lower_condition(&filter.condition, &names, diagnostics) {
        report_unused(&filter.detections, &[condition], diagnostics);
        report_not(filter, diagnostics);
    }
}

/// Warns of a condition that keeps what the filter describes instead of leaving it out.
fn report_not(filter: &Filter, diagnostics: &mut Diagnostics) {
    let bodies = filter.detections.iter().filter_map(|it| it.body.as_ref());
    if has_not(&filter.condition) || bodies.into_iter().any(has_neq) {
        return;
    }
    let Some(span) = first_span(&filter.condition) else { return };
    let message = "the condition has no `not`, so rules find only what the filter describes";
    let help = "write `not` before it to leave these events out";
    diagnostics.push(Diagnostic::new(Code::FilterWithoutNot, span, message).with_help(help));
}

fn has_not(condition: &Condition) -> bool {
    match condition {
        Condition::And(operands) | Condition::Or(operands) => operands.iter().any(has_not),
        Condition::Not(_) => true,
        Condition::Identifier { .. } | Condition::Selector { .. } => false,
    }
}

/// True if an item is negated by its modifier.
fn has_neq(body: &Body) -> bool {
    match body {
        Body::All(items) => items.iter().any(|it| it.modifiers.iter().any(|it| it.value == "neq")),
        Body::Any(bodies) => bodies.iter().any(has_neq),
    }
}

fn first_span(condition: &Condition) -> Option<crate::source::Span> {
    match condition {
        Condition::And(operands) | Condition::Or(operands) => operands.first().and_then(first_span),
        Condition::Not(operand) => first_span(operand),
        Condition::Identifier { span, .. } | Condition::Selector { span, .. } => Some(*span),
    }
}
