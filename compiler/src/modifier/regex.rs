//! Regular expressions.

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Regex;
use crate::value::parse_regex;

pub(super) const RE: Modifier = Modifier {
    name: "re",
    input: "a string",
    summary: "the value is a regular expression, searched in the field with regard to case",
    apply: Apply::Value(re),
};

fn re(operand: &mut Operand, site: &Site, _: &mut Diagnostics) -> Result<(), Diagnostic> {
    let text = match &operand.value {
        OperandValue::Text { raw: Some(raw), .. } => raw.clone(),
        OperandValue::Number(number) => number.as_str().to_owned(),
        OperandValue::Text { raw: None, .. } | OperandValue::Regex(_) => {
            let message = "`re` has to be the first modifier on a value";
            return Err(Diagnostic::new(Code::MisusedModifier, site.modifier, message));
        }
        OperandValue::Bool(_) | OperandValue::Null => {
            let message = format!("{} is no regular expression", operand.describe());
            return Err(Diagnostic::new(Code::MisusedModifier, operand.span, message));
        }
    };
    let tree = parse_regex(&text)
        .map_err(|mistake| Diagnostic::new(Code::InvalidRegex, operand.span, mistake))?;
    operand.value = OperandValue::Regex(Regex { text, tree });
    Ok(())
}
