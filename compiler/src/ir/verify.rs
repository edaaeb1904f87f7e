//! The invariants of the IR, checked after every pass in debug builds.

use super::{Expr, State};

/// True if the tree is canonical: chains are flat and have at least two operands, negations do not
/// meet, items have at least one test.
pub fn verify<S: State>(expr: &Expr<S>) -> bool {
    match expr {
        Expr::All(operands) => {
            operands.len() > 1
                && operands.iter().all(|it| !matches!(it, Expr::All(_)) && verify(it))
        }
        Expr::Any(operands) => {
            operands.len() > 1
                && operands.iter().all(|it| !matches!(it, Expr::Any(_)) && verify(it))
        }
        Expr::Not(operand) => !matches!(**operand, Expr::Not(_)) && verify(operand),
        Expr::Item(item) => !item.predicates.is_empty(),
    }
}
