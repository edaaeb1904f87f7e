//! Passes over the linked rule: a visible list, in order, each pure and meaning the same before and
//! after.

mod absorb;
mod deduplicate;
mod merge_values;

use crate::ir::{Expr, Item, Mapped, Rule, verify};

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
pub fn run_passes(rule: Rule<Mapped>) -> Rule<Mapped> {
    PASSES.iter().fold(rule, |rule, pass| pass.run_on(rule))
}

impl Pass {
    /// Runs the pass on every condition of a rule.
    #[must_use]
    pub fn run_on(&self, mut rule: Rule<Mapped>) -> Rule<Mapped> {
        let conditions = std::mem::take(&mut rule.body.conditions);
        rule.body.conditions = conditions.into_iter().map(self.run).collect();
        debug_assert!(rule.body.conditions.iter().all(verify), "{} breaks an invariant", self.name);
        rule
    }
}

/// What a pass does to the parts of an expression.
struct Rules {
    item: fn(Item<Mapped>) -> Item<Mapped>,
    all: fn(Vec<Expr<Mapped>>) -> Vec<Expr<Mapped>>,
    any: fn(Vec<Expr<Mapped>>) -> Vec<Expr<Mapped>>,
}

/// Rebuilds an expression from its leaves. Chains are opened into each other before and after a rule
/// is applied to them, so that the tree stays canonical.
fn rebuild(expr: Expr<Mapped>, rules: &Rules) -> Expr<Mapped> {
    let inner = |operands: Vec<Expr<Mapped>>| operands.into_iter().map(|it| rebuild(it, rules));
    match expr {
        Expr::All(operands) => match Expr::all(inner(operands)) {
            Some(Expr::All(operands)) => Expr::all((rules.all)(operands)),
            other => other,
        }
        .unwrap_or(Expr::All(Vec::new())),
        Expr::Any(operands) => match Expr::any(inner(operands)) {
            Some(Expr::Any(operands)) => Expr::any((rules.any)(operands)),
            other => other,
        }
        .unwrap_or(Expr::Any(Vec::new())),
        Expr::Not(operand) => Expr::negate(rebuild(*operand, rules)),
        Expr::Item(item) => Expr::Item((rules.item)(item)),
    }
}

/// Leaves a part as it is.
fn keep<T>(part: T) -> T {
    part
}
