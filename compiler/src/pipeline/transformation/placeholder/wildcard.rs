//! `wildcard_placeholders`: placeholders become wildcards, so that the rule finds more than it means.

use super::super::{Applies, Entry, Owner, Replay, Rewrite, Run, Transformation};
use super::{Filling, KEYS, Names, Size, fill_predicate, rewritten};
use crate::ir::{Direction, LossKind, Predicate, Sigma, Test};

#[derive(Debug)]
struct WildcardPlaceholders {
    names: Names,
}

pub(in super::super) const ENTRY: Entry = Entry {
    name: "wildcard_placeholders",
    owner: Owner::PySigma,
    keys: KEYS,
    parse: |settings, _, diagnostics| {
        Some(Box::new(WildcardPlaceholders { names: Names::parse(settings, diagnostics) }))
    },
};

impl WildcardPlaceholders {
    /// The placeholders of a value that become wildcards.
    fn filled<'t>(&'t self, predicate: &'t Predicate<Sigma>) -> Vec<&'t str> {
        match &predicate.test {
            Test::Open(template) => {
                template.names().filter(|name| self.names.contain(name)).collect()
            }
            Test::Like(_)
            | Test::Number(_)
            | Test::Bool(_)
            | Test::Null
            | Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::FieldRef { .. }
            | Test::Time { .. }
            | Test::Query { .. } => Vec::new(),
        }
    }
}

impl Transformation for WildcardPlaceholders {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        run.rewrite_items(applies, &mut |run, item, place| {
            let filled: Vec<&str> = item.predicates.iter().flat_map(|it| self.filled(it)).collect();
            if filled.is_empty() {
                return Rewrite::Keep;
            }
            let fill = |_: &Run, name: &str, _: &Predicate<Sigma>| {
                if self.names.contain(name) { Filling::Wildcard } else { Filling::Open }
            };
            let mut groups = Vec::with_capacity(item.predicates.len());
            for predicate in &item.predicates {
                match fill_predicate(predicate, run, &fill, &mut Size::default()) {
                    Ok(filled) => groups.push(filled.unwrap_or_else(|| vec![predicate.clone()])),
                    Err(refusal) => {
                        run.refusals.push(*refusal);
                        return Rewrite::Keep;
                    }
                }
            }
            let names: Vec<String> = filled.iter().map(|name| format!("`%{name}%`")).collect();
            let message = format!("{} is a wildcard in the query", names.join(", "));
            run.lose(LossKind::Mapping, Direction::Wider, message, item, place);
            rewritten(item, groups)
        });
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
