//! A rule as Kibana imports it ("Elastic Security API", "Create a detection rule"): its keys, in the order in
//! which they are written.

use serde::Serialize;
use serde_json::{Map, Value};

/// A rule of Kibana's detection engine. Lists and texts that are empty are left out, with the few exceptions
/// that Kibana gives a meaning.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Rule {
    #[serde(rename = "rule_id")]
    pub(super) id: String,
    pub(super) version: u32,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) severity: &'static str,
    pub(super) risk_score: u8,
    /// Kibana runs a rule as soon as it has it unless this is false.
    pub(super) enabled: bool,
    #[serde(flatten)]
    pub(super) search: Search,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) index: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data_view_id: Option<String>,
    pub(super) interval: String,
    pub(super) from: String,
    pub(super) to: &'static str,
    pub(super) max_signals: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timestamp_override: Option<String>,
    #[serde(rename = "rule_name_override", skip_serializing_if = "Option::is_none")]
    pub(super) name_override: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) building_block_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alert_suppression: Option<Suppression>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) author: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) license: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) false_positives: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) threat: Vec<Threat>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) required_fields: Vec<RequiredField>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_integrations: Vec<Integration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) investigation_fields: Option<InvestigationFields>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) setup: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeline_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeline_title: Option<String>,
    /// Further keys of the user.
    #[serde(flatten)]
    pub(super) extra: Map<String, Value>,
}

impl Rule {
    /// The keys and values. The error is that of the serializer.
    pub(super) fn to_object(&self) -> Result<Map<String, Value>, String> {
        match serde_json::to_value(self) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err("a rule is no object".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What a rule searches for, and how.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Search {
    /// A query of EQL, a sequence too.
    Eql {
        language: &'static str,
        query: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        tiebreaker_field: Option<String>,
    },
    /// A query of KQL.
    Query { language: &'static str, query: String },
    /// How many events of a query of KQL are too many.
    Threshold { language: &'static str, query: String, threshold: Threshold },
}

/// How many events of a group are too many.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Threshold {
    pub(super) field: Vec<String>,
    pub(super) value: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cardinality: Vec<Cardinality>,
}

/// How many values of a field are too many.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Cardinality {
    pub(super) field: String,
    pub(super) value: u64,
}

/// Which alerts are put together.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Suppression {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) group_by: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) duration: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) missing_fields_strategy: Option<&'static str>,
}

/// A time with its unit: `s`, `m` or `h`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Duration {
    pub(super) value: u64,
    pub(super) unit: char,
}

/// A tactic with its techniques.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Threat {
    pub(super) framework: &'static str,
    pub(super) tactic: Page,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) technique: Vec<Technique>,
}

/// A technique with its sub-techniques.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Technique {
    #[serde(flatten)]
    pub(super) page: Page,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) subtechnique: Vec<Page>,
}

/// A page of ATT&CK.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Page {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) reference: String,
}

/// A field that has to be there.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RequiredField {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) ecs: bool,
}

/// A package of Elastic's that brings events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Integration {
    pub(super) package: String,
    #[serde(rename = "integration", skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<String>,
    pub(super) version: String,
}

/// The fields that an alert shows first.
#[derive(Debug, Clone, Serialize)]
pub(super) struct InvestigationFields {
    pub(super) field_names: Vec<String>,
}
