//! `set_field`: the fields that a rule shows are these.

use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation, parse_shown};
use crate::diagnostic::Diagnostics;
use crate::ir::FieldName;

#[derive(Debug)]
struct SetField {
    fields: Vec<FieldName>,
}

pub(super) const ENTRY: Entry =
    Entry { name: "set_field", owner: Owner::PySigma, keys: &["fields"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let fields = parse_shown("fields", "write `fields: [host, user]`", settings, diagnostics)?;
    Some(Box::new(SetField { fields }))
}

impl Transformation for SetField {
    fn on_rule(&self, run: &mut Run, _: &Applies) {
        run.rule.body.fields.clone_from(&self.fields);
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
