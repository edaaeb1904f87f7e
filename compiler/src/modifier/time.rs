//! Parts of times.

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::TimePart;

pub(super) const MINUTE: Modifier = Modifier {
    name: "minute",
    input: "a number",
    summary: "the minute of the time in the field, 0 to 59",
    apply: Apply::Value(|operand, site, _| take(operand, site, TimePart::Minute)),
};

pub(super) const HOUR: Modifier = Modifier {
    name: "hour",
    input: "a number",
    summary: "the hour of the time in the field, in UTC, 0 to 23",
    apply: Apply::Value(|operand, site, _| take(operand, site, TimePart::Hour)),
};

pub(super) const DAY: Modifier = Modifier {
    name: "day",
    input: "a number",
    summary: "the day of the month of the time in the field, in UTC, 1 to 31",
    apply: Apply::Value(|operand, site, _| take(operand, site, TimePart::Day)),
};

pub(super) const WEEK: Modifier = Modifier {
    name: "week",
    input: "a number",
    summary: "the week of ISO 8601 of the time in the field, in UTC, 1 to 53",
    apply: Apply::Value(|operand, site, _| take(operand, site, TimePart::Week)),
};

pub(super) const MONTH: Modifier = Modifier {
    name: "month",
    input: "a number",
    summary: "the month of the time in the field, in UTC, 1 to 12",
    apply: Apply::Value(|operand, site, _| take(operand, site, TimePart::Month)),
};

pub(super) const YEAR: Modifier = Modifier {
    name: "year",
    input: "a number",
    summary: "the year of the time in the field, in UTC",
    apply: Apply::Value(|operand, site, _| take(operand, site, TimePart::Year)),
};

fn take(operand: &mut Operand, site: &Site, part: TimePart) -> Result<(), Diagnostic> {
    site.needs_field()?;
    if let OperandValue::Compare(comparison, _) = &operand.value {
        let message = format!("`{}` has to stand before the comparison", site.name);
        let help = format!("write `{}|{}`", site.name, comparison.as_str());
        return Err(site.misuse(message).with_help(help));
    }
    if let OperandValue::Time { .. } = operand.value {
        return Err(site.misuse("an item can be about one part of a time"));
    }
    let OperandValue::Number(number) = &operand.value else {
        let help = "write the number in decimal, without quotes";
        return Err(site.wrong_type(operand, "a whole number", help));
    };
    let (least, most) = part.range();
    let text = number.as_str();
    let fitting = text.parse().ok().filter(|number| (least..=most).contains(number));
    let Some(number) = fitting else {
        let message = format!("no time has the {} {text}", site.name);
        let help = format!("write a whole number from {least} to {most}");
        return Err(Diagnostic::new(Code::InvalidValue, operand.span, message).with_help(help));
    };
    operand.value = OperandValue::Time { part, comparison: None, number };
    Ok(())
}
