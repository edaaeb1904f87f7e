//! The losses of a long run, as a table.

use std::collections::BTreeMap;

/// One loss of one rule.
pub(crate) struct LossRow {
    /// The target.
    pub(crate) target: &'static str,
    /// The kind.
    pub(crate) kind: &'static str,
    /// The direction.
    pub(crate) direction: &'static str,
    /// Where the rule is.
    pub(crate) path: String,
}

/// A line for each target, kind and direction, with how many rules lose it, and one of them.
pub(crate) fn loss_table(rows: &[LossRow]) -> Vec<String> {
    let mut groups: BTreeMap<(&str, &str, &str), (usize, &str)> = BTreeMap::new();
    for row in rows {
        let group = groups.entry((row.target, row.kind, row.direction)).or_insert((0, &row.path));
        group.0 += 1;
    }
    if groups.is_empty() {
        return Vec::new();
    }
    let head = format!("{:<6} {:<18} {:<9} {:>6}  example", "target", "loss", "direction", "rules");
    let lines = groups.into_iter().map(|((target, kind, direction), (count, path))| {
        format!("{target:<6} {kind:<18} {direction:<9} {count:>6}  {path}")
    });
    std::iter::once(head).chain(lines).collect()
}
