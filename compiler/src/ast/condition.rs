//! The condition language as a tree (Sigma specification, section "Condition").

use crate::source::Span;

/// A `condition`, such as `selection and not 1 of filter_*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `a and b and c`. At least two operands; chains are flat.
    And(Vec<Condition>),
    /// `a or b or c`. At least two operands; chains are flat.
    Or(Vec<Condition>),
    /// `not a`.
    Not(Box<Condition>),
    /// `selection`: one detection, by its search identifier.
    Identifier {
        /// The search identifier.
        name: String,
        /// Its place.
        span: Span,
    },
    /// `1 of filter_*`, `all of them`.
    Selector {
        /// How many of the selected detections have to match.
        quantifier: Quantifier,
        /// `them`, a search identifier, or one with `*` in it.
        pattern: String,
        /// The whole selector.
        span: Span,
    },
}

/// How many of the selected detections have to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// `1 of`, `any of`.
    Any,
    /// `all of`.
    All,
}
