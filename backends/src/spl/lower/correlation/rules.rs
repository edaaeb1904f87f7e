//! Which rules a window has, and the condition on them.

use isogloss_compiler::ir::{Base, Condition, Correlation, Mapped, Trigger};

use super::trigger::keeps;
use super::{field, null};
use crate::spl::ast::{Command, Eval, Operator};

/// The names of the rules that a window has.
const RULES: &str = "sigma_rules";

/// Lists the rules that a window has, by a test for each, and keeps the windows for which the condition
/// holds. Rules count from 1.
pub(super) fn tests(
    correlation: &Correlation<Mapped>,
    has: &dyn Fn(usize) -> Eval,
) -> Vec<Command> {
    let found = correlation
        .bases
        .iter()
        .enumerate()
        .map(|(place, base)| Eval::call("if", [has(place + 1), name_of(base), null()]));
    let found = Eval::call("mvappend", found.collect::<Vec<_>>());
    let found = Command::Eval(vec![(RULES.to_owned(), found)]);
    let holds = match &correlation.trigger {
        Trigger::Extended(condition) => extended(condition, &correlation.bases),
        Trigger::Bounds { bounds, .. } => {
            let count = Eval::call("mvcount", [field(RULES)]);
            Eval::all(bounds.iter().map(|it| keeps(count.clone(), it)))
        }
    };
    std::iter::once(found).chain(holds.map(Command::Where)).collect()
}

/// The name of a rule.
pub(super) fn name_of(base: &Base<Mapped>) -> Eval {
    Eval::Text { text: base.name.clone(), origin: base.origin.clone() }
}

/// An extended condition over the list of rules.
fn extended(condition: &Condition, bases: &[Base<Mapped>]) -> Option<Eval> {
    let all = |operands: &[Condition]| {
        operands.iter().map(|it| extended(it, bases)).collect::<Option<Vec<_>>>()
    };
    match condition {
        Condition::All(operands) => Eval::all(all(operands)?),
        Condition::Any(operands) => Eval::any(all(operands)?),
        Condition::Not(operand) => Some(Eval::Not(Box::new(extended(operand, bases)?))),
        Condition::Detection(name) => {
            let base = bases.iter().find(|base| base.name == *name)?;
            let is = field(RULES).compare(Operator::Equal, name_of(base));
            Some(Eval::call("isnotnull", [Eval::call("mvfilter", [is])]))
        }
    }
}
