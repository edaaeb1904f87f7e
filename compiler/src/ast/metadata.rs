//! What a rule says about itself, and the log source it is about.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Attributes;

/// The attributes of a rule that carry no logic (Sigma specification, section "Components").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `title`; empty if the rule has none (which is an error).
    pub title: String,
    /// `id`, a UUID in lower case.
    pub id: Option<String>,
    /// `name`, by which correlations and filters refer to the rule.
    pub name: Option<String>,
    /// `status`.
    pub status: Option<Status>,
    /// `level`.
    pub level: Option<Level>,
    /// `description`.
    pub description: Option<String>,
    /// `license`, an SPDX id.
    pub license: Option<String>,
    /// `author`.
    pub author: Option<String>,
    /// `date`, as `YYYY-MM-DD`.
    pub date: Option<String>,
    /// `modified`, as `YYYY-MM-DD`.
    pub modified: Option<String>,
    /// `references`.
    pub references: Vec<String>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `falsepositives`.
    pub falsepositives: Vec<String>,
    /// `related`: id and kind of relation.
    pub related: Vec<(String, String)>,
    /// `scope`: the machines that the rule is meant for.
    pub scope: Vec<String>,
    /// `taxonomy`; without it Sigma's own.
    pub taxonomy: Option<String>,
    /// The custom attribute `isogloss`.
    pub attributes: Attributes,
    /// What stands under `logsource` beside its three attributes, such as `definition`.
    pub logsource: IndexMap<String, serde_json::Value>,
    /// All other attributes, as they are.
    pub custom: IndexMap<String, serde_json::Value>,
}

/// How mature a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// May be used in production.
    Stable,
    /// Mostly stable.
    Test,
    /// May lead to false positives.
    Experimental,
    /// Replaced or no longer useful.
    Deprecated,
    /// Cannot be used in its current state.
    Unsupported,
}

impl Status {
    /// All states with their words.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("stable", Self::Stable),
        ("test", Self::Test),
        ("experimental", Self::Experimental),
        ("deprecated", Self::Deprecated),
        ("unsupported", Self::Unsupported),
    ];
}

/// How severe a match is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For enrichment and compliance.
    Informational,
    /// Notable, rarely an incident.
    Low,
    /// To be reviewed.
    Medium,
    /// To be looked at soon.
    High,
    /// To be looked at now.
    Critical,
}

impl Level {
    /// All levels with their words.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("informational", Self::Informational),
        ("low", Self::Low),
        ("medium", Self::Medium),
        ("high", Self::High),
        ("critical", Self::Critical),
    ];
}

/// Which events a rule is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Logsource {
    /// `category`, such as `process_creation`.
    pub category: Option<String>,
    /// `product`, such as `windows`.
    pub product: Option<String>,
    /// `service`, such as `security`.
    pub service: Option<String>,
}

impl Logsource {
    /// True if every attribute that `self` sets has the same value in `other`: the events of `other`
    /// are among the events of `self`.
    pub fn contains(&self, other: &Self) -> bool {
        let agrees =
            |mine: &Option<String>, theirs: &Option<String>| mine.is_none() || mine == theirs;
        agrees(&self.category, &other.category)
            && agrees(&self.product, &other.product)
            && agrees(&self.service, &other.service)
    }

    /// How many of the three attributes are set.
    pub fn specificity(&self) -> usize {
        [&self.category, &self.product, &self.service].into_iter().flatten().count()
    }
}

impl std::fmt::Display for Logsource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts =
            [("category", &self.category), ("product", &self.product), ("service", &self.service)];
        let words: Vec<String> = parts
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)))
            .collect();
        f.write_str(&words.join(", "))
    }
}
