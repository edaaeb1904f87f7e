//! Expressions of `eval` and `where`.

use isogloss_compiler::ir::{Origin, chain};

use super::{Call, Operator, Query};

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
    /// `a XOR b`. At least two operands.
    Xor(Vec<Eval>),
    /// `a+b*c`, as it is written: no operand is put before another, and at least two operators or one
    /// that is not `-`.
    Chain {
        /// The first operand.
        first: Box<Eval>,
        /// The others, each behind its operator.
        rest: Vec<(Sign, Eval)>,
    },
    /// `$name$`, `<<FIELD>>`: text that is put in before the search runs.
    Token(String),
    /// A macro.
    Macro(Call),
    /// A search in brackets.
    Search(Box<Query>),
}

/// The operators between values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Times,
    /// `/`.
    Divided,
    /// `%`.
    Modulo,
    /// `.`: one text after the other.
    Joined,
}

impl Sign {
    /// Every operator and its text.
    pub const ALL: &'static [(char, Self)] = &[
        ('+', Self::Plus),
        ('-', Self::Minus),
        ('*', Self::Times),
        ('/', Self::Divided),
        ('%', Self::Modulo),
        ('.', Self::Joined),
    ];

    /// The operator as it is written.
    pub fn as_char(self) -> char {
        Self::ALL.iter().find(|(_, sign)| *sign == self).map_or('+', |(text, _)| *text)
    }
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

    /// Values with operators between them, which stay in their order.
    #[must_use]
    pub fn chain(first: Self, mut rest: Vec<(Sign, Self)>) -> Self {
        match rest.pop() {
            None => first,
            Some((Sign::Minus, right)) if rest.is_empty() => {
                Self::Minus(Box::new(first), Box::new(right))
            }
            Some(last) => {
                rest.push(last);
                Self::Chain { first: Box::new(first), rest }
            }
        }
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
