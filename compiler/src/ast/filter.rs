//! A filter as its author wrote it (Sigma specification, "Filters").

use std::sync::Arc;

use super::{Condition, Detection, Logsource, Metadata};
use crate::source::Spanned;

/// A filter: a condition that is added to rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What the filter says about itself.
    pub metadata: Arc<Metadata>,
    /// It is added to rules whose log source this one contains.
    pub logsource: Spanned<Logsource>,
    /// `rules`: which rules it is added to.
    pub rules: FilterRules,
    /// The named parts, in order.
    pub detections: Vec<Detection>,
    /// What is added, by `and`.
    pub condition: Condition,
}

/// Which rules a filter is added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterRules {
    /// `any`, or an empty list.
    Any,
    /// Ids and names. Never empty.
    Listed(Vec<Spanned<String>>),
}
