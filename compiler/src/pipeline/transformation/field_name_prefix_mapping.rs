//! `field_name_prefix_mapping`: the start of a field's name is replaced. The first prefix that fits is
//! taken; a list means that any of the names may match.

use super::field_name_mapping::parse_mapping;
use super::rename::{rename_event, rename_fields};
use super::{Applies, Context, Entry, Fields, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

#[derive(Debug)]
struct FieldNamePrefixMapping {
    mapping: Vec<(String, Vec<String>)>,
}

pub(super) const ENTRY: Entry =
    Entry { name: "field_name_prefix_mapping", owner: Owner::PySigma, keys: &["mapping"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let mut mapping = Vec::new();
    for (key, prefixes) in parse_mapping(settings, diagnostics)? {
        let Some(prefix) = key.as_text() else {
            let message = "keywords have no name that could start with a prefix";
            diagnostics.push(Diagnostic::new(Code::InvalidPipeline, key.span, message));
            continue;
        };
        mapping.push((prefix.to_owned(), prefixes));
    }
    Some(Box::new(FieldNamePrefixMapping { mapping }))
}

impl FieldNamePrefixMapping {
    fn names(&self, field: &str) -> Option<Vec<String>> {
        let (rest, prefixes) = self
            .mapping
            .iter()
            .find_map(|(old, new)| Some((field.strip_prefix(old.as_str())?, new)))?;
        Some(prefixes.iter().map(|prefix| format!("{prefix}{rest}")).collect())
    }
}

impl Transformation for FieldNamePrefixMapping {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        rename_fields(run, applies, &|field| self.names(field));
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        rename_event(fields, applies, &|field| self.names(field));
    }
}
