//! Modifiers: what stands behind a field's name, such as `|contains|all`.
//!
//! A family of modifiers is one file; [`MODIFIERS`] lists them all. They are applied from left to
//! right; the place of those on the whole item does not matter.

mod list;
mod regex;
mod text;

use crate::ast::ValueKind;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ir::{Link, Number, Pattern, Regex};
use crate::source::Span;

/// A modifier that can be used.
#[derive(Debug)]
pub struct Modifier {
    /// Its name; case matters.
    pub name: &'static str,
    /// What it works on, in a few words.
    pub input: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// How it is applied.
    pub(crate) apply: Apply,
}

/// What a modifier acts on.
#[derive(Debug)]
pub(crate) enum Apply {
    /// The item as a whole.
    Item(fn(&mut Draft)),
    /// One value. The error says, in one sentence, why the value cannot have this modifier.
    Value(fn(&mut Operand, &Site, &mut Diagnostics) -> Result<(), Diagnostic>),
}

/// Every modifier that is translated.
pub const MODIFIERS: &[&Modifier] =
    &[&text::CONTAINS, &text::STARTSWITH, &text::ENDSWITH, &text::CASED, &list::ALL, &regex::RE];

/// The modifiers of the Sigma specification that are not translated yet.
pub const PLANNED: &[&str] = &[
    "base64",
    "base64offset",
    "cidr",
    "dotall",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "i",
    "ignorecase",
    "lt",
    "lte",
    "m",
    "multiline",
    "neq",
    "s",
    "utf16",
    "utf16be",
    "utf16le",
    "wide",
    "windash",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
];

/// A detection item while its modifiers are applied.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) link: Link,
    pub(crate) operands: Vec<Operand>,
}

/// A value while its modifiers are applied.
#[derive(Debug, Clone)]
pub(crate) struct Operand {
    pub(crate) value: OperandValue,
    pub(crate) span: Span,
}

/// What a value is so far.
#[derive(Debug, Clone)]
pub(crate) enum OperandValue {
    /// A string as a pattern; `raw` is its text, until a modifier has changed the pattern.
    Text { raw: Option<String>, pattern: Pattern },
    /// A canonical number.
    Number(Number),
    /// A boolean.
    Bool(bool),
    /// `null`.
    Null,
    /// A regular expression.
    Regex(Regex),
}

/// Where a modifier stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    /// The modifier in the key.
    pub(crate) modifier: Span,
    /// True if the item is about keywords.
    pub(crate) keyword: bool,
}

impl Operand {
    /// What kind of value it is, for messages.
    fn describe(&self) -> &'static str {
        match self.value {
            OperandValue::Text { .. } => "a string",
            OperandValue::Number(_) => "a number",
            OperandValue::Bool(_) => "a boolean",
            OperandValue::Null => "null",
            OperandValue::Regex(_) => "a regular expression",
        }
    }

    /// The value before any modifier.
    pub(crate) fn new(kind: &ValueKind, span: Span) -> Self {
        let value = match kind {
            ValueKind::Text(text) => Self::text(text),
            ValueKind::Number(text) => match Number::canonical(text) {
                Some(number) => OperandValue::Number(number),
                // `00000429` and `0x1F` keep their text: versions of YAML read them differently.
                None => {
                    OperandValue::Text { raw: Some(text.clone()), pattern: Pattern::text(text) }
                }
            },
            ValueKind::Bool(value) => OperandValue::Bool(*value),
            ValueKind::Null => OperandValue::Null,
        };
        Self { value, span }
    }

    fn text(text: &str) -> OperandValue {
        OperandValue::Text {
            raw: Some(text.to_owned()),
            pattern: crate::value::parse_pattern(text),
        }
    }
}

/// The modifier of this name.
pub(crate) fn find(name: &str) -> Option<&'static Modifier> {
    MODIFIERS.iter().find(|modifier| modifier.name == name).copied()
}
