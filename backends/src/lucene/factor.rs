//! Alternatives that begin or end alike say so once: `x|.*[,;]x` is as long as `(.*[,;])?x`, but with a
//! longer `x` it is not.

use isogloss_compiler::ir::RegexNode;

use super::tree::{any_of, concat};
use super::write::write;

/// More alternatives are left as they are.
const MAX_ALTERNATIVES: usize = 24;

/// The same alternatives, fewer if that is shorter.
pub(super) fn factor(mut alternatives: Vec<RegexNode>) -> Vec<RegexNode> {
    if alternatives.len() > MAX_ALTERNATIVES {
        return alternatives;
    }
    while let Some((first, second, joined)) = best(&alternatives) {
        alternatives.remove(second);
        if let Some(place) = alternatives.get_mut(first) {
            *place = joined;
        }
    }
    alternatives
}

/// The two that save most.
fn best(alternatives: &[RegexNode]) -> Option<(usize, usize, RegexNode)> {
    let mut best: Option<(usize, (usize, usize, RegexNode))> = None;
    for (second, right) in alternatives.iter().enumerate() {
        for (first, left) in alternatives.iter().enumerate().take(second) {
            let Some(joined) = joined(left, right) else { continue };
            let before = write(left).len() + 1 + write(right).len();
            let saved = before.saturating_sub(write(&joined).len());
            if saved > best.as_ref().map_or(0, |(saved, _)| *saved) {
                best = Some((saved, (first, second, joined)));
            }
        }
    }
    best.map(|(_, it)| it)
}

fn joined(left: &RegexNode, right: &RegexNode) -> Option<RegexNode> {
    let (left, right) = (row(left), row(right));
    let alike = |pairs: &mut dyn Iterator<Item = (&RegexNode, &RegexNode)>| {
        pairs.take_while(|(left, right)| left == right).count()
    };
    let shorter = left.len().min(right.len());
    let behind = alike(&mut left.iter().rev().zip(right.iter().rev()));
    let before = alike(&mut left.iter().zip(right)).min(shorter - behind);
    if before + behind == 0 {
        return None;
    }
    let middle = |row: &[RegexNode]| {
        concat(row.get(before..row.len() - behind).unwrap_or_default().iter().cloned())
    };
    let middle = any_of([middle(left), middle(right)]);
    let start = left.get(..before)?.iter().cloned();
    let end = left.get(left.len() - behind..)?.iter().cloned();
    Some(concat(start.chain([middle]).chain(end)))
}

fn row(node: &RegexNode) -> &[RegexNode] {
    if let RegexNode::Concat(nodes) = node { nodes } else { std::slice::from_ref(node) }
}
