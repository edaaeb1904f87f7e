//! `add_field`: fields are added to those that a rule shows.

use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation, parse_shown};
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
    let fields = parse_shown("field", "write `field: host`", settings, diagnostics)?;
    Some(Box::new(AddField { fields }))
}

impl Transformation for AddField {
    fn on_rule(&self, run: &mut Run, _: &Applies) {
        run.rule.body.fields.extend(self.fields.iter().cloned());
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
