//! Encodings of text, byte for byte.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Pattern;

pub(super) const BASE64: Modifier = Modifier {
    name: "base64",
    input: "a string, encoded text",
    summary: "the value in base64",
    apply: Apply::Value(base64),
};

pub(super) const BASE64OFFSET: Modifier = Modifier {
    name: "base64offset",
    input: "a string, encoded text",
    summary: "the value in base64 at each of the three places that it can have in a longer text",
    apply: Apply::Expand(base64offset),
};

pub(super) const WIDE: Modifier = Modifier {
    name: "wide",
    input: "a string",
    summary: "the value in UTF-16, little endian; the same as `utf16le`",
    apply: Apply::Value(|operand, site, diagnostics| {
        encode(operand, site, diagnostics, &[], u16::to_le_bytes)
    }),
};

pub(super) const UTF16LE: Modifier = Modifier {
    name: "utf16le",
    input: "a string",
    summary: "the value in UTF-16, little endian",
    apply: Apply::Value(|operand, site, diagnostics| {
        encode(operand, site, diagnostics, &[], u16::to_le_bytes)
    }),
};

pub(super) const UTF16BE: Modifier = Modifier {
    name: "utf16be",
    input: "a string",
    summary: "the value in UTF-16, big endian",
    apply: Apply::Value(|operand, site, diagnostics| {
        encode(operand, site, diagnostics, &[], u16::to_be_bytes)
    }),
};

pub(super) const UTF16: Modifier = Modifier {
    name: "utf16",
    input: "a string",
    summary: "the value in UTF-16, little endian, behind a byte order mark",
    apply: Apply::Value(|operand, site, diagnostics| {
        encode(operand, site, diagnostics, &[0xff, 0xfe], u16::to_le_bytes)
    }),
};

fn encode(
    operand: &mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
    mark: &[u8],
    unit: fn(u16) -> [u8; 2],
) -> Result<(), Diagnostic> {
    if let OperandValue::Bytes(_) = operand.value {
        return Err(site.misuse("a value can have one encoding before `base64`"));
    }
    let text = operand.plain_text(site, diagnostics)?;
    let bytes = mark.iter().copied().chain(text.encode_utf16().flat_map(unit));
    operand.value = OperandValue::Bytes(bytes.collect());
    Ok(())
}

/// The bytes of a value: those of its encoding, else those of UTF-8.
fn bytes(
    operand: &mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<u8>, Diagnostic> {
    match &operand.value {
        OperandValue::Bytes(bytes) => Ok(bytes.clone()),
        OperandValue::Text { .. }
        | OperandValue::Number(_)
        | OperandValue::Bool(_)
        | OperandValue::Null
        | OperandValue::Regex(_)
        | OperandValue::Template(_)
        | OperandValue::Exists(_)
        | OperandValue::Compare(..)
        | OperandValue::Cidr(_)
        | OperandValue::FieldRef(..)
        | OperandValue::Time { .. } => {
            operand.plain_text(site, diagnostics).map(String::into_bytes)
        }
    }
}

fn base64(
    operand: &mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
) -> Result<(), Diagnostic> {
    let bytes = bytes(operand, site, diagnostics)?;
    operand.value = text(STANDARD.encode(bytes));
    Ok(())
}

/// In a longer text the value starts at the first, second or third byte of a group of three. What its
/// neighbours share a character with is cut off.
fn base64offset(
    operand: &mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<OperandValue>, Diagnostic> {
    let bytes = bytes(operand, site, diagnostics)?;
    if bytes.len() < 2 {
        let message = "the value is too short: at one of the three places nothing of it is left";
        return Err(Diagnostic::new(Code::InvalidValue, operand.span, message)
            .with_help("write at least two bytes"));
    }
    Ok((0..3).map(|offset| text(at_offset(&bytes, offset))).collect())
}

fn at_offset(bytes: &[u8], offset: usize) -> String {
    let padded: Vec<u8> = std::iter::repeat_n(0, offset).chain(bytes.iter().copied()).collect();
    let encoded = STANDARD.encode(&padded);
    let first = match offset {
        0 => 0,
        1 => 2,
        _ => 3,
    };
    let cut = match padded.len() % 3 {
        0 => 0,
        1 => 3,
        _ => 2,
    };
    encoded.chars().take(encoded.len() - cut).skip(first).collect()
}

fn text(text: String) -> OperandValue {
    OperandValue::Text { raw: None, pattern: Pattern::text(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_at_the_three_places() {
        for (value, wanted) in [
            ("foobar", ["Zm9vYmFy", "Zvb2Jhc", "mb29iYX"]),
            ("foo", ["Zm9v", "Zvb", "mb2"]),
            ("pä", ["cMOk", "DDp", "ww6"]),
            ("é", ["w6", "Op", "Dq"]),
            ("ab", ["YW", "Fi", "hY"]),
            ("f\0o\0o\0", ["ZgBvAG8A", "YAbwBvA", "mAG8Abw"]),
            ("a\0b\0", ["YQBiA", "EAYg", "hAGIA"]),
        ] {
            for (offset, wanted) in wanted.into_iter().enumerate() {
                assert_eq!(at_offset(value.as_bytes(), offset), wanted, "{value} at {offset}");
            }
        }
    }
}
