//! What stands twice is kept once.
//!
//! `Image any(like "a", like "a")` becomes `Image like "a"`; the same for operands of a chain.

use super::{Rules, rebuild};
use crate::ir::{Expr, Item, Mapped, Predicate};

pub(super) fn deduplicate(expr: Expr<Mapped>) -> Expr<Mapped> {
    rebuild(expr, &Rules { item: unique_tests, all: unique_operands, any: unique_operands })
}

/// The longest chain that is searched for repetitions: the search is quadratic.
const MAX_CHAIN: usize = 256;

fn unique_operands(operands: Vec<Expr<Mapped>>) -> Vec<Expr<Mapped>> {
    if operands.len() > MAX_CHAIN {
        return operands;
    }
    let mut unique: Vec<Expr<Mapped>> = Vec::with_capacity(operands.len());
    for operand in operands {
        match unique.iter_mut().find(|it| **it == operand) {
            Some(first) => first.join_origins(&operand),
            None => unique.push(operand),
        }
    }
    unique
}

/// Long lists are searched through a sorted set of their texts, not pair by pair.
fn unique_tests(mut item: Item<Mapped>) -> Item<Mapped> {
    if item.predicates.len() < 2 {
        return item;
    }
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    let mut unique: Vec<Predicate<Mapped>> = Vec::with_capacity(item.predicates.len());
    for predicate in item.predicates {
        let key = format!("{:?}", predicate.test);
        if let Some(first) = seen.get(&key).and_then(|&index| unique.get_mut(index)) {
            first.origin = first.origin.join(&predicate.origin);
        } else {
            seen.insert(key, unique.len());
            unique.push(predicate);
        }
    }
    item.predicates = unique;
    item
}
