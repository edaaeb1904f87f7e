//! Lints on conditions.

use super::Context;
use crate::ast::{Condition, Rule};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;

/// Calls `visit` for a condition and every condition in it.
fn walk<'c>(condition: &'c Condition, visit: &mut impl FnMut(&'c Condition)) {
    visit(condition);
    match condition {
        Condition::And(operands) | Condition::Or(operands) => {
            for operand in operands {
                walk(operand, visit);
            }
        }
        Condition::Not(operand) => walk(operand, visit),
        Condition::Identifier { .. } | Condition::Selector { .. } => {}
    }
}

/// Every selector of a rule: its pattern and its place.
fn selectors(rule: &Rule) -> Vec<(&str, Span)> {
    let mut selectors = Vec::new();
    for condition in &rule.conditions {
        walk(condition, &mut |it| {
            if let Condition::Selector { pattern, span, .. } = it {
                selectors.push((pattern.as_str(), *span));
            }
        });
    }
    selectors
}

/// True if a search identifier or a pattern selects the detection of this name. Of several `*` only the
/// outer ones are looked at, which is enough for hints.
pub(super) fn selects(pattern: &str, name: &str) -> bool {
    let hidden = name.starts_with('_') && !pattern.starts_with('_');
    match pattern.split_once('*') {
        _ if hidden => false,
        None => pattern == "them" || pattern == name,
        Some((head, rest)) => {
            let tail = rest.rsplit('*').next().unwrap_or_default();
            name.strip_prefix(head).is_some_and(|inner| inner.ends_with(tail))
        }
    }
}

/// Every name and pattern that the conditions of a rule refer to.
pub(super) fn references(rule: &Rule) -> Vec<&str> {
    let mut references = Vec::new();
    for condition in &rule.conditions {
        walk(condition, &mut |it| match it {
            Condition::Identifier { name, .. } => references.push(name.as_str()),
            Condition::Selector { pattern, .. } => references.push(pattern.as_str()),
            Condition::And(_) | Condition::Or(_) | Condition::Not(_) => {}
        });
    }
    references
}

/// `them` where there is one detection.
pub(super) fn them_is_one(_: &Context, rule: &Rule, found: &mut Diagnostics) {
    let names: Vec<&str> = rule.detections.iter().map(|it| it.name.value.as_str()).collect();
    let public: Vec<&&str> = names.iter().filter(|name| !name.starts_with('_')).collect();
    let [only] = &*public else { return };
    for (pattern, span) in selectors(rule) {
        if pattern == "them" {
            let message = format!("`them` is only `{only}`");
            let finding = Diagnostic::new(Code::ThemIsOne, span, message);
            found.push(finding.with_help(format!("write `{only}`")));
        }
    }
}

/// A selector that selects one detection.
pub(super) fn selector_is_one(_: &Context, rule: &Rule, found: &mut Diagnostics) {
    for (pattern, span) in selectors(rule) {
        if !pattern.contains('*') {
            continue;
        }
        let names = rule.detections.iter().map(|it| it.name.value.as_str());
        let mut selected = names.filter(|name| selects(pattern, name));
        if let (Some(only), None) = (selected.next(), selected.next()) {
            let message = format!("`{pattern}` selects only `{only}`");
            let finding = Diagnostic::new(Code::SelectorIsOne, span, message);
            found.push(finding.with_help(format!("write `{only}`")));
        }
    }
}

/// `and` and `or` side by side without parentheses.
pub(super) fn mixed_operators(context: &Context, rule: &Rule, found: &mut Diagnostics) {
    for condition in &rule.conditions {
        walk(condition, &mut |it| {
            let Condition::Or(operands) = it else { return };
            let bare = operands.iter().filter_map(|it| bare_chain(context, it));
            let bare: Vec<Span> = bare.collect();
            let Some((first, others)) = bare.split_first() else { return };
            let message = "`and` and `or` stand side by side without parentheses";
            let finding = Diagnostic::new(Code::MixedOperators, *first, message)
                .with_label("`and` binds more tightly")
                .with_help(format!("write `({})`", context.slice(*first)));
            found.push(others.iter().fold(finding, |it, span| it.with_place(*span, "")));
        });
    }
}

/// The place of a chain of `and` without parentheses around it. Where the condition does not stand letter
/// for letter in the file, all names have one place, and nothing can be said.
fn bare_chain(context: &Context, operand: &Condition) -> Option<Span> {
    let Condition::And(parts) = operand else { return None };
    let span = extent(operand)?;
    let is_known = parts.first().and_then(extent) != Some(span);
    (is_known && !is_parenthesised(context.text, span)).then_some(span)
}

/// From the first name of a condition to the last.
fn extent(condition: &Condition) -> Option<Span> {
    let mut whole: Option<Span> = None;
    walk(condition, &mut |it| {
        if let Condition::Identifier { span, .. } | Condition::Selector { span, .. } = it {
            whole = Some(whole.map_or(*span, |whole| whole.to(*span)));
        }
    });
    whole
}

/// True if some opening parenthesis before the text is closed after it. Each one before it has to be
/// looked at: those of its first operands are closed inside.
fn is_parenthesised(text: &str, span: Span) -> bool {
    let (Ok(start), Ok(end)) = (usize::try_from(span.start), usize::try_from(span.end)) else {
        return true;
    };
    let before = text.get(..start).unwrap_or_default().trim_end();
    let opened = before.chars().rev().take_while(|it| *it == '(' || it.is_whitespace());
    let mut opened = opened.filter(|it| *it == '(').count();
    // `not` may stand between the parenthesis and the first name.
    if let Some(rest) = before.strip_suffix("not") {
        opened += usize::from(rest.trim_end().ends_with('('));
    }
    let inside = text.get(start..end).unwrap_or_default();
    let count = |it: char| inside.matches(it).count();
    let own = count(')').saturating_sub(count('('));
    let after = text.get(end..).unwrap_or_default().trim_start();
    opened > own && after.starts_with(')')
}

/// `a and not a`.
pub(super) fn contradiction(_: &Context, rule: &Rule, found: &mut Diagnostics) {
    for condition in &rule.conditions {
        walk(condition, &mut |it| {
            let Condition::And(operands) = it else { return };
            for operand in operands {
                let Condition::Not(denied) = operand else { continue };
                let Condition::Identifier { name, span } = &**denied else { continue };
                let asked = operands.iter().find_map(|it| match it {
                    Condition::Identifier { name: asked, span } if asked == name => Some(*span),
                    Condition::And(_)
                    | Condition::Or(_)
                    | Condition::Not(_)
                    | Condition::Identifier { .. }
                    | Condition::Selector { .. } => None,
                });
                if let Some(asked) = asked {
                    let message = format!("`{name}` has to match and must not match");
                    let finding = Diagnostic::new(Code::Contradiction, *span, message);
                    let finding = finding.with_place(asked, "has to match here");
                    found.push(finding.with_help("one of the two names is wrong, or too much"));
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    #[test]
    fn parentheses_around_a_chain_are_seen() {
        for (text, wanted) in [
            ("x or [a and b]", false),
            ("x or ([a and b])", true),
            ("x or ( [a and b] )", true),
            ("x or ([a or y) and b]", false),
            ("x or (([a or y) and b])", true),
            ("x or (not [a and b])", true),
            ("([a and b] or c)", false),
        ] {
            let start = text.find('[').unwrap();
            let end = text.find(']').unwrap() - 1;
            let plain = text.replace(['[', ']'], "");
            let span = Span::new(SourceId(0), start, end);
            assert_eq!(is_parenthesised(&plain, span), wanted, "{text}");
        }
    }
}
