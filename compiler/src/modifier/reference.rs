//! References to other fields.

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Anchor;

pub(super) const FIELDREF: Modifier = Modifier {
    name: "fieldref",
    input: "a string",
    summary: "the field has the same value as the field that the value names; case does not matter",
    apply: Apply::Value(fieldref),
};

fn fieldref(
    operand: &mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
) -> Result<(), Diagnostic> {
    site.needs_field()?;
    let OperandValue::Text { raw, .. } = &operand.value else {
        return Err(site.wrong_type(operand, "the name of a field", ""));
    };
    if raw.is_none() {
        let help = "write modifiers such as `contains` behind it: `fieldref|contains`";
        let message = "`fieldref` has to be the first modifier on a value";
        return Err(site.misuse(message).with_help(help));
    }
    let name = operand.plain_text(site, diagnostics)?;
    if name.is_empty() {
        let message = "the name of the field is empty";
        return Err(Diagnostic::new(Code::InvalidValue, operand.span, message));
    }
    operand.value = OperandValue::FieldRef(name, Anchor::Whole);
    Ok(())
}
