//! Expressions of `search`, the first command of a query.

use std::convert::Infallible;

use isogloss_compiler::ir::{Origin, chain};

use super::Query;

/// A boolean expression of `search`. Chains are flat and have at least two operands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// `a b`.
    All(Vec<Search>),
    /// `a OR b`.
    Any(Vec<Search>),
    /// `NOT a`.
    Not(Box<Search>),
    /// A macro.
    Call(Call),
    /// A test on one field.
    Comparison(Comparison),
    /// A word of the raw text.
    Term(Term),
    /// `*`: every event.
    Everything,
    /// `TERM(a.b)`, `CASE(a)`, `field::value`, as it is written.
    Verbatim(String),
    /// A search in brackets, whose rows become a condition.
    Subsearch(Box<Query>),
}

impl Search {
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

impl Search {
    /// What stands between the operators, in order.
    pub fn leaves(&self) -> Vec<&Self> {
        match self {
            Self::All(operands) | Self::Any(operands) => {
                operands.iter().flat_map(Self::leaves).collect()
            }
            Self::Not(operand) => operand.leaves(),
            Self::Call(_)
            | Self::Comparison(_)
            | Self::Term(_)
            | Self::Everything
            | Self::Verbatim(_)
            | Self::Subsearch(_) => vec![self],
        }
    }

    /// The same expression with something else in the place of each leaf.
    pub fn try_map<E>(self, change: &mut dyn FnMut(Self) -> Result<Self, E>) -> Result<Self, E> {
        let mut all = |operands: Vec<Self>| {
            operands.into_iter().map(|it| it.try_map(change)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match self {
            Self::All(operands) => Self::all(all(operands)?).unwrap_or(Self::Everything),
            Self::Any(operands) => Self::any(all(operands)?).unwrap_or(Self::Everything),
            Self::Not(operand) => Self::negate(operand.try_map(change)?),
            Self::Call(_)
            | Self::Comparison(_)
            | Self::Term(_)
            | Self::Everything
            | Self::Verbatim(_)
            | Self::Subsearch(_) => change(self)?,
        })
    }

    /// The same where nothing can fail.
    #[must_use]
    pub fn map(self, change: &mut dyn FnMut(Self) -> Self) -> Self {
        let Ok(mapped) = self.try_map(&mut |leaf| Ok::<_, Infallible>(change(leaf)));
        mapped
    }

    /// The same expression, all of which comes from one place.
    #[must_use]
    pub fn from_place(self, origin: &Origin) -> Self {
        let origin = || origin.clone();
        self.map(&mut |leaf| match leaf {
            Self::Call(call) => Self::Call(Call { origin: origin(), ..call }),
            Self::Comparison(it) => Self::Comparison(Comparison { origin: origin(), ..it }),
            Self::Term(term) => Self::Term(Term { origin: origin(), ..term }),
            Self::All(_)
            | Self::Any(_)
            | Self::Not(_)
            | Self::Everything
            | Self::Verbatim(_)
            | Self::Subsearch(_) => leaf,
        })
    }
}

/// A macro, `` `name` `` or `` `name(a, b)` ``.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// Its arguments, as text.
    pub arguments: Vec<String>,
    /// The log source that it selects.
    pub origin: Origin,
}

/// `word`, `"a word"`: whole tokens of the raw text, `*` is a wildcard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Term {
    /// The text, without quotes.
    pub text: String,
    /// The keyword that the author wrote.
    pub origin: Origin,
}

/// `field=value`, `field<value`, `field IN (value, …)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The field, without quotes.
    pub field: String,
    /// How its value is compared; several values stand in `IN`.
    pub operator: Operator,
    /// With what; several values mean any of them. Never empty.
    pub values: Vec<Value>,
    /// The key that the author wrote.
    pub origin: Origin,
}

/// The operators of comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`.
    Equal,
    /// `!=`: the field has to exist.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
}

impl Operator {
    /// Every operator and its text; no text is the beginning of a later one.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("!=", Self::NotEqual),
        ("<=", Self::LessEqual),
        (">=", Self::GreaterEqual),
        ("=", Self::Equal),
        ("<", Self::Less),
        (">", Self::Greater),
    ];

    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, operator)| *operator == self).map_or("", |(text, _)| text)
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

/// The literals of `search`. `*` is a wildcard and cannot be escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// In quotes.
    Quoted(String),
    /// A bare word, such as a number, `*` or `CASE(word)`.
    Word(String),
    /// A macro.
    Call(Call),
}

/// Names that set the time range or insert another search, wherever they stand in a search.
pub const RESERVED: &[&str] = &[
    "earliest",
    "latest",
    "_index_earliest",
    "_index_latest",
    "starttime",
    "endtime",
    "savedsearch",
    "savedsplunk",
    "searchtimespandays",
    "searchtimespanhours",
    "searchtimespanminutes",
    "timeformat",
    "daysago",
    "hoursago",
    "minutesago",
    "monthsago",
];
