//! The tree of an EQL query (Elastic documentation, "EQL syntax reference").

mod operand;
mod statement;

use isogloss_compiler::ir::{Origin, chain};

pub use operand::{Arithmetic, Call, Function, Kind, Operand, Series};
pub use statement::{Key, Pipe, Sample, Sequence, Stage, Statement, TimeUnit, Timespan};

/// `category where condition`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The event category; `None` is `any`.
    pub category: Option<String>,
    /// The log source that the category comes from.
    pub category_origin: Origin,
    /// Terms of the log source.
    pub scope: Option<Expr>,
    /// The condition of the rule.
    pub condition: Expr,
}

impl Query {
    /// The query as its text has it: scope and condition are one expression.
    #[must_use]
    pub fn joined(&self) -> Self {
        let terms = self.scope.iter().chain([&self.condition]).cloned();
        Self { scope: None, condition: Expr::all(terms), ..self.clone() }
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
    /// A function that is a test.
    Call(Call),
    /// A comparison of what is computed.
    Computed(Computed),
    /// `true` or `false`.
    Constant(bool),
}

impl Expr {
    /// All operands; flattens. No operand at all is `true`.
    pub fn all(operands: impl IntoIterator<Item = Self>) -> Self {
        chain(operands, |it| if let Self::All(inner) = it { Ok(inner) } else { Err(it) }, Self::All)
            .unwrap_or(Self::Constant(true))
    }

    /// Any operand; flattens. No operand at all is `false`.
    pub fn any(operands: impl IntoIterator<Item = Self>) -> Self {
        chain(operands, |it| if let Self::Any(inner) = it { Ok(inner) } else { Err(it) }, Self::Any)
            .unwrap_or(Self::Constant(false))
    }

    /// The negation; two negations meet and vanish.
    #[must_use]
    pub fn negate(operand: Self) -> Self {
        if let Self::Not(inner) = operand { *inner } else { Self::Not(Box::new(operand)) }
    }

    /// A comparison: that of a field with values is a [`Comparison`].
    #[must_use]
    pub fn compare(left: Operand, operator: Operator, right: Vec<Operand>) -> Self {
        let origin = Origin::default();
        if let Operand::Field(field) = &left
            && let Some(values) = right.iter().map(Operand::as_value).collect::<Option<Vec<_>>>()
        {
            let values = values.into_iter().cloned().collect();
            return Self::Comparison(Comparison { field: field.clone(), operator, values, origin });
        }
        Self::Computed(Computed { left, operator, right, origin })
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
            Self::Call(call) => Self::Call(Call { origin: origin.clone(), ..call }),
            Self::Computed(it) => Self::Computed(Computed { origin: origin.clone(), ..it }),
            Self::Constant(value) => Self::Constant(value),
        }
    }
}

/// `field operator value` or `field operator (value, …)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The field.
    pub field: FieldPath,
    /// How its value is compared.
    pub operator: Operator,
    /// With what; several values mean any of them. Never empty.
    pub values: Vec<Value>,
    /// The key that the author wrote.
    pub origin: Origin,
}

/// A field, and whether the query may run where no index has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath {
    /// The name, without quotes.
    pub name: String,
    /// True for `?field`.
    pub optional: bool,
}

/// `operand operator operand`, where the left one is no field or the right one no value. Only one side may
/// hold fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// What is compared.
    pub left: Operand,
    /// How.
    pub operator: Operator,
    /// With what; several mean any of them. Never empty, and one for operators without lists.
    pub right: Vec<Operand>,
    /// The text that the author wrote.
    pub origin: Origin,
}

/// The operators of comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `==`: exact, with case, without wildcards.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
    /// `:`: without case, with wildcards.
    Match,
    /// `like`: with case, with wildcards.
    Like,
    /// `like~`: without case, with wildcards.
    LikeFolded,
    /// `in`: exact, with case.
    In,
    /// `in~`: without case, without wildcards.
    InFolded,
    /// `regex`: with case, the whole value.
    Regex,
    /// `regex~`: without case, the whole value.
    RegexFolded,
}

impl Operator {
    /// Every operator and its text; no text is the beginning of a later one.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
        ("<=", Self::LessEqual),
        (">=", Self::GreaterEqual),
        ("<", Self::Less),
        (">", Self::Greater),
        (":", Self::Match),
        ("like~", Self::LikeFolded),
        ("like", Self::Like),
        ("in~", Self::InFolded),
        ("in", Self::In),
        ("regex~", Self::RegexFolded),
        ("regex", Self::Regex),
    ];

    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, operator)| *operator == self).map_or("", |(text, _)| text)
    }

    /// True if the operator always takes its values in parentheses.
    pub fn takes_list(self) -> bool {
        matches!(self, Self::In | Self::InFolded)
    }

    /// True if the operator compares texts only.
    pub fn is_for_text(self) -> bool {
        match self {
            Self::Match
            | Self::Like
            | Self::LikeFolded
            | Self::InFolded
            | Self::Regex
            | Self::RegexFolded => true,
            Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessEqual
            | Self::Greater
            | Self::GreaterEqual
            | Self::In => false,
        }
    }

    /// True if the operator may take several values.
    pub fn may_take_list(self) -> bool {
        self.is_for_text() || self.takes_list()
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

/// The literals of EQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A string; `*` and `?` are wildcards for some operators.
    Text(String),
    /// A decimal number.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
}
