//! How large a rule can be, so that looking up each name of a condition takes no time.

use crate::ast::{Condition, Detection};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;

/// The most detections in one rule.
const MAX_DETECTIONS: usize = 1000;
/// The most identifiers and selectors in all conditions of one rule.
const MAX_TERMS: usize = 1000;

/// Reports what is too large, and leaves nothing of it to those that come after.
pub(super) fn check_size(
    detections: &mut Vec<Detection>,
    conditions: &mut Vec<Condition>,
    span: Span,
    diagnostics: &mut Diagnostics,
) {
    let help = "write several rules";
    if let Some(first) = detections.get(MAX_DETECTIONS) {
        let (found, place) = (detections.len(), first.name.span);
        let message = format!("the rule has {found} detections, and {MAX_DETECTIONS} are the most");
        diagnostics.push(Diagnostic::new(Code::LimitExceeded, place, message).with_help(help));
        detections.truncate(MAX_DETECTIONS);
        conditions.clear();
    }
    let terms: usize = conditions.iter().map(count_terms).sum();
    if terms > MAX_TERMS {
        let message = format!("the conditions have {terms} terms, and {MAX_TERMS} are the most");
        diagnostics.push(Diagnostic::new(Code::LimitExceeded, span, message).with_help(help));
        conditions.clear();
    }
}

/// The nesting of conditions is bounded, and so is this recursion.
fn count_terms(condition: &Condition) -> usize {
    match condition {
        Condition::And(operands) | Condition::Or(operands) => {
            operands.iter().map(count_terms).sum()
        }
        Condition::Not(operand) => count_terms(operand),
        Condition::Identifier { .. } | Condition::Selector { .. } => 1,
    }
}
