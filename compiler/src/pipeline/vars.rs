//! `vars` of a pipeline: values that transformations take from it by name.

use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::parse::Fields;
use crate::source::{Span, Spanned};

/// Variables by name, each with its values.
#[derive(Debug, Clone, Default)]
pub struct Vars(IndexMap<String, Vec<Spanned<String>>>);

impl Vars {
    /// The values of a variable.
    pub fn get(&self, name: &str) -> Option<&[Spanned<String>]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The first value in each file.
    pub(super) fn places(&self) -> Vec<Span> {
        let mut places: Vec<Span> = Vec::new();
        for place in self.0.values().flatten().map(|value| value.span) {
            if !places.iter().any(|it| it.source == place.source) {
                places.push(place);
            }
        }
        places
    }

    /// Adds the variables of another pipeline, which win.
    pub(super) fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.iter().map(|(name, values)| (name.clone(), values.clone())));
    }
}

/// Reads `vars`: names with one value or a list of values.
pub(super) fn parse_vars(pipeline: &Fields, diagnostics: &mut Diagnostics) -> Vars {
    let Some(node) = pipeline.node("vars") else { return Vars::default() };
    let Some(fields) = Fields::of(node, Code::InvalidPipeline, diagnostics) else {
        return Vars::default();
    };
    let names = fields.entries().iter().filter_map(|(key, _)| Some((key.as_text()?, key.span)));
    // Our own section may stand here, where pySigma tolerates it.
    let names = names.filter(|(name, _)| *name != "isogloss");
    let entries = names.map(|(name, span)| {
        let values = fields.texts(name, diagnostics);
        if values.is_empty() {
            let message = format!("the variable `{name}` has no value");
            diagnostics.push(Diagnostic::new(Code::InvalidPipeline, span, message));
        }
        (name.to_owned(), values)
    });
    Vars(entries.collect())
}
