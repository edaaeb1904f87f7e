//! The attributes of a document as they are written, each with its place: what lints look at.

use crate::source::{Span, Spanned};

/// The attributes of a document, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenDocument {
    /// The attributes; `detection` is not among them.
    pub attributes: Vec<Attribute>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The key.
    pub key: Spanned<String>,
    /// The value.
    pub value: Written,
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// Nothing, `~` or `null`.
    Nothing(Span),
    /// The text of a scalar.
    Text(Spanned<String>),
    /// A list.
    List(Vec<Written>),
    /// A map.
    Map(Vec<Attribute>),
}

impl WrittenDocument {
    /// The attribute of this name.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|it| it.key.value == name)
    }

    /// The text of a scalar attribute.
    pub fn text(&self, name: &str) -> Option<&Spanned<String>> {
        self.get(name)?.value.as_text()
    }
}

impl Written {
    /// The text, if it is a scalar with one.
    pub fn as_text(&self) -> Option<&Spanned<String>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Nothing(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// The elements of a list; a single value is a list of one.
    pub fn elements(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            Self::Nothing(_) | Self::Text(_) | Self::Map(_) => std::slice::from_ref(self),
        }
    }

    /// The value of a key, if this is a map that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => {
                entries.iter().find(|it| it.key.value == name).map(|it| &it.value)
            }
            Self::Nothing(_) | Self::Text(_) | Self::List(_) => None,
        }
    }
}
