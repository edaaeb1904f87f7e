//! Lints on values.

use super::{Context, has, has_patterns, texts};
use crate::ast::{DetectionItem, ValueKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Part;
use crate::value::parse_pattern;

/// True if the item has a modifier that says where in a field the value stands.
fn is_placed(item: &DetectionItem) -> bool {
    ["contains", "startswith", "endswith"].iter().any(|it| has(item, it))
}

/// `*x*` for `|contains: x`, and so on, if all values of the item are of one such form.
pub(super) fn wildcard_for_modifier(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    if item.field.is_none() || is_placed(item) || !has_patterns(item) || has(item, "windash") {
        return;
    }
    let forms: Vec<_> = item
        .values
        .iter()
        .map(|value| match &value.value {
            ValueKind::Text(text) => match parse_pattern(text).parts() {
                [Part::AnyRun, Part::Text(_), Part::AnyRun] => Some("contains"),
                [Part::AnyRun, Part::Text(_)] => Some("endswith"),
                [Part::Text(_), Part::AnyRun] => Some("startswith"),
                _ => None,
            },
            ValueKind::Number(_) | ValueKind::Bool(_) | ValueKind::Null => None,
        })
        .collect();
    let (Some(Some(modifier)), Some(value)) = (forms.first(), item.values.first()) else { return };
    if forms.iter().all(|it| *it == Some(modifier)) {
        let message = format!("the wildcard says what `{modifier}` says");
        let finding = Diagnostic::new(Code::WildcardForModifier, value.span, message);
        found.push(finding.with_help(format!("write `|{modifier}`, and the value without `*`")));
    }
}

/// `**`, which is `*`.
pub(super) fn double_wildcard(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    for (text, span) in texts(item).filter(|_| has_patterns(item)) {
        if unescaped(text, "**") {
            let message = "`**` is the same as `*`";
            let finding = Diagnostic::new(Code::DoubleWildcard, span, message);
            found.push(finding.with_help("write one `*`, or `\\*` for the character"));
        }
    }
}

/// True if the text stands there and its first character is not escaped.
fn unescaped(text: &str, wanted: &str) -> bool {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if rest.starts_with(wanted) {
            return true;
        }
        let escaped =
            character == '\\' && rest.get(1..).is_some_and(|it| it.starts_with(['\\', '*', '?']));
        rest = rest.get(character.len_utf8() + usize::from(escaped)..).unwrap_or_default();
    }
    false
}

/// `Users\*\x`: the author meant a folder and anything, and wrote the character `*`, which no path has.
pub(super) fn escaped_wildcard(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    for (text, span) in texts(item).filter(|_| has_patterns(item)) {
        let pattern = parse_pattern(text);
        let is_path = pattern.texts().any(|it| {
            it.starts_with('\\')
                || it.get(1..).is_some_and(|it| it.starts_with(":\\"))
                || it.contains("\\\\")
        });
        let after_segment = text.match_indices("\\*").any(|(place, _)| {
            let before = text.get(..place).unwrap_or_default();
            let backslashes = before.chars().rev().take_while(|it| *it == '\\').count();
            let rest = text.get(place + 2..).unwrap_or_default();
            backslashes % 2 == 0
                && before.ends_with(char::is_alphanumeric)
                && (rest.is_empty() || rest.starts_with('\\'))
        });
        if is_path && after_segment {
            let message = "`\\*` is the character `*`, which no path has";
            let finding = Diagnostic::new(Code::EscapedWildcard, span, message);
            found.push(finding.with_help("write `\\\\*` for a backslash and a wildcard"));
        }
    }
}

/// `\\server\share`: two backslashes are one.
pub(super) fn short_unc(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    // At the end of a value one backslash is enough, and two are its careful form.
    if has(item, "endswith") || !has_patterns(item) {
        return;
    }
    for (text, span) in texts(item) {
        let Some(rest) = text.strip_prefix("\\\\") else { continue };
        let host: String = rest.chars().take_while(|it| *it != '\\').collect();
        let share = rest.get(host.len()..).unwrap_or_default();
        let is_host = !host.is_empty()
            && host.chars().all(|it| it.is_ascii_alphanumeric() || ".-$*?@".contains(it));
        // Who doubles every backslash has escaped them all.
        let single = share.starts_with('\\') && !share.starts_with("\\\\");
        if is_host && single {
            let message = format!("the value starts with one backslash: `\\{rest}`");
            let finding = Diagnostic::new(Code::ShortUnc, span, message);
            found.push(finding.with_help(format!("write `\\\\{text}` for a network path")));
        }
    }
}

/// `?` in a URL, where it starts the query, is a wildcard for one character.
pub(super) fn wildcard_in_url(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    const FIELDS: &[&str] =
        &["c-uri", "c-uri-query", "cs-uri", "cs-uri-query", "cs-referer", "url", "DestinationUrl"];
    let is_url = item.field.as_ref().is_some_and(|it| FIELDS.contains(&it.value.as_str()));
    for (text, span) in texts(item).filter(|_| is_url && has_patterns(item)) {
        if unescaped(text, "?") {
            let message = "`?` is a wildcard for any one character here";
            let finding = Diagnostic::new(Code::WildcardInUrl, span, message);
            found.push(finding.with_help("write `\\?` for the character"));
        }
    }
}

/// `*` alone asks only for presence.
pub(super) fn lone_wildcard(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    if item.field.is_none()
        || !has_patterns(item)
        || item.modifiers.iter().any(|it| it.value == "all")
    {
        return;
    }
    for (_, span) in texts(item).filter(|(text, _)| parse_pattern(text).matches_all()) {
        let message = "the value matches whatever the field holds";
        let finding = Diagnostic::new(Code::LoneWildcard, span, message);
        found.push(finding.with_help("write `|exists: true` if that is meant"));
    }
}

/// An empty value under `contains` and the like is in every value.
pub(super) fn empty_part(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    for (_, span) in texts(item).filter(|(text, _)| text.is_empty() && is_placed(item)) {
        let message = "the empty value is part of every value, so the item matches whenever the field is there";
        let finding = Diagnostic::new(Code::EmptyPart, span, message);
        found.push(finding.with_help("delete it, or ask for an empty field without a modifier"));
    }
}

/// `.*` at an end of a regular expression, which is searched anywhere in the value.
pub(super) fn redundant_regex(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    for (text, span) in texts(item).filter(|_| has(item, "re")) {
        let start = text.strip_prefix("(?i)").unwrap_or(text).starts_with(".*");
        let end = text
            .strip_suffix(".*")
            .is_some_and(|rest| rest.chars().rev().take_while(|it| *it == '\\').count() % 2 == 0);
        if text.len() > 2 && (start || end) {
            let message =
                "`.*` at an end changes nothing: the expression may match anywhere in the value";
            let finding = Diagnostic::new(Code::RedundantRegex, span, message);
            found.push(finding.with_help(
                "leave it out, or write `^` or `$` where the value has to start or end",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_from_the_left() {
        for (text, wanted, found) in [
            ("a**b", "**", true),
            (r"a\**b", "**", false),
            (r"a\\**b", "**", true),
            ("a?b", "?", true),
            (r"a\?b", "?", false),
            (r"a\\?b", "?", true),
            ("ä?", "?", true),
        ] {
            assert_eq!(unescaped(text, wanted), found, "{text}");
        }
    }
}
