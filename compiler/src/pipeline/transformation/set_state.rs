//! `set_state`: notes a value that later conditions ask for. `index` names the index patterns of the rule.

use serde_json::Value;

use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::parse::to_json;

#[derive(Debug)]
struct SetState {
    key: String,
    value: Value,
}

pub(super) const ENTRY: Entry =
    Entry { name: "set_state", owner: Owner::PySigma, keys: &["key", "val"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    if settings.node("key").is_none() {
        settings.missing("key", "write the name of what is set", diagnostics);
        return None;
    }
    let key = settings.text("key", diagnostics)?.value;
    let Some((_, node)) = settings.entry("val") else {
        settings.missing("val", "write the value that is set", diagnostics);
        return None;
    };
    let value = to_json(node);
    let is_index = match &value {
        Value::Array(list) => list.iter().all(Value::is_string) && !list.is_empty(),
        Value::String(_) => true,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    if key == "index" && !is_index {
        let message =
            format!("`index` is an index pattern or a list of them, not {}", node.describe());
        diagnostics.push(Diagnostic::new(Code::InvalidPipeline, node.span, message));
        return None;
    }
    Some(Box::new(SetState { key, value }))
}

impl Transformation for SetState {
    fn on_rule(&self, run: &mut Run, _: &Applies) {
        run.state.insert(self.key.clone(), self.value.clone());
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
