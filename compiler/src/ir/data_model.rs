//! A data model of Splunk: which events and fields it has, and what it writes where an event has no value.

use std::collections::BTreeSet;

/// A dataset of a data model, such as `Endpoint.Processes`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataModel {
    /// The model and its dataset.
    pub name: String,
    /// The tags that all of its events have.
    pub tags: Vec<String>,
    /// The fields that it has.
    pub fields: BTreeSet<String>,
    /// What it writes where an event has no value.
    pub fills: Vec<Fill>,
    /// Fields that may have several values.
    pub lists: BTreeSet<String>,
    /// Fields whose values it computes, so that they are not always those of the event.
    pub computed: BTreeSet<String>,
    /// Fields whose values it writes in small letters.
    pub lower_case: BTreeSet<String>,
}

/// A value that a data model writes into fields that have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// What it writes, such as `unknown`.
    pub value: String,
    /// The fields that it writes it into.
    pub fields: BTreeSet<String>,
    /// Values of events that it replaces too, such as the empty one.
    pub instead_of: Vec<String>,
}

impl DataModel {
    /// The dataset alone, which stands before the names of fields, such as `Processes`.
    pub fn dataset(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or(&self.name)
    }

    /// What is written into a field that has no value; `None` if it stays without.
    pub fn fill(&self, field: &str) -> Option<&Fill> {
        self.fills.iter().find(|it| it.fields.contains(field))
    }
}
