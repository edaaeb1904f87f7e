//! A repository of rules: read once, then compiled rule by rule, in any order and in parallel.

use crate::ast::Document;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Mapped, Rule, Sigma};
use crate::lower::lower_rule;
use crate::parse::{abridge, parse_documents, unreadable};
use crate::pass::run_passes;
use crate::pipeline::Pipelines;
use crate::source::SourceId;

/// The documents of one file.
#[derive(Debug, Clone)]
pub struct File {
    /// The source.
    pub source: SourceId,
    /// Its documents, in order.
    pub documents: Vec<Document>,
}

/// A rule of the index: which file, which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleId {
    file: usize,
    document: usize,
}

/// Every file of a run. What refers to other rules (correlations, filters) is resolved here.
#[derive(Debug, Clone, Default)]
pub struct Index {
    files: Vec<File>,
}

impl File {
    /// Reads a file. Never fails: what is wrong is said in its documents.
    pub fn read(source: SourceId, text: &str) -> Self {
        Self { source, documents: parse_documents(source, text) }
    }

    /// A file whose text could not even be taken for text.
    pub fn unreadable(source: SourceId, diagnostic: Diagnostic) -> Self {
        Self { source, documents: vec![unreadable(source, 0, vec![diagnostic])] }
    }
}

impl Index {
    /// An index over files that were read, in the order of the output.
    pub fn new(files: Vec<File>) -> Self {
        Self { files }
    }

    /// The files.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Every document that could be read as far as its name, in order.
    pub fn rules(&self) -> impl Iterator<Item = (RuleId, &File, &Document)> {
        self.files.iter().enumerate().flat_map(|(file, it)| {
            it.documents
                .iter()
                .enumerate()
                .map(move |(document, node)| (RuleId { file, document }, it, node))
        })
    }

    /// What a rule means; `None` if anything in it is wrong. `diagnostics` gets what lowering found.
    pub fn lower(&self, id: RuleId, diagnostics: &mut Diagnostics) -> Option<Rule<Sigma>> {
        let document = self.files.get(id.file)?.documents.get(id.document)?;
        let before = diagnostics.len();
        let lowered = lower_rule(document.rule.as_ref()?, diagnostics);
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
}

/// A lowered rule, through its pipelines and passes: ready for a backend.
#[must_use]
pub fn map_rule(rule: Rule<Sigma>, pipelines: &Pipelines) -> Rule<Mapped> {
    run_passes(pipelines.link(pipelines.apply(rule)))
}
