//! What stands under the key `isogloss` of a pipeline: scopes, facts about fields, policies.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::condition::{parse_flag, parse_logsource};
use super::data_model::{
    DataModels, FieldSets, parse_data_models, parse_field_sets, parse_known, parse_model_of_scope,
    values,
};
use super::stamp::{Stamp, parse_stamps};
use super::variable::{Choices, Variable, When, parse_variables, parse_when};
use crate::ast::{Body, Logsource};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Analyzer, DataModel, Direction, FieldFacts, FieldKind, Macro, Origins};
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
    /// What becomes of a log source without a scope.
    pub unknown_logsource: Option<UnknownLogsource>,
    /// Fields that hold only part of what Sigma's field means.
    pub(super) partial: Vec<Partial>,
    /// What the pipeline leaves to its user.
    pub variables: Vec<Variable>,
    /// True if definitions are written in place of macros.
    pub inline_macros: bool,
}

/// What becomes of a log source without a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownLogsource {
    /// The query searches everything, with the loss `unscoped-logsource`.
    Warn,
    /// The rule is refused.
    Refuse,
    /// A macro is named after the log source, with this definition, until its user gives it another.
    Macro(String),
}

/// Fields of Sigma that the platform holds only in part, with the loss `mapping`.
#[derive(Debug)]
pub(super) struct Partial {
    logsource: Logsource,
    fields: Vec<String>,
    pub(super) direction: Direction,
    pub(super) why: String,
    when: When,
}

impl Partial {
    /// True if it is about this field in rules of this log source.
    pub(super) fn is_about(&self, field: &str, rule: &Logsource, choices: &Choices) -> bool {
        self.logsource.contains(rule)
            && self.fields.iter().any(|it| it == field)
            && self.when.holds(choices)
    }
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
    /// Fields whose values have one spelling in this log source.
    pub canonical: Vec<String>,
    /// The fields that its events have; `None` if the facts about fields decide.
    pub known: Option<BTreeSet<String>>,
    /// The data model that holds its events (SPL).
    pub data_model: Option<Arc<DataModel>>,
    /// The field that keywords search; `None` stands for the text of the event.
    pub keywords: Option<String>,
    /// True if it is for rules that say no more about their log source.
    pub exact: bool,
    /// The choices that it holds for.
    pub(super) when: When,
    /// Index patterns.
    pub index: Vec<String>,
    /// The fields that an analytic shows.
    pub output_fields: Vec<String>,
    /// How the scope differs from the log source, and why.
    pub inexact: Option<(Direction, String)>,
}

impl ScopeEntry {
    /// True if its events are those of a macro that the other scope calls too, whatever else that asks.
    pub(super) fn holds_all_of(&self, other: &Self) -> bool {
        let bare = [&self.terms, &self.any, &self.except].into_iter().all(Option::is_none);
        self.call.is_some() && bare && self.category.is_none() && self.call == other.call
    }

    /// True if it is for rules of this log source.
    pub(super) fn fits(&self, rule: &Logsource) -> bool {
        self.logsource.contains(rule) && !(self.exact && self.logsource != *rule)
    }
}

/// What becomes of a field without facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmapped {
    /// It keeps its name, with the loss `unmapped-field`.
    Warn,
    /// The rule is refused.
    Refuse,
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
    fields.refuse_others(KEYS, CODE, diagnostics);
    fields.check_version(diagnostics);
    let sets = parse_field_sets(fields, diagnostics);
    let models = parse_data_models(fields, &sets, diagnostics);
    let scopes = fields.maps("scopes", diagnostics);
    let extension = Extension {
        scopes: scopes
            .iter()
            .filter_map(|it| parse_scope(it, &sets, &models, diagnostics))
            .collect(),
        stamps: parse_stamps(fields, diagnostics),
        fields: parse_fields(fields, diagnostics).unwrap_or_default(),
        unmapped: parse_unmapped(fields, diagnostics),
        unknown_logsource: parse_unknown_logsource(fields, diagnostics),
        partial: parse_losses(fields, diagnostics),
        variables: parse_variables(fields, diagnostics),
        inline_macros: fields.word("macros", MACROS, diagnostics).unwrap_or(false),
    };
    let scopes = extension.scopes.iter().map(|it| &it.when);
    let losses = extension.partial.iter().map(|it| &it.when);
    let stamps = extension.stamps.iter().map(|it| &it.when);
    for when in scopes.chain(losses).chain(stamps) {
        when.check(&extension.variables, diagnostics);
    }
    extension
}

const KEYS: &[&str] = &[
    "version",
    "variables",
    "macros",
    "unmapped",
    "unknown_logsource",
    "field_sets",
    "data_models",
    "scopes",
    "transformations",
    "losses",
    "events",
    "fields",
];

const MACROS: &[(&str, bool)] = &[("keep", false), ("inline", true)];

const SCOPE_KEYS: &[&str] = &[
    "logsource",
    "exact",
    "when",
    "macro",
    "category",
    "terms",
    "any",
    "except",
    "optional",
    "canonical",
    "known",
    "data_model",
    "keywords",
    "index",
    "output_fields",
    "inexact",
];

fn parse_scope(
    entry: &Fields,
    sets: &FieldSets,
    models: &DataModels,
    diagnostics: &mut Diagnostics,
) -> Option<ScopeEntry> {
    entry.refuse_others(SCOPE_KEYS, CODE, diagnostics);
    let Some(logsource) = entry.node("logsource") else {
        entry.missing("logsource", "a scope names its log source", diagnostics);
        return None;
    };
    let logsource = Fields::of(logsource, CODE, diagnostics)?;
    logsource.refuse_others(&["category", "product", "service"], CODE, diagnostics);
    let finds = ["macro", "category", "terms", "any"];
    if finds.iter().all(|key| entry.node(key).is_none()) {
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
        optional: values(entry.texts("optional", diagnostics)),
        canonical: values(entry.texts("canonical", diagnostics)),
        known: parse_known("known", entry, sets, diagnostics),
        data_model: parse_model_of_scope(entry, models, diagnostics),
        keywords: entry.text("keywords", diagnostics).map(|it| it.value),
        exact: parse_flag("exact", entry, diagnostics),
        when: parse_when(entry, diagnostics),
        index: values(entry.texts("index", diagnostics)),
        output_fields: values(entry.texts("output_fields", diagnostics)),
        inexact: parse_inexact(entry, diagnostics),
    })
}

fn parse_losses(section: &Fields, diagnostics: &mut Diagnostics) -> Vec<Partial> {
    let entries = section.maps("losses", diagnostics);
    entries.iter().filter_map(|it| parse_partial(it, diagnostics)).collect()
}

fn parse_partial(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<Partial> {
    entry.refuse_others(&["logsource", "when", "fields", "direction", "why"], CODE, diagnostics);
    let logsource = entry.node("logsource").and_then(|it| Fields::of(it, CODE, diagnostics));
    let logsource = logsource.map(|it| parse_logsource(&it, diagnostics)).unwrap_or_default();
    let (direction, why) = parse_difference(entry, diagnostics)?;
    let fields = values(entry.texts("fields", diagnostics));
    if fields.is_empty() {
        entry.missing("fields", "a loss names the fields that it is about", diagnostics);
    }
    Some(Partial { logsource, fields, direction, why, when: parse_when(entry, diagnostics) })
}

fn parse_unknown_logsource(
    section: &Fields,
    diagnostics: &mut Diagnostics,
) -> Option<UnknownLogsource> {
    let node = section.node("unknown_logsource")?;
    match node.as_text() {
        Some("warn") => return Some(UnknownLogsource::Warn),
        Some("error") => return Some(UnknownLogsource::Refuse),
        Some(word) => {
            let message = format!("`{word}` is no policy for unknown log sources");
            let help = "write `warn`, `error`, or `{macro: index=__fill_in__}`";
            diagnostics.push(Diagnostic::new(CODE, node.span, message).with_help(help));
            return None;
        }
        None => {}
    }
    let entry = Fields::of(node, CODE, diagnostics)?;
    entry.refuse_others(&["macro"], CODE, diagnostics);
    Some(UnknownLogsource::Macro(entry.text("macro", diagnostics)?.value))
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
    parse_difference(&fields, diagnostics)
}

/// In which direction something differs, and why.
fn parse_difference(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<(Direction, String)> {
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
    let known = ["type", "optional", "case", "file_name_of", "absent", "analyzer"];
    entry.refuse_others(&known, CODE, diagnostics);
    FieldFacts {
        kind: entry.word("type", FieldKind::ALL, diagnostics).unwrap_or_default(),
        optional: parse_flag("optional", entry, diagnostics),
        canonical_case: entry.word("case", &[("canonical", true)], diagnostics).unwrap_or(false),
        file_name_of: entry.text("file_name_of", diagnostics).map(|it| it.value),
        absent: values(entry.texts("absent", diagnostics)),
        analyzer: entry.word("analyzer", Analyzer::ALL, diagnostics).unwrap_or_default(),
    }
}

fn parse_unmapped(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<Unmapped> {
    let node = fields.node("unmapped")?;
    match node.as_text() {
        Some("warn") => return Some(Unmapped::Warn),
        Some("error") => return Some(Unmapped::Refuse),
        Some(word) => {
            let message = format!("`{word}` is no policy for unmapped fields");
            let help = "write `warn`, `error`, or \
                        `{prefix: winlog.event_data., logsource: {product: windows}}`";
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
