//! What the rules of a repository have to do with each other, for people who look at one of them.

use super::{Index, RuleId, applies};
use crate::ast::{Document, Filter};
use crate::diagnostic::Diagnostic;
use crate::ir::{AnyRule, Rule, Sigma};

impl Index {
    /// The rules that a reference of a correlation can mean; a single one if it is sound.
    pub fn referred(&self, name: &str) -> impl Iterator<Item = &Document> {
        self.named(name).iter().filter_map(|id| self.document(*id))
    }

    /// The filters that are added to a rule, in order. One with an error is added to none.
    pub fn filters_of<'i>(
        &'i self,
        rule: &'i Rule<Sigma>,
        document: &'i Document,
    ) -> impl Iterator<Item = &'i Document> {
        let sound = self.filters.iter().filter(|id| self.is_sound(**id));
        sound.filter_map(|id| self.document(*id)).filter(move |it| {
            it.filter().is_some_and(|filter| applies(filter, &rule.logsource, document))
        })
    }

    /// The rules that a filter without an error is added to, in order.
    pub fn filtered_by<'i>(&'i self, filter: &'i Document) -> impl Iterator<Item = &'i Document> {
        let is_about = move |id: RuleId, document: &Document| {
            let Some(AnyRule::Detection(rule)) = self.lower(id, &mut Vec::new()) else {
                return false;
            };
            filter.filter().is_some_and(|filter| applies(filter, &rule.logsource, document))
        };
        self.rules()
            .filter(move |(id, _, document)| is_about(*id, document))
            .map(|(_, _, document)| document)
    }

    /// The rules that a filter would be added to, if neither has an error, in order.
    pub fn ids_filtered_by<'i>(&'i self, filter: &'i Filter) -> impl Iterator<Item = RuleId> + 'i {
        let fitting = self.rules().filter(|(_, _, document)| {
            document.rule().is_some_and(|rule| applies(filter, &rule.logsource.value, document))
        });
        fitting.map(|(id, ..)| id)
    }

    fn is_sound(&self, id: RuleId) -> bool {
        let Some(document) = self.document(id) else { return false };
        let mut found = document.diagnostics.clone();
        self.lower(id, &mut found);
        !found.iter().any(Diagnostic::is_error)
    }
}
