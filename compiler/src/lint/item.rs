//! Lints on the modifiers of an item.

use super::{Context, has, texts};
use crate::ast::DetectionItem;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::value::parse_pattern;

const PARTS: &[&str] = &["contains", "startswith", "endswith"];

fn place(item: &DetectionItem, modifier: &str) -> Option<Span> {
    item.modifiers.iter().find(|it| it.value == modifier).map(|it| it.span)
}

/// `contains` with `startswith` or `endswith`: the result is `contains`.
pub(super) fn modifiers_overlap(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    let used: Vec<_> =
        item.modifiers.iter().filter(|it| PARTS.contains(&it.value.as_str())).collect();
    let [first, .., last] = &*used else { return };
    if first.value != last.value {
        let message = format!("`{}` and `{}` together are `contains`", first.value, last.value);
        let finding = Diagnostic::new(Code::ModifiersOverlap, last.span, message);
        let help = "write the one that is meant";
        found.push(finding.with_place(first.span, "and here").with_help(help));
    }
}

/// A modifier that stands twice. Only encodings change something a second time.
pub(super) fn modifier_twice(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    for (place, modifier) in item.modifiers.iter().enumerate() {
        let before = item.modifiers.iter().take(place).find(|it| it.value == modifier.value);
        let Some(before) = before.filter(|_| modifier.value != "base64") else { continue };
        let message = format!("`{}` stands twice", modifier.value);
        let finding = Diagnostic::new(Code::ModifierTwice, modifier.span, message);
        found.push(finding.with_place(before.span, "first here").with_help("delete one of them"));
    }
}

/// `all` with one value.
pub(super) fn all_of_one(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    if let (Some(span), 1) = (place(item, "all"), item.values.len()) {
        let message = "`all` has one value to join";
        let help = "leave `all` out, or write the other values";
        found.push(Diagnostic::new(Code::AllOfOne, span, message).with_help(help));
    }
}

/// `all` over several whole values: only a field that holds a list can have them all.
pub(super) fn all_of_whole_values(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    let only_lists =
        item.modifiers.iter().all(|it| matches!(it.value.as_str(), "all" | "cased" | "neq"));
    let whole = texts(item).filter(|(text, _)| parse_pattern(text).as_text().is_some()).count();
    if item.field.is_none() || !only_lists || whole < 2 {
        return;
    }
    if let Some(span) = place(item, "all") {
        let message = "`all` asks for several whole values, which only a list of values can have";
        let help = "write `contains|all` if they are parts of the value, or leave `all` out";
        found.push(Diagnostic::new(Code::AllOfWholeValues, span, message).with_help(help));
    }
}

/// `base64offset` without `contains`: the three forms are parts of a longer text.
pub(super) fn offset_of_whole_value(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    let Some(span) = place(item, "base64offset") else { return };
    if !PARTS.iter().any(|part| has(item, part)) {
        let message =
            "`base64offset` gives parts of an encoded text, and the whole value is compared";
        let help = "write `base64offset|contains`";
        found.push(Diagnostic::new(Code::OffsetOfWholeValue, span, message).with_help(help));
    }
}
