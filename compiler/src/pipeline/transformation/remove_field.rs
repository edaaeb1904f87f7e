//! `remove_field`: fields are taken from those that a rule shows.

use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation, parse_shown};
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
    let fields = parse_shown("field", "write `field: host`", settings, diagnostics)?;
    Some(Box::new(RemoveField { fields }))
}

impl Transformation for RemoveField {
    fn on_rule(&self, run: &mut Run, _: &Applies) {
        run.rule.body.fields.retain(|field| !self.fields.contains(field));
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
