//! The custom attribute `isogloss`: what Sigma has no words for, by platform. `isogloss.toml` has the same
//! keys for a whole repository; the rule wins, key by key.

mod elastic;
mod splunk;

use schemars::JsonSchema;
use serde::Deserialize;

pub use elastic::{
    Elastic, ElasticLanguage, Integration, MissingFields, Suppression, TestedField, Timeline,
};
pub use splunk::{
    Attack, DetectionType, Drilldown, Fillnull, Notable, Risk, RiskObject, RiskObjectType,
    Schedule, SecurityDomain, Splunk, ThreatObject, Throttle, Window,
};

/// Everything under `isogloss`, but for its `version`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Attributes {
    /// What only Splunk has.
    pub splunk: Splunk,
    /// What only Elastic has.
    pub elastic: Elastic,
}

impl Attributes {
    /// These, and where they say nothing what `defaults` says.
    #[must_use]
    pub fn over(self, defaults: &Self) -> Self {
        Self {
            splunk: self.splunk.over(&defaults.splunk),
            elastic: self.elastic.over(&defaults.elastic),
        }
    }
}

/// The custom attribute `isogloss` of a rule, as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "isogloss")]
pub struct WrittenAttributes {
    /// The version of these keys: 1. Whoever reads the attribute looks at it before the rest.
    #[schemars(with = "u8", range(min = 1, max = 1))]
    version: Option<serde_json::Value>,
    /// What only Splunk has.
    splunk: Splunk,
    /// What only Elastic has.
    elastic: Elastic,
}

impl From<WrittenAttributes> for Attributes {
    fn from(written: WrittenAttributes) -> Self {
        let WrittenAttributes { version: _, splunk, elastic } = written;
        Self { splunk, elastic }
    }
}

/// How severe a finding is, in words that both platforms have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Splunk alone.
    Informational,
    /// `low`
    Low,
    /// `medium`
    Medium,
    /// `high`
    High,
    /// `critical`
    Critical,
}

impl Severity {
    /// The word of both platforms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A setting that is there, or says nothing.
trait Setting {
    /// This, or the other if this says nothing.
    fn or_else(self, other: &Self) -> Self;
}

impl<T: Clone> Setting for Option<T> {
    fn or_else(self, other: &Self) -> Self {
        self.or_else(|| other.clone())
    }
}

/// An empty list says nothing.
impl<T: Clone> Setting for Vec<T> {
    fn or_else(self, other: &Self) -> Self {
        if self.is_empty() { other.clone() } else { self }
    }
}

/// Free keys are joined; the same key of both is that of the first.
impl<T: Clone> Setting for indexmap::IndexMap<String, T> {
    fn or_else(mut self, other: &Self) -> Self {
        for (key, value) in other {
            if !self.contains_key(key) {
                self.insert(key.clone(), value.clone());
            }
        }
        self
    }
}

/// Gives a struct of settings `over`, which takes every key that says nothing from the defaults.
macro_rules! settings {
    ($name:ident { $($key:ident),* $(,)? }) => {
        impl $name {
            /// These, and where they say nothing what `defaults` says.
            #[must_use]
            pub fn over(self, defaults: &Self) -> Self {
                // Every key is named, so that a new one cannot be forgotten.
                let Self { $($key),* } = self;
                Self { $($key: crate::ast::attributes::Setting::or_else($key, &defaults.$key)),* }
            }
        }

        impl crate::ast::attributes::Setting for $name {
            fn or_else(self, other: &Self) -> Self {
                self.over(other)
            }
        }
    };
}
use settings;
