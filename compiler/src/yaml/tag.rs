//! The core schema of YAML 1.2 (section 10.3): what plain scalars are, and the tags that say so.

use super::Resolved;

/// A tag of the core schema that can stand on a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// `!!str`, or `!` alone.
    Text,
    /// `!!int`.
    Integer,
    /// `!!float`.
    Float,
    /// `!!bool`.
    Bool,
    /// `!!null`.
    Null,
}

impl Tag {
    /// The tag with this name behind `!!`.
    pub(super) fn find(name: &str) -> Option<Self> {
        Some(match name {
            "str" => Self::Text,
            "int" => Self::Integer,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "null" => Self::Null,
            _ => return None,
        })
    }

    /// True if the text is one of the tag's values.
    pub(super) fn fits(self, text: &str) -> bool {
        match (self, resolve(text)) {
            (Self::Text, _)
            | (Self::Bool, Resolved::Bool(_))
            | (Self::Null, Resolved::Null)
            | (Self::Float, Resolved::Number(_)) => true,
            (Self::Integer, Resolved::Number(text)) => {
                text.starts_with("0x") || !text.contains(['.', 'e', 'E'])
            }
            (Self::Bool | Self::Null | Self::Float | Self::Integer, _) => false,
        }
    }
}

/// What an untagged plain scalar is.
pub(super) fn resolve(text: &str) -> Resolved<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "true" | "True" | "TRUE" => Resolved::Bool(true),
        "false" | "False" | "FALSE" => Resolved::Bool(false),
        text if is_number(text) => Resolved::Number(text),
        text => Resolved::Text(text),
    }
}

/// Integers and floats; `.inf` and `.nan` are left as text, and refused where a value is wanted.
fn is_number(text: &str) -> bool {
    let digits =
        |text: &str, radix: u32| !text.is_empty() && text.chars().all(|it| it.is_digit(radix));
    if let Some(octal) = text.strip_prefix("0o") {
        return digits(octal, 8);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return digits(hex, 16);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_fits =
        exponent.is_none_or(|it| digits(it.strip_prefix(['-', '+']).unwrap_or(it), 10));
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, "")) => digits(whole, 10),
        Some(("", fraction)) => digits(fraction, 10),
        Some((whole, fraction)) => digits(whole, 10) && digits(fraction, 10),
        None => digits(mantissa, 10),
    };
    exponent_fits && mantissa_fits
}
