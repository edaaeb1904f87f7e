//! What a finding becomes: its type, severity, scores, and the objects that risk is added to.

use isogloss_compiler::ast::attributes::{DetectionType, RiskObjectType, Severity, ThreatObject};
use isogloss_compiler::ast::{Level, Status};
use isogloss_compiler::text::one_line;
use serde_json::{Value, json};

use super::plain::{tokens, without_tokens};
use super::shape::Shape;
use crate::content::entry::Entry;
use crate::content::problem::Problem;

/// What risk is added to if a rule names nothing: the first field of each type that results have, those of CIM
/// before those of Windows. Correlations have only what they group by.
const OBJECTS: &[(RiskObjectType, &[&str])] = &[
    (RiskObjectType::System, &["dest", "Computer", "ComputerName"]),
    (RiskObjectType::User, &["user", "User", "TargetUserName", "SubjectUserName"]),
];

/// The machines that risk is added to if results name neither a machine nor an account: where they were
/// reached from.
const SOURCES: &[&str] = &["src", "src_ip", "SourceIp", "IpAddress"];

/// What is a threat object if a rule names none: for each type the first field that results have.
const THREATS: &[(&str, &[&str])] = &[
    ("process_name", &["process_name", "Image"]),
    ("parent_process_name", &["parent_process_name", "ParentImage"]),
    ("file_path", &["loaded_file_path", "ImageLoaded", "file_path", "TargetFilename"]),
    ("registry_path", &["registry_path", "TargetObject"]),
    ("ip_address", &["src_ip", "src"]),
    ("domain", &["query"]),
    ("url", &["url"]),
    ("http_user_agent", &["http_user_agent"]),
];

/// The types of threat objects (`splunk/contentctl`, `contentctl/objects/rba.py`).
pub(super) const THREAT_TYPES: &[&str] = &[
    "certificate_common_name",
    "certificate_organization",
    "certificate_serial",
    "certificate_unit",
    "command",
    "domain",
    "email_address",
    "email_subject",
    "file_hash",
    "file_name",
    "file_path",
    "http_user_agent",
    "ip_address",
    "parent_process",
    "parent_process_name",
    "process",
    "process_hash",
    "process_name",
    "registry_path",
    "registry_value_name",
    "registry_value_text",
    "service",
    "signature",
    "system",
    "tls_hash",
    "url",
];

/// What risk is added to, with its score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) field: String,
    pub(super) kind: RiskObjectType,
    pub(super) score: u8,
}

/// What risk-based alerting records of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) message: String,
    pub(super) objects: Vec<Object>,
    pub(super) threats: Vec<ThreatObject>,
}

/// What a finding becomes, if the rule does not say: a notable event only where a rule is severe and its
/// author calls it mature.
pub(super) fn kind(entry: &Entry) -> DetectionType {
    let metadata = entry.metadata;
    let default = || match metadata.level {
        _ if metadata.tags.iter().any(|it| it == "detection.threat-hunting") => {
            DetectionType::Hunting
        }
        Some(Level::Critical | Level::High) if metadata.status == Some(Status::Stable) => {
            DetectionType::Ttp
        }
        Some(Level::Critical | Level::High | Level::Medium) | None => DetectionType::Anomaly,
        Some(Level::Low | Level::Informational) => DetectionType::Hunting,
    };
    entry.attributes.splunk.kind.unwrap_or_else(default)
}

/// True if findings of this type add risk.
pub(super) fn adds_risk(kind: DetectionType) -> bool {
    match kind {
        DetectionType::Ttp | DetectionType::Anomaly => true,
        DetectionType::Hunting | DetectionType::Correlation => false,
    }
}

/// True if findings of this type are notable events.
pub(super) fn is_notable(kind: DetectionType) -> bool {
    match kind {
        DetectionType::Ttp | DetectionType::Correlation => true,
        DetectionType::Anomaly | DetectionType::Hunting => false,
    }
}

/// How severe a finding is; a rule without a level is taken as of medium level.
pub(super) fn severity(entry: &Entry) -> Severity {
    entry.attributes.splunk.severity.unwrap_or(match entry.metadata.level {
        Some(Level::Informational) => Severity::Informational,
        Some(Level::Low) => Severity::Low,
        Some(Level::Medium) | None => Severity::Medium,
        Some(Level::High) => Severity::High,
        Some(Level::Critical) => Severity::Critical,
    })
}

/// The score of a risk object that has none of its own.
fn score(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 10,
        Severity::Low => 30,
        Severity::Medium => 50,
        Severity::High => 70,
        Severity::Critical => 90,
    }
}

/// What a finding adds risk to: what the rule says, else the fields of CIM that results have.
pub(super) fn recorded(entry: &Entry, shape: &Shape) -> Recorded {
    let risk = entry.attributes.splunk.risk.clone().unwrap_or_default();
    let score = score(severity(entry));
    let mut objects: Vec<Object> = risk
        .objects
        .into_iter()
        .map(|it| Object { field: it.field, kind: it.kind, score: it.score.unwrap_or(score) })
        .collect();
    if objects.is_empty() {
        let first = |(kind, fields): &(RiskObjectType, &[&str])| {
            let field = fields.iter().find(|it| shape.fields.contains(**it))?;
            Some(Object { field: (*field).to_owned(), kind: *kind, score })
        };
        objects.extend(OBJECTS.iter().filter_map(first));
        if objects.is_empty() {
            objects.extend(first(&(RiskObjectType::System, SOURCES)));
        }
    }
    let threats =
        if risk.threat_objects.is_empty() { threats(shape, &objects) } else { risk.threat_objects };
    let message = risk.message.unwrap_or_else(|| message(entry, &objects, shape));
    Recorded { message, objects, threats }
}

fn threats(shape: &Shape, objects: &[Object]) -> Vec<ThreatObject> {
    let first = |(kind, fields): &(&str, &[&str])| {
        let field = fields.iter().find(|it| shape.fields.contains(**it))?;
        if objects.iter().any(|it| it.field == *field) {
            return None;
        }
        Some(ThreatObject { field: (*field).to_owned(), kind: (*kind).to_owned() })
    };
    THREATS.iter().filter_map(first).collect()
}

/// The title, and the objects that results have.
fn message(entry: &Entry, objects: &[Object], shape: &Shape) -> String {
    let title = one_line(&without_tokens(&entry.names.title));
    let known = objects.iter().filter(|it| shape.fields.contains(&it.field));
    let places: Vec<String> = known.map(|it| format!("{} ${}$", it.field, it.field)).collect();
    if places.is_empty() { title } else { format!("{title}: {}", places.join(", ")) }
}

impl Recorded {
    /// The value of `action.risk.param._risk`.
    pub(super) fn to_json(&self) -> String {
        let objects = self.objects.iter().map(|Object { field, kind, score }| {
            json!({"risk_object_field": field, "risk_object_type": kind.as_str(), "risk_score": score})
        });
        let threats = self.threats.iter().map(|ThreatObject { field, kind }| {
            json!({"threat_object_field": field, "threat_object_type": kind})
        });
        Value::Array(objects.chain(threats).collect()).to_string()
    }

    /// The object that a finding of Enterprise Security 8 is about: the one with the highest score, else the
    /// first. The score is 0 where risk is added apart from it, so that it does not count twice.
    pub(super) fn entity(&self, adds_risk: bool) -> String {
        let highest = self.objects.iter().rev().max_by_key(|it| it.score);
        let entity = match highest {
            Some(Object { field, kind, score }) => json!({
                "risk_object_field": field,
                "risk_object_type": kind.as_str(),
                "risk_score": if adds_risk { 0 } else { *score },
            }),
            None => json!({"risk_object_field": "N/A", "risk_object_type": "N/A", "risk_score": 0}),
        };
        Value::Array(vec![entity]).to_string()
    }

    /// The fields of risk objects that results have.
    pub(super) fn fields<'r>(&'r self, shape: &Shape) -> Vec<&'r str> {
        let fields = self.objects.iter().map(|it| it.field.as_str());
        let mut known: Vec<&str> = fields.filter(|it| shape.fields.contains(*it)).collect();
        known.dedup();
        known
    }
}

/// What is wrong with what a finding becomes.
pub(super) fn check(entry: &Entry, shape: &Shape) -> Vec<Problem> {
    let kind = kind(entry);
    let given = entry.attributes.splunk.risk.is_some();
    let mut problems = Vec::new();
    if !adds_risk(kind) && !given {
        return problems;
    }
    let Recorded { message, objects, threats } = recorded(entry, shape);
    for Object { field, score, .. } in &objects {
        problems.extend(lacks(shape, field, "which risk is added to"));
        if !(1..=100).contains(score) {
            let message =
                format!("the risk score of `{field}` is {score}; scores go from 1 to 100");
            problems.push(Problem::error(message));
        }
    }
    for ThreatObject { field, kind } in &threats {
        problems.extend(lacks(shape, field, "which names a threat object"));
        if !THREAT_TYPES.contains(&kind.as_str()) {
            problems.push(Problem::warning(format!(
                "`{kind}` is no type of a threat object that Splunk's content knows"
            )));
        }
    }
    for field in tokens(&message) {
        problems.extend(lacks(shape, field, "which the risk message shows"));
    }
    if adds_risk(kind) && objects.is_empty() {
        problems.push(
            Problem::warning(format!(
                "no field of the results names a machine or an account, so that a finding of type {} adds no risk",
                kind.as_str()
            ))
            .with_help("name fields of the results under `isogloss.splunk.risk.objects`, or set `type: Hunting`"),
        );
    }
    problems
}

/// A field that is needed and that results do not have.
pub(super) fn lacks(shape: &Shape, field: &str, what: &str) -> Option<Problem> {
    (!shape.fields.contains(field)).then(|| {
        let fields: Vec<&str> = shape.fields.iter().map(String::as_str).collect();
        Problem::warning(format!("the results have no field `{field}`, {what}"))
            .with_help(format!("they have {}", fields.join(", ")))
    })
}
