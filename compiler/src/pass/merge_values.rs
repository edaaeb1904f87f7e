//! Alternatives of one field become one value list.
//!
//! `any(Image like "a", Image like "b")` becomes `Image any(like "a", like "b")`.

use crate::ir::{Expr, Item, Link, Mapped};

pub(super) fn merge_values(expr: Expr<Mapped>) -> Expr<Mapped> {
    match expr {
        Expr::All(operands) => Expr::All(operands.into_iter().map(merge_values).collect()),
        Expr::Any(operands) => merge_any(operands.into_iter().map(merge_values).collect()),
        Expr::Not(operand) => Expr::negate(merge_values(*operand)),
        Expr::Item(item) => Expr::Item(item),
    }
}

fn merge_any(operands: Vec<Expr<Mapped>>) -> Expr<Mapped> {
    let mut merged: Vec<Expr<Mapped>> = Vec::new();
    for operand in operands {
        if let Expr::Item(item) = &operand
            && let Some(first) = merged.iter_mut().find_map(|it| partner(it, item))
        {
            first.predicates.extend(item.predicates.iter().cloned());
            first.link = Link::Any;
            first.origin = first.origin.join(&item.origin);
            continue;
        }
        merged.push(operand);
    }
    if merged.len() > 1 {
        return Expr::Any(merged);
    }
    merged.pop().unwrap_or(Expr::Any(Vec::new()))
}

/// The item of `expr`, if the tests of `item` can join its own.
fn partner<'e>(expr: &'e mut Expr<Mapped>, item: &Item<Mapped>) -> Option<&'e mut Item<Mapped>> {
    let Expr::Item(first) = expr else { return None };
    let plain = |item: &Item<Mapped>| {
        !item.negated && (item.link == Link::Any || item.predicates.len() == 1)
    };
    (first.field == item.field && plain(first) && plain(item)).then_some(first)
}
