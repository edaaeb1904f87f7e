//! One target of an environment: from translated rules to the files of its folder.

use std::collections::{BTreeMap, BTreeSet};

use isogloss_backends::content::{Entry, Facts, Problem, entry_id};
use isogloss_compiler::ast::{Attributes, Document, Logsource};
use isogloss_compiler::diagnostic::{Code, Diagnostic};
use isogloss_compiler::source::{SourceMap, Span};

use super::Session;
use super::findings::Extra;
use super::output::Folder;
use super::platform::Platform;
use super::rules::{Candidate, output_name};
use crate::cli::Deployed;
use crate::config::Config;
use crate::json::Status;
use crate::lock::{self, Named, Settlement};
use crate::manifest::{self, Manifest, sha256};
use crate::outcome::{Outcome, Translation};
use crate::plan::Plan;

/// What a target is built from.
pub(super) struct Work<'w> {
    /// The place of the target among the plans.
    pub(super) place: usize,
    pub(super) plan: &'w Plan,
    pub(super) config: &'w Config,
    pub(super) outcomes: &'w [Outcome<'w>],
    pub(super) candidates: &'w [Candidate<'w>],
    /// The ids of rules that are there for correlations only, with their places.
    pub(super) referenced: &'w BTreeMap<String, Span>,
    /// The ids of rules that have no name of their own.
    pub(super) in_conflict: &'w BTreeSet<String>,
    pub(super) named: &'w Named,
}

/// A target as it was built.
pub(super) struct Built {
    pub(super) folder: Folder,
    /// True if a deployed rule would be lost, so that nothing is to be written.
    pub(super) is_held_back: bool,
    /// How many rules were converted and are not deployed.
    pub(super) left_out: usize,
}

/// A rule that was translated, with all that is known when it is deployed.
struct Deployable<'w> {
    document: &'w Document,
    rule: &'w str,
    path: &'w str,
    logsource: &'w Logsource,
    attributes: Attributes,
    translation: &'w Translation,
    facts: &'w Facts,
}

impl Work<'_> {
    /// The error is one sentence: of a template, for example.
    pub(super) fn build(&self, session: &mut Session, extra: &mut Extra) -> Result<Built, String> {
        let platform = Platform::new(self.plan, self.config, session.arguments)?;
        let deployables = self.deployables();
        let mut entries = self.entries(&deployables);
        let unsound = leave_out(&mut entries, &platform, extra);
        let deployed: BTreeSet<&str> = entries.iter().map(|(it, _)| it.rule).collect();
        let left_out = self.converted() - deployed.len();
        let output = output_name(self.plan.backend.name(), self.config);
        let before = session.lock.release(&output);
        let settlement = self.settle((&entries, &unsound), &platform, session)?;
        let is_held_back = self.loses_what_is_deployed(&settlement, extra)
            | self.loses_what_cannot_be_read(&settlement, before, session, extra);
        for (_, entry) in &mut entries {
            entry.version = settlement.versions.get(&entry.id).copied().unwrap_or(1);
        }
        let entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
        let artifacts = platform.artifacts(&entries, &settlement)?;
        let manifest = self.manifest(&entries, &settlement, session);
        let name = output;
        let path = self.config.output(self.plan.backend.name());
        Ok(Built { folder: Folder { name, path, artifacts, manifest }, is_held_back, left_out })
    }

    /// How many rules were converted.
    fn converted(&self) -> usize {
        let translations = self.outcomes.iter().filter_map(|it| it.translations.get(self.place));
        translations.filter(|it| it.status == Status::Converted).count()
    }

    /// True for a rule that has no name of its own, which is reported already.
    fn is_in_conflict(&self, place: Span) -> bool {
        let candidate = self.candidates.iter().find(|it| it.document.span == place);
        let id = candidate.and_then(|it| it.document.metadata.id.as_ref());
        id.is_some_and(|id| self.in_conflict.contains(id))
    }

    /// The rules that have queries, an id and a name.
    fn deployables(&self) -> Vec<Deployable<'_>> {
        let converted = self.outcomes.iter().filter_map(|outcome| {
            let translation = outcome.translations.get(self.place)?;
            (translation.status == Status::Converted).then_some((outcome, translation))
        });
        let deployables = converted.filter_map(|(outcome, translation)| {
            let document = outcome.document;
            let rule = document.metadata.id.as_deref()?;
            let candidate = self.candidates.iter().find(|it| it.document.span == document.span)?;
            let Candidate { path, logsource, .. } = candidate;
            let attributes = self.config.attributes(&document.metadata, logsource, path);
            let is_named = !self.in_conflict.contains(rule);
            is_named.then_some(Deployable {
                document,
                rule,
                path,
                logsource,
                attributes,
                translation,
                facts: translation.facts.as_ref()?,
            })
        });
        deployables.collect()
    }

    /// An entry for each query, without its version.
    fn entries<'d>(&self, deployables: &'d [Deployable]) -> Vec<(&'d Deployable<'d>, Entry<'d>)> {
        let mut entries = Vec::new();
        for deployable in deployables {
            for (place, query) in deployable.translation.queries.iter().enumerate() {
                let id = entry_id(deployable.rule, place + 1);
                let Some(names) = self.named.names.get(&id) else { continue };
                let entry = Entry {
                    id,
                    metadata: &deployable.document.metadata,
                    logsource: deployable.logsource,
                    path: deployable.path,
                    attributes: &deployable.attributes,
                    names: names.clone(),
                    version: 0,
                    query,
                    facts: deployable.facts,
                };
                entries.push((deployable, entry));
            }
        }
        entries
    }

    /// Takes the entries into the lock. Of some rules there are queries that no platform takes.
    fn settle(
        &self,
        (entries, unsound): (&[(&Deployable, Entry)], &BTreeSet<&str>),
        platform: &Platform,
        session: &mut Session,
    ) -> Result<Settlement, String> {
        let digests = entries.iter().map(|(_, entry)| platform.digest(entry));
        let digests = digests.collect::<Result<Vec<String>, String>>()?;
        let built: Vec<lock::Built> = entries
            .iter()
            .zip(&digests)
            .map(|((deployable, entry), digest)| lock::Built {
                id: &entry.id,
                rule: deployable.rule,
                number: number_of(deployable, entry),
                names: &entry.names,
                digest,
                kind: platform.kind(entry),
                place: deployable.document.span,
            })
            .collect();
        let there: BTreeSet<&str> = built.iter().map(|it| it.rule).collect();
        let refused: BTreeMap<String, Span> = self
            .candidates
            .iter()
            .filter_map(|it| Some((it.document.metadata.id.clone()?, it.document.span)))
            .filter(|(id, _)| !there.contains(id.as_str()) || unsound.contains(id.as_str()))
            .collect();
        let arguments = session.arguments;
        let output = output_name(self.plan.backend.name(), self.config);
        let deployed = self.deployed(&output, session)?;
        Ok(session.lock.settle(&lock::Build {
            output: &output,
            built: &built,
            refused: &refused,
            referenced: self.referenced,
            deployed,
            relock: &session.relock,
            drop_refused: arguments.drop_refused,
        }))
    }

    /// The release of the output that is deployed, if the command line says so. The error is one sentence:
    /// there was no such release, or the lock of what was built is gone.
    fn deployed(&self, output: &str, session: &Session) -> Result<Option<u32>, String> {
        let last = session.lock.release(output);
        let folder = self.config.output(self.plan.backend.name());
        // What is wrong with a manifest is said where the folder is compared.
        let built = Manifest::read(&folder).ok().flatten().map_or(0, |it| it.release);
        if last == 0 && built > 0 && !session.arguments.check {
            return Err(format!(
                "release {built} of {output} was built before, and {} does not know of it: take it back from \
                 the version control, or remove {} if all is to be new",
                self.config.lock().display(),
                folder.display()
            ));
        }
        let named = |it: &&Deployed| it.output.as_deref().is_none_or(|name| name == output);
        let Some(deployed) = session.arguments.deployed.iter().rfind(named) else {
            return Ok(None);
        };
        if deployed.release > last {
            return Err(format!(
                "release {} of {output} was never built: its last one is {last}",
                deployed.release
            ));
        }
        Ok(Some(deployed.release))
    }

    /// Reports what would take a deployed rule away, or make another of it.
    fn loses_what_is_deployed(&self, settlement: &Settlement, extra: &mut Extra) -> bool {
        for conflict in &settlement.conflicts {
            let place = conflict.finding.labels.first().map(|it| it.span);
            if let Some(place) = place.filter(|place| !self.is_in_conflict(*place)) {
                extra.add(place, conflict.finding.clone());
            }
        }
        !settlement.conflicts.is_empty()
    }

    /// A file that cannot be read may hold a rule that is deployed: as long as it is there, no rule leaves.
    fn loses_what_cannot_be_read(
        &self,
        settlement: &Settlement,
        before: u32,
        session: &Session,
        extra: &mut Extra,
    ) -> bool {
        if session.arguments.drop_refused {
            return false;
        }
        let leaves = settlement.gone.iter().find(|it| it.release > before);
        let unread = self.candidates.iter().find(|it| it.document.metadata.id.is_none());
        let (Some(gone), Some(unread)) = (leaves, unread) else { return false };
        let message = format!(
            "this may be the rule `{}`, which was deployed and would be taken away",
            gone.names.title
        );
        let finding = Diagnostic::new(Code::NotDeployable, unread.document.span, message);
        extra.add(unread.document.span, finding.with_help("mend the file, or `--drop-refused`"));
        true
    }

    fn manifest(&self, entries: &[Entry], settlement: &Settlement, session: &Session) -> Manifest {
        let mut rules: BTreeMap<String, manifest::Rule> = BTreeMap::new();
        for entry in entries {
            let hash = self.hash_of(entry, session.sources);
            let rule = rules.entry(entry.id.clone()).or_insert_with(|| manifest::Rule {
                title: entry.names.title.clone(),
                path: entry.path.to_owned(),
                source: hash,
                version: entry.version,
                names: (&entry.names).into(),
                queries: Vec::new(),
            });
            rule.queries.push(manifest::Query::new(entry.query));
        }
        Manifest {
            isogloss: env!("CARGO_PKG_VERSION").to_owned(),
            format: manifest::FORMAT,
            target: self.plan.backend.name().to_owned(),
            environment: self.config.environment().map(str::to_owned),
            release: settlement.release,
            config: self.config.hash().to_owned(),
            pipelines: self.pipelines(session.sources),
            rules,
            artifacts: BTreeMap::new(),
        }
    }

    fn pipelines(&self, sources: &SourceMap) -> Vec<manifest::Pipeline> {
        let files = self.plan.files.iter().filter_map(|id| sources.get(*id));
        let pipelines = files.map(|file| manifest::Pipeline {
            name: self.name_of(&file.path),
            sha256: sha256(file.text.as_bytes()),
        });
        pipelines.collect()
    }

    /// The name of a file of pipelines; one that is built in lies nowhere.
    fn name_of(&self, path: &str) -> String {
        let mut built_in = isogloss_pipelines::PIPELINES.iter().flat_map(|it| it.files);
        if built_in.any(|it| it.path == path) {
            path.to_owned()
        } else {
            self.config.relative(path)
        }
    }

    /// The hash of the text of a rule.
    fn hash_of(&self, entry: &Entry, sources: &SourceMap) -> String {
        let candidate =
            self.candidates.iter().find(|it| it.document.metadata.id == entry.metadata.id);
        let text = candidate.and_then(|it| sources.get(it.document.span.source));
        sha256(text.map_or(&[][..], |it| it.text.as_bytes()))
    }
}

/// Leaves out what the platform would not take, and reports it with all that it would take but is hardly
/// meant. Gives back the ids of the rules that have lost a query.
fn leave_out<'d>(
    entries: &mut Vec<(&'d Deployable<'d>, Entry<'d>)>,
    platform: &Platform,
    extra: &mut Extra,
) -> BTreeSet<&'d str> {
    let mut unsound = BTreeSet::new();
    entries.retain(|(deployable, entry)| {
        let document = deployable.document;
        let problems = platform.check(entry);
        let is_sound = !problems.iter().any(|it| it.is_error);
        if !is_sound {
            unsound.insert(deployable.rule);
        }
        let findings = problems.into_iter().map(|it| finding(it, document));
        for finding in findings.chain(without_name(platform, document)) {
            extra.add(document.span, finding);
        }
        is_sound
    });
    unsound
}

/// The number of a query in its rule, from 1.
fn number_of(deployable: &Deployable, entry: &Entry) -> usize {
    let numbers = 1..=deployable.translation.queries.len();
    numbers.into_iter().find(|number| entry_id(deployable.rule, *number) == entry.id).unwrap_or(1)
}

/// The techniques of a rule whose names the platform shows and the table of ATT&CK lacks.
fn without_name(platform: &Platform, document: &Document) -> Vec<Diagnostic> {
    let findings = platform.unnamed_techniques(&document.metadata).into_iter().map(|id| {
        let tags = document.written.get("tags").map(|it| it.value.elements());
        let tags = tags.into_iter().flatten().filter_map(|it| it.as_text());
        let mut places = tags.filter(|it| it.value.to_ascii_uppercase().ends_with(&id));
        let place = places.next().map_or(document.span, |it| it.span);
        let message =
            format!("the name of `{id}` is not known here, so that its id is shown in its place");
        let finding = Diagnostic::new(Code::TechniqueWithoutName, place, message);
        finding.with_help("look the id up at attack.mitre.org, or set `attack.version`")
    });
    findings.collect()
}

/// What a platform would not take, or hardly means: at what the rule says about its deployment.
fn finding(problem: Problem, document: &Document) -> Diagnostic {
    let code = if problem.is_error { Code::InvalidContent } else { Code::DoubtfulContent };
    let own = document.written.get("isogloss").map(|it| it.key.span);
    let diagnostic = Diagnostic::new(code, own.unwrap_or(document.span), problem.message);
    match problem.help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}
