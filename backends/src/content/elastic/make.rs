//! An entry becomes a rule of Kibana.

use isogloss_compiler::ast::Level;
use isogloss_compiler::ast::attributes::{MissingFields, Severity};
use isogloss_compiler::ir::FieldKind;

use super::super::entry::Entry;
use super::guide::{authors, description, note, setup};
use super::rule::{
    Cardinality, Duration, Integration, InvestigationFields, Page, RequiredField, Rule, Search,
    Suppression, Technique, Threat, Threshold,
};
use super::schedule::{schedule, seconds, value_and_unit};
use super::sources::{Source, sources};
use super::tags::tags;
use super::{RuleType, Settings, rule_type};
use crate::content::attack::{self, threats};
use crate::kql::parse::parse_threshold;
use crate::kql::print::print;
use crate::layout::WIDTH;

/// The default of Kibana.
const MAX_SIGNALS: u32 = 100;
/// Any version: which one brings a field is not known here.
const ANY_VERSION: &str = ">=0.1.0";
/// When an event reached Elasticsearch, which is what a run looks at.
const INGESTED: &str = "event.ingested";

/// The rule of an entry, with a version. The error is for people.
pub(super) fn make(entry: &Entry, version: u32, settings: &Settings) -> Result<Rule, String> {
    let elastic = &entry.attributes.elastic;
    let kind = rule_type(entry);
    let (search, interval) = search(entry, kind)?;
    let schedule = schedule(entry, kind, interval)?;
    let index = if elastic.index.is_empty() { &entry.facts.index } else { &elastic.index };
    let sources = sources(index);
    let threats = threats(&entry.metadata.tags, settings.attack);
    let note = note(entry, index, settings)?;
    let setup = setup(entry, index, settings)?;
    let severity = severity(entry);
    let counted = counted(&search);
    Ok(Rule {
        id: entry.id.clone(),
        version,
        name: name(entry),
        description: description(entry, settings),
        severity: severity_word(severity),
        risk_score: elastic.risk_score.unwrap_or_else(|| risk_score(severity)),
        enabled: false,
        search,
        index: if elastic.data_view_id.is_some() { Vec::new() } else { index.clone() },
        data_view_id: elastic.data_view_id.clone(),
        timestamp_override: timestamp_override(entry, kind, schedule.looks_back),
        interval: schedule.interval,
        from: schedule.from,
        to: "now",
        max_signals: elastic.max_signals.unwrap_or(MAX_SIGNALS),
        name_override: elastic.rule_name_override.clone(),
        building_block_type: elastic.building_block.filter(|it| *it).map(|_| "default"),
        alert_suppression: suppression(entry, kind, settings)?,
        author: authors(entry),
        license: settings.license_of(entry).unwrap_or_default().to_owned(),
        references: references(entry, &threats),
        false_positives: false_positives(entry),
        tags: tags(entry, &sources, &threats, !note.is_empty()),
        threat: threats.tactics.into_iter().map(threat).collect(),
        required_fields: required_fields(entry, counted),
        related_integrations: integrations(entry, &sources),
        investigation_fields: Some(elastic.investigation_fields.clone())
            .filter(|names| !names.is_empty())
            .map(|field_names| InvestigationFields { field_names }),
        note,
        setup,
        timeline_id: elastic.timeline.as_ref().map(|it| it.id.clone()),
        timeline_title: elastic.timeline.as_ref().map(|it| it.title.clone()),
        extra: elastic.extra.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
    })
}

/// The name for people. That of a further query of a rule has a part of its id in it, unless its title has a
/// number already: a name stands for one rule.
pub(super) fn name(entry: &Entry) -> String {
    let name = entry.attributes.elastic.name.as_deref().unwrap_or(&entry.names.title);
    if name != entry.metadata.title && name == entry.names.title {
        return name.to_owned();
    }
    let is_further = entry.metadata.id.as_ref().is_some_and(|id| *id != entry.id);
    match entry.id.split('-').next() {
        Some(part) if is_further => format!("{name} [{part}]"),
        Some(_) | None => name.to_owned(),
    }
}

/// The query, and its interval in seconds if it has one of its own. The error is for people.
fn search(entry: &Entry, kind: RuleType) -> Result<(Search, Option<u64>), String> {
    let text = entry.query.printed.text.clone();
    match kind {
        RuleType::Eql => {
            let is_sequence = entry.facts.correlation.is_some();
            let tiebreaker = entry.attributes.elastic.tiebreaker_field.clone();
            let tiebreaker_field = tiebreaker.filter(|_| is_sequence);
            Ok((Search::Eql { language: "eql", query: text, tiebreaker_field }, None))
        }
        RuleType::Query => Ok((Search::Query { language: "kuery", query: text }, None)),
        RuleType::Threshold => {
            let tree = parse_threshold(&text)
                .map_err(|place| format!("the threshold rule cannot be read at byte {place}"))?;
            let cardinality = tree.cardinality.into_iter();
            let threshold = Threshold {
                field: tree.fields.into_iter().map(|key| key.name).collect(),
                value: tree.value,
                cardinality: cardinality
                    .map(|it| Cardinality { field: it.field.name, value: it.value })
                    .collect(),
            };
            let query = print(&tree.query, Some(WIDTH)).text;
            let query = Search::Threshold { language: "kuery", query, threshold };
            Ok((query, Some(tree.interval)))
        }
    }
}

/// That of the attribute, else that of the level.
fn severity(entry: &Entry) -> Severity {
    let of_level = || match entry.metadata.level {
        Some(Level::Informational) => Severity::Informational,
        Some(Level::Low) | None => Severity::Low,
        Some(Level::Medium) => Severity::Medium,
        Some(Level::High) => Severity::High,
        Some(Level::Critical) => Severity::Critical,
    };
    entry.attributes.elastic.severity.unwrap_or_else(of_level)
}

/// Kibana has no word for what is less than low.
fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => Severity::Low.as_str(),
        Severity::Low | Severity::Medium | Severity::High | Severity::Critical => severity.as_str(),
    }
}

/// The numbers of Elastic's own rules; below `low` any number that is less.
fn risk_score(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 5,
        Severity::Low => 21,
        Severity::Medium => 47,
        Severity::High => 73,
        Severity::Critical => 99,
    }
}

/// A sequence is put in order by the time of its events, not by that of their arrival.
fn timestamp_override(entry: &Entry, kind: RuleType, looks_back: bool) -> Option<String> {
    let is_sequence = kind == RuleType::Eql && entry.facts.correlation.is_some();
    match entry.attributes.elastic.timestamp_override.as_deref() {
        Some("@timestamp") => None,
        Some(field) => Some(field.to_owned()),
        None => (looks_back && !is_sequence).then(|| INGESTED.to_owned()),
    }
}

/// Which alerts are put together, if the stack can do that. The error is for people.
fn suppression(
    entry: &Entry,
    kind: RuleType,
    settings: &Settings,
) -> Result<Option<Suppression>, String> {
    let Some(wanted) = &entry.attributes.elastic.suppression else { return Ok(None) };
    if settings.min_stack < super::check::suppresses_since(entry, kind) {
        return Ok(None);
    }
    let duration = wanted.duration.as_deref().map(seconds).transpose()?;
    let duration = duration.map(|seconds| {
        let (value, unit) = value_and_unit(seconds);
        Duration { value, unit }
    });
    let is_threshold = kind == RuleType::Threshold;
    Ok(Some(Suppression {
        group_by: if is_threshold { Vec::new() } else { wanted.fields.clone() },
        duration,
        missing_fields_strategy: (!is_threshold)
            .then(|| wanted.missing_fields.unwrap_or(MissingFields::Suppress).as_str()),
    }))
}

fn false_positives(entry: &Entry) -> Vec<String> {
    entry.metadata.falsepositives.iter().filter(|it| !it.trim().is_empty()).cloned().collect()
}

/// Those of the rule, and the pages of techniques that have no other place.
fn references(entry: &Entry, threats: &attack::Threats) -> Vec<String> {
    let mut references: Vec<String> = Vec::new();
    let pages = threats.without_tactic.iter().flat_map(|technique| {
        let parts = technique.subtechniques.iter();
        parts.chain(technique.subtechniques.is_empty().then_some(technique))
    });
    let pages = pages.map(|page| &page.reference);
    let own = entry.metadata.references.iter().filter(|it| !it.trim().is_empty());
    for reference in own.chain(pages) {
        if !references.contains(reference) {
            references.push(reference.clone());
        }
    }
    references
}

fn threat(tactic: attack::Tactic) -> Threat {
    let attack::Tactic { id, name, reference, techniques } = tactic;
    let technique = techniques.into_iter().map(|technique| {
        let attack::Technique { id, name, reference, subtechniques } = technique;
        let parts = subtechniques.into_iter();
        let parts = parts.map(|it| Page { id: it.id, name: it.name, reference: it.reference });
        Technique { page: Page { id, name, reference }, subtechnique: parts.collect() }
    });
    Threat {
        framework: "MITRE ATT&CK",
        tactic: Page { id, name, reference },
        technique: technique.collect(),
    }
}

/// The fields that a threshold rule counts by.
fn counted(search: &Search) -> Vec<String> {
    match search {
        Search::Threshold { threshold, .. } => {
            let distinct = threshold.cardinality.iter().map(|it| &it.field);
            threshold.field.iter().chain(distinct).cloned().collect()
        }
        Search::Eql { .. } | Search::Query { .. } => Vec::new(),
    }
}

/// Those of the attribute, else what the query tests and counts by.
fn required_fields(entry: &Entry, counted: Vec<String>) -> Vec<RequiredField> {
    let field = |name: &str, kind: &str| RequiredField {
        name: name.to_owned(),
        kind: kind.to_owned(),
        ecs: is_ecs(name),
    };
    let wanted = &entry.attributes.elastic.required_fields;
    if !wanted.is_empty() {
        return wanted.iter().map(|it| field(&it.name, &it.kind)).collect();
    }
    let tested = entry.facts.fields.iter();
    let mut fields: Vec<_> = tested.map(|it| field(&it.name, kind_word(it.kind))).collect();
    for name in counted {
        if fields.iter().all(|it| it.name != name) {
            // All fields of the Elastic Common Schema of that name are addresses.
            let is_address = is_ecs(&name) && name.rsplit('.').next() == Some("ip");
            let kind = if is_address { FieldKind::Ip } else { FieldKind::Keyword };
            fields.push(field(&name, kind_word(kind)));
        }
    }
    fields
}

fn kind_word(kind: FieldKind) -> &'static str {
    FieldKind::ALL.iter().find(|(_, it)| *it == kind).map_or("keyword", |(word, _)| word)
}

/// The field sets of the Elastic Common Schema that rules test (elastic/ecs, `generated/ecs/ecs_flat.yml`).
const ECS: &[&str] = &[
    "agent",
    "client",
    "cloud",
    "container",
    "destination",
    "device",
    "dll",
    "dns",
    "email",
    "error",
    "event",
    "file",
    "group",
    "host",
    "http",
    "log",
    "network",
    "observer",
    "orchestrator",
    "organization",
    "package",
    "process",
    "registry",
    "related",
    "rule",
    "server",
    "service",
    "source",
    "threat",
    "tls",
    "url",
    "user",
    "user_agent",
    "vulnerability",
];
/// Fields of the schema that stand in no set.
const ECS_ALONE: &[&str] = &["@timestamp", "message", "tags", "labels"];

/// True for a field of the Elastic Common Schema, as far as its name tells.
fn is_ecs(name: &str) -> bool {
    let mut parts = name.split('.');
    let is_known = parts.next().is_some_and(|set| ECS.contains(&set)) && name.contains('.');
    ECS_ALONE.contains(&name) || (is_known && !parts.any(|it| it == "Ext" || it == "caseless"))
}

/// The packages of the index patterns, then those of the attribute, each once.
fn integrations(entry: &Entry, sources: &[&Source]) -> Vec<Integration> {
    let wanted = &entry.attributes.elastic.related_integrations;
    let is_wanted = |package: &str| wanted.iter().any(|it| it.package == package);
    let mut integrations: Vec<Integration> = Vec::new();
    for (package, part) in sources.iter().filter_map(|source| source.integration) {
        let integration = Integration {
            package: package.to_owned(),
            part: part.map(str::to_owned),
            version: ANY_VERSION.to_owned(),
        };
        if !is_wanted(package) && !integrations.contains(&integration) {
            integrations.push(integration);
        }
    }
    integrations.extend(wanted.iter().map(|it| Integration {
        package: it.package.clone(),
        part: it.integration.clone(),
        version: it.version.clone(),
    }));
    integrations
}
