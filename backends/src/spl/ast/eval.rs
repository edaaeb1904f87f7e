//! Expressions of `eval` and `where`.

use isogloss_compiler::ir::{Origin, chain};

use super::Operator;

/// An expression of `eval` and `where`. Case matters; a missing field is null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Eval {
    /// `a AND b`.
    All(Vec<Eval>),
    /// `a OR b`.
    Any(Vec<Eval>),
    /// `NOT a`.
    Not(Box<Eval>),
    /// `a<b`.
    Compare {
        /// The left side.
        left: Box<Eval>,
        /// How the sides are compared.
        operator: Operator,
        /// The right side.
        right: Box<Eval>,
    },
    /// `a-b`.
    Minus(Box<Eval>, Box<Eval>),
    /// `function(a, b)`.
    Call {
        /// The function.
        function: String,
        /// Its arguments.
        arguments: Vec<Eval>,
    },
    /// A field, in single quotes.
    Field(String),
    /// A string, in double quotes.
    Text {
        /// The text.
        text: String,
        /// The value that the author wrote.
        origin: Origin,
    },
    /// A number.
    Number(String),
}

impl Eval {
    /// All operands; `None` if there are none. Flattens.
    pub fn all(operands: impl IntoIterator<Item = Self>) -> Option<Self> {
        chain(operands, |it| if let Self::All(inner) = it { Ok(inner) } else { Err(it) }, Self::All)
    }

    /// Any operand; `None` if there are none. Flattens.
    pub fn any(operands: impl IntoIterator<Item = Self>) -> Option<Self> {
        chain(operands, |it| if let Self::Any(inner) = it { Ok(inner) } else { Err(it) }, Self::Any)
    }

    /// A comparison.
    #[must_use]
    pub fn compare(self, operator: Operator, right: Self) -> Self {
        Self::Compare { left: Box::new(self), operator, right: Box::new(right) }
    }

    /// A function with its arguments.
    pub fn call(function: &str, arguments: impl IntoIterator<Item = Self>) -> Self {
        Self::Call { function: function.to_owned(), arguments: arguments.into_iter().collect() }
    }
}
