//! Modifiers: what stands behind a field's name, such as `|contains|all` (Sigma specification,
//! appendix "Modifiers").
//!
//! A family of modifiers is one file; [`MODIFIERS`] lists them all. They are applied from left to
//! right; the place of those on the whole item does not matter.

mod dash;
mod encoding;
mod list;
mod network;
mod number;
mod operand;
mod placeholder;
mod presence;
mod reference;
mod regex;
mod text;
mod time;

use operand::Stage;
pub(crate) use operand::{Draft, Operand, OperandValue};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;

/// A modifier.
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

/// What a modifier acts on. An error says, in one sentence, why a value cannot have the modifier.
#[derive(Debug)]
pub(crate) enum Apply {
    /// The item as a whole.
    Item(fn(&mut Draft)),
    /// One value.
    Value(fn(&mut Operand, &Site, &mut Diagnostics) -> Result<(), Diagnostic>),
    /// One value, of which it makes several; any of them is enough, under `all` too.
    Expand(fn(&mut Operand, &Site, &mut Diagnostics) -> Result<Vec<OperandValue>, Diagnostic>),
}

/// Every modifier.
pub const MODIFIERS: &[&Modifier] = &[
    &text::CONTAINS,
    &text::STARTSWITH,
    &text::ENDSWITH,
    &list::ALL,
    &list::NEQ,
    &presence::EXISTS,
    &text::CASED,
    &regex::RE,
    &regex::I,
    &regex::IGNORECASE,
    &regex::M,
    &regex::MULTILINE,
    &regex::S,
    &regex::DOTALL,
    &network::CIDR,
    &number::LT,
    &number::LTE,
    &number::GT,
    &number::GTE,
    &reference::FIELDREF,
    &encoding::BASE64,
    &encoding::BASE64OFFSET,
    &encoding::WIDE,
    &encoding::UTF16LE,
    &encoding::UTF16BE,
    &encoding::UTF16,
    &dash::WINDASH,
    &placeholder::EXPAND,
    &time::MINUTE,
    &time::HOUR,
    &time::DAY,
    &time::WEEK,
    &time::MONTH,
    &time::YEAR,
];

/// Where a modifier stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    /// Its name.
    pub(crate) name: &'static str,
    /// The modifier in the key.
    pub(crate) modifier: Span,
    /// True if the item is about keywords.
    pub(crate) keyword: bool,
}

impl Site {
    /// A mistake of the chain, said once and not for each value.
    pub(crate) fn misuse(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Code::MisusedModifier, self.modifier, message)
    }

    /// The value has a type that the modifier does not take. `help` is for values as they are written;
    /// what another modifier has made of a value is a mistake of the chain.
    pub(crate) fn wrong_type(&self, operand: &Operand, wanted: &str, help: &str) -> Diagnostic {
        match operand.stage() {
            Stage::Written => {
                let message =
                    format!("`{}` takes {wanted}, and this is {}", self.name, operand.describe());
                let mistake = Diagnostic::new(Code::MisusedModifier, operand.span, message)
                    .with_label("this value")
                    .with_place(self.modifier, "the modifier");
                if help.is_empty() { mistake } else { mistake.with_help(help) }
            }
            Stage::Changed => self.not_first(),
            Stage::Made => {
                self.misuse(format!("`{}` cannot stand on {}", self.name, operand.describe()))
            }
        }
    }

    /// Another modifier has changed the value before.
    pub(crate) fn not_first(&self) -> Diagnostic {
        self.misuse(format!("`{}` has to be the first modifier on a value", self.name))
            .with_help("leave out the modifiers before it that change the value")
    }

    /// The modifier needs a field.
    pub(crate) fn needs_field(&self) -> Result<(), Diagnostic> {
        if !self.keyword {
            return Ok(());
        }
        let message = format!("`{}` needs a field, and a keyword has none", self.name);
        Err(self.misuse(message).with_help("write the name of a field before the first `|`"))
    }
}

/// The modifier of this name.
pub(crate) fn find(name: &str) -> Option<&'static Modifier> {
    MODIFIERS.iter().find(|modifier| modifier.name == name).copied()
}
