//! Alternatives of one field become one value list.
//!
//! `any(Image like "a", Image like "b")` becomes `Image any(like "a", like "b")`.

use std::collections::BTreeMap;

use super::{Rules, keep, rebuild};
use crate::ir::{Expr, Item, Link, Mapped};

pub(super) fn merge_values(expr: Expr<Mapped>) -> Expr<Mapped> {
    rebuild(expr, &Rules { item: keep, all: keep, any: merge_any })
}

fn merge_any(operands: Vec<Expr<Mapped>>) -> Vec<Expr<Mapped>> {
    let mut merged: Vec<Expr<Mapped>> = Vec::with_capacity(operands.len());
    // Where the first item of a field stands, to which the others are added.
    let mut firsts: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for operand in operands {
        let Expr::Item(item) = operand else {
            merged.push(operand);
            continue;
        };
        let name = item.field_name().map(str::to_owned);
        let first = firsts.get(&name).and_then(|place| merged.get_mut(*place));
        match first {
            Some(Expr::Item(first)) if is_list(&item) && first.field == item.field => {
                first.predicates.extend(item.predicates);
                first.link = Link::Any;
                first.origin = first.origin.join(&item.origin);
            }
            Some(_) | None => {
                if is_list(&item) {
                    firsts.insert(name, merged.len());
                }
                merged.push(Expr::Item(item));
            }
        }
    }
    merged
}

/// True if any of the item's tests is enough, so that others can join them.
fn is_list(item: &Item<Mapped>) -> bool {
    !item.negated && (item.link == Link::Any || item.predicates.len() == 1)
}
