//! `field_name_prefix`: fields get a prefix.

use super::rename::{rename_event, rename_fields};
use super::{Applies, Context, Entry, Fields, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;

#[derive(Debug)]
struct FieldNamePrefix {
    prefix: String,
}

pub(super) const ENTRY: Entry =
    Entry { name: "field_name_prefix", owner: Owner::PySigma, keys: &["prefix"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let Some(prefix) = settings.text("prefix", diagnostics) else {
        settings.missing("prefix", "write `prefix: winlog.event_data.`", diagnostics);
        return None;
    };
    Some(Box::new(FieldNamePrefix { prefix: prefix.value }))
}

impl FieldNamePrefix {
    fn names(&self, field: &str) -> Vec<String> {
        vec![format!("{}{field}", self.prefix)]
    }
}

impl Transformation for FieldNamePrefix {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        rename_fields(run, applies, &|field| Some(self.names(field)));
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        rename_event(fields, applies, &|field| Some(self.names(field)));
    }
}
