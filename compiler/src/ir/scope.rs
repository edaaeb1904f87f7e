//! A log source in the target's terms.

use std::sync::Arc;

use super::{DataModel, Expr, Mapped, Origin};

/// The events that a rule is about, in the target's terms. An empty scope holds all events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The macro that selects the log source (SPL).
    pub call: Option<Macro>,
    /// The event category (EQL).
    pub category: Option<String>,
    /// Fixed terms that hold for every event of the log source.
    pub condition: Option<Expr<Mapped>>,
    /// Index patterns (Elastic).
    pub index: Vec<String>,
    /// The fields that an analytic of this log source shows.
    pub output_fields: Vec<String>,
    /// The data model that holds the events (SPL).
    pub data_model: Option<Arc<DataModel>>,
    /// The log source of the rule, and the entry of the pipeline that was taken for it.
    pub origin: Origin,
}

/// A macro of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macro {
    /// Its name.
    pub name: String,
    /// What it stands for, in the target's language.
    pub definition: String,
}
