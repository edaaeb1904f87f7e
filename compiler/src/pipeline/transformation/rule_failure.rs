//! `rule_failure`: the rule is refused.

use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostics};
use crate::ir::Origin;

#[derive(Debug)]
struct RuleFailure {
    message: String,
}

pub(super) const ENTRY: Entry =
    Entry { name: "rule_failure", owner: Owner::PySigma, keys: &["message"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    Some(Box::new(RuleFailure { message: parse_message(settings, diagnostics)? }))
}

/// Reads `message`.
pub(super) fn parse_message(settings: &Settings, diagnostics: &mut Diagnostics) -> Option<String> {
    let message = settings.text("message", diagnostics);
    if settings.node("message").is_none() {
        settings.missing("message", "it says why rules are refused", diagnostics);
    }
    Some(message?.value)
}

/// What is said about a refused rule.
pub(super) fn refusal(message: &str) -> String {
    format!("a pipeline refuses the rule: {message}")
}

/// What a user may do about it.
pub(super) const HELP: &str =
    "change the rule, or leave it out of this run; the message is the pipeline's own";

impl Transformation for RuleFailure {
    fn on_rule(&self, run: &mut Run, _: &Applies) {
        let message = refusal(&self.message);
        run.refuse(Code::RefusedByPipeline, &Origin::default(), message, HELP);
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
