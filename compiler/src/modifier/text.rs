//! Modifiers on strings.

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::TemplateKind;

pub(super) const CONTAINS: Modifier = Modifier {
    name: "contains",
    input: "a string, a reference to a field",
    summary: "the value stands anywhere in the field",
    apply: Apply::Value(|operand, site, diagnostics| {
        open(operand, site, diagnostics, (true, true))
    }),
};

pub(super) const STARTSWITH: Modifier = Modifier {
    name: "startswith",
    input: "a string, a reference to a field",
    summary: "the field starts with the value",
    apply: Apply::Value(|operand, site, diagnostics| {
        open(operand, site, diagnostics, (false, true))
    }),
};

pub(super) const ENDSWITH: Modifier = Modifier {
    name: "endswith",
    input: "a string, a reference to a field",
    summary: "the field ends with the value",
    apply: Apply::Value(|operand, site, diagnostics| {
        open(operand, site, diagnostics, (true, false))
    }),
};

pub(super) const CASED: Modifier = Modifier {
    name: "cased",
    input: "a string",
    summary: "upper and lower case matter",
    apply: Apply::Value(cased),
};

fn open(
    operand: &mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
    (left, right): (bool, bool),
) -> Result<(), Diagnostic> {
    if site.keyword && !(left && right) {
        let message = "a keyword has no start and no end: it is searched in the whole event";
        return Err(site.misuse(message).with_help("leave the modifier out"));
    }
    match &mut operand.value {
        OperandValue::FieldRef(_, anchor) => *anchor = anchor.open(left, right),
        OperandValue::Template(template) if !is_regex(template.kind) => {
            *template = template.clone().open(left, right);
        }
        OperandValue::Regex(_) | OperandValue::Template(_) => {
            return open_regex(site, diagnostics, left && right);
        }
        OperandValue::Text { .. }
        | OperandValue::Number(_)
        | OperandValue::Bool(_)
        | OperandValue::Null
        | OperandValue::Bytes(_)
        | OperandValue::Exists(_)
        | OperandValue::Compare(..)
        | OperandValue::Cidr(_)
        | OperandValue::Time { .. } => {
            let pattern = operand.pattern(site, diagnostics)?;
            *pattern = pattern.open(left, right);
        }
    }
    Ok(())
}

fn is_regex(kind: TemplateKind) -> bool {
    matches!(kind, TemplateKind::Regex(_))
}

/// A regular expression is searched anywhere, so `contains` says nothing new; what the others would say,
/// tools read differently.
fn open_regex(
    site: &Site,
    diagnostics: &mut Diagnostics,
    anywhere: bool,
) -> Result<(), Diagnostic> {
    if !anywhere {
        let message = format!("`{}` cannot stand on a regular expression", site.name);
        let help = "write `^` or `$` in the expression, which is searched anywhere in the value";
        return Err(site.misuse(message).with_help(help));
    }
    let message =
        "a regular expression is searched anywhere in the value, with or without `contains`";
    let lint = Diagnostic::new(Code::RedundantModifier, site.modifier, message)
        .with_help("leave `contains` out");
    if diagnostics.last() != Some(&lint) {
        diagnostics.push(lint);
    }
    Ok(())
}

fn cased(
    operand: &mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
) -> Result<(), Diagnostic> {
    if let OperandValue::Template(template) = &mut operand.value
        && let TemplateKind::Pattern { cased } = &mut template.kind
    {
        *cased = true;
        return Ok(());
    }
    if let OperandValue::Regex(_) = operand.value {
        let help =
            "leave `cased` out: a regular expression regards case unless it has the flag `i`";
        return Err(site.misuse("`cased` cannot stand on a regular expression").with_help(help));
    }
    let pattern = operand.pattern(site, diagnostics)?;
    *pattern = pattern.clone().cased();
    operand.cased = true;
    Ok(())
}
