//! Detections: keys become items, values become tests.

use crate::ast::{Body, DetectionItem, ValueKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest};
use crate::ir::{Expr, FieldName, Item, Link, Number, Origins, Predicate, Sigma, Test};
use crate::modifier::{self, Apply, Draft, Operand, OperandValue, PLANNED, Site};

/// The most tests in one item.
const MAX_TESTS: usize = 20_000;

/// Lowers the body of a detection. What cannot be lowered is reported and left out.
pub(crate) fn lower_body(
    body: &Body,
    origins: &mut Origins,
    diagnostics: &mut Diagnostics,
) -> Option<Expr<Sigma>> {
    match body {
        Body::All(items) => {
            let items: Vec<_> =
                items.iter().filter_map(|item| lower_item(item, origins, diagnostics)).collect();
            Expr::all(items.into_iter().map(Expr::Item))
        }
        Body::Any(parts) => {
            let parts: Vec<_> =
                parts.iter().filter_map(|part| lower_body(part, origins, diagnostics)).collect();
            Expr::any(parts)
        }
    }
}

fn lower_item(
    item: &DetectionItem,
    origins: &mut Origins,
    diagnostics: &mut Diagnostics,
) -> Option<Item<Sigma>> {
    report_values(item, diagnostics);
    let operands = item.values.iter().map(|value| Operand::new(&value.value, value.span)).collect();
    let mut draft = Draft { link: Link::Any, operands };
    apply_modifiers(item, &mut draft, diagnostics)?;
    report_size(item, &draft, diagnostics)?;
    let origin = origins.add(item.span);
    let keyword = item.field.is_none();
    let mut predicates = Vec::with_capacity(draft.operands.len());
    for operand in draft.operands {
        let span = operand.span;
        match finish(operand, keyword) {
            Ok(test) => predicates.push(Predicate { test, origin: origins.add(span) }),
            Err(message) => {
                diagnostics.push(Diagnostic::new(Code::InvalidDetection, span, message));
                return None;
            }
        }
    }
    let field = item.field.as_ref().map(|field| FieldName(field.value.clone()));
    let link = if predicates.len() == 1 { Link::Any } else { draft.link };
    Some(Item { field, link, negated: false, predicates, origin })
}

/// Modifiers may make many tests of few values, so the last one is named.
fn report_size(item: &DetectionItem, draft: &Draft, diagnostics: &mut Diagnostics) -> Option<()> {
    let count = draft.operands.len();
    if count <= MAX_TESTS {
        return Some(());
    }
    let modifier = item.modifiers.last();
    let by = modifier.map_or(String::new(), |it| format!(" after `{}`", it.value));
    let message = format!("the item has {count} tests{by}, and {MAX_TESTS} are the most");
    let span = modifier.map_or(item.span, |it| it.span);
    let help = "write several detections, or put the values into a lookup";
    diagnostics.push(Diagnostic::new(Code::LimitExceeded, span, message).with_help(help));
    None
}

/// The test of a value after all modifiers. Keywords stand anywhere in the text of the event.
fn finish(operand: Operand, keyword: bool) -> Result<Test, &'static str> {
    match operand.value {
        OperandValue::Text { pattern, .. } if keyword => Ok(Test::Like(pattern.open(true, true))),
        OperandValue::Number(number) if keyword => {
            let pattern = crate::ir::Pattern::text(number.as_str());
            Ok(Test::Like(pattern.open(true, true)))
        }
        OperandValue::Bool(_) | OperandValue::Null if keyword => Err("a keyword is a string"),
        OperandValue::Text { pattern, .. } => Ok(Test::Like(pattern)),
        OperandValue::Number(number) => Ok(Test::Number(number)),
        OperandValue::Bool(value) => Ok(Test::Bool(value)),
        OperandValue::Null => Ok(Test::Null),
        OperandValue::Regex(regex) => Ok(Test::Regex(regex)),
    }
}

/// Applies the chain. Returns `None` if any part of it is wrong, after reporting all of them.
fn apply_modifiers(
    item: &DetectionItem,
    draft: &mut Draft,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let keyword = item.field.is_none();
    let mut sound = true;
    for name in &item.modifiers {
        let Some(modifier) = modifier::find(&name.value) else {
            diagnostics.push(unknown_modifier(&name.value, name.span));
            sound = false;
            continue;
        };
        let site = Site { modifier: name.span, keyword };
        match &modifier.apply {
            Apply::Item(apply) => apply(draft),
            Apply::Value(apply) => {
                for operand in &mut draft.operands {
                    let Err(mistake) = apply(operand, &site, diagnostics) else { continue };
                    // What is wrong with the modifier is said once, what is wrong with values each time.
                    let about_modifier =
                        mistake.labels.first().is_some_and(|it| it.span == site.modifier);
                    diagnostics.push(mistake);
                    sound = false;
                    if about_modifier {
                        break;
                    }
                }
            }
        }
    }
    sound.then_some(())
}

fn unknown_modifier(name: &str, span: crate::source::Span) -> Diagnostic {
    if PLANNED.contains(&name) {
        let message = format!("the modifier `{name}` is not translated yet");
        let help =
            "without the modifier the rule would mean something else, so nothing is given out";
        return Diagnostic::new(Code::UnsupportedModifier, span, message).with_help(help);
    }
    let message = if name.is_empty() {
        "a modifier is missing behind the `|`".to_owned()
    } else {
        format!("`{name}` is no modifier of Sigma")
    };
    let known = modifier::MODIFIERS.iter().map(|it| it.name).chain(PLANNED.iter().copied());
    let diagnostic = Diagnostic::new(Code::UnknownModifier, span, message);
    if name.is_empty() {
        return diagnostic.with_help("write a modifier there, or leave the `|` out");
    }
    match nearest(name, known) {
        Some(candidate) => diagnostic.with_help(format!("did you mean `{candidate}`?")),
        None => diagnostic.with_help("`isogloss list modifiers` shows all modifiers"),
    }
}

/// Lints on values as they are written.
fn report_values(item: &DetectionItem, diagnostics: &mut Diagnostics) {
    for value in &item.values {
        match &value.value {
            ValueKind::Number(text) if Number::canonical(text).is_none() => {
                let message = format!("`{text}` is read as different numbers by versions of YAML");
                diagnostics.push(
                    Diagnostic::new(Code::AmbiguousNumber, value.span, message)
                        .with_label("kept as this text")
                        .with_help("quote it, or write the number in decimal"),
                );
            }
            ValueKind::Null if item.listed && item.values.len() > 1 => {
                let message = "`null` stands in a list of values";
                diagnostics.push(
                    Diagnostic::new(Code::NullInList, value.span, message)
                        .with_label("taken as: the field is absent")
                        .with_help("write a second detection with `null`, and join them with `or`"),
                );
            }
            ValueKind::Text(_) | ValueKind::Number(_) | ValueKind::Bool(_) | ValueKind::Null => {}
        }
    }
}
