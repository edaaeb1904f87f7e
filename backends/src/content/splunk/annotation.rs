//! What frameworks call a detection.

use isogloss_compiler::ast::attributes::{DetectionType, SecurityDomain};
use serde_json::{Map, Value, json};

use super::risk::kind;
use super::source::Source;
use crate::content::attack::{Version, kill_chain, technique_ids, threats};
use crate::content::entry::Entry;

/// The frameworks: ATT&CK, the kill chain, NIST and CIS.
fn frameworks(entry: &Entry, source: &Source, attack: Version) -> Map<String, Value> {
    let tags = &entry.metadata.tags;
    let domain = entry.attributes.splunk.security_domain.unwrap_or(source.domain);
    let mut map = Map::new();
    // Detection processes and anomalies of the NIST framework, and the controls for networks and malware, as
    // Splunk's content has them (`splunk/contentctl`, `contentctl/objects/detection_tags.py`).
    let network = domain == SecurityDomain::Network;
    map.insert("cis20".to_owned(), json!([if network { "CIS 13" } else { "CIS 10" }]));
    let phases = kill_chain(&threats(tags, attack).tactics);
    if !phases.is_empty() {
        map.insert("kill_chain_phases".to_owned(), json!(phases));
    }
    let techniques = technique_ids(tags, attack);
    if !techniques.is_empty() {
        map.insert("mitre_attack".to_owned(), json!(techniques));
    }
    let nist = match kind(entry) {
        DetectionType::Ttp => "DE.CM",
        DetectionType::Anomaly | DetectionType::Hunting | DetectionType::Correlation => "DE.AE",
    };
    map.insert("nist".to_owned(), json!([nist]));
    map
}

/// The value of `action.escu.mappings`.
pub(super) fn mappings(entry: &Entry, source: &Source, attack: Version) -> String {
    Value::Object(frameworks(entry, source, attack)).to_string()
}

/// The value of `action.correlationsearch.annotations`.
pub(super) fn annotations(
    entry: &Entry,
    source: &Source,
    stories: &[String],
    attack: Version,
) -> String {
    let kind = kind(entry).as_str();
    let mut map = Map::new();
    map.insert("analytic_story".to_owned(), json!(stories));
    map.extend(frameworks(entry, source, attack));
    map.insert("data_source".to_owned(), json!(data_sources(entry, source)));
    map.insert("type".to_owned(), json!(kind));
    map.insert("type_list".to_owned(), json!([kind]));
    Value::Object(map).to_string()
}

/// The data sources: those of the rule, else those of its log source.
pub(super) fn data_sources<'e>(entry: &'e Entry, source: &'e Source) -> &'e [String] {
    let given = &entry.attributes.splunk.data_sources;
    if given.is_empty() { &source.names } else { given }
}
