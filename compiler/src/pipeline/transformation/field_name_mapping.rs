//! `field_name_mapping`: fields get other names. A list of names means that any of them may match.

use indexmap::IndexMap;

use super::{
    Applies, Context, Entry, Fields, Owner, Replay, Run, Settings, Transformation, rename_event,
    rename_fields,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

#[derive(Debug)]
struct FieldNameMapping {
    mapping: IndexMap<String, Vec<String>>,
}

pub(super) const ENTRY: Entry =
    Entry { name: "field_name_mapping", owner: Owner::PySigma, keys: &["mapping"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let Some(node) = settings.node("mapping") else {
        settings.missing("mapping", "write `mapping: {SigmaField: target_field}`", diagnostics);
        return None;
    };
    let map = Settings::of(node, Code::InvalidPipeline, diagnostics)?;
    let mut mapping = IndexMap::new();
    for (key, _) in map.entries() {
        let name = key.as_text().unwrap_or_default();
        let targets: Vec<String> =
            map.texts(name, diagnostics).into_iter().map(|it| it.value).collect();
        if targets.is_empty() || targets.iter().any(String::is_empty) {
            let message = format!("`{name}` is mapped to nothing");
            diagnostics.push(Diagnostic::new(Code::InvalidPipeline, key.span, message));
        }
        mapping.insert(name.to_owned(), targets);
    }
    Some(Box::new(FieldNameMapping { mapping }))
}

impl FieldNameMapping {
    fn names(&self, field: &str) -> Option<Vec<String>> {
        self.mapping.get(field).cloned()
    }
}

impl Transformation for FieldNameMapping {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        rename_fields(run, applies, &|field| self.names(field));
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        rename_event(fields, applies, &|field| self.names(field));
    }

    fn renamed_fields(&self) -> Vec<&str> {
        self.mapping.keys().map(String::as_str).collect()
    }
}
