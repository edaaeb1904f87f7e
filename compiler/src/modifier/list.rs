//! Modifiers on the item as a whole. Their place in the chain does not matter.

use super::{Apply, Modifier};
use crate::ir::Link;

pub(super) const ALL: Modifier = Modifier {
    name: "all",
    input: "a list",
    summary: "all values have to match, not any",
    apply: Apply::Item(|draft| draft.link = Link::All),
};

pub(super) const NEQ: Modifier = Modifier {
    name: "neq",
    input: "anything",
    summary: "the item holds where it would not hold otherwise, also where the field is absent",
    apply: Apply::Item(|draft| draft.negated = true),
};
