//! Operands: fields, values, functions and arithmetic (Elastic documentation, "EQL function reference").

use isogloss_compiler::ir::Origin;

use super::{FieldPath, Literal, Value};

/// What can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// The value of a field.
    Field(FieldPath),
    /// A value.
    Value(Value),
    /// What a function gives.
    Call(Call),
    /// `-operand`. Never that of a number or of a negative, which is another operand.
    Negative(Box<Operand>),
    /// `a + b - c` or `a * b / c`.
    Series(Series),
}

impl Operand {
    /// A value that nobody wrote in a rule.
    #[must_use]
    pub fn literal(literal: Literal) -> Self {
        Self::Value(Value { literal, origin: Origin::default() })
    }

    /// The value, if it is one.
    pub fn as_value(&self) -> Option<&Value> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }

    /// The field, if it is one.
    pub fn as_field(&self) -> Option<&FieldPath> {
        if let Self::Field(field) = self { Some(field) } else { None }
    }

    /// The negative of an operand.
    #[must_use]
    pub fn negative(operand: Self) -> Self {
        match operand {
            Self::Negative(inner) => *inner,
            Self::Value(Value { literal: Literal::Number(text), origin }) => {
                let number =
                    text.strip_prefix('-').map_or_else(|| format!("-{text}"), str::to_owned);
                Self::Value(Value { literal: Literal::Number(number), origin })
            }
            other @ (Self::Field(_) | Self::Value(_) | Self::Call(_) | Self::Series(_)) => {
                Self::Negative(Box::new(other))
            }
        }
    }

    /// A series of one precedence; a first operand of the same precedence is opened.
    #[must_use]
    pub fn series(first: Self, rest: Vec<(Arithmetic, Self)>) -> Self {
        let Some((sign, _)) = rest.first() else { return first };
        if let Self::Series(mut inner) = first {
            if inner.is_sum() == sign.is_sum() {
                inner.rest.extend(rest);
                return Self::Series(inner);
            }
            return Self::Series(Series { first: Box::new(Self::Series(inner)), rest });
        }
        Self::Series(Series { first: Box::new(first), rest })
    }

    /// True unless the operand is of another type.
    pub fn may_be_number(&self) -> bool {
        match self {
            Self::Field(_) | Self::Negative(_) | Self::Series(_) => true,
            Self::Value(value) => match value.literal {
                Literal::Number(_) | Literal::Null => true,
                Literal::Text(_) | Literal::Bool(_) => false,
            },
            Self::Call(call) => call.function.gives() == Kind::Number,
        }
    }

    /// True unless the operand is of another type.
    pub fn may_be_text(&self) -> bool {
        match self {
            Self::Field(_) => true,
            Self::Negative(_) | Self::Series(_) => false,
            Self::Value(value) => match value.literal {
                Literal::Text(_) | Literal::Null => true,
                Literal::Number(_) | Literal::Bool(_) => false,
            },
            Self::Call(call) => call.function.gives() == Kind::Text,
        }
    }

    /// True if the operand asks a field.
    pub fn has_field(&self) -> bool {
        self.any_field(&|_| true)
    }

    /// True if the operand asks this field.
    pub fn names(&self, name: &str) -> bool {
        self.any_field(&|field| field.name == name)
    }

    fn any_field(&self, is_wanted: &dyn Fn(&FieldPath) -> bool) -> bool {
        match self {
            Self::Field(field) => is_wanted(field),
            Self::Value(_) => false,
            Self::Call(call) => call.arguments.iter().any(|it| it.any_field(is_wanted)),
            Self::Negative(inner) => inner.any_field(is_wanted),
            Self::Series(Series { first, rest }) => {
                first.any_field(is_wanted) || rest.iter().any(|(_, it)| it.any_field(is_wanted))
            }
        }
    }
}

/// `a + b - c` or `a * b / c`, from left to right. All signs are of one precedence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The first operand.
    pub first: Box<Operand>,
    /// The others, with the signs before them. Never empty.
    pub rest: Vec<(Arithmetic, Operand)>,
}

impl Series {
    /// True for `+` and `-`, which bind weaker than the others.
    pub fn is_sum(&self) -> bool {
        self.rest.iter().any(|(sign, _)| sign.is_sum())
    }
}

/// The signs of arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Times,
    /// `/`: of whole numbers it is a whole number.
    Divide,
    /// `%`: the remainder.
    Modulo,
}

impl Arithmetic {
    /// Every sign and its character.
    pub const ALL: &'static [(char, Self)] = &[
        ('+', Self::Plus),
        ('-', Self::Minus),
        ('*', Self::Times),
        ('/', Self::Divide),
        ('%', Self::Modulo),
    ];

    /// The sign as it is written.
    pub fn as_char(self) -> char {
        Self::ALL.iter().find(|(_, sign)| *sign == self).map_or(' ', |(character, _)| *character)
    }

    /// True for `+` and `-`, which bind weaker than the others.
    pub fn is_sum(self) -> bool {
        matches!(self, Self::Plus | Self::Minus)
    }
}

/// `function(argument, …)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The function.
    pub function: Function,
    /// What it is about; as many as [`Function::arity`] says.
    pub arguments: Vec<Operand>,
    /// The text that the author wrote.
    pub origin: Origin,
}

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Test,
    /// A text.
    Text,
    /// A number.
    Number,
}

/// The functions. Those that end in `Folded` are written with `~`: they ignore case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// A sum.
    Add,
    /// What stands between two texts.
    Between,
    /// The same, without case.
    BetweenFolded,
    /// An address lies in one of the networks.
    CidrMatch,
    /// Values as one text.
    Concat,
    /// A quotient.
    Divide,
    /// A text ends with another.
    EndsWith,
    /// The same, without case.
    EndsWithFolded,
    /// The first place of a text in another.
    IndexOf,
    /// The same, without case.
    IndexOfFolded,
    /// The number of characters.
    Length,
    /// A remainder.
    Modulo,
    /// A product.
    Multiply,
    /// A text as a number.
    Number,
    /// A text starts with another.
    StartsWith,
    /// The same, without case.
    StartsWithFolded,
    /// A value as a text.
    String,
    /// A text contains another.
    StringContains,
    /// The same, without case.
    StringContainsFolded,
    /// A part of a text.
    Substring,
    /// A difference.
    Subtract,
}

impl Function {
    /// Every function and its text.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("add", Self::Add),
        ("between", Self::Between),
        ("between~", Self::BetweenFolded),
        ("cidrMatch", Self::CidrMatch),
        ("concat", Self::Concat),
        ("divide", Self::Divide),
        ("endsWith", Self::EndsWith),
        ("endsWith~", Self::EndsWithFolded),
        ("indexOf", Self::IndexOf),
        ("indexOf~", Self::IndexOfFolded),
        ("length", Self::Length),
        ("modulo", Self::Modulo),
        ("multiply", Self::Multiply),
        ("number", Self::Number),
        ("startsWith", Self::StartsWith),
        ("startsWith~", Self::StartsWithFolded),
        ("string", Self::String),
        ("stringContains", Self::StringContains),
        ("stringContains~", Self::StringContainsFolded),
        ("substring", Self::Substring),
        ("subtract", Self::Subtract),
    ];

    /// The function as it is written.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, function)| *function == self).map_or("", |(text, _)| text)
    }

    /// True if the function is a test.
    pub fn is_test(self) -> bool {
        self.gives() == Kind::Test
    }

    /// What the function gives.
    pub fn gives(self) -> Kind {
        match self {
            Self::CidrMatch
            | Self::EndsWith
            | Self::EndsWithFolded
            | Self::StartsWith
            | Self::StartsWithFolded
            | Self::StringContains
            | Self::StringContainsFolded => Kind::Test,
            Self::Between | Self::BetweenFolded | Self::Concat | Self::String | Self::Substring => {
                Kind::Text
            }
            Self::Add
            | Self::Divide
            | Self::IndexOf
            | Self::IndexOfFolded
            | Self::Length
            | Self::Modulo
            | Self::Multiply
            | Self::Number
            | Self::Subtract => Kind::Number,
        }
    }

    /// The least and the greatest number of arguments.
    pub fn arity(self) -> (usize, usize) {
        match self {
            Self::Length | Self::String => (1, 1),
            Self::Number => (1, 2),
            Self::Add
            | Self::Divide
            | Self::EndsWith
            | Self::EndsWithFolded
            | Self::Modulo
            | Self::Multiply
            | Self::StartsWith
            | Self::StartsWithFolded
            | Self::StringContains
            | Self::StringContainsFolded
            | Self::Subtract => (2, 2),
            Self::IndexOf | Self::IndexOfFolded | Self::Substring => (2, 3),
            Self::Between | Self::BetweenFolded => (3, 4),
            Self::Concat => (1, usize::MAX),
            Self::CidrMatch => (2, usize::MAX),
        }
    }
}
