//! Modifiers on the item as a whole. Their place in the chain does not matter.

use super::{Apply, Modifier};
use crate::ir::Link;

pub(super) const ALL: Modifier = Modifier {
    name: "all",
    input: "a list",
    summary: "all values have to match, not any",
    apply: Apply::Item(|draft| draft.link = Link::All),
};
