//! What stands under the key `isogloss` of a pipeline: scopes, facts about fields, policies.

use std::sync::Arc;

use indexmap::IndexMap;

use super::condition::{parse_flag, parse_logsource};
use super::stamp::{Stamp, parse_stamps};
use crate::ast::{Body, Logsource};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Direction, FieldFacts, FieldKind, Macro, Origins};
use crate::lower::lower_body;
use crate::parse::{Fields, parse_body};
use crate::source::Span;

const CODE: Code = Code::InvalidPipeline;

/// Everything under `isogloss`.
#[derive(Debug, Default)]
pub struct Extension {
    /// Log sources of the platform.
    pub scopes: Vec<ScopeEntry>,
    /// What the platform writes on events, by their log source.
    pub(super) stamps: Vec<Stamp>,
    /// What is known about fields of the target, by name.
    pub fields: IndexMap<String, Arc<FieldFacts>>,
    /// What becomes of a field without facts.
    pub unmapped: Option<Unmapped>,
}

/// A log source of the platform.
#[derive(Debug)]
pub struct ScopeEntry {
    /// The rules it is for: those whose log source is contained in this one.
    pub logsource: Logsource,
    /// Where it stands in the file: its log source.
    pub span: Span,
    /// The macro that selects it.
    pub call: Option<Macro>,
    /// The event category.
    pub category: Option<String>,
    /// Terms that hold for its events.
    pub terms: Option<Body>,
    /// Alternatives, one of which holds for each of its events.
    pub any: Option<Body>,
    /// Terms that hold for none of its events.
    pub except: Option<Body>,
    /// Fields that not every index of this log source has.
    pub optional: Vec<String>,
    /// Index patterns.
    pub index: Vec<String>,
    /// The fields that an analytic shows.
    pub output_fields: Vec<String>,
    /// How the scope differs from the log source, and why.
    pub inexact: Option<(Direction, String)>,
}

/// What becomes of a field without facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmapped {
    /// It keeps its name, with the loss `unmapped-field`.
    Warn,
    /// In this log source it gets a prefix and is optional; elsewhere it keeps its name, with the loss.
    Prefix {
        /// What is put before the name.
        prefix: String,
        /// The rules it is for.
        logsource: Logsource,
    },
}

/// Reads `isogloss` of a pipeline.
pub(super) fn parse_extension(fields: &Fields, diagnostics: &mut Diagnostics) -> Extension {
    fields.refuse_others(&["version", "scopes", "events", "fields", "unmapped"], CODE, diagnostics);
    fields.check_version(diagnostics);
    let scopes = fields.maps("scopes", diagnostics);
    Extension {
        scopes: scopes.iter().filter_map(|it| parse_scope(it, diagnostics)).collect(),
        stamps: parse_stamps(fields, diagnostics),
        fields: parse_fields(fields, diagnostics).unwrap_or_default(),
        unmapped: parse_unmapped(fields, diagnostics),
    }
}

fn parse_scope(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<ScopeEntry> {
    let known = [
        "logsource",
        "macro",
        "category",
        "terms",
        "any",
        "except",
        "optional",
        "index",
        "output_fields",
        "inexact",
    ];
    entry.refuse_others(&known, CODE, diagnostics);
    let Some(logsource) = entry.node("logsource") else {
        entry.missing("logsource", "a scope names its log source", diagnostics);
        return None;
    };
    let logsource = Fields::of(logsource, CODE, diagnostics)?;
    logsource.refuse_others(&["category", "product", "service"], CODE, diagnostics);
    let texts = |key: &str, diagnostics: &mut Diagnostics| -> Vec<String> {
        entry.texts(key, diagnostics).into_iter().map(|it| it.value).collect()
    };
    if entry
        .node("macro")
        .or(entry.node("category"))
        .or(entry.node("terms"))
        .or(entry.node("any"))
        .is_none()
    {
        entry.missing(
            "macro`, `category` or `terms",
            "a scope says how its events are found",
            diagnostics,
        );
    }
    Some(ScopeEntry {
        logsource: parse_logsource(&logsource, diagnostics),
        span: logsource.span(),
        call: parse_macro(entry, diagnostics),
        category: entry.text("category", diagnostics).map(|it| it.value),
        terms: parse_terms("terms", entry, diagnostics),
        any: parse_terms("any", entry, diagnostics),
        except: parse_terms("except", entry, diagnostics),
        optional: texts("optional", diagnostics),
        index: texts("index", diagnostics),
        output_fields: texts("output_fields", diagnostics),
        inexact: parse_inexact(entry, diagnostics),
    })
}

/// Terms are a detection over fields of the target. They are lowered once here, so that what is wrong
/// with them is found when the pipeline is read.
fn parse_terms(key: &str, entry: &Fields, diagnostics: &mut Diagnostics) -> Option<Body> {
    let body = parse_body(entry.node(key)?, diagnostics)?;
    lower_body(&body, &mut Origins::default(), diagnostics)?;
    Some(body)
}

fn parse_macro(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<Macro> {
    let fields = Fields::of(entry.node("macro")?, CODE, diagnostics)?;
    fields.refuse_others(&["name", "definition"], CODE, diagnostics);
    let (name, definition) =
        (fields.text("name", diagnostics), fields.text("definition", diagnostics));
    let (Some(name), Some(definition)) = (name, definition) else {
        fields.missing("name` or `definition", "a macro has both", diagnostics);
        return None;
    };
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
    if name.value.is_empty() || !name.value.chars().all(plain) {
        let message = format!("`{}` is no name of a macro", name.value);
        let help = "a name has letters, digits, `_` and `-`";
        diagnostics.push(Diagnostic::new(CODE, name.span, message).with_help(help));
        return None;
    }
    Some(Macro { name: name.value, definition: definition.value })
}

fn parse_inexact(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<(Direction, String)> {
    let fields = Fields::of(entry.node("inexact")?, CODE, diagnostics)?;
    fields.refuse_others(&["direction", "why"], CODE, diagnostics);
    let directions = [
        ("wider", Direction::Wider),
        ("narrower", Direction::Narrower),
        ("mixed", Direction::Mixed),
    ];
    let direction = fields.word("direction", &directions, diagnostics)?;
    Some((direction, fields.text("why", diagnostics)?.value))
}

fn parse_fields(
    fields: &Fields,
    diagnostics: &mut Diagnostics,
) -> Option<IndexMap<String, Arc<FieldFacts>>> {
    let map = Fields::of(fields.node("fields")?, CODE, diagnostics)?;
    let mut facts = IndexMap::new();
    for (key, value) in map.entries() {
        let (Some(name), Some(entry)) = (key.as_text(), Fields::of(value, CODE, diagnostics))
        else {
            continue;
        };
        facts.insert(name.to_owned(), Arc::new(parse_facts(&entry, diagnostics)));
    }
    Some(facts)
}

fn parse_facts(entry: &Fields, diagnostics: &mut Diagnostics) -> FieldFacts {
    entry.refuse_others(&["type", "optional", "case", "file_name_of"], CODE, diagnostics);
    FieldFacts {
        kind: entry.word("type", FieldKind::ALL, diagnostics).unwrap_or_default(),
        optional: parse_flag("optional", entry, diagnostics),
        canonical_case: entry.word("case", &[("canonical", true)], diagnostics).unwrap_or(false),
        file_name_of: entry.text("file_name_of", diagnostics).map(|it| it.value),
    }
}

fn parse_unmapped(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<Unmapped> {
    let node = fields.node("unmapped")?;
    match node.as_text() {
        Some("warn") => return Some(Unmapped::Warn),
        Some(word) => {
            let message = format!("`{word}` is no policy for unmapped fields");
            let help =
                "write `warn`, or `{prefix: winlog.event_data., logsource: {product: windows}}`";
            diagnostics.push(Diagnostic::new(CODE, node.span, message).with_help(help));
            return None;
        }
        None => {}
    }
    let entry = Fields::of(node, CODE, diagnostics)?;
    entry.refuse_others(&["prefix", "logsource"], CODE, diagnostics);
    let logsource = entry.node("logsource").and_then(|it| Fields::of(it, CODE, diagnostics));
    let logsource = logsource.map(|it| parse_logsource(&it, diagnostics)).unwrap_or_default();
    Some(Unmapped::Prefix { prefix: entry.text("prefix", diagnostics)?.value, logsource })
}
