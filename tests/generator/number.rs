//! Numbers in forms that are not canonical decimals, and what they mean.
//!
//! Equality is by text, so none of them equals the number. An order reads decimals: zeros in front and
//! behind do not matter; a sign `+`, an exponent, hexadecimal digits and white space make no decimal, and
//! what is no decimal is in no order.

use serde_json::Value;

/// A form of numbers.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) write: fn(i64) -> Value,
    /// True if the form is a decimal, which `lt`, `lte`, `gt` and `gte` read.
    pub(crate) is_decimal: bool,
}

/// The stated table. No form equals its number.
pub(crate) const FORMS: &[Form] = &[
    Form { name: "a zero in front", write: |it| text(format!("0{it}")), is_decimal: true },
    Form { name: "a fraction of zero", write: |it| json(&format!("{it}.0")), is_decimal: true },
    Form { name: "the same as text", write: |it| text(format!("{it}.0")), is_decimal: true },
    Form { name: "a sign", write: |it| text(format!("+{it}")), is_decimal: false },
    Form { name: "an exponent", write: |it| json(&format!("{it}e0")), is_decimal: false },
    Form { name: "the same as text", write: |it| text(format!("{it}e0")), is_decimal: false },
    Form { name: "hexadecimal digits", write: |it| text(format!("{it:#x}")), is_decimal: false },
    Form { name: "a space in front", write: |it| text(format!(" {it}")), is_decimal: false },
    Form { name: "a space behind", write: |it| text(format!("{it} ")), is_decimal: false },
];

fn text(text: String) -> Value {
    Value::String(text)
}

/// A JSON number keeps its source text.
fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("a number")
}
