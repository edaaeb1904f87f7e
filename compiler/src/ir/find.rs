//! Whether a rule finds an event, before its pipeline.

use indexmap::IndexMap;

use super::{Condition, Event, Expr, Rule, Sigma, evaluate};

/// True if the event is of the rule's log source, or of an unknown one, and any condition holds for it.
pub fn finds(rule: &Rule<Sigma>, event: &Event<Sigma>) -> bool {
    let detections = &rule.body.detections;
    event.is_for(&rule.logsource)
        && rule.body.conditions.iter().any(|condition| holds(condition, detections, event))
}

fn holds(
    condition: &Condition,
    detections: &IndexMap<String, Expr<Sigma>>,
    event: &Event<Sigma>,
) -> bool {
    match condition {
        Condition::All(operands) => operands.iter().all(|it| holds(it, detections, event)),
        Condition::Any(operands) => operands.iter().any(|it| holds(it, detections, event)),
        Condition::Not(operand) => !holds(operand, detections, event),
        // Lowering has resolved every name.
        Condition::Detection(name) => detections.get(name).is_some_and(|it| evaluate(it, event)),
    }
}
