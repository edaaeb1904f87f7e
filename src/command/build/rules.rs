//! The rules of a build: under which names they are deployed, and as what they were deployed before.

use std::collections::{BTreeMap, BTreeSet};

use isogloss_backends::content::entry_id;
use isogloss_compiler::Index;
use isogloss_compiler::ast::{Document, ElasticLanguage, Kind as DocumentKind, Logsource};
use isogloss_compiler::source::{SourceMap, Span};

use super::findings::Extra;
use crate::config::Config;
use crate::lock::{Kind, Lock, Named, Relock, Wanted};
use crate::outcome::{Pin, Pins};

/// A rule that is to be deployed.
pub(super) struct Candidate<'i> {
    pub(super) document: &'i Document,
    /// The file, relative to the configuration.
    pub(super) path: String,
    /// The log source; of a correlation what those of its rules have in common.
    pub(super) logsource: Logsource,
}

/// The rules that the configuration selects, but for filters, and for rules that are there for correlations
/// only.
pub(super) fn candidates<'i>(
    index: &'i Index,
    config: &Config,
    sources: &SourceMap,
) -> Vec<Candidate<'i>> {
    let rules = index.rules().filter(|(id, _, document)| {
        document.kind != DocumentKind::Filter && !index.is_referenced(*id)
    });
    let candidates = rules.filter_map(|(id, file, document)| {
        let path = config.relative(sources.get(file.source).map_or("", |it| it.path.as_str()));
        let logsources = index.logsources(id);
        let is_wanted = config.selects(&path, document, &logsources);
        is_wanted.then(|| Candidate { document, path, logsource: common(&logsources) })
    });
    candidates.collect()
}

/// The ids of rules that the configuration selects and that are there for correlations only: a correlation
/// that is added takes its rules out of what is deployed.
pub(super) fn referenced(
    index: &Index,
    config: &Config,
    sources: &SourceMap,
) -> BTreeMap<String, Span> {
    let rules = index.rules().filter(|(id, _, _)| index.is_referenced(*id));
    let referenced = rules.filter_map(|(id, file, document)| {
        let path = config.relative(sources.get(file.source).map_or("", |it| it.path.as_str()));
        let is_wanted = config.selects(&path, document, &index.logsources(id));
        let rule = document.metadata.id.as_ref().filter(|_| is_wanted)?;
        Some((entry_id(rule, 1), document.span))
    });
    referenced.collect()
}

/// What several log sources have in common.
fn common(logsources: &[&Logsource]) -> Logsource {
    let Some((first, others)) = logsources.split_first() else { return Logsource::default() };
    let shared = |value: fn(&Logsource) -> &Option<String>| {
        value(first).clone().filter(|_| others.iter().all(|it| value(it) == value(first)))
    };
    Logsource {
        category: shared(|it| &it.category),
        product: shared(|it| &it.product),
        service: shared(|it| &it.service),
    }
}

/// What the lock file is asked about a rule.
pub(super) fn wanted<'c>(candidate: &'c Candidate) -> Wanted<'c> {
    let Candidate { document, path, .. } = candidate;
    let metadata = &document.metadata;
    Wanted {
        id: metadata.id.as_deref(),
        title: &metadata.title,
        own: metadata.attributes.splunk.name.as_deref(),
        queries: document.rule().map_or(1, |rule| rule.conditions.len()),
        place: document.span,
        path,
    }
}

/// Reports rules that cannot have a name of their own, and gives back their ids.
pub(super) fn conflicts(
    named: &Named,
    candidates: &[Candidate],
    extra: &mut Extra,
) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for conflict in &named.conflicts {
        let mut rules = conflict.rules.iter().filter_map(|place| candidates.get(*place)).peekable();
        if let Some(first) = rules.peek() {
            extra.add(first.document.span, conflict.finding.clone());
        }
        ids.extend(rules.filter_map(|it| it.document.metadata.id.clone()));
    }
    ids
}

/// How rules are to be translated, for them to stay what they are on the platform. `elastic` is the name of
/// the output whose types are pinned. A rule that says its language is translated to that, and clashes with
/// its pin later on; a default of the configuration is for rules that are new.
pub(super) fn pins(
    named: &Named,
    (lock, relock): (&Lock, &Relock),
    candidates: &[Candidate],
    (config, elastic): (&Config, &str),
) -> Pins {
    let pins = candidates.iter().filter_map(|candidate| {
        let metadata = &candidate.document.metadata;
        let id = metadata.id.as_ref()?;
        let first = entry_id(id, 1);
        let deployed = named.names.get(&first)?;
        let is_free = metadata.attributes.elastic.language.is_some() || relock.covers(&first);
        let pinned = lock.kind(elastic, &first).filter(|_| !is_free).map(language_of);
        let attributes = config.attributes(metadata, &candidate.logsource, &candidate.path);
        let language = pinned.or(attributes.elastic.language);
        Some((id.clone(), Pin { names: deployed.clone(), language }))
    });
    Pins(pins.collect())
}

/// The language of a type of rules.
fn language_of(kind: Kind) -> ElasticLanguage {
    match kind {
        Kind::Eql => ElasticLanguage::Eql,
        Kind::Query | Kind::Threshold => ElasticLanguage::Kql,
    }
}

/// The name of an output in the lock file.
pub(super) fn output_name(target: &str, config: &Config) -> String {
    match config.environment() {
        Some(environment) => format!("{environment}.{target}"),
        None => target.to_owned(),
    }
}
