//! Tags as Elastic's own rules have them: domain, operating system, use case, tactics, resources, data
//! sources.

use super::super::entry::Entry;
use super::sources::Source;
use crate::content::attack::Threats;

/// The products of Sigma that are operating systems.
const SYSTEMS: &[(&str, &str)] = &[("windows", "Windows"), ("linux", "Linux"), ("macos", "macOS")];

/// The tags of a rule, each once.
pub(super) fn tags(
    entry: &Entry,
    sources: &[&Source],
    threats: &Threats,
    has_guide: bool,
) -> Vec<String> {
    let mut tags = Tags::default();
    let system = entry.logsource.product.as_deref();
    let system = SYSTEMS.iter().find(|(product, _)| Some(*product) == system);
    let domains: Vec<&str> = match system {
        Some(_) => vec!["Endpoint"],
        None => sources.iter().filter_map(|source| source.domain).collect(),
    };
    tags.add("Domain", domains);
    tags.add("OS", system.map(|(_, title)| *title));
    tags.add("Use Case", ["Threat Detection"]);
    let is_vulnerability = entry.metadata.tags.iter().any(|tag| tag.starts_with("cve."));
    tags.add("Use Case", is_vulnerability.then_some("Vulnerability"));
    tags.add("Tactic", threats.tactics.iter().map(|tactic| tactic.name.as_str()));
    tags.add("Resources", has_guide.then_some("Investigation Guide"));
    tags.add("Data Source", sources.iter().flat_map(|source| source.titles).copied());
    tags.add("Rule Type", entry.attributes.elastic.building_block.filter(|it| *it).map(|_| "BBR"));
    for tag in &entry.attributes.elastic.tags {
        tags.push(tag.clone());
    }
    tags.0
}

#[derive(Default)]
struct Tags(Vec<String>);

impl Tags {
    fn add<'t>(&mut self, kind: &str, titles: impl IntoIterator<Item = &'t str>) {
        for title in titles {
            self.push(format!("{kind}: {title}"));
        }
    }

    fn push(&mut self, tag: String) {
        if !tag.trim().is_empty() && !self.0.contains(&tag) {
            self.0.push(tag);
        }
    }
}
