//! A Sigma rule as its author wrote it.
//!
//! Nothing is resolved here: names are strings, wildcards are characters, modifiers are a list.
//! Every node that an author can get wrong carries a [`Span`]. Meaning is given
//! by [`crate::lower`].

pub mod attributes;
mod condition;
mod correlation;
mod detection;
mod filter;
mod metadata;
pub mod outline;
mod written;

pub use attributes::{Attributes, Elastic, ElasticLanguage, Fillnull, Splunk, Window};
pub use condition::{Condition, Quantifier};
pub use correlation::{Alias, Bound, Correlation, CorrelationCondition, CorrelationKind, Relation};
pub use detection::{Body, Detection, DetectionItem, ModifierName, Value, ValueKind};
pub use filter::{Filter, FilterRules};
pub use metadata::{Level, Logsource, Metadata, Status};
pub use written::{Attribute, Written, WrittenDocument};

use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::source::{Span, Spanned};

/// A detection rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What the rule says about itself.
    pub metadata: Arc<Metadata>,
    /// Which events it is about.
    pub logsource: Spanned<Logsource>,
    /// The named parts of `detection`, in order.
    pub detections: Vec<Detection>,
    /// The `condition`; a list gives one query each. Never empty.
    pub conditions: Vec<Condition>,
    /// Fields to show or to group by, in Sigma's names.
    pub fields: Vec<Spanned<String>>,
}

/// A document of a file: where it stands, and the rule if it could be read.
///
/// A document with an error is never translated; its metadata is there for reports.
#[derive(Debug, Clone)]
pub struct Document {
    /// Place of the document in its file, from 0.
    pub index: usize,
    /// Where the document starts: its first key.
    pub span: Span,
    /// What kind of document it is.
    pub kind: Kind,
    /// Id, title and the like, as far as they could be read.
    pub metadata: Arc<Metadata>,
    /// Its attributes with their places, but for `detection`: what lints look at.
    pub written: WrittenDocument,
    /// What was found while reading it.
    pub diagnostics: Diagnostics,
    /// What it holds as far as it could be read; if an error was found, only to look for more of them.
    pub content: Option<Content>,
}

/// What a document holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// A detection rule.
    Detection(Rule),
    /// A correlation rule.
    Correlation(Correlation),
    /// A filter.
    Filter(Filter),
}

impl Document {
    /// The detection rule, if it holds one.
    pub fn rule(&self) -> Option<&Rule> {
        match &self.content {
            Some(Content::Detection(rule)) => Some(rule),
            Some(Content::Correlation(_) | Content::Filter(_)) | None => None,
        }
    }

    /// The correlation rule, if it holds one.
    pub fn correlation(&self) -> Option<&Correlation> {
        match &self.content {
            Some(Content::Correlation(correlation)) => Some(correlation),
            Some(Content::Detection(_) | Content::Filter(_)) | None => None,
        }
    }

    /// The filter, if it holds one.
    pub fn filter(&self) -> Option<&Filter> {
        match &self.content {
            Some(Content::Filter(filter)) => Some(filter),
            Some(Content::Detection(_) | Content::Correlation(_)) | None => None,
        }
    }
}

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A detection rule, or what was meant to be one.
    Detection,
    /// A correlation.
    Correlation,
    /// A filter.
    Filter,
}
