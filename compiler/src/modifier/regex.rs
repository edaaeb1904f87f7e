//! Regular expressions and their flags.

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{RegexFlags, TemplateKind};
use crate::value::parse_regex;

pub(super) const RE: Modifier = Modifier {
    name: "re",
    input: "a string",
    summary: "the value is a regular expression, searched in the field with regard to case",
    apply: Apply::Value(re),
};

pub(super) const I: Modifier = Modifier {
    name: "i",
    input: "a regular expression",
    summary: "case does not matter",
    apply: Apply::Value(ignore_case),
};

pub(super) const IGNORECASE: Modifier = Modifier {
    name: "ignorecase",
    input: "a regular expression",
    summary: "the same as `i`",
    apply: Apply::Value(ignore_case),
};

pub(super) const M: Modifier = Modifier {
    name: "m",
    input: "a regular expression",
    summary: "`^` and `$` are the ends of lines",
    apply: Apply::Value(multi_line),
};

pub(super) const MULTILINE: Modifier = Modifier {
    name: "multiline",
    input: "a regular expression",
    summary: "the same as `m`",
    apply: Apply::Value(multi_line),
};

pub(super) const S: Modifier = Modifier {
    name: "s",
    input: "a regular expression",
    summary: "`.` is a line feed too",
    apply: Apply::Value(dot_all),
};

pub(super) const DOTALL: Modifier = Modifier {
    name: "dotall",
    input: "a regular expression",
    summary: "the same as `s`",
    apply: Apply::Value(dot_all),
};

fn re(operand: &mut Operand, site: &Site, _: &mut Diagnostics) -> Result<(), Diagnostic> {
    match &operand.value {
        OperandValue::Bool(_) | OperandValue::Null => {
            return Err(site.wrong_type(operand, "a regular expression", ""));
        }
        OperandValue::Text { .. }
        | OperandValue::Number(_)
        | OperandValue::Regex(_)
        | OperandValue::Bytes(_)
        | OperandValue::Template(_)
        | OperandValue::Exists(_)
        | OperandValue::Compare(..)
        | OperandValue::Cidr(_)
        | OperandValue::FieldRef(..)
        | OperandValue::Time { .. } => {}
    }
    let Some(text) = operand.raw().map(str::to_owned) else {
        return Err(site.not_first());
    };
    set_regex(operand, &text, RegexFlags::default())
}

fn ignore_case(operand: &mut Operand, site: &Site, _: &mut Diagnostics) -> Result<(), Diagnostic> {
    set_flag(operand, site, |flags| RegexFlags { ignore_case: true, ..flags })
}

fn multi_line(operand: &mut Operand, site: &Site, _: &mut Diagnostics) -> Result<(), Diagnostic> {
    set_flag(operand, site, |flags| RegexFlags { multi_line: true, ..flags })
}

fn dot_all(operand: &mut Operand, site: &Site, _: &mut Diagnostics) -> Result<(), Diagnostic> {
    set_flag(operand, site, |flags| RegexFlags { dot_all: true, ..flags })
}

fn set_flag(
    operand: &mut Operand,
    site: &Site,
    set: fn(RegexFlags) -> RegexFlags,
) -> Result<(), Diagnostic> {
    if let OperandValue::Template(template) = &mut operand.value
        && let TemplateKind::Regex(flags) = &mut template.kind
    {
        *flags = set(*flags);
        return Ok(());
    }
    let OperandValue::Regex(regex) = &operand.value else {
        let message = format!("`{}` is a flag of regular expressions", site.name);
        return Err(site
            .misuse(message)
            .with_help(format!("write it behind `re`: `re|{}`", site.name)));
    };
    let (text, flags) = (regex.text.clone(), set(regex.flags));
    set_regex(operand, &text, flags)
}

fn set_regex(operand: &mut Operand, text: &str, flags: RegexFlags) -> Result<(), Diagnostic> {
    let regex = parse_regex(text, flags).map_err(|mistake| {
        let span = operand.inner_span(mistake.start, mistake.end);
        let found = Diagnostic::new(Code::InvalidRegex, span, mistake.message);
        match mistake.help {
            Some(help) => found.with_help(help),
            None => found,
        }
    })?;
    operand.value = OperandValue::Regex(regex);
    Ok(())
}
