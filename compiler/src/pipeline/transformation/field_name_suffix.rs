//! `field_name_suffix`: fields get a suffix.

use super::rename::{rename_event, rename_fields};
use super::{Applies, Context, Entry, Fields, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;

#[derive(Debug)]
struct FieldNameSuffix {
    suffix: String,
}

pub(super) const ENTRY: Entry =
    Entry { name: "field_name_suffix", owner: Owner::PySigma, keys: &["suffix"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let Some(suffix) = settings.text("suffix", diagnostics) else {
        settings.missing("suffix", "write `suffix: .keyword`", diagnostics);
        return None;
    };
    Some(Box::new(FieldNameSuffix { suffix: suffix.value }))
}

impl FieldNameSuffix {
    fn names(&self, field: &str) -> Vec<String> {
        vec![format!("{field}{}", self.suffix)]
    }
}

impl Transformation for FieldNameSuffix {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        rename_fields(run, applies, &|field| Some(self.names(field)));
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        rename_event(fields, applies, &|field| Some(self.names(field)));
    }
}
