//! Placeholders, which a pipeline fills in.

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Part, Pattern, Template, TemplateKind, TemplatePart};

pub(super) const EXPAND: Modifier = Modifier {
    name: "expand",
    input: "a string, a regular expression",
    summary: "`%name%` in the value stands for values that a pipeline fills in; `\\%` is a percent sign",
    apply: Apply::Value(expand),
};

fn expand(
    operand: &mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
) -> Result<(), Diagnostic> {
    if let OperandValue::Template(_) = operand.value {
        return Ok(());
    }
    let (kind, parts) = if let OperandValue::Regex(regex) = &operand.value {
        (TemplateKind::Regex(regex.flags), split(&regex.text, false))
    } else {
        let pattern = operand.pattern(site, diagnostics)?;
        let parts = pattern.parts().iter().flat_map(|part| match part {
            Part::Text(text) => split(text, true),
            Part::AnyRun | Part::AnyChar => vec![TemplatePart::Known(part.clone())],
        });
        (TemplateKind::Pattern { cased: pattern.is_cased() }, parts.collect())
    };
    let template = Template { kind, parts };
    if template.names().next().is_some() {
        operand.value = OperandValue::Template(template);
        return Ok(());
    }
    let message = "the value has no placeholder, so `expand` changes nothing";
    let lint = Diagnostic::new(Code::RedundantModifier, operand.span, message)
        .with_place(site.modifier, "the modifier")
        .with_help("write a placeholder as `%name%`, or leave `expand` out");
    diagnostics.push(lint);
    close(operand, template);
    Ok(())
}

/// A pattern without placeholders; its escaped percent signs are plain now.
fn close(operand: &mut Operand, template: Template) {
    let OperandValue::Text { pattern, .. } = &operand.value else { return };
    let known = template.parts.into_iter().filter_map(|part| match part {
        TemplatePart::Known(part) => Some(part),
        TemplatePart::Placeholder(_) => None,
    });
    let pattern = Pattern::new(known).with_case_of(pattern);
    operand.value = OperandValue::Text { raw: None, pattern };
}

/// Text and placeholders, in order. `\%` is a percent sign where `unescape` is set; a lone `%` is one too.
fn split(text: &str, unescape: bool) -> Vec<TemplatePart> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(place) = rest.find('%') {
        let (before, at) = rest.split_at(place);
        let after = at.strip_prefix('%').unwrap_or(at);
        if let Some(unescaped) = before.strip_suffix('\\') {
            plain.push_str(if unescape { unescaped } else { before });
            plain.push('%');
            rest = after;
            continue;
        }
        plain.push_str(before);
        match after.split_once('%') {
            Some((name, behind)) if !name.is_empty() => {
                parts.push(TemplatePart::Known(Part::Text(std::mem::take(&mut plain))));
                parts.push(TemplatePart::Placeholder(name.to_owned()));
                rest = behind;
            }
            Some(_) | None => {
                plain.push('%');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    parts.push(TemplatePart::Known(Part::Text(plain)));
    parts.retain(|part| *part != TemplatePart::Known(Part::Text(String::new())));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Placeholders in braces.
    fn show(text: &str) -> String {
        let show = |part: &TemplatePart| match part {
            TemplatePart::Known(Part::Text(text)) => text.clone(),
            TemplatePart::Known(Part::AnyRun | Part::AnyChar) => String::new(),
            TemplatePart::Placeholder(name) => format!("{{{name}}}"),
        };
        split(text, true).iter().map(show).collect()
    }

    #[test]
    fn placeholders_stand_between_percent_signs() {
        for (text, shown) in [
            ("%admins%", "{admins}"),
            ("a%b%c%d%e", "a{b}c{d}e"),
            ("100%", "100%"),
            ("%%", "%%"),
            (r"\%a%", "%a%"),
            (r"\%a\%", "%a%"),
            ("%a b%", "{a b}"),
            ("", ""),
        ] {
            assert_eq!(show(text), shown, "{text}");
        }
    }
}
