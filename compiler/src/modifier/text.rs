//! Modifiers on strings.

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Pattern;

pub(super) const CONTAINS: Modifier = Modifier {
    name: "contains",
    input: "a string",
    summary: "the value stands anywhere in the field",
    apply: Apply::Value(|operand, site, diagnostics| {
        open(operand, site, diagnostics, (true, true))
    }),
};

pub(super) const STARTSWITH: Modifier = Modifier {
    name: "startswith",
    input: "a string",
    summary: "the field starts with the value",
    apply: Apply::Value(|operand, site, diagnostics| {
        open(operand, site, diagnostics, (false, true))
    }),
};

pub(super) const ENDSWITH: Modifier = Modifier {
    name: "endswith",
    input: "a string",
    summary: "the field ends with the value",
    apply: Apply::Value(|operand, site, diagnostics| {
        open(operand, site, diagnostics, (true, false))
    }),
};

pub(super) const CASED: Modifier = Modifier {
    name: "cased",
    input: "a string",
    summary: "upper and lower case matter",
    apply: Apply::Value(|operand, site, diagnostics| {
        let pattern = pattern(operand, site, diagnostics)?;
        *pattern = pattern.clone().cased();
        Ok(())
    }),
};

fn open(
    operand: &mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
    (left, right): (bool, bool),
) -> Result<(), Diagnostic> {
    if site.keyword && !(left && right) {
        let message = "a keyword has no start and no end: it is searched in the whole event";
        return Err(Diagnostic::new(Code::MisusedModifier, site.modifier, message)
            .with_help("leave the modifier out"));
    }
    let pattern = pattern(operand, site, diagnostics)?;
    *pattern = pattern.open(left, right);
    Ok(())
}

/// The pattern of a string, to be changed. A number is taken as its text, with a warning.
fn pattern<'o>(
    operand: &'o mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
) -> Result<&'o mut Pattern, Diagnostic> {
    if let OperandValue::Number(number) = &operand.value {
        let raw = number.as_str().to_owned();
        let message = format!("`{raw}` is a number, and the modifier is for strings");
        let diagnostic = Diagnostic::new(Code::NumberAsText, operand.span, message)
            .with_label("taken as text")
            .with_help(format!("write `'{raw}'`"));
        diagnostics.push(diagnostic);
        operand.value = OperandValue::Text { pattern: Pattern::text(raw), raw: None };
    }
    let found = operand.describe();
    let span = operand.span;
    match &mut operand.value {
        OperandValue::Text { raw, pattern } => {
            *raw = None;
            Ok(pattern)
        }
        OperandValue::Regex(_) => {
            let message = "a regular expression cannot have a modifier for strings";
            let help = "a regular expression is searched in the value, with regard to case: write `^` and `$` for its ends";
            Err(Diagnostic::new(Code::MisusedModifier, site.modifier, message).with_help(help))
        }
        OperandValue::Number(_) | OperandValue::Bool(_) | OperandValue::Null => {
            let message = format!("the modifier is for strings, and this is {found}");
            Err(Diagnostic::new(Code::MisusedModifier, span, message)
                .with_label("this value")
                .with_place(site.modifier, "the modifier")
                .with_help("quote the value, or leave the modifier out"))
        }
    }
}
