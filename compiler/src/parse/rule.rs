//! The attributes of a rule (Sigma specification, section "Components").

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::condition::parse_condition_node;
use super::fields::Fields;
use super::size::check_size;
use super::{attributes, detection};
use crate::ast::{Condition, Level, Logsource, Metadata, Rule, Status};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;
use crate::yaml::{Node, Resolved, Value};

/// The attributes that have a place of their own in [`Rule`]; all others are custom.
const KNOWN: &[&str] = &[
    "title",
    "id",
    "name",
    "status",
    "level",
    "description",
    "license",
    "author",
    "date",
    "modified",
    "references",
    "tags",
    "falsepositives",
    "related",
    "logsource",
    "detection",
    "fields",
    "scope",
    "taxonomy",
    "correlation",
    "filter",
    "generate",
    "sigma-version",
    "isogloss",
];
const MAX_TITLE: usize = 256;

/// Reads one rule. Returns `None` if a required part is missing; `diagnostics` says what is wrong.
pub(super) fn parse_rule(node: &Node, diagnostics: &mut Diagnostics) -> Option<Rule> {
    let fields = Fields::of(node, Code::InvalidAttribute, diagnostics)?;
    report_metadata(&fields, diagnostics);
    let metadata = Arc::new(parse_metadata(&fields, diagnostics));
    let logsource = parse_logsource(&fields, diagnostics);
    let shown = fields.texts("fields", diagnostics);
    let Some(detection) = fields.node("detection") else {
        fields.missing("detection", "a rule says what it looks for under `detection`", diagnostics);
        return None;
    };
    let detection = Fields::of(detection, Code::InvalidDetection, diagnostics)?;
    report_timeframe(&detection, diagnostics);
    let others = ["condition", "timeframe"];
    let mut detections = detection::parse_detections(&detection, &others, diagnostics);
    let mut conditions = parse_conditions(&detection, diagnostics);
    let span = detection.node("condition").map_or(detection.span(), |it| it.span);
    check_size(&mut detections, &mut conditions, span, diagnostics);
    Some(Rule { metadata, logsource: logsource?, detections, conditions, fields: shown })
}

/// What may stand in the way of reading any document.
pub(super) fn report_metadata(fields: &Fields, diagnostics: &mut Diagnostics) {
    check_taxonomy(fields, diagnostics);
    check_version(fields, diagnostics);
}

/// `timeframe` is no detection, although it stands among them.
fn report_timeframe(detection: &Fields, diagnostics: &mut Diagnostics) {
    let Some((key, _)) = detection.entry("timeframe") else { return };
    let message = "`timeframe` belongs to the aggregations of old rules and has no meaning now";
    let help = "write a correlation rule with `timespan`";
    diagnostics.push(Diagnostic::new(Code::InvalidDetection, key.span, message).with_help(help));
}

pub(super) fn parse_metadata(fields: &Fields, diagnostics: &mut Diagnostics) -> Metadata {
    let text =
        |key: &str, diagnostics: &mut Diagnostics| fields.text(key, diagnostics).map(|it| it.value);
    let texts = |key: &str, diagnostics: &mut Diagnostics| -> Vec<String> {
        fields.texts(key, diagnostics).into_iter().map(|it| it.value).collect()
    };
    Metadata {
        title: parse_title(fields, diagnostics),
        id: parse_id(fields, diagnostics),
        name: text("name", diagnostics),
        status: fields.word("status", Status::ALL, diagnostics),
        level: fields.word("level", Level::ALL, diagnostics),
        description: text("description", diagnostics),
        license: text("license", diagnostics),
        author: text("author", diagnostics),
        date: parse_date("date", fields, diagnostics),
        modified: parse_date("modified", fields, diagnostics),
        references: texts("references", diagnostics),
        tags: texts("tags", diagnostics),
        falsepositives: texts("falsepositives", diagnostics),
        related: parse_related(fields, diagnostics),
        attributes: attributes::parse_attributes(fields, diagnostics),
        scope: texts("scope", diagnostics),
        taxonomy: text("taxonomy", diagnostics),
        logsource: parse_logsource_notes(fields),
        custom: parse_custom(fields),
    }
}

fn parse_title(fields: &Fields, diagnostics: &mut Diagnostics) -> String {
    if fields.node("title").is_none() {
        fields.missing("title", "every rule has a title", diagnostics);
        return String::new();
    }
    let Some(title) = fields.text("title", diagnostics) else { return String::new() };
    if title.value.trim().is_empty() {
        diagnostics.push(Diagnostic::new(Code::InvalidAttribute, title.span, "the title is empty"));
    }
    if title.value.chars().count() > MAX_TITLE {
        let message = format!("the title is longer than {MAX_TITLE} characters");
        diagnostics.push(Diagnostic::new(Code::InvalidAttribute, title.span, message));
    }
    title.value
}

/// Field names of another taxonomy would be taken for Sigma's.
fn check_taxonomy(fields: &Fields, diagnostics: &mut Diagnostics) {
    let Some(taxonomy) = fields.text("taxonomy", diagnostics) else { return };
    if taxonomy.value != "sigma" {
        let message = format!("the taxonomy `{}` is not known", taxonomy.value);
        let help = "write the rule in Sigma's field names";
        diagnostics
            .push(Diagnostic::new(Code::InvalidAttribute, taxonomy.span, message).with_help(help));
    }
}

/// A later version of Sigma may give a rule another meaning.
fn check_version(fields: &Fields, diagnostics: &mut Diagnostics) {
    let Some(version) = fields.text("sigma-version", diagnostics) else { return };
    let known = version.value.parse().is_ok_and(|number: u32| (1..=2).contains(&number));
    if !known {
        let message = format!("version {} of Sigma is not known", version.value);
        let help = "rules of version 2 are read";
        diagnostics.push(
            Diagnostic::new(Code::UnsupportedDocument, version.span, message).with_help(help),
        );
    }
}

fn parse_id(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<String> {
    let id = fields.text("id", diagnostics)?;
    if !is_uuid(&id.value) {
        let message = format!("`{}` is no UUID", id.value);
        let diagnostic = Diagnostic::new(Code::InvalidAttribute, id.span, message)
            .with_help("an id looks like `929a690e-bef0-4204-a928-ef5e620d6fcc`");
        diagnostics.push(diagnostic);
        return None;
    }
    Some(id.value.to_lowercase())
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `YYYY-MM-DD`, or the `YYYY/MM/DD` of older rules, which is brought to the new form.
fn parse_date(key: &str, fields: &Fields, diagnostics: &mut Diagnostics) -> Option<String> {
    let date = fields.text(key, diagnostics)?;
    let calendar_date = to_calendar_date(&date.value);
    if calendar_date.is_none() {
        let message = format!("`{}` is no date", date.value);
        let diagnostic = Diagnostic::new(Code::InvalidAttribute, date.span, message);
        diagnostics.push(diagnostic.with_help("write it as `YYYY-MM-DD`"));
    }
    calendar_date
}

fn to_calendar_date(text: &str) -> Option<String> {
    let parts: Vec<u32> = text.split(['-', '/']).map_while(|part| part.parse().ok()).collect();
    let &[year, month @ 1..=12, day @ 1..=31] = &*parts else { return None };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    (day <= days).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn parse_related(fields: &Fields, diagnostics: &mut Diagnostics) -> Vec<(String, String)> {
    let entries = fields.maps("related", diagnostics);
    let pairs = entries.iter().filter_map(|entry| {
        let id = entry.text("id", diagnostics)?;
        let kind = entry.text("type", diagnostics)?;
        Some((id.value, kind.value))
    });
    pairs.collect()
}

fn parse_custom(fields: &Fields) -> IndexMap<String, Json> {
    keep_others(fields, KNOWN)
}

/// What a log source says beside its three attributes, such as `definition`.
fn parse_logsource_notes(fields: &Fields) -> IndexMap<String, Json> {
    let Some(node) = fields.node("logsource") else { return IndexMap::new() };
    // A log source that is no map is reported where it is read.
    let notes = Fields::of(node, Code::InvalidAttribute, &mut Vec::new());
    notes.map(|it| keep_others(&it, &["category", "product", "service"])).unwrap_or_default()
}

/// Every key that is not in `known`, with its value as it is.
fn keep_others(fields: &Fields, known: &[&str]) -> IndexMap<String, Json> {
    let others = fields.entries().iter().filter_map(|(key, value)| {
        let key = key.as_text().filter(|key| !known.contains(key))?;
        Some((key.to_owned(), to_json(value)))
    });
    others.collect()
}

/// A node as it is; numbers that JSON cannot write keep their text.
pub(crate) fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Scalar(scalar) => match scalar.resolve() {
            Resolved::Null => Json::Null,
            Resolved::Bool(value) => Json::Bool(value),
            Resolved::Number(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()))
            }
            Resolved::Text(text) => Json::String(text.to_owned()),
        },
        Value::Sequence(elements) => Json::Array(elements.iter().map(to_json).collect()),
        Value::Mapping(entries) => {
            let entries = entries
                .iter()
                .filter_map(|(key, value)| Some((key.as_text()?.to_owned(), to_json(value))));
            Json::Object(entries.collect())
        }
    }
}

pub(super) fn parse_logsource(
    fields: &Fields,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<Logsource>> {
    let Some((key, node)) = fields.entry("logsource") else {
        let help = "name at least one of `category`, `product` and `service`";
        fields.missing("logsource", help, diagnostics);
        return None;
    };
    let fields = Fields::of(node, Code::InvalidAttribute, diagnostics)?;
    let logsource = Logsource {
        category: fields.text("category", diagnostics).map(|it| it.value),
        product: fields.text("product", diagnostics).map(|it| it.value),
        service: fields.text("service", diagnostics).map(|it| it.value),
    };
    if logsource.specificity() == 0 {
        let message = "the log source names no category, product or service";
        diagnostics.push(Diagnostic::new(Code::InvalidAttribute, fields.span(), message));
        return None;
    }
    Some(Spanned::new(logsource, key.span))
}

fn parse_conditions(detection: &Fields, diagnostics: &mut Diagnostics) -> Vec<Condition> {
    let Some(node) = detection.node("condition") else {
        if let Some(mistake) = indented_condition(detection) {
            diagnostics.push(mistake);
            return Vec::new();
        }
        let help = "a condition joins the detections, such as `condition: selection`";
        detection.missing("condition", help, diagnostics);
        return Vec::new();
    };
    let elements = node.elements();
    if elements.is_empty() {
        let message = "the list of conditions is empty";
        diagnostics.push(Diagnostic::new(Code::InvalidCondition, node.span, message));
    }
    let names: Vec<&str> =
        detection.entries().iter().filter_map(|(key, _)| key.as_text()).collect();
    elements.iter().filter_map(|it| parse_condition_node(it, &names, diagnostics)).collect()
}

/// `condition` as a field of a detection: it was indented too far.
fn indented_condition(detection: &Fields) -> Option<Diagnostic> {
    let found = detection
        .entries()
        .iter()
        .find_map(|(name, body)| Some((name, body.entry("condition")?.0)));
    let (name, key) = found?;
    let name = name.as_text().unwrap_or_default();
    let message = format!("`condition` is missing, since it stands inside of `{name}`");
    let help = format!("indent it as far as `{name}`");
    Some(Diagnostic::new(Code::MissingAttribute, key.span, message).with_help(help))
}
