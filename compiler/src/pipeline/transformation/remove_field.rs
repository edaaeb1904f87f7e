//! `remove_field`: fields are taken from those that a rule shows.

use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::FieldName;

#[derive(Debug)]
struct RemoveField {
    fields: Vec<FieldName>,
}

pub(super) const ENTRY: Entry =
    Entry { name: "remove_field", owner: Owner::PySigma, keys: &["field"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    if settings.node("field").is_none() {
        settings.missing("field", "write `field: host`", diagnostics);
        return None;
    }
    let names = settings.texts("field", diagnostics);
    Some(Box::new(RemoveField {
        fields: names.into_iter().map(|it| FieldName(it.value)).collect(),
    }))
}

impl Transformation for RemoveField {
    fn on_rule(&self, run: &mut Run, _: &Applies) {
        run.rule.body.fields.retain(|field| !self.fields.contains(field));
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
