//! `field_name_prefix`: fields get a prefix.

use super::{Entry, Fields, Settings, Transformation, rename_event, rename_fields};
use crate::diagnostic::Diagnostics;
use crate::ir::{Rule, Sigma};

#[derive(Debug)]
struct FieldNamePrefix {
    prefix: String,
}

pub(super) const ENTRY: Entry = Entry { name: "field_name_prefix", keys: &["prefix"], parse };

fn parse(settings: &Settings, diagnostics: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    let Some(prefix) = settings.text("prefix", diagnostics) else {
        settings.missing("prefix", "write `prefix: winlog.event_data.`", diagnostics);
        return None;
    };
    Some(Box::new(FieldNamePrefix { prefix: prefix.value }))
}

impl FieldNamePrefix {
    fn names(&self, field: &str, applies: &dyn Fn(&str) -> bool) -> Vec<String> {
        let prefix = if applies(field) { self.prefix.as_str() } else { "" };
        vec![format!("{prefix}{field}")]
    }
}

impl Transformation for FieldNamePrefix {
    fn on_rule(&self, rule: &mut Rule<Sigma>, applies: &dyn Fn(&str) -> bool) {
        rename_fields(rule, &|field| self.names(field, applies));
    }

    fn on_event(&self, fields: &mut Fields, applies: &dyn Fn(&str) -> bool) {
        rename_event(fields, &|field| self.names(field, applies));
    }
}
