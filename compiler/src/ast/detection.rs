//! The parts of `detection` (Sigma specification, section "Detection").

use crate::source::{Span, Spanned};

/// A named part of `detection`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// The search identifier.
    pub name: Spanned<String>,
    /// What it looks for; `None` if that could not be read.
    pub body: Option<Body>,
}

/// What a detection looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A map: all items have to match. Never empty.
    All(Vec<DetectionItem>),
    /// A list: any part has to match. Never empty.
    Any(Vec<Body>),
}

/// One key of a map, such as `Image|endswith`, and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectionItem {
    /// The field; `None` for keywords, which search the whole event.
    pub field: Option<Spanned<String>>,
    /// The modifiers, in order.
    pub modifiers: Vec<ModifierName>,
    /// The values. Never empty.
    pub values: Vec<Value>,
    /// True if the values were written as a list.
    pub listed: bool,
    /// The key, or the first value of a keyword list.
    pub span: Span,
}

/// A modifier as written.
pub type ModifierName = Spanned<String>;

/// A value as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// What it is.
    pub value: ValueKind,
    /// Its place, with its quotes.
    pub span: Span,
    /// The place of its text, if that stands in the file letter for letter.
    pub verbatim: Option<Span>,
}

/// The kinds of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueKind {
    /// Text, with Sigma's wildcards and escapes still in it.
    Text(String),
    /// A plain number, as written.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`, `~` or nothing.
    Null,
}
