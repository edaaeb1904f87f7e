//! Passes over the linked rule: a visible list, in order, each pure and meaning the same before and
//! after.

mod absorb;
mod deduplicate;
mod merge_values;

use crate::ir::{Expr, Mapped, Rule, verify};

/// One pass.
#[derive(Debug)]
pub struct Pass {
    /// Its name.
    pub name: &'static str,
    /// What it does to one condition.
    pub run: fn(Expr<Mapped>) -> Expr<Mapped>,
}

/// All passes, in order.
pub const PASSES: &[Pass] = &[
    Pass { name: "merge_values", run: merge_values::merge_values },
    Pass { name: "deduplicate", run: deduplicate::deduplicate },
    Pass { name: "absorb", run: absorb::absorb },
];

/// Runs all passes on every condition of a rule.
#[must_use]
pub fn run_passes(mut rule: Rule<Mapped>) -> Rule<Mapped> {
    let conditions = std::mem::take(&mut rule.body.conditions);
    rule.body.conditions = conditions
        .into_iter()
        .map(|condition| {
            PASSES.iter().fold(condition, |condition, pass| {
                let condition = (pass.run)(condition);
                debug_assert!(verify(&condition), "{} breaks an invariant", pass.name);
                condition
            })
        })
        .collect();
    rule
}
