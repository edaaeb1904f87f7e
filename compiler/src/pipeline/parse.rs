//! Text to [`Pipeline`], in the format of pySigma.

use super::extension::parse_extension;
use super::postprocessing::{parse_finalizers, parse_postprocessing};
use super::transformation::{Context, Entry, Owner};
use super::variable::{Variable, parse_when};
use super::vars::parse_vars;
use super::{Action, Extension, Pipeline, ProcessingItem, TRANSFORMATIONS, condition};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::parse::Fields;
use crate::source::{SourceId, Span, Spanned};
use crate::yaml::{Node, Value, null_key, parse_yaml_with_null_keys};

const KNOWN: &[&str] = &[
    "name",
    "priority",
    "vars",
    "transformations",
    "postprocessing",
    "finalizers",
    "allowed_backends",
    "isogloss",
];

/// How deep items may be nested.
pub(super) const DEEPEST: usize = 16;

/// Gives the text of a file whose path is relative to the folder of the pipeline. The error is one
/// sentence.
pub type ReadFile<'r> = dyn Fn(&str) -> Result<String, String> + 'r;

/// Reads a pipeline. Returns `None` if anything in it is not understood: without it, queries would
/// change.
pub fn parse_pipeline(
    source: SourceId,
    text: &str,
    read_file: &ReadFile,
    diagnostics: &mut Diagnostics,
) -> Option<Pipeline> {
    let before = diagnostics.len();
    let documents = parse_yaml_with_null_keys(source, text, diagnostics);
    for document in &documents {
        refuse_null_keys(document, false, diagnostics);
    }
    let [document] = &*documents else {
        if diagnostics.len() == before {
            let message =
                format!("a pipeline is one document, and this file has {}", documents.len());
            let span = documents.get(1).map_or(Span::new(source, 0, 0), |second| second.span);
            diagnostics.push(Diagnostic::new(Code::InvalidPipeline, span, message));
        }
        return None;
    };
    let fields = Fields::of(document, Code::InvalidPipeline, diagnostics)?;
    fields.refuse_others(KNOWN, Code::InvalidPipeline, diagnostics);
    let context = Context { read_file };
    let mut items = parse_items("transformations", &fields, Owner::PySigma, &context, diagnostics);
    let mut extension = Extension::default();
    if let Some(section) = parse_section(&fields, diagnostics) {
        extension = parse_extension(&section, diagnostics);
        items.extend(parse_items(
            "transformations",
            &section,
            Owner::Isogloss,
            &context,
            diagnostics,
        ));
    }
    check_choices(&items, &extension.variables, diagnostics);
    let pipeline = Pipeline {
        name: fields.text("name", diagnostics).map(|it| it.value).unwrap_or_default(),
        priority: parse_priority(&fields, diagnostics),
        vars: parse_vars(&fields, diagnostics),
        items,
        postprocessing: parse_postprocessing("postprocessing", &fields, &context, 0, diagnostics),
        finalizers: parse_finalizers(&fields, &context, 0, diagnostics),
        allowed_backends: parse_allowed(&fields, diagnostics),
        extension,
    };
    let sound = !diagnostics.iter().skip(before).any(Diagnostic::is_error);
    sound.then_some(pipeline)
}

/// `null` is a key in a `mapping` only, where it may stand for keywords.
fn refuse_null_keys(node: &Node, is_mapping: bool, diagnostics: &mut Diagnostics) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(elements) => {
            for element in elements {
                refuse_null_keys(element, false, diagnostics);
            }
        }
        Value::Mapping(entries) => {
            for (key, value) in entries {
                diagnostics.extend((key.is_null() && !is_mapping).then(|| null_key(key)));
                refuse_null_keys(value, key.as_text() == Some("mapping"), diagnostics);
            }
        }
    }
}

fn parse_allowed(fields: &Fields, diagnostics: &mut Diagnostics) -> Vec<String> {
    fields.texts("allowed_backends", diagnostics).into_iter().map(|it| it.value).collect()
}

fn parse_priority(fields: &Fields, diagnostics: &mut Diagnostics) -> i64 {
    let Some(text) = fields.text("priority", diagnostics) else { return 0 };
    text.value.parse().unwrap_or_else(|_| {
        let message = format!("`{}` is no priority", text.value);
        let diagnostic = Diagnostic::new(Code::InvalidPipeline, text.span, message);
        diagnostics.push(diagnostic.with_help("a priority is a whole number"));
        0
    })
}

fn parse_section<'n, 'a>(
    fields: &Fields<'n, 'a>,
    diagnostics: &mut Diagnostics,
) -> Option<Fields<'n, 'a>> {
    // pySigma 2.0 refuses keys that it does not know, and looks into `vars` by name only.
    let shared = || fields.node("vars")?.get("isogloss");
    let node = fields.node("isogloss").or_else(shared)?;
    Fields::of(node, Code::InvalidPipeline, diagnostics)
}

/// Reads a list of items; `place` says which types may stand there.
fn parse_items(
    key: &str,
    section: &Fields,
    place: Owner,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Vec<ProcessingItem> {
    let items = section.maps(key, diagnostics);
    items.iter().filter_map(|it| parse_item(it, place, context, 0, diagnostics)).collect()
}

fn parse_item(
    item: &Fields,
    place: Owner,
    context: &Context,
    depth: usize,
    diagnostics: &mut Diagnostics,
) -> Option<ProcessingItem> {
    let Some(kind) = item.text("type", diagnostics) else {
        item.missing("type", "every transformation names its type", diagnostics);
        return None;
    };
    let conditions = condition::parse_conditions(item, diagnostics);
    if ABOUT_RULES.contains(&kind.value.as_str()) {
        refuse_conditions(item, &kind, diagnostics);
    }
    let keys = [&["id", "type"], condition::KEYS, own_keys(place)].concat();
    let (kind, action) = if kind.value == NEST {
        item.refuse_others(&[&keys[..], &["items"]].concat(), Code::InvalidPipeline, diagnostics);
        (NEST, Action::Nest(parse_nested(item, &kind, place, context, depth, diagnostics)?))
    } else {
        let entry = find_entry(&kind, place, diagnostics)?;
        let known = [&keys[..], entry.keys].concat();
        item.refuse_others(&known, Code::InvalidPipeline, diagnostics);
        (entry.name, Action::Transform((entry.parse)(item, context, diagnostics)?))
    };
    Some(ProcessingItem {
        id: item.text("id", diagnostics).map(|it| it.value),
        kind,
        span: item.node("type").map_or(item.span(), |it| it.span),
        when: parse_when(item, diagnostics),
        conditions,
        action,
    })
}

/// Items that change a whole rule, so that conditions on its parts would choose nothing.
const ABOUT_RULES: &[&str] = &[
    NEST,
    "add_condition",
    "change_logsource",
    "add_field",
    "remove_field",
    "set_field",
    "set_custom_attribute",
    "set_state",
    "rule_failure",
];

/// Reports conditions on detection items or field names.
fn refuse_conditions(item: &Fields, kind: &Spanned<String>, diagnostics: &mut Diagnostics) {
    for key in condition::PARTS {
        let Some((node, _)) = item.entry(key) else { continue };
        let message =
            format!("`{}` is about the whole rule, and `{key}` chooses parts of it", kind.value);
        let mistake = Diagnostic::new(Code::InvalidPipeline, node.span, message);
        diagnostics.push(mistake.with_help("use `rule_conditions`; pySigma ignores this key here"));
    }
}

/// Keys that items have only under `isogloss`.
fn own_keys(place: Owner) -> &'static [&'static str] {
    match place {
        Owner::PySigma => &[],
        Owner::Isogloss => &["when"],
    }
}

/// Runs other items as one.
const NEST: &str = "nest";

fn parse_nested(
    item: &Fields,
    kind: &Spanned<String>,
    place: Owner,
    context: &Context,
    depth: usize,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<ProcessingItem>> {
    if depth == DEEPEST {
        let message = format!("items are nested more than {DEEPEST} deep");
        diagnostics.push(Diagnostic::new(Code::InvalidPipeline, kind.span, message));
        return None;
    }
    if item.node("items").is_none() {
        item.missing("items", "`nest` has a list of processing items", diagnostics);
        return None;
    }
    let items = item.maps("items", diagnostics);
    let items =
        items.iter().filter_map(|it| parse_item(it, place, context, depth + 1, diagnostics));
    Some(items.collect())
}

/// The transformation of this type, if it may stand in this place.
fn find_entry(
    kind: &Spanned<String>,
    place: Owner,
    diagnostics: &mut Diagnostics,
) -> Option<&'static Entry> {
    let (message, help) = match TRANSFORMATIONS.iter().find(|entry| entry.name == kind.value) {
        Some(entry) if entry.owner == Owner::Isogloss && place == Owner::PySigma => (
            format!("`{}` is a transformation of isogloss", kind.value),
            "write it under `isogloss`, `transformations`: other tools cannot read it here"
                .to_owned(),
        ),
        Some(entry) => return Some(entry),
        None => {
            let known = TRANSFORMATIONS.iter().map(|entry| entry.name).chain([NEST]);
            (
                format!("the transformation `{}` is not known", kind.value),
                suggest(&kind.value, known),
            )
        }
    };
    diagnostics
        .push(Diagnostic::new(Code::UnknownTransformation, kind.span, message).with_help(help));
    None
}

/// Reports choices that the pipeline's variables do not leave.
fn check_choices(items: &[ProcessingItem], variables: &[Variable], diagnostics: &mut Diagnostics) {
    for item in items {
        item.when.check(variables, diagnostics);
        if let Action::Nest(items) = &item.action {
            check_choices(items, variables, diagnostics);
        }
    }
}
