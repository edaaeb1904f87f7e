//! Whether a field has a value.

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Diagnostic, Diagnostics};

pub(super) const EXISTS: Modifier = Modifier {
    name: "exists",
    input: "true or false",
    summary: "the field has a value (`true`) or has none (`false`); null and an empty list are no value",
    apply: Apply::Value(exists),
};

fn exists(operand: &mut Operand, site: &Site, _: &mut Diagnostics) -> Result<(), Diagnostic> {
    site.needs_field()?;
    let OperandValue::Bool(present) = operand.value else {
        let help = "write `true` or `false`, without quotes";
        return Err(site.wrong_type(operand, "`true` or `false`", help));
    };
    if operand.group > 0 {
        return Err(site.misuse("`exists` takes one value, not a list"));
    }
    operand.value = OperandValue::Exists(present);
    Ok(())
}
