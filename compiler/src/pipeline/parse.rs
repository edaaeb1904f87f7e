//! Text to [`Pipeline`], in the format of pySigma.

use super::extension::parse_extension;
use super::{Extension, Pipeline, ProcessingItem, TRANSFORMATIONS, condition};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::parse::Fields;
use crate::source::{SourceId, Span};
use crate::yaml::parse_yaml;

const KNOWN: &[&str] = &["name", "priority", "transformations", "isogloss"];

/// Reads a pipeline. Returns `None` if anything in it is not understood: without it, queries would
/// change.
pub fn parse_pipeline(
    source: SourceId,
    text: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Pipeline> {
    let before = diagnostics.len();
    let documents = parse_yaml(source, text, diagnostics);
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
    let items = fields.maps("transformations", diagnostics);
    let pipeline = Pipeline {
        name: fields.text("name", diagnostics).map(|it| it.value).unwrap_or_default(),
        priority: parse_priority(&fields, diagnostics),
        items: items.iter().filter_map(|item| parse_item(item, diagnostics)).collect(),
        extension: parse_section(&fields, diagnostics).unwrap_or_default(),
    };
    let sound = !diagnostics.iter().skip(before).any(Diagnostic::is_error);
    sound.then_some(pipeline)
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

fn parse_section(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<Extension> {
    let section = Fields::of(fields.node("isogloss")?, Code::InvalidPipeline, diagnostics)?;
    Some(parse_extension(&section, diagnostics))
}

fn parse_item(item: &Fields, diagnostics: &mut Diagnostics) -> Option<ProcessingItem> {
    let Some(kind) = item.text("type", diagnostics) else {
        item.missing("type", "every transformation names its type", diagnostics);
        return None;
    };
    let Some(entry) = TRANSFORMATIONS.iter().find(|entry| entry.name == kind.value) else {
        let message = format!("the transformation `{}` is not known", kind.value);
        let help = suggest(&kind.value, TRANSFORMATIONS.iter().map(|entry| entry.name));
        diagnostics
            .push(Diagnostic::new(Code::UnknownTransformation, kind.span, message).with_help(help));
        return None;
    };
    let known = [&["id", "type"], entry.keys, condition::KEYS].concat();
    item.refuse_others(&known, Code::UnknownTransformation, diagnostics);
    let conditions = condition::parse_conditions(item, diagnostics);
    let transformation = (entry.parse)(item, diagnostics)?;
    let id = item.text("id", diagnostics).map(|it| it.value);
    Some(ProcessingItem { id, kind: entry.name, span: kind.span, conditions, transformation })
}
