//! The field that was probably meant by one that the pipelines do not know.

use super::{Action, Pipelines, ProcessingItem, ScopeEntry};
use crate::diagnostic::nearest;

impl Pipelines {
    /// The known field whose name is nearest: of the target, in this log source, or of those that the
    /// pipelines give other names.
    pub(super) fn nearby<'a>(
        &'a self,
        name: &str,
        entry: Option<&'a ScopeEntry>,
    ) -> Option<&'a str> {
        let of_logsource = entry.and_then(|it| it.known.as_ref());
        let known = of_logsource.into_iter().flatten().map(String::as_str);
        let facts = self.list.iter().flat_map(|it| it.extension.fields.keys());
        let facts = facts.map(String::as_str).filter(|_| of_logsource.is_none());
        let renamed = self.list.iter().flat_map(|it| sources(&it.items));
        let all: Vec<&str> = known.chain(facts).chain(renamed).filter(|it| *it != name).collect();
        let other_case = all.iter().copied().find(|it| it.eq_ignore_ascii_case(name));
        other_case.or_else(|| nearest(name, all))
    }
}

/// The fields that items give other names.
fn sources(items: &[ProcessingItem]) -> Vec<&str> {
    let sources = items.iter().flat_map(|item| match &item.action {
        Action::Transform(transformation) => transformation.renamed_fields(),
        Action::Nest(items) => sources(items),
    });
    sources.collect()
}

/// What is put behind a message about a field.
pub(super) fn did_you_mean(known: Option<&str>) -> String {
    known.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default()
}
