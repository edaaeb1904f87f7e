//! The tree of a KQL query (Kibana documentation, "Kibana Query Language").

pub mod threshold;

use std::collections::BTreeSet;

use isogloss_compiler::ir::{Origin, chain};

pub use threshold::{Cardinality, Key, Threshold};

/// A query. The text has no place for the scope alone: both parts are joined by `and`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Terms of the log source.
    pub scope: Option<Expr>,
    /// The condition of the rule.
    pub condition: Expr,
    /// The fields that hold addresses. The text does not say it, but what a value finds depends on it.
    pub addresses: BTreeSet<String>,
}

impl Query {
    /// The query as its text has it: scope and condition are one expression.
    #[must_use]
    pub fn joined(&self) -> Self {
        let operands = self.scope.iter().chain([&self.condition]).cloned();
        Self {
            scope: None,
            addresses: BTreeSet::new(),
            condition: Expr::all(operands).unwrap_or_else(|| self.condition.clone()),
        }
    }
}

/// A boolean expression. Chains are flat and have at least two operands; negations do not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// `a and b`.
    All(Vec<Expr>),
    /// `a or b`.
    Any(Vec<Expr>),
    /// `not a`.
    Not(Box<Expr>),
    /// A test on one field.
    Comparison(Comparison),
}

impl Expr {
    /// All operands; `None` if there are none. Flattens.
    pub fn all(operands: impl IntoIterator<Item = Self>) -> Option<Self> {
        chain(operands, |it| if let Self::All(inner) = it { Ok(inner) } else { Err(it) }, Self::All)
    }

    /// Any operand; `None` if there are none. Flattens.
    pub fn any(operands: impl IntoIterator<Item = Self>) -> Option<Self> {
        chain(operands, |it| if let Self::Any(inner) = it { Ok(inner) } else { Err(it) }, Self::Any)
    }

    /// The negation; two negations meet and vanish.
    #[must_use]
    pub fn negate(operand: Self) -> Self {
        if let Self::Not(inner) = operand { *inner } else { Self::Not(Box::new(operand)) }
    }
}

impl Expr {
    /// The same expression, all of which comes from one place.
    #[must_use]
    pub fn from_place(self, origin: &Origin) -> Self {
        let all =
            |operands: Vec<Self>| operands.into_iter().map(|it| it.from_place(origin)).collect();
        match self {
            Self::All(operands) => Self::All(all(operands)),
            Self::Any(operands) => Self::Any(all(operands)),
            Self::Not(operand) => Self::Not(Box::new(operand.from_place(origin))),
            Self::Comparison(comparison) => {
                Self::Comparison(Comparison { origin: origin.clone(), ..comparison })
            }
        }
    }
}

/// `field: value`, `field: (a or b)`, `field: (a and b)`, `field >= value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The field, without quotes and escapes.
    pub field: String,
    /// How its value is compared.
    pub relation: Relation,
    /// How several values are joined; one value is always joined by [`Link::Any`].
    pub link: Link,
    /// With what. Never empty.
    pub values: Vec<Value>,
    /// The key that the author wrote.
    pub origin: Origin,
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `:`.
    Is,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
}

impl Relation {
    /// Every relation and its text; no text is the beginning of a later one.
    pub const ALL: &'static [(&'static str, Self)] = &[
        (":", Self::Is),
        ("<=", Self::LessEqual),
        (">=", Self::GreaterEqual),
        ("<", Self::Less),
        (">", Self::Greater),
    ];

    /// The relation as it is written.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, relation)| *relation == self).map_or("", |(text, _)| text)
    }
}

/// How the values of a group are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// `or`.
    Any,
    /// `and`.
    All,
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The value.
    pub literal: Literal,
    /// The value that the author wrote.
    pub origin: Origin,
}

/// The literals of KQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// In quotes: exactly this text.
    Quoted(String),
    /// Without quotes: texts, with `*` where there is a `None`.
    Unquoted(Vec<Option<String>>),
}

impl Literal {
    /// `*`: any value.
    pub fn any() -> Self {
        Self::Unquoted(vec![None])
    }

    /// A word without wildcards, such as a number.
    pub fn word(text: impl Into<String>) -> Self {
        Self::Unquoted(vec![Some(text.into())])
    }
}
