//! Lints: what a rule may say, and probably does not mean.

use std::collections::BTreeSet;

use crate::Index;
use crate::ast::Document;
use crate::diagnostic::{Code, Diagnostics, Severity};
use crate::source::SourceMap;

/// Names that platforms know, from outside of this crate.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Field names of Sigma's taxonomy.
    pub fields: BTreeSet<String>,
}

/// The lints of a run over one repository.
#[derive(Debug)]
pub struct Linter<'a> {
    known: &'a Known,
    /// What was found by comparing rules, by the place of the rule in the index.
    repository: Vec<Diagnostics>,
}

/// The severity that a finding has unless the policy says otherwise; `None` is off.
pub fn default_severity(code: Code) -> Option<Severity> {
    Some(code.severity())
}

impl<'a> Linter<'a> {
    /// Compares the rules of a repository with each other.
    pub fn new(index: &'a Index, _sources: &'a SourceMap, known: &'a Known) -> Self {
        Self { known, repository: index.rules().map(|_| Vec::new()).collect() }
    }

    /// What is found in the document at this place of the index.
    pub fn check(&self, place: usize, _document: &Document, _text: &str) -> Diagnostics {
        let _ = &self.known;
        self.repository.get(place).cloned().unwrap_or_default()
    }
}
