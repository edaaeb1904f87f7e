//! The tree of a KQL query (Kibana documentation, "Kibana Query Language").

pub mod threshold;

use std::collections::BTreeMap;

pub use isogloss_compiler::ir::Analyzer;
use isogloss_compiler::ir::{FieldFacts, FieldKind, Origin, chain};

pub use threshold::{Cardinality, Key, Threshold};

/// A query. The text has no place for the scope alone: both parts are joined by `and`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Terms of the log source.
    pub scope: Option<Expr>,
    /// The condition of the rule.
    pub condition: Expr,
    /// The fields whose types are known. The text does not say it, but what a value finds depends on it.
    pub kinds: BTreeMap<String, Kind>,
}

impl Query {
    /// The query as its text has it: scope and condition are one expression, and no type is known.
    #[must_use]
    pub fn joined(&self) -> Self {
        let operands = self.scope.iter().chain([&self.condition]).cloned();
        Self {
            scope: None,
            kinds: BTreeMap::new(),
            condition: Expr::all(operands).unwrap_or_else(|| self.condition.clone()),
        }
    }
}

/// The type of a field, as far as it changes what a value finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Exact text; Kibana keeps a pattern in one piece.
    Keyword,
    /// Exact text; Kibana cuts a pattern at its spaces.
    Wildcard,
    /// Words, and how a text is cut into them.
    Words(Analyzer),
    /// A whole number.
    Long,
    /// An address.
    Ip,
    /// True or false.
    Boolean,
    /// A time.
    Date,
}

impl Kind {
    /// What a pipeline says about a field.
    pub fn of(facts: &FieldFacts) -> Self {
        match facts.kind {
            FieldKind::Keyword => Self::Keyword,
            FieldKind::Wildcard => Self::Wildcard,
            FieldKind::Text => Self::Words(facts.analyzer),
            FieldKind::Long => Self::Long,
            FieldKind::Ip => Self::Ip,
            FieldKind::Boolean => Self::Boolean,
            FieldKind::Date => Self::Date,
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
    /// A test on one field, or on those of one pattern.
    Comparison(Comparison),
    /// A value without a field, which is searched in the fields that are searched by default.
    Anywhere(Value),
    /// `path: { a }`: one object of a list satisfies it.
    Nested {
        /// Where the list is.
        path: Name,
        /// What holds of the object; its fields are named from there.
        query: Box<Expr>,
    },
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
            Self::Anywhere(value) => Self::Anywhere(Value { origin: origin.clone(), ..value }),
            Self::Nested { path, query } => {
                Self::Nested { path, query: Box::new(query.from_place(origin)) }
            }
        }
    }
}

/// `field: value`, `field: (a or b)`, `field >= value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The field.
    pub field: Name,
    /// How it is compared, and with what.
    pub test: Test,
    /// The key that the author wrote.
    pub origin: Origin,
}

/// The name of a field, without quotes and escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// The field of this name.
    Exact(String),
    /// Every field whose name is like this: texts, with `*` where there is a `None`.
    Like(Vec<Option<String>>),
}

impl<T: Into<String>> From<T> for Name {
    fn from(name: T) -> Self {
        Self::Exact(name.into())
    }
}

/// How a field is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// `:`, with values that are joined.
    Is(Values),
    /// `<`, `<=`, `>`, `>=`, with one value.
    Range(Relation, Value),
}

/// How a value lies to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
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

/// Values of one field, each of which any value of the field can satisfy. Chains are flat and have at
/// least two members; negations do not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// One value.
    One(Value),
    /// `(a or b)`.
    Any(Vec<Values>),
    /// `(a and b)`.
    All(Vec<Values>),
    /// `(not a)`.
    Not(Box<Values>),
}

impl Values {
    /// All of them; `None` if there are none. Flattens.
    pub fn all(members: impl IntoIterator<Item = Self>) -> Option<Self> {
        chain(members, |it| if let Self::All(inner) = it { Ok(inner) } else { Err(it) }, Self::All)
    }

    /// Any of them; `None` if there are none. Flattens.
    pub fn any(members: impl IntoIterator<Item = Self>) -> Option<Self> {
        chain(members, |it| if let Self::Any(inner) = it { Ok(inner) } else { Err(it) }, Self::Any)
    }

    /// The negation; two negations meet and vanish.
    #[must_use]
    pub fn negate(member: Self) -> Self {
        if let Self::Not(inner) = member { *inner } else { Self::Not(Box::new(member)) }
    }
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
    /// In quotes: exactly this text, or these words in this order.
    Quoted(String),
    /// Without quotes: texts, with `*` where there is a `None`. Never empty, without white space at its
    /// ends; no two texts and no two wildcards are neighbours.
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

/// True for characters that Kibana takes away at the ends of an unquoted value: what is white space in
/// JavaScript.
pub(crate) fn is_trimmed(character: char) -> bool {
    character == '\u{feff}' || (character != '\u{85}' && character.is_whitespace())
}
