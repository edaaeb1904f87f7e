//! `field_name_mapping`: fields get other names. A list of names means that any of them may match.

use indexmap::IndexMap;

use super::{Entry, Fields, Settings, Transformation, rename_event, rename_fields};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Rule, Sigma};

#[derive(Debug)]
struct FieldNameMapping {
    mapping: IndexMap<String, Vec<String>>,
}

pub(super) const ENTRY: Entry = Entry { name: "field_name_mapping", keys: &["mapping"], parse };

fn parse(settings: &Settings, diagnostics: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
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
    fn names(&self, field: &str, applies: &dyn Fn(&str) -> bool) -> Vec<String> {
        match self.mapping.get(field) {
            Some(targets) if !targets.is_empty() && applies(field) => targets.clone(),
            Some(_) | None => vec![field.to_owned()],
        }
    }
}

impl Transformation for FieldNameMapping {
    fn on_rule(&self, rule: &mut Rule<Sigma>, applies: &dyn Fn(&str) -> bool) {
        rename_fields(rule, &|field| self.names(field, applies));
    }

    fn on_event(&self, fields: &mut Fields, applies: &dyn Fn(&str) -> bool) {
        rename_event(fields, &|field| self.names(field, applies));
    }
}
