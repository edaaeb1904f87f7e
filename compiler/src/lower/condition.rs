//! Conditions: selectors become the detections that they select.

use std::collections::BTreeSet;

use crate::ast::{self, Quantifier};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest, suggest};
use crate::ir::Condition;

/// Lowers a condition over the detections of these names.
///
/// A selector that selects nothing is an error: other tools drop it in silence, which changes the
/// meaning of the rule.
pub(super) fn lower_condition(
    condition: &ast::Condition,
    names: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<Condition> {
    match condition {
        ast::Condition::And(operands) => {
            lower_all(operands, names, diagnostics).map(Condition::All)
        }
        ast::Condition::Or(operands) => lower_all(operands, names, diagnostics).map(Condition::Any),
        ast::Condition::Not(operand) => {
            Some(Condition::Not(Box::new(lower_condition(operand, names, diagnostics)?)))
        }
        ast::Condition::Identifier { name, span } => {
            if !names.contains(&name.as_str()) {
                let message = format!("no detection is named `{name}`");
                let help = if names.is_empty() {
                    "write a detection of this name beside the condition".to_owned()
                } else {
                    suggest(name, names.iter().copied())
                };
                diagnostics.push(
                    Diagnostic::new(Code::UnknownDetection, *span, message)
                        .with_label("named here")
                        .with_help(help),
                );
                return None;
            }
            Some(Condition::Detection(name.clone()))
        }
        ast::Condition::Selector { quantifier, pattern, span } => {
            let selected = names.iter().filter(|name| selects(pattern, name));
            let selected: Vec<Condition> =
                selected.map(|name| Condition::Detection((*name).to_owned())).collect();
            if selected.is_empty() {
                let message = format!("`{pattern}` selects no detection");
                let help = suggest_pattern(pattern, names);
                diagnostics
                    .push(Diagnostic::new(Code::EmptySelector, *span, message).with_help(help));
                return None;
            }
            Some(match quantifier {
                Quantifier::Any => Condition::Any(selected),
                Quantifier::All => Condition::All(selected),
            })
        }
    }
}

fn suggest_pattern(pattern: &str, names: &[&str]) -> String {
    let lower = pattern.to_lowercase();
    if pattern == "them" {
        "detections whose names start with `_` are not among `them`".to_owned()
    } else if names.iter().any(|name| selects(&lower, name)) {
        format!("did you mean `{lower}`?")
    } else {
        let meant = meant_pattern(pattern, names);
        meant.unwrap_or_else(|| suggest(pattern, names.iter().copied()))
    }
}

/// The shortest start of a pattern that another can be found for.
const MIN_START: usize = 4;

/// Another start for a pattern such as `selektion_*`: that of a detection's name of this length.
fn meant_pattern(pattern: &str, names: &[&str]) -> Option<String> {
    let start = pattern.strip_suffix('*').filter(|it| !it.contains('*'))?;
    let length = start.chars().count();
    // Of a few letters, any others are near.
    if length < MIN_START {
        return None;
    }
    let is_whole = |name: &str| {
        let behind = name.chars().nth(length);
        start.ends_with(['_', '-']) || !behind.is_some_and(char::is_alphabetic)
    };
    let starts: BTreeSet<String> = names
        .iter()
        .filter(|name| is_whole(name))
        .map(|name| name.chars().take(length).collect())
        .collect();
    let meant = nearest(start, starts.iter().map(String::as_str))?;
    Some(format!("did you mean `{meant}*`?"))
}

/// Lowers the extended condition of a correlation, which names rules and has no selectors.
pub(super) fn lower_names(condition: &ast::Condition) -> Condition {
    match condition {
        ast::Condition::And(operands) => Condition::All(operands.iter().map(lower_names).collect()),
        ast::Condition::Or(operands) => Condition::Any(operands.iter().map(lower_names).collect()),
        ast::Condition::Not(operand) => Condition::Not(Box::new(lower_names(operand))),
        ast::Condition::Identifier { name, .. } => Condition::Detection(name.clone()),
        // Refused where the condition was read.
        ast::Condition::Selector { pattern, .. } => Condition::Detection(pattern.clone()),
    }
}

/// Every operand is looked at, so that all mistakes are reported.
fn lower_all(
    operands: &[ast::Condition],
    names: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Condition>> {
    let lowered: Vec<_> =
        operands.iter().map(|it| lower_condition(it, names, diagnostics)).collect();
    lowered.into_iter().collect()
}

/// `them` is every detection whose name does not start with `_`; a pattern skips those too, unless it
/// starts with `_` itself.
fn selects(pattern: &str, name: &str) -> bool {
    if name.starts_with('_') && !pattern.starts_with('_') {
        return false;
    }
    pattern == "them" || matches_glob(pattern, name)
}

/// `*` is any run of characters; the whole name has to match. The first piece is fixed at the start, the
/// last at the end, and those between are found from the left, so no name takes long.
fn matches_glob(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = name.strip_prefix(head).and_then(|name| name.strip_suffix(tail));
    let found = inner.and_then(|inner| {
        middle.split('*').try_fold(inner, |rest, piece| Some(rest.split_once(piece)?.1))
    });
    found.is_some()
}

/// Warns of detections that no condition uses; names that start with `_` are meant to be unused.
pub(super) fn report_unused(
    detections: &[ast::Detection],
    conditions: &[Condition],
    diagnostics: &mut Diagnostics,
) {
    let used: BTreeSet<&str> = conditions.iter().flat_map(Condition::names).collect();
    for detection in detections {
        let name = detection.name.value.as_str();
        if !used.contains(name) && !name.starts_with('_') {
            let message = format!("the detection `{name}` is used by no condition");
            let diagnostic = Diagnostic::new(Code::UnusedDetection, detection.name.span, message)
                .with_help("use it, delete it, or let its name start with `_`");
            diagnostics.push(diagnostic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_wildcards_take_no_time() {
        let pattern = "*a".repeat(5000);
        assert!(!matches_glob(&pattern, &format!("{}b", "a".repeat(4000))));
    }

    #[test]
    fn globs_are_anchored_and_skip_private_names() {
        for (pattern, name, wanted) in [
            ("sel*", "selection", true),
            ("*ion", "selection", true),
            ("s*t*n", "selection", true),
            ("sel", "selection", false),
            ("ection*", "selection", false),
            ("sel*", "_selection", false),
            ("_sel*", "_selection", true),
            ("*", "_selection", false),
            ("them", "selection", true),
            ("them", "_selection", false),
            ("*a*a", "a", false),
            ("a*a", "aa", true),
            ("a**b", "acb", true),
            ("*e*c*i*", "selection", true),
            ("*i*c*", "selection", false),
        ] {
            assert_eq!(selects(pattern, name), wanted, "{pattern} {name}");
        }
    }
}
