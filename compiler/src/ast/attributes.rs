//! The custom attribute `isogloss`: what Sigma has no words for, by platform.

/// Everything under `isogloss`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// What only Splunk has.
    pub splunk: Splunk,
    /// What only Elastic has.
    pub elastic: Elastic,
}

/// `isogloss.splunk`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Splunk {
    /// `type`: TTP, Anomaly, Hunting or Correlation.
    pub kind: Option<String>,
    /// `fillnull`: which fields are filled before `stats`.
    pub fillnull: Fillnull,
    /// `risk`: what risk-based alerting records.
    pub risk: Option<Risk>,
    /// `window`: which windows a correlation counts in.
    pub window: Window,
}

/// The windows that a correlation counts in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Window {
    /// A window ends at every event.
    #[default]
    Sliding,
    /// Windows stand beside each other: cheaper, but what lies in two of them is missed.
    Tumbling,
}

/// Which fields `fillnull` fills before `stats by`, which drops an event that lacks one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fillnull {
    /// Exactly the fields of `by`, with `unknown`.
    #[default]
    Grouped,
    /// A bare `fillnull`: every field that any result has.
    All,
}

/// `isogloss.splunk.risk`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Risk {
    /// `message`, with `$field$` tokens.
    pub message: Option<String>,
    /// `objects`: what the risk is added to.
    pub objects: Vec<RiskObject>,
    /// `threat_objects`: what caused it.
    pub threat_objects: Vec<ThreatObject>,
}

/// One entry of `risk.objects`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskObject {
    /// The field that names the object.
    pub field: String,
    /// `system`, `user` or `other`.
    pub kind: String,
    /// 0 to 100.
    pub score: u8,
}

/// One entry of `risk.threat_objects`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreatObject {
    /// The field that names the object.
    pub field: String,
    /// Such as `process_name`.
    pub kind: String,
}

/// `isogloss.elastic`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elastic {
    /// `risk_score`, 0 to 100.
    pub risk_score: Option<u8>,
    /// `index`: the index patterns that the rule searches.
    pub index: Vec<String>,
    /// `note`: the investigation guide, in Markdown.
    pub note: Option<String>,
    /// `language`: the one that the target `elastic` takes for the rule, whatever the other could say.
    pub language: Option<ElasticLanguage>,
}

/// The languages that Elastic's rules are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
