//! `add_field`: fields are added to those that a rule shows.

use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::FieldName;

#[derive(Debug)]
struct AddField {
    fields: Vec<FieldName>,
}

pub(super) const ENTRY: Entry =
    Entry { name: "add_field", owner: Owner::PySigma, keys: &["field"], parse };

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
    Some(Box::new(AddField { fields: names.into_iter().map(|it| FieldName(it.value)).collect() }))
}

impl Transformation for AddField {
    fn on_rule(&self, run: &mut Run, _: &Applies) {
        run.rule.body.fields.extend(self.fields.iter().cloned());
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
