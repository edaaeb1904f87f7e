//! Data models, and named lists of fields, which they share with scopes.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::ir::{DataModel, Fill};
use crate::parse::Fields;
use crate::source::Spanned;

const CODE: Code = Code::InvalidPipeline;

/// Named lists of fields.
pub(super) type FieldSets = IndexMap<String, Vec<String>>;

/// Data models by their names.
pub(super) type DataModels = IndexMap<String, Arc<DataModel>>;

/// Reads `field_sets`.
pub(super) fn parse_field_sets(section: &Fields, diagnostics: &mut Diagnostics) -> FieldSets {
    let Some(node) = section.node("field_sets") else { return FieldSets::new() };
    let Some(fields) = Fields::of(node, CODE, diagnostics) else { return FieldSets::new() };
    let names = fields.entries().iter().filter_map(|(key, _)| key.as_text());
    names.map(|name| (name.to_owned(), values(fields.texts(name, diagnostics)))).collect()
}

/// The fields of a list: names of field sets and names of fields.
pub(super) fn parse_known(
    key: &str,
    entry: &Fields,
    sets: &FieldSets,
    diagnostics: &mut Diagnostics,
) -> Option<BTreeSet<String>> {
    entry.node(key)?;
    let names = values(entry.texts(key, diagnostics));
    let fields = names.into_iter().flat_map(|name| match sets.get(&name) {
        Some(set) => set.clone(),
        None => vec![name],
    });
    Some(fields.collect())
}

/// The texts without their places.
pub(super) fn values(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|it| it.value).collect()
}

/// Reads `data_models`.
pub(super) fn parse_data_models(
    section: &Fields,
    sets: &FieldSets,
    diagnostics: &mut Diagnostics,
) -> DataModels {
    let Some(node) = section.node("data_models") else { return DataModels::new() };
    let Some(models) = Fields::of(node, CODE, diagnostics) else { return DataModels::new() };
    let mut read = DataModels::new();
    for (key, value) in models.entries() {
        let Some(name) = key.as_text() else { continue };
        if !is_name(name) {
            let message = format!("`{name}` is no name of a data model and its dataset");
            let help = "write both, such as `Endpoint.Processes`";
            diagnostics.push(Diagnostic::new(CODE, key.span, message).with_help(help));
            continue;
        }
        if let Some(entry) = Fields::of(value, CODE, diagnostics) {
            let model = parse_data_model(name, &entry, sets, diagnostics);
            read.insert(name.to_owned(), Arc::new(model));
        }
    }
    read
}

/// Two words with a point between them.
fn is_name(name: &str) -> bool {
    let word =
        |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    name.split_once('.').is_some_and(|(model, dataset)| word(model) && word(dataset))
}

fn parse_data_model(
    name: &str,
    entry: &Fields,
    sets: &FieldSets,
    diagnostics: &mut Diagnostics,
) -> DataModel {
    let known = ["tags", "fields", "fills", "lists", "computed", "lower_case"];
    entry.refuse_others(&known, CODE, diagnostics);
    let fields = parse_known("fields", entry, sets, diagnostics).unwrap_or_default();
    if fields.is_empty() {
        entry.missing("fields", "a data model names the fields that it has", diagnostics);
    }
    let fills = entry.maps("fills", diagnostics);
    let fills = fills.iter().filter_map(|it| parse_fill(it, &fields, diagnostics)).collect();
    DataModel {
        name: name.to_owned(),
        tags: values(entry.texts("tags", diagnostics)),
        fills,
        lists: parse_some("lists", entry, &fields, diagnostics),
        computed: parse_some("computed", entry, &fields, diagnostics),
        lower_case: parse_some("lower_case", entry, &fields, diagnostics),
        fields,
    }
}

fn parse_fill(
    entry: &Fields,
    known: &BTreeSet<String>,
    diagnostics: &mut Diagnostics,
) -> Option<Fill> {
    entry.refuse_others(&["value", "fields", "instead_of"], CODE, diagnostics);
    let Some(value) = entry.text("value", diagnostics) else {
        entry.missing("value", "`fills` names what is written, such as `unknown`", diagnostics);
        return None;
    };
    let fields = parse_some("fields", entry, known, diagnostics);
    let instead_of = values(entry.texts("instead_of", diagnostics));
    Some(Fill { value: value.value, fields, instead_of })
}

/// Some of the fields that the data model has.
fn parse_some(
    key: &str,
    entry: &Fields,
    known: &BTreeSet<String>,
    diagnostics: &mut Diagnostics,
) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    for field in entry.texts(key, diagnostics) {
        if !known.contains(&field.value) {
            let message = format!("the data model has no field `{}`", field.value);
            let help = suggest(&field.value, known.iter().map(String::as_str));
            diagnostics.push(Diagnostic::new(CODE, field.span, message).with_help(help));
        }
        fields.insert(field.value);
    }
    fields
}

/// The data model of a scope.
pub(super) fn parse_model_of_scope(
    entry: &Fields,
    models: &DataModels,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<DataModel>> {
    let name = entry.text("data_model", diagnostics)?;
    let Some(model) = models.get(&name.value) else {
        let message = format!("`{}` is not among the `data_models`", name.value);
        let help = suggest(&name.value, models.keys().map(String::as_str));
        diagnostics.push(Diagnostic::new(CODE, name.span, message).with_help(help));
        return None;
    };
    for key in ["macro", "category"].into_iter().filter(|key| entry.node(key).is_some()) {
        let message = format!("a scope with a data model has no `{key}`");
        let help = "find the events by `terms` over fields of the data model";
        diagnostics.push(Diagnostic::new(CODE, name.span, message).with_help(help));
    }
    Some(Arc::clone(model))
}
