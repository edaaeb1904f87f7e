//! Whether a rule finds an event, before its pipeline.

use super::{Event, Rule, Sigma, evaluate_conditions};

/// True if the event is of the rule's log source, or of an unknown one, and any condition holds for it.
pub fn finds(rule: &Rule<Sigma>, event: &Event<Sigma>) -> bool {
    event.is_for(&rule.logsource) && evaluate_conditions(rule, event).contains(&true)
}
