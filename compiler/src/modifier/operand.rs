//! A detection item and its values while modifiers are applied.

use ipnet::IpNet;

use super::Site;
use crate::ast::{Value, ValueKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Anchor, Comparison, Decimal, Link, Number, Pattern, Regex, Template, TimePart};
use crate::source::Span;

/// A detection item while its modifiers are applied.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) link: Link,
    pub(crate) negated: bool,
    pub(crate) operands: Vec<Operand>,
}

/// A value while its modifiers are applied.
#[derive(Debug, Clone)]
pub(crate) struct Operand {
    pub(crate) value: OperandValue,
    pub(crate) span: Span,
    /// The place of its text, if that stands in the file letter for letter.
    pub(crate) verbatim: Option<Span>,
    /// Which value of the rule it was made of; any value of a group is enough.
    pub(crate) group: usize,
    /// True if it was written as a number, canonical or not.
    pub(crate) is_number: bool,
    /// True if case matters, whatever later modifiers make of the value.
    pub(crate) cased: bool,
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
    /// Text in an encoding.
    Bytes(Vec<u8>),
    /// A value with placeholders.
    Template(Template),
    /// The field has a value, or has none.
    Exists(bool),
    /// A comparison with a number.
    Compare(Comparison, Decimal),
    /// A network.
    Cidr(IpNet),
    /// Another field.
    FieldRef(String, Anchor),
    /// A part of a time.
    Time { part: TimePart, comparison: Option<Comparison>, number: u32 },
}

/// How far a value is from what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is what was written.
    Written,
    /// A modifier has changed it.
    Changed,
    /// A modifier has made something else of it.
    Made,
}

impl Operand {
    /// The value before any modifier.
    pub(crate) fn new(written: &Value, group: usize) -> Self {
        let value = match &written.value {
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
        Self {
            value,
            span: written.span,
            verbatim: written.verbatim,
            group,
            is_number: matches!(written.value, ValueKind::Number(_)),
            cased: false,
        }
    }

    /// The place of `start..end` (bytes) of its text; that of the whole value where the text does not
    /// stand letter for letter in the file.
    pub(super) fn inner_span(&self, start: usize, end: usize) -> Span {
        let Some(text) = self.verbatim else { return self.span };
        let at = |offset: usize| {
            text.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX)).min(text.end)
        };
        Span { start: at(start), end: at(end), ..text }
    }

    fn text(text: &str) -> OperandValue {
        OperandValue::Text {
            raw: Some(text.to_owned()),
            pattern: crate::value::parse_pattern(text),
        }
    }

    /// What kind of value it is, for messages.
    pub(super) fn describe(&self) -> &'static str {
        match self.value {
            OperandValue::Text { .. } => "a string",
            OperandValue::Number(_) => "a number",
            OperandValue::Bool(_) => "a boolean",
            OperandValue::Null => "null",
            OperandValue::Regex(_) => "a regular expression",
            OperandValue::Bytes(_) => "encoded text",
            OperandValue::Template(_) => "a string with placeholders",
            OperandValue::Exists(_) => "a test for presence",
            OperandValue::Compare(..) => "a comparison",
            OperandValue::Cidr(_) => "a network",
            OperandValue::FieldRef(..) => "a reference to a field",
            OperandValue::Time { .. } => "a part of a time",
        }
    }

    /// How far the value is from what was written.
    pub(super) fn stage(&self) -> Stage {
        match &self.value {
            OperandValue::Text { raw: Some(_), .. }
            | OperandValue::Number(_)
            | OperandValue::Bool(_)
            | OperandValue::Null => Stage::Written,
            OperandValue::Text { raw: None, .. } | OperandValue::Bytes(_) => Stage::Changed,
            OperandValue::Regex(_)
            | OperandValue::Template(_)
            | OperandValue::Exists(_)
            | OperandValue::Compare(..)
            | OperandValue::Cidr(_)
            | OperandValue::FieldRef(..)
            | OperandValue::Time { .. } => Stage::Made,
        }
    }

    /// The text as it was written, if no modifier has changed it. A number is its digits.
    pub(super) fn raw(&self) -> Option<&str> {
        match &self.value {
            OperandValue::Text { raw, .. } => raw.as_deref(),
            OperandValue::Number(number) => Some(number.as_str()),
            OperandValue::Bool(_)
            | OperandValue::Null
            | OperandValue::Regex(_)
            | OperandValue::Bytes(_)
            | OperandValue::Template(_)
            | OperandValue::Exists(_)
            | OperandValue::Compare(..)
            | OperandValue::Cidr(_)
            | OperandValue::FieldRef(..)
            | OperandValue::Time { .. } => None,
        }
    }

    /// The pattern of a string, to be changed. A number is taken as its text and encoded text as its
    /// characters, each with a warning.
    pub(super) fn pattern(
        &mut self,
        site: &Site,
        diagnostics: &mut Diagnostics,
    ) -> Result<&mut Pattern, Diagnostic> {
        if let OperandValue::Number(number) = &self.value {
            let raw = number.as_str().to_owned();
            let message = format!("`{raw}` is a number, and `{}` is for strings", site.name);
            let diagnostic = Diagnostic::new(Code::NumberAsText, self.span, message)
                .with_label("taken as text")
                .with_help(format!("write `'{raw}'`"));
            diagnostics.push(diagnostic);
            self.value = OperandValue::Text { pattern: Pattern::text(raw), raw: None };
        }
        self.decode(diagnostics)?;
        let mistake = site.wrong_type(self, "a string", "");
        match &mut self.value {
            OperandValue::Text { raw, pattern } => {
                *raw = None;
                Ok(pattern)
            }
            OperandValue::Number(_)
            | OperandValue::Bool(_)
            | OperandValue::Null
            | OperandValue::Regex(_)
            | OperandValue::Bytes(_)
            | OperandValue::Template(_)
            | OperandValue::Exists(_)
            | OperandValue::Compare(..)
            | OperandValue::Cidr(_)
            | OperandValue::FieldRef(..)
            | OperandValue::Time { .. } => Err(mistake),
        }
    }

    /// The text of a string without wildcards.
    pub(super) fn plain_text(
        &mut self,
        site: &Site,
        diagnostics: &mut Diagnostics,
    ) -> Result<String, Diagnostic> {
        let span = self.span;
        let written = matches!(self.value, OperandValue::Text { raw: Some(_), .. });
        let pattern = self.pattern(site, diagnostics)?;
        if pattern.as_text().is_none() && !written {
            let message = format!("`{}` stands behind a modifier that adds wildcards", site.name);
            let help = format!("write it before that, such as `{}|contains`", site.name);
            return Err(site.misuse(message).with_help(help));
        }
        pattern.as_text().map(str::to_owned).ok_or_else(|| {
            let message = format!("`{}` takes no wildcards", site.name);
            Diagnostic::new(Code::InvalidValue, span, message)
                .with_place(site.modifier, "the modifier")
                .with_help("write `\\*` and `\\?` for the characters; modifiers such as `contains` stand behind it")
        })
    }

    /// Encoded text that was not put into base64 becomes the characters of its bytes, with a warning.
    pub(crate) fn decode(&mut self, diagnostics: &mut Diagnostics) -> Result<(), Diagnostic> {
        let OperandValue::Bytes(bytes) = &mut self.value else { return Ok(()) };
        let help = "put `base64` or `base64offset` behind the encoding";
        let Ok(text) = String::from_utf8(std::mem::take(bytes)) else {
            let message = "the encoded value is not text, so no field can hold it";
            return Err(Diagnostic::new(Code::InvalidValue, self.span, message).with_help(help));
        };
        let message = "the encoded value holds NUL characters, which few fields do";
        diagnostics.push(Diagnostic::new(Code::EncodedText, self.span, message).with_help(help));
        self.value = OperandValue::Text { raw: None, pattern: Pattern::text(text) };
        Ok(())
    }
}
