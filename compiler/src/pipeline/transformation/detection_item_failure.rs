//! `detection_item_failure`: a rule with such a detection item is refused.

use super::rule_failure::{HELP, parse_message, refusal};
use super::{Applies, Context, Entry, Owner, Replay, Rewrite, Run, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostics};

#[derive(Debug)]
struct DetectionItemFailure {
    message: String,
}

pub(super) const ENTRY: Entry =
    Entry { name: "detection_item_failure", owner: Owner::PySigma, keys: &["message"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    Some(Box::new(DetectionItemFailure { message: parse_message(settings, diagnostics)? }))
}

impl Transformation for DetectionItemFailure {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        run.rewrite_items(applies, &mut |run, item, _| {
            let message = refusal(&self.message);
            run.refuse(Code::RefusedByPipeline, &item.origin, message, HELP);
            Rewrite::Keep
        });
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
