//! Filters: what a filter says is added to a rule, by `and`.

use super::condition::lower_condition;
use super::lower_body;
use crate::ast::{Condition, Filter};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{self, Rule, Sigma};

/// Adds a filter to a rule. `number` tells the filters of one rule apart, so that the names of each, and
/// what its globs select, stay its own.
pub(crate) fn add_filter(
    rule: &mut Rule<Sigma>,
    filter: &Filter,
    number: usize,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let names: Vec<&str> = filter.detections.iter().map(|it| it.name.value.as_str()).collect();
    let condition = lower_condition(&filter.condition, &names, diagnostics)?;
    let private = |name: &str| format!("filter {number}: {name}");
    for detection in &filter.detections {
        let expr = lower_body(detection.body.as_ref()?, &mut rule.origins, diagnostics)?;
        rule.body.detections.insert(private(&detection.name.value), expr);
    }
    let condition = condition.renamed(&private);
    for of_rule in &mut rule.body.conditions {
        *of_rule = ir::Condition::All(vec![of_rule.clone(), condition.clone()]);
    }
    Some(())
}

/// Warns of a condition that keeps what the filter describes instead of leaving it out.
pub(crate) fn report_not(filter: &Filter, diagnostics: &mut Diagnostics) {
    if has_not(&filter.condition) {
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

fn first_span(condition: &Condition) -> Option<crate::source::Span> {
    match condition {
        Condition::And(operands) | Condition::Or(operands) => operands.first().and_then(first_span),
        Condition::Not(operand) => first_span(operand),
        Condition::Identifier { span, .. } | Condition::Selector { span, .. } => Some(*span),
    }
}
