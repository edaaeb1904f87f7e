//! What a translation loses, and which way.

use super::Origin;
use crate::diagnostic::Code;

/// A way in which a query is not the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What kind of loss it is.
    pub kind: LossKind,
    /// What it does to the answer of the whole rule.
    pub direction: Direction,
    /// What is lost, in one sentence.
    pub message: String,
    /// The text that caused it.
    pub origin: Origin,
}

/// The kinds of losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossKind {
    /// Upper and lower case matter.
    Case,
    /// A wildcard is approximated.
    Wildcard,
    /// A regular expression is approximated.
    Regex,
    /// Absent fields are not told apart.
    Null,
    /// A keyword is not searched in the whole event.
    Keyword,
    /// Text is matched by words.
    Tokens,
    /// The type of a field changes what a value finds.
    Type,
    /// Fields with several values are matched differently.
    Multivalue,
    /// The time window is not the rule's.
    Window,
    /// Overlapping sequences are found once.
    Overlap,
    /// The platform has a limit.
    Limit,
    /// Groups are formed differently.
    Grouping,
    /// A field has no known name on the platform.
    UnmappedField,
    /// A field holds only part of the meaning.
    Mapping,
    /// The query is not limited to the log source.
    UnscopedLogsource,
    /// The scope is not exactly the log source.
    Logsource,
    /// A field may be missing from all indices.
    OptionalField,
    /// The data model fills or renames values.
    DataModel,
}

/// Who is to blame for a loss: the language, or the environment that the query runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Decides the fidelity of a query.
    Language,
    /// Decides whether a query is bound to its environment.
    Environment,
}

impl Class {
    /// The word of JSON and policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Language => "language",
            Self::Environment => "environment",
        }
    }
}

impl LossKind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[
        Self::Case,
        Self::Wildcard,
        Self::Regex,
        Self::Null,
        Self::Keyword,
        Self::Tokens,
        Self::Type,
        Self::Multivalue,
        Self::Window,
        Self::Overlap,
        Self::Limit,
        Self::Grouping,
        Self::UnmappedField,
        Self::Mapping,
        Self::UnscopedLogsource,
        Self::Logsource,
        Self::OptionalField,
        Self::DataModel,
    ];

    /// The word of JSON and policies, such as `unmapped-field`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Wildcard => "wildcard",
            Self::Regex => "regex",
            Self::Null => "null",
            Self::Keyword => "keyword",
            Self::Tokens => "tokens",
            Self::Type => "type",
            Self::Multivalue => "multivalue",
            Self::Window => "window",
            Self::Overlap => "overlap",
            Self::Limit => "limit",
            Self::Grouping => "grouping",
            Self::UnmappedField => "unmapped-field",
            Self::Mapping => "mapping",
            Self::UnscopedLogsource => "unscoped-logsource",
            Self::Logsource => "logsource",
            Self::OptionalField => "optional-field",
            Self::DataModel => "data-model",
        }
    }

    /// Which class the kind belongs to.
    pub fn class(self) -> Class {
        if self < Self::UnmappedField { Class::Language } else { Class::Environment }
    }

    /// The code of the diagnostic that reports it.
    pub fn code(self) -> Code {
        match self {
            Self::Case => Code::LossCase,
            Self::Wildcard => Code::LossWildcard,
            Self::Regex => Code::LossRegex,
            Self::Null => Code::LossNull,
            Self::Keyword => Code::LossKeyword,
            Self::Tokens => Code::LossTokens,
            Self::Type => Code::LossType,
            Self::Multivalue => Code::LossMultivalue,
            Self::Window => Code::LossWindow,
            Self::Overlap => Code::LossOverlap,
            Self::Limit => Code::LossLimit,
            Self::Grouping => Code::LossGrouping,
            Self::UnmappedField => Code::LossUnmappedField,
            Self::Mapping => Code::LossMapping,
            Self::UnscopedLogsource => Code::LossUnscopedLogsource,
            Self::Logsource => Code::LossLogsource,
            Self::OptionalField => Code::LossOptionalField,
            Self::DataModel => Code::LossDataModel,
        }
    }
}

/// What a loss does to the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The query finds more.
    Wider,
    /// The query finds less.
    Narrower,
    /// Either may happen.
    Mixed,
}

impl Direction {
    /// The word of JSON and policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::Mixed => "mixed",
        }
    }

    /// Both happen.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Mixed }
    }

    /// The direction for the whole rule of something that happens at a place of this polarity.
    #[must_use]
    pub fn at(self, polarity: super::Polarity) -> Self {
        match (polarity, self) {
            (super::Polarity::Positive, direction) | (_, direction @ Self::Mixed) => direction,
            (super::Polarity::Negative, Self::Wider) => Self::Narrower,
            (super::Polarity::Negative, Self::Narrower) => Self::Wider,
        }
    }
}

/// How near a query is to its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fidelity {
    /// The same answer for every event.
    Exact,
    /// Finds more.
    Wider,
    /// Finds less.
    Narrower,
    /// Finds more here and less there.
    Mixed,
    /// A pipeline put raw query text in, which nobody has checked.
    Unverified,
}

impl Fidelity {
    /// The word of JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::Mixed => "mixed",
            Self::Unverified => "unverified",
        }
    }

    /// What the losses of class language leave.
    pub fn of<'a>(losses: impl IntoIterator<Item = &'a Loss>) -> Self {
        let language = losses.into_iter().filter(|loss| loss.kind.class() == Class::Language);
        match language.map(|loss| loss.direction).reduce(Direction::and) {
            None => Self::Exact,
            Some(Direction::Wider) => Self::Wider,
            Some(Direction::Narrower) => Self::Narrower,
            Some(Direction::Mixed) => Self::Mixed,
        }
    }
}
