//! A correlation as its author wrote it (Sigma specification, "Correlation Rules").

use std::sync::Arc;

use super::{Condition, Metadata};
use crate::decimal::{Comparison, Decimal};
use crate::source::Spanned;

/// A correlation rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correlation {
    /// What the rule says about itself.
    pub metadata: Arc<Metadata>,
    /// `type`.
    pub kind: Spanned<CorrelationKind>,
    /// `rules`: ids and names, in order.
    pub rules: Vec<Spanned<String>>,
    /// `group-by`: fields and aliases.
    pub group_by: Vec<Spanned<String>>,
    /// `timespan`, in seconds.
    pub timespan: Spanned<u64>,
    /// `condition`; `None` for the default of temporal types.
    pub condition: Option<CorrelationCondition>,
    /// `aliases`.
    pub aliases: Vec<Alias>,
    /// `generate`: the rules that it refers to give queries of their own.
    pub generate: bool,
}

/// What a correlation counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrelationKind {
    /// Events.
    EventCount,
    /// Distinct values of a field.
    ValueCount,
    /// Rules that matched, in any order.
    Temporal,
    /// Rules that matched, in the order of `rules`.
    TemporalOrdered,
    /// The sum of a field.
    ValueSum,
    /// The mean of a field.
    ValueAvg,
    /// A percentile of a field.
    ValuePercentile,
    /// The median of a field.
    ValueMedian,
}

impl CorrelationKind {
    /// All types with their words.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("event_count", Self::EventCount),
        ("value_count", Self::ValueCount),
        ("temporal", Self::Temporal),
        ("temporal_ordered", Self::TemporalOrdered),
        ("value_sum", Self::ValueSum),
        ("value_avg", Self::ValueAvg),
        ("value_percentile", Self::ValuePercentile),
        ("value_median", Self::ValueMedian),
    ];

    /// The word that rules write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventCount => "event_count",
            Self::ValueCount => "value_count",
            Self::Temporal => "temporal",
            Self::TemporalOrdered => "temporal_ordered",
            Self::ValueSum => "value_sum",
            Self::ValueAvg => "value_avg",
            Self::ValuePercentile => "value_percentile",
            Self::ValueMedian => "value_median",
        }
    }

    /// True if it counts rules.
    pub fn is_temporal(self) -> bool {
        matches!(self, Self::Temporal | Self::TemporalOrdered)
    }

    /// True if its condition is about a field.
    pub fn needs_field(self) -> bool {
        match self {
            Self::EventCount | Self::Temporal | Self::TemporalOrdered => false,
            Self::ValueCount
            | Self::ValueSum
            | Self::ValueAvg
            | Self::ValuePercentile
            | Self::ValueMedian => true,
        }
    }

    /// True if it counts, so that its bounds are whole numbers.
    pub fn counts(self) -> bool {
        match self {
            Self::EventCount | Self::ValueCount | Self::Temporal | Self::TemporalOrdered => true,
            Self::ValueSum | Self::ValueAvg | Self::ValuePercentile | Self::ValueMedian => false,
        }
    }
}

/// When a correlation matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorrelationCondition {
    /// What is counted lies within bounds.
    Bounds {
        /// All of them have to hold. Never empty.
        bounds: Vec<Spanned<Bound>>,
        /// `field`.
        field: Vec<Spanned<String>>,
        /// `percentile`, 0 to 100.
        percentile: Option<Decimal>,
    },
    /// An expression over the names of rules.
    Extended(Condition),
}

/// `gte: 10`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// How it is compared.
    pub relation: Relation,
    /// With what.
    pub number: Decimal,
}

/// How a bound is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `eq`.
    Equal,
    /// `neq`.
    NotEqual,
    /// `lt`, `lte`, `gt`, `gte`.
    Compare(Comparison),
}

impl Relation {
    /// All relations with their words.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("gt", Self::Compare(Comparison::Greater)),
        ("gte", Self::Compare(Comparison::GreaterEqual)),
        ("lt", Self::Compare(Comparison::Less)),
        ("lte", Self::Compare(Comparison::LessEqual)),
        ("eq", Self::Equal),
        ("neq", Self::NotEqual),
    ];

    /// The word that rules write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "neq",
            Self::Compare(comparison) => comparison.as_str(),
        }
    }
}

/// A name for fields that are called differently in the events of different rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The name.
    pub name: Spanned<String>,
    /// The rule, and its field.
    pub fields: Vec<(Spanned<String>, Spanned<String>)>,
}
