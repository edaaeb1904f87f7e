//! Placeholders that no pipeline has filled in.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Field, FieldName, Item, Mapped, Origin, Origins, Predicate, Sigma, Template};

/// A value with placeholders that no pipeline has filled in.
pub(super) struct OpenPlaceholder {
    names: Vec<String>,
    origin: Origin,
}

impl OpenPlaceholder {
    pub(super) fn to_diagnostic(&self, origins: &Origins) -> Diagnostic {
        let span = origins.spans(&self.origin).next().unwrap_or_default();
        let names: Vec<String> = self.names.iter().map(|name| format!("`%{name}%`")).collect();
        let what = if names.len() == 1 { "the placeholder" } else { "the placeholders" };
        let message = format!("no pipeline fills in {what} {}", names.join(", "));
        Diagnostic::new(Code::UnresolvedPlaceholder, span, message).with_help(
            "fill it in with a pipeline: `value_placeholders` with the values under `vars`, \
             `file_placeholders`, or `wildcard_placeholders`",
        )
    }
}

/// The tests of an item in the target's fields, unless some of them are not known yet.
pub(super) fn map_predicates(
    item: &Item<Sigma>,
    field: &mut dyn FnMut(&FieldName) -> Field,
) -> Result<Vec<Predicate<Mapped>>, Vec<OpenPlaceholder>> {
    let (mut known, mut open) = (Vec::with_capacity(item.predicates.len()), Vec::new());
    for predicate in &item.predicates {
        let mut names = Vec::new();
        let test = predicate.test.try_map(field, &mut |template: &Template| {
            names.extend(template.names().map(str::to_owned));
            None
        });
        let origin = predicate.origin.clone();
        match test {
            Some(test) => known.push(Predicate { test, origin }),
            None => open.push(OpenPlaceholder { names, origin }),
        }
    }
    if open.is_empty() { Ok(known) } else { Err(open) }
}

/// Adds why a rule is refused, unless that is said of the same place already.
pub(super) fn refuse_once(diagnostic: Diagnostic, refused: &mut Diagnostics) {
    let place = |it: &Diagnostic| it.labels.first().map(|label| label.span);
    let same = |it: &Diagnostic| it.code == diagnostic.code && place(it) == place(&diagnostic);
    if !refused.iter().any(same) {
        refused.push(diagnostic);
    }
}
