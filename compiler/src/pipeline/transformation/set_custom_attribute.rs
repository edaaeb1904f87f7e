//! `set_custom_attribute`: a rule gets an attribute, for formats that print it.

use std::sync::Arc;

use serde_json::Value;

use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::parse::to_json;

#[derive(Debug)]
struct SetCustomAttribute {
    attribute: String,
    value: Value,
}

pub(super) const ENTRY: Entry = Entry {
    name: "set_custom_attribute",
    owner: Owner::PySigma,
    keys: &["attribute", "value"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let attribute = settings.text("attribute", diagnostics);
    let value = settings.entry("value");
    let (Some(attribute), Some((_, value))) = (attribute, value) else {
        settings.missing("attribute` or `value", "the transformation has both", diagnostics);
        return None;
    };
    if attribute.value == "isogloss" {
        let message = "the attribute `isogloss` is read from rules only";
        let mistake = Diagnostic::new(Code::InvalidPipeline, attribute.span, message);
        diagnostics
            .push(mistake.with_help("write what is meant into the rule or into `isogloss.toml`"));
        return None;
    }
    Some(Box::new(SetCustomAttribute { attribute: attribute.value, value: to_json(value) }))
}

impl Transformation for SetCustomAttribute {
    fn on_rule(&self, run: &mut Run, _: &Applies) {
        let metadata = Arc::make_mut(&mut run.rule.metadata);
        metadata.custom.insert(self.attribute.clone(), self.value.clone());
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
