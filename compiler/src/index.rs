//! A repository of rules: read once, then compiled rule by rule, in any order and in parallel.

mod reference;
mod related;

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::{Content, Document, Filter, FilterRules, Kind, Logsource};
use crate::comment::{Comment, parse_comments};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{AnyRule, Rule, Sigma};
use crate::lower::{add_filter, check_filter, lower_rule};
use crate::parse::{Detail, abridge, parse_documents, unreadable};
use crate::source::{SourceId, Spanned};
use reference::Path;

/// The documents of one file.
#[derive(Debug, Clone)]
pub struct File {
    /// The source.
    pub source: SourceId,
    /// Its documents, in order.
    pub documents: Vec<Document>,
    /// Its comments that switch findings.
    pub comments: Vec<Comment>,
    /// Comments that were meant to.
    pub mistakes: Diagnostics,
}

/// A document of the index: which file, which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleId {
    file: usize,
    document: usize,
}

/// Every file of a run. What refers to other rules (correlations, filters) is resolved here.
#[derive(Debug, Clone, Default)]
pub struct Index {
    files: Vec<File>,
    /// The rules by id and by name.
    names: BTreeMap<String, Vec<RuleId>>,
    filters: Vec<RuleId>,
    /// Rules that correlations are about and that give no query of their own.
    referenced: BTreeSet<RuleId>,
}

impl File {
    /// Reads a file. Never fails: what is wrong is said in its documents.
    pub fn read(source: SourceId, text: &str) -> Self {
        Self::read_in(source, text, Detail::Rules)
    }

    /// The same, with what lints look at.
    pub fn read_for_lints(source: SourceId, text: &str) -> Self {
        Self::read_in(source, text, Detail::Lints)
    }

    fn read_in(source: SourceId, text: &str, detail: Detail) -> Self {
        let (comments, mistakes) = parse_comments(source, text);
        Self { source, documents: parse_documents(source, text, detail), comments, mistakes }
    }

    /// A file whose text could not even be taken for text.
    pub fn unreadable(source: SourceId, diagnostic: Diagnostic) -> Self {
        let documents = vec![unreadable(source, 0, vec![diagnostic])];
        Self { source, documents, comments: Vec::new(), mistakes: Vec::new() }
    }
}

impl Index {
    /// An index over files that were read, in the order of the output.
    pub fn new(files: Vec<File>) -> Self {
        let mut index = Self { files, ..Self::default() };
        index.names = index.collect_names();
        index.filters = index.collect_filters();
        index.referenced = index.collect_referenced();
        index
    }

    /// The files.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Every document that could be read as far as its name, in order; filters are among them.
    pub fn rules(&self) -> impl Iterator<Item = (RuleId, &File, &Document)> {
        self.files.iter().enumerate().flat_map(|(file, it)| {
            it.documents
                .iter()
                .enumerate()
                .map(move |(document, node)| (RuleId { file, document }, it, node))
        })
    }

    /// True if the rule is there for correlations only, and gives no query of its own.
    pub fn is_referenced(&self, id: RuleId) -> bool {
        self.referenced.contains(&id)
    }

    /// What a rule means, with its filters; `None` if anything in it is wrong, and for a filter.
    /// `diagnostics` gets what lowering found.
    pub fn lower(&self, id: RuleId, diagnostics: &mut Diagnostics) -> Option<AnyRule<Sigma>> {
        self.lower_on(&mut Path::to(id), id, diagnostics)
    }

    /// Lowers a rule at the end of a path of references.
    fn lower_on(
        &self,
        path: &mut Path,
        id: RuleId,
        diagnostics: &mut Diagnostics,
    ) -> Option<AnyRule<Sigma>> {
        let document = self.document(id)?;
        let before = diagnostics.len();
        let lowered = match document.content.as_ref()? {
            Content::Detection(rule) => {
                let rule = lower_rule(rule, diagnostics);
                rule.map(|rule| AnyRule::Detection(self.filtered(rule, document)))
            }
            Content::Correlation(correlation) => {
                let lowered = self.lower_correlation(path, correlation, diagnostics);
                lowered.map(AnyRule::Correlation)
            }
            Content::Filter(filter) => {
                check_filter(filter, diagnostics);
                self.report_use(filter, diagnostics);
                None
            }
        };
        let mut found = diagnostics.split_off(before);
        abridge(&mut found);
        diagnostics.extend(found);
        let found = document.diagnostics.iter().chain(diagnostics.iter().skip(before));
        let failed = found.into_iter().any(Diagnostic::is_error);
        if failed {
            // What a condition that cannot be read would have used is not known.
            diagnostics.retain(|it| it.code != Code::UnusedDetection);
        }
        lowered.filter(|_| !failed)
    }

    fn document(&self, id: RuleId) -> Option<&Document> {
        self.files.get(id.file)?.documents.get(id.document)
    }

    /// A filter refers to rules, and nothing refers to it.
    fn collect_names(&self) -> BTreeMap<String, Vec<RuleId>> {
        let mut names: BTreeMap<String, Vec<RuleId>> = BTreeMap::new();
        for (id, _, document) in self.rules().filter(|(_, _, it)| it.kind != Kind::Filter) {
            let keys = [&document.metadata.id, &document.metadata.name];
            for key in keys.into_iter().flatten() {
                let known = names.entry(normal(key)).or_default();
                if !known.contains(&id) {
                    known.push(id);
                }
            }
        }
        names
    }

    fn collect_filters(&self) -> Vec<RuleId> {
        let filters = self.rules().filter(|(_, _, document)| document.filter().is_some());
        filters.map(|(id, ..)| id).collect()
    }

    fn collect_referenced(&self) -> BTreeSet<RuleId> {
        let correlations = || self.rules().filter_map(|(_, _, document)| document.correlation());
        let named = |generate: bool| -> BTreeSet<RuleId> {
            let chosen = correlations().filter(|it| it.generate == generate);
            let names = chosen.flat_map(|it| &it.rules);
            names.flat_map(|name| self.named(&name.value)).copied().collect()
        };
        let generated = named(true);
        named(false).difference(&generated).copied().collect()
    }

    /// The rules of this id or name.
    fn named(&self, name: &str) -> &[RuleId] {
        self.names.get(&normal(name)).map_or(&[], |ids| ids)
    }

    /// Adds every filter that is about the rule. A filter with an error is not added; its own error says
    /// so.
    fn filtered(&self, mut rule: Rule<Sigma>, document: &Document) -> Rule<Sigma> {
        let fitting = self.filters.iter().filter_map(|id| {
            let filter = self.document(*id)?;
            let sound = !filter.diagnostics.iter().any(Diagnostic::is_error);
            filter.filter().filter(|it| sound && applies(it, &rule.logsource, document))
        });
        for (number, filter) in fitting.collect::<Vec<_>>().into_iter().enumerate() {
            let mut whole = rule.clone();
            if add_filter(&mut whole, filter, number + 1, &mut Vec::new()).is_some() {
                rule = whole;
            }
        }
        rule
    }

    /// Warns of rules that the filter names and is not added to.
    fn report_use(&self, filter: &Filter, diagnostics: &mut Diagnostics) {
        let FilterRules::Listed(names) = &filter.rules else { return };
        // That `any` cannot stand in a list was said where it was read.
        for name in names.iter().filter(|name| name.value != "any") {
            let ids = self.named(&name.value).iter();
            let documents: Vec<_> = ids.filter_map(|id| self.document(*id)).collect();
            let rules: Vec<_> = documents.iter().filter_map(|it| it.rule()).collect();
            if let [correlation, ..] = &*documents
                && rules.is_empty()
            {
                diagnostics.extend(not_filtered(name, correlation));
            } else if rules.is_empty() {
                diagnostics.push(self.unknown(name, Code::UnusedFilter));
            } else if !rules.iter().any(|it| filter.logsource.value.contains(&it.logsource.value)) {
                let message = format!(
                    "the log source of the filter does not contain that of `{}`",
                    name.value
                );
                let lint = Diagnostic::new(Code::UnusedFilter, name.span, message)
                    .with_place(filter.logsource.span, "the log source of the filter")
                    .with_help("leave out what the log source of the rule does not say");
                diagnostics.push(lint);
            }
        }
    }

    /// No rule has this id or name.
    fn unknown(&self, name: &Spanned<String>, code: Code) -> Diagnostic {
        let message = format!("no rule has the id or name `{}`", name.value);
        let help = "add the file of the rule to the paths of this run";
        let near = crate::diagnostic::nearest(&name.value, self.names.keys().map(String::as_str));
        let help = near.map_or(help.to_owned(), |near| format!("did you mean `{near}`?"));
        Diagnostic::new(code, name.span, message).with_help(help)
    }
}

/// A filter names a correlation. A rule that could not be read has its own errors.
fn not_filtered(name: &Spanned<String>, document: &Document) -> Option<Diagnostic> {
    let correlation = document.correlation()?;
    let message = format!("`{}` is a correlation, and filters are added to its rules", name.value);
    let rules: Vec<String> =
        correlation.rules.iter().map(|rule| format!("`{}`", rule.value)).collect();
    let help = format!("name the rules that it is about: {}", rules.join(", "));
    Some(Diagnostic::new(Code::UnusedFilter, name.span, message).with_help(help))
}

/// Ids are compared without regard to case.
fn normal(name: &str) -> String {
    name.to_lowercase()
}

fn applies(filter: &Filter, logsource: &Logsource, document: &Document) -> bool {
    let own = [&document.metadata.id, &document.metadata.name];
    let named = match &filter.rules {
        FilterRules::Any => true,
        FilterRules::Listed(names) => names
            .iter()
            .any(|name| own.into_iter().flatten().any(|own| normal(own) == normal(&name.value))),
    };
    named && filter.logsource.value.contains(logsource)
}
