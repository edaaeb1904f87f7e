//! `isogloss.elastic`: how a rule is deployed as a rule of Kibana's detection engine.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::{Severity, settings};

/// `isogloss.elastic`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Elastic {
    /// The name of the rule, in place of the title.
    pub name: Option<String>,
    /// 0 to 100, in place of that of the level.
    #[schemars(range(min = 0, max = 100))]
    #[serde(deserialize_with = "percent")]
    pub risk_score: Option<u8>,
    /// In place of that of the level; `informational` is `low` to Kibana.
    pub severity: Option<Severity>,
    /// The index patterns that the rule searches, in place of those of the log source.
    pub index: Vec<String>,
    /// The data view that the rule searches, in place of index patterns.
    pub data_view_id: Option<String>,
    /// The language that the target `elastic` takes for the rule, whatever the other could say.
    pub language: Option<ElasticLanguage>,
    /// The investigation guide, in Markdown.
    pub note: Option<String>,
    /// What has to be set up, in Markdown.
    pub setup: Option<String>,
    /// How often the rule runs, such as `5m`.
    pub interval: Option<String>,
    /// How far a run looks back beyond the interval, such as `4m`.
    pub lookback: Option<String>,
    /// The most alerts of a run.
    pub max_signals: Option<u32>,
    /// Tags beside those that follow from the rule.
    pub tags: Vec<String>,
    /// Authors, in place of those of the rule.
    pub author: Vec<String>,
    /// The licence in Elastic's words, in place of that of the rule.
    pub license: Option<String>,
    /// The field that holds the time of an event, in place of `event.ingested`; `@timestamp` for none.
    pub timestamp_override: Option<String>,
    /// The field that names an alert.
    pub rule_name_override: Option<String>,
    /// The field that puts events of one time in order, in sequences.
    pub tiebreaker_field: Option<String>,
    /// The timeline that an investigation starts with.
    pub timeline: Option<Timeline>,
    /// True for alerts that only other rules look at.
    pub building_block: Option<bool>,
    /// Which alerts are put together.
    pub suppression: Option<Suppression>,
    /// The fields that an alert shows first.
    pub investigation_fields: Vec<String>,
    /// Integrations beside those that follow from the index patterns.
    pub related_integrations: Vec<Integration>,
    /// The fields that have to be there, in place of those that the query tests.
    pub required_fields: Vec<TestedField>,
    /// Further keys of the rule, as they are.
    pub extra: IndexMap<String, serde_json::Value>,
}

settings!(Elastic {
    name,
    risk_score,
    severity,
    index,
    data_view_id,
    language,
    note,
    setup,
    interval,
    lookback,
    max_signals,
    tags,
    author,
    license,
    timestamp_override,
    rule_name_override,
    tiebreaker_field,
    timeline,
    building_block,
    suppression,
    investigation_fields,
    related_integrations,
    required_fields,
    extra,
});

/// A whole number from 0 to 100.
pub(super) fn percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    let number = i64::deserialize(deserializer)?;
    let percent = u8::try_from(number).ok().filter(|it| *it <= 100);
    let mistake = || serde::de::Error::custom("has to be a whole number from 0 to 100");
    percent.map(Some).ok_or_else(mistake)
}

/// The languages that Elastic's rules are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ElasticLanguage {
    /// `eql`.
    Eql,
    /// `kql`.
    Kql,
}

impl ElasticLanguage {
    /// The name of the target.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eql => "eql",
            Self::Kql => "kql",
        }
    }
}

/// The timeline that an investigation starts with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
}

/// Which alerts are put together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Suppression {
    /// One to three fields whose values make an alert the same. A threshold rule has its own.
    pub fields: Vec<String>,
    /// Such as `5h`; without it, the alerts of one run.
    pub duration: Option<String>,
    /// What becomes of events that lack one of the fields.
    pub missing_fields: Option<MissingFields>,
}

/// What becomes of events that lack a field that alerts are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MissingFields {
    /// They are one alert.
    Suppress,
    /// Each is an alert.
    DoNotSuppress,
}

impl MissingFields {
    /// The word of Kibana.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suppress => "suppress",
            Self::DoNotSuppress => "doNotSuppress",
        }
    }
}

/// An integration that brings the events of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Integration {
    /// The package.
    pub package: String,
    /// The part of it.
    pub integration: Option<String>,
    /// Its versions, such as `^2.0.0`.
    pub version: String,
}

/// A field that a rule tests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestedField {
    /// Its name.
    pub name: String,
    /// Its type in Elasticsearch.
    #[serde(rename = "type")]
    pub kind: String,
}
