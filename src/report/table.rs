//! What a long run lost and found, as tables.

use std::collections::BTreeMap;

use isogloss_compiler::diagnostic::{Code, Diagnostic};
use isogloss_compiler::source::SourceMap;

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

/// A code of a long run, and where it was found.
struct Found {
    code: Code,
    count: usize,
    examples: Vec<String>,
}

/// The places that are named for each code.
const EXAMPLES: usize = 3;

/// A line for each code with how often it was found, and below it the first places.
pub(crate) fn finding_table<'d>(
    findings: impl IntoIterator<Item = &'d Diagnostic>,
    sources: &SourceMap,
) -> Vec<String> {
    let mut codes: BTreeMap<Code, Found> = BTreeMap::new();
    for finding in findings {
        let code = finding.code;
        let found =
            codes.entry(code).or_insert_with(|| Found { code, count: 0, examples: Vec::new() });
        found.count += 1;
        if found.examples.len() < EXAMPLES {
            let place = finding.labels.first().and_then(|label| sources.locate(label.span));
            let place = place
                .map_or(String::new(), |it| format!("{}:{}:{}: ", it.path, it.line, it.column));
            found.examples.push(format!("       {place}{}", finding.message));
        }
    }
    let mut lines = Vec::new();
    for Found { code, count, examples } in codes.into_values() {
        lines.push(format!("{:>5}  {} {}", count, code.as_str(), code.title()));
        let more = count.saturating_sub(examples.len());
        lines.extend(examples);
        if more > 0 {
            lines.push(format!("       and {more} more"));
        }
    }
    lines
}
