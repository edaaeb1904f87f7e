//! `strict_field_mapping_failure`: a rule with a field that no item has renamed is refused.

use super::rule_failure::HELP;
use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostics};

#[derive(Debug)]
struct StrictFieldMappingFailure;

pub(super) const ENTRY: Entry =
    Entry { name: "strict_field_mapping_failure", owner: Owner::PySigma, keys: &[], parse };

#[expect(clippy::unnecessary_wraps, reason = "transformations with settings are read alike")]
fn parse(_: &Settings, _: &Context, _: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    Some(Box::new(StrictFieldMappingFailure))
}

impl Transformation for StrictFieldMappingFailure {
    fn on_rule(&self, run: &mut Run, _: &Applies) {
        let mut reported: Vec<String> = Vec::new();
        run.visit_items(&mut |run, item, _| {
            let Some(field) = item.field_name() else { return };
            if run.was_mapped(field) || reported.iter().any(|it| it == field) {
                return;
            }
            reported.push(field.to_owned());
            let message = format!("a pipeline maps no field `{field}`, and refuses such rules");
            run.refuse(Code::RefusedByPipeline, &item.origin, message, HELP);
        });
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
