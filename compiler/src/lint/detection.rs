//! Lints on detections, and the form in which logic is compared.

use std::collections::BTreeMap;

use super::{Context, condition};
use crate::ast::{Body, DetectionItem, Rule, ValueKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// The body as a text that is the same for bodies that mean the same: without regard to the order of items
/// and values, and to upper and lower case where that does not matter.
pub(super) fn canonical(body: &Body) -> String {
    match body {
        Body::All(items) => join("all", items.iter().map(canonical_item)),
        Body::Any(parts) => join("any", parts.iter().map(canonical)),
    }
}

fn canonical_item(item: &DetectionItem) -> String {
    let has = |names: &[&str]| item.modifiers.iter().any(|it| names.contains(&it.value.as_str()));
    let cased = has(&["cased", "re", "expand", "base64", "base64offset"]);
    let modifiers = item.modifiers.iter().map(|it| it.value.as_str()).collect::<Vec<_>>().join("|");
    let values = item.values.iter().map(|value| match &value.value {
        ValueKind::Text(text) if !cased => format!("{:?}", text.to_lowercase()),
        ValueKind::Text(text) | ValueKind::Number(text) => format!("{text:?}"),
        ValueKind::Bool(value) => value.to_string(),
        ValueKind::Null => "null".to_owned(),
    });
    let field = item.field.as_ref().map(|it| it.value.as_str());
    format!("{field:?}|{modifiers}: {}", join("", values))
}

fn join(name: &str, parts: impl Iterator<Item = String>) -> String {
    let mut parts: Vec<String> = parts.collect();
    parts.sort_unstable();
    parts.dedup();
    match &*parts {
        [only] => only.clone(),
        _ => format!("{name}({})", parts.join(", ")),
    }
}

/// Two detections of a rule that look for the same, and that the conditions treat alike: a copy may be
/// needed where different patterns select them.
pub(super) fn equal_detections(_: &Context, rule: &Rule, found: &mut Diagnostics) {
    let references = condition::references(rule);
    let mut seen = BTreeMap::new();
    for detection in &rule.detections {
        let Some(body) = &detection.body else { continue };
        let name = &detection.name;
        let patterns = references.iter().filter(|it| it.contains('*') || **it == "them");
        let used: Vec<bool> = patterns.map(|it| condition::selects(it, &name.value)).collect();
        if let Some(first) = seen.insert((canonical(body), used), name) {
            let message = format!("`{}` looks for the same as `{}`", name.value, first.value);
            let finding = Diagnostic::new(Code::EqualDetections, name.span, message);
            let help = "finish the copy, or delete it and its name in the condition";
            found.push(finding.with_place(first.span, "the same").with_help(help));
        }
    }
}
