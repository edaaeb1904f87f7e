//! Comparisons with numbers.

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Comparison, Decimal};

pub(super) const LT: Modifier = Modifier {
    name: "lt",
    input: "a number, a part of a time",
    summary: "the field is a number that is less than the value",
    apply: Apply::Value(|operand, site, _| compare(operand, site, Comparison::Less)),
};

pub(super) const LTE: Modifier = Modifier {
    name: "lte",
    input: "a number, a part of a time",
    summary: "the field is a number that is at most the value",
    apply: Apply::Value(|operand, site, _| compare(operand, site, Comparison::LessEqual)),
};

pub(super) const GT: Modifier = Modifier {
    name: "gt",
    input: "a number, a part of a time",
    summary: "the field is a number that is greater than the value",
    apply: Apply::Value(|operand, site, _| compare(operand, site, Comparison::Greater)),
};

pub(super) const GTE: Modifier = Modifier {
    name: "gte",
    input: "a number, a part of a time",
    summary: "the field is a number that is at least the value",
    apply: Apply::Value(|operand, site, _| compare(operand, site, Comparison::GreaterEqual)),
};

fn compare(operand: &mut Operand, site: &Site, wanted: Comparison) -> Result<(), Diagnostic> {
    site.needs_field()?;
    if let OperandValue::Time { comparison, .. } = &mut operand.value {
        if comparison.is_some() {
            return Err(twice(site));
        }
        *comparison = Some(wanted);
        return Ok(());
    }
    if let OperandValue::Compare(..) = operand.value {
        return Err(twice(site));
    }
    let number = operand.raw().and_then(Decimal::parse).filter(|_| operand.is_number);
    let Some(number) = number else { return Err(no_number(operand, site)) };
    operand.value = OperandValue::Compare(wanted, number);
    Ok(())
}

fn twice(site: &Site) -> Diagnostic {
    let help = "write the field twice for a range, such as `Size|gt: 1` and `Size|lt: 9`";
    site.misuse("an item can have one comparison").with_help(help)
}

fn no_number(operand: &Operand, site: &Site) -> Diagnostic {
    let mistake = site.wrong_type(operand, "a number", "");
    match operand.raw() {
        Some(text) if Decimal::parse(text).is_some() => {
            mistake.with_help(format!("write `{text}` without quotes"))
        }
        Some(text) if operand.is_number => {
            let message = format!("`{text}` is not written as a decimal number");
            Diagnostic::new(Code::InvalidValue, operand.span, message)
                .with_help("write digits, such as `31` or `0.5`")
        }
        Some(_) => mistake.with_help("write a number and nothing else, such as `100`"),
        None => mistake,
    }
}
