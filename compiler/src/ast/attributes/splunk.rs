//! `isogloss.splunk`: how a rule is deployed as a saved search of Splunk Enterprise Security.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Severity, settings};

/// `isogloss.splunk`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Splunk {
    /// The name of the saved search, in place of one that is made of the title.
    pub name: Option<String>,
    /// What a finding becomes.
    #[serde(rename = "type")]
    pub kind: Option<DetectionType>,
    /// In place of that of the level.
    pub severity: Option<Severity>,
    /// The domain of Enterprise Security, in place of that of the log source.
    pub security_domain: Option<SecurityDomain>,
    /// What is attacked, such as `Endpoint`, in place of that of the log source.
    pub asset_type: Option<String>,
    /// Which fields are filled before `stats`.
    pub fillnull: Option<Fillnull>,
    /// Which windows a correlation counts in.
    pub window: Option<Window>,
    /// What risk-based alerting records.
    pub risk: Option<Risk>,
    /// When the search runs, and over which time.
    pub schedule: Schedule,
    /// What is not reported again for a while.
    pub throttle: Option<Throttle>,
    /// What a notable event says.
    pub notable: Notable,
    /// Searches that an analyst starts from a finding.
    pub drilldowns: Vec<Drilldown>,
    /// The analytic stories that the rule belongs to.
    pub stories: Vec<String>,
    /// The data sources as Splunk's content names them, in place of those of the log source.
    pub data_sources: Vec<String>,
    /// What has to be there for the search to find anything.
    pub how_to_implement: Option<String>,
    /// What the search does, for people who do not read it.
    pub explanation: Option<String>,
    /// True for a search that runs as soon as it is installed.
    pub enabled: Option<bool>,
    /// Recorded attacks that the search was tried on.
    pub tests: Vec<Attack>,
    /// Further keys of the stanza, as they are.
    pub extra: IndexMap<String, String>,
}

settings!(Splunk {
    name,
    kind,
    severity,
    security_domain,
    asset_type,
    fillnull,
    window,
    risk,
    schedule,
    throttle,
    notable,
    drilldowns,
    stories,
    data_sources,
    how_to_implement,
    explanation,
    enabled,
    tests,
    extra,
});

/// What a finding becomes in Enterprise Security.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum DetectionType {
    /// Tactics, techniques and procedures: a notable event and risk.
    #[serde(rename = "TTP")]
    Ttp,
    /// Risk alone.
    Anomaly,
    /// Neither; for people who look.
    Hunting,
    /// A notable event over what others have found.
    Correlation,
}

impl DetectionType {
    /// The word of Splunk's content.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ttp => "TTP",
            Self::Anomaly => "Anomaly",
            Self::Hunting => "Hunting",
            Self::Correlation => "Correlation",
        }
    }
}

/// A domain of Enterprise Security.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecurityDomain {
    /// Logons.
    Access,
    /// The platform itself.
    Audit,
    /// Machines.
    Endpoint,
    /// Accounts and assets.
    Identity,
    /// Traffic.
    Network,
    /// Everything else.
    Threat,
}

impl SecurityDomain {
    /// The word of Enterprise Security.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Audit => "audit",
            Self::Endpoint => "endpoint",
            Self::Identity => "identity",
            Self::Network => "network",
            Self::Threat => "threat",
        }
    }
}

/// The windows that a correlation counts in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// A window ends at every event.
    #[default]
    Sliding,
    /// Windows stand beside each other: cheaper, but what lies in two of them is missed.
    Tumbling,
}

/// Which fields `fillnull` fills before `stats by`, which drops an event that lacks one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fillnull {
    /// Exactly the fields of `by`, with `unknown`.
    #[default]
    Grouped,
    /// A bare `fillnull`: every field that any result has.
    All,
}

/// `isogloss.splunk.risk`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// With `$field$` for a value of the finding.
    pub message: Option<String>,
    /// What the risk is added to.
    #[serde(default)]
    pub objects: Vec<RiskObject>,
    /// What caused it.
    #[serde(default)]
    pub threat_objects: Vec<ThreatObject>,
}

/// One entry of `risk.objects`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskObject {
    /// The field that names the object.
    pub field: String,
    /// What the object is.
    #[serde(rename = "type")]
    pub kind: RiskObjectType,
    /// 0 to 100; without it that of the level.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default, deserialize_with = "super::elastic::percent")]
    pub score: Option<u8>,
}

/// What risk is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RiskObjectType {
    /// A machine.
    System,
    /// An account.
    User,
    /// Anything else.
    Other,
}

impl RiskObjectType {
    /// The word of Enterprise Security.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Other => "other",
        }
    }
}

/// One entry of `risk.threat_objects`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreatObject {
    /// The field that names the object.
    pub field: String,
    /// Such as `process_name`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// When a saved search runs, and over which time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// `cron_schedule`; `H` for a minute that the id of the rule decides, so that not all run at once.
    pub cron: Option<String>,
    /// `dispatch.earliest_time`
    pub earliest: Option<String>,
    /// `dispatch.latest_time`
    pub latest: Option<String>,
    /// `schedule_window`: `auto`, or minutes.
    pub window: Option<String>,
}

settings!(Schedule { cron, earliest, latest, window });

/// What is not reported again for a while.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// The fields whose values make a finding the same.
    pub fields: Vec<String>,
    /// Such as `1h`.
    pub period: String,
}

/// What a notable event says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Notable {
    /// `rule_title`, with `$field$` for a value of the finding; without it the title.
    pub title: Option<String>,
    /// `rule_description`; without it the description.
    pub description: Option<String>,
    /// `nes_fields`: the fields that name what the event is about.
    pub fields: Vec<String>,
    /// `next_steps`
    pub next_steps: Option<String>,
    /// `recommended_actions`
    pub recommended_actions: Vec<String>,
}

settings!(Notable { title, description, fields, next_steps, recommended_actions });

/// A search that an analyst starts from a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drilldown {
    /// With `$field$` for a value of the finding.
    pub name: String,
    /// SPL; `%original_detection_search%` stands for the search of the rule.
    pub search: String,
    /// Such as `$info_min_time$` or `7d`.
    pub earliest: Option<String>,
    /// Such as `$info_max_time$`.
    pub latest: Option<String>,
}

/// A recorded attack that a search was tried on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// A name for the test.
    pub name: String,
    /// The address of the data.
    pub data: String,
    /// `source` of its events.
    pub source: String,
    /// `sourcetype` of its events.
    pub sourcetype: String,
}
