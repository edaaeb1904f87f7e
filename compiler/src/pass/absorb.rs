//! A lone `*` takes in, or gives way to, the other values of its item.
//!
//! `Image any(like "a", like *)` becomes `Image like *`; `Image all(like "a", like *)` becomes
//! `Image like "a"`.

use super::{Rules, keep, rebuild};
use crate::ir::{Expr, Item, Link, Mapped, Predicate, Test};

pub(super) fn absorb(expr: Expr<Mapped>) -> Expr<Mapped> {
    rebuild(expr, &Rules { item: absorb_tests, all: keep, any: keep })
}

fn absorb_tests(mut item: Item<Mapped>) -> Item<Mapped> {
    let is_run = |test: &Test<Mapped>| matches!(test, Test::Like(pattern) if pattern.matches_all());
    // Every other test but `null` asks for a value, as `*` does. Keywords search the text of every event.
    let asks_presence = |test: &Test<Mapped>| !matches!(test, Test::Null) && !is_run(test);
    if !item.predicates.iter().any(|it| is_run(&it.test)) {
        return item;
    }
    match item.link {
        Link::Any => retain(&mut item.predicates, &|test| !asks_presence(test)),
        Link::All if item.predicates.iter().any(|it| asks_presence(&it.test)) => {
            retain(&mut item.predicates, &|test| !is_run(test));
        }
        Link::All => {}
    }
    item
}

/// Keeps some predicates; the first of them takes over where the others come from.
fn retain(predicates: &mut Vec<Predicate<Mapped>>, wanted: &dyn Fn(&Test<Mapped>) -> bool) {
    let (mut kept, dropped): (Vec<_>, Vec<_>) =
        predicates.drain(..).partition(|it| wanted(&it.test));
    if let Some(first) = kept.first_mut() {
        first.origin =
            dropped.iter().fold(first.origin.clone(), |origin, it| origin.join(&it.origin));
    }
    *predicates = kept;
}
