//! `field_name_mapping`: fields get other names. A list of names means that any of them may match, an
//! empty list that tests of the field are left out. The key `null` stands for keywords.

use indexmap::IndexMap;

use super::rename::{rename_event, rename_fields};
use super::{
    Applies, Context, Entry, Fields, Owner, Replay, Rewrite, Run, Settings, Transformation,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Expr, FieldName, Item, Sigma, Test};
use crate::source::Span;
use crate::yaml::{Node, Value};

const CODE: Code = Code::InvalidPipeline;

#[derive(Debug)]
struct FieldNameMapping {
    mapping: IndexMap<String, Vec<String>>,
    /// The fields that keywords are searched in.
    keywords: Option<Vec<FieldName>>,
}

pub(super) const ENTRY: Entry =
    Entry { name: "field_name_mapping", owner: Owner::PySigma, keys: &["mapping"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let mut read = FieldNameMapping { mapping: IndexMap::new(), keywords: None };
    for (key, names) in parse_mapping(settings, diagnostics)? {
        match key.as_text() {
            Some(name) => {
                read.mapping.insert(name.to_owned(), names);
            }
            None => read.keywords = Some(names.into_iter().map(FieldName).collect()),
        }
    }
    Some(Box::new(read))
}

/// Reads `mapping`: each key with its new names.
pub(super) fn parse_mapping<'n, 'a>(
    settings: &Settings<'n, 'a>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(&'n Node<'a>, Vec<String>)>> {
    let Some(node) = settings.node("mapping") else {
        settings.missing("mapping", "write `mapping: {SigmaField: target_field}`", diagnostics);
        return None;
    };
    let map = Settings::of(node, CODE, diagnostics)?;
    let entries = map.entries().iter().filter_map(|(key, value)| {
        if key.as_scalar().is_none() {
            let message = format!("a field is named by a word, not by {}", key.describe());
            diagnostics.push(Diagnostic::new(CODE, key.span, message));
            return None;
        }
        Some((key, parse_names(key, value, diagnostics)))
    });
    Some(entries.collect())
}

fn parse_names(key: &Node, value: &Node, diagnostics: &mut Diagnostics) -> Vec<String> {
    let name = key.as_text().unwrap_or("null");
    let mut refuse = |span: Span, message: String, help: &str| {
        diagnostics.push(Diagnostic::new(CODE, span, message).with_help(help));
    };
    let mut names = Vec::new();
    for element in value.elements() {
        match (element.as_text(), &value.value) {
            (Some(""), _) => {
                let help = "write `[]` if tests of the field are to be left out";
                refuse(element.span, format!("`{name}` is mapped to an empty name"), help);
            }
            (Some(text), _) => names.push(text.to_owned()),
            (None, Value::Scalar(_)) => {
                let help = "write `[]` if tests of the field are to be left out";
                refuse(key.span, format!("`{name}` is mapped to nothing"), help);
            }
            (None, Value::Sequence(_) | Value::Mapping(_)) => {
                let message =
                    format!("`{name}` is mapped to {}, and not to a name", element.describe());
                refuse(element.span, message, "write a name or a list of names");
            }
        }
    }
    names
}

impl FieldNameMapping {
    fn names(&self, field: &str) -> Option<Vec<String>> {
        self.mapping.get(field).cloned()
    }
}

impl Transformation for FieldNameMapping {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        rename_fields(run, applies, &|field| self.names(field));
        if let Some(fields) = &self.keywords {
            run.rewrite_items(applies, &mut |run, item, _| match item.field {
                None if applies.to_field(None, run) => search_in(fields, item),
                None | Some(_) => Rewrite::Keep,
            });
        }
    }

    fn replay(&self) -> Replay {
        match self.keywords {
            Some(_) => {
                Replay::Missing("the fields that keywords go to hold what only the platform knows")
            }
            None => Replay::OnEvent,
        }
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        rename_event(fields, applies, &|field| self.names(field));
    }

    fn renamed_fields(&self) -> Vec<&str> {
        self.mapping.keys().map(String::as_str).collect()
    }
}

/// Keywords have wildcards around them already; those of an author who wrote none, too.
fn search_in(fields: &[FieldName], item: &Item<Sigma>) -> Rewrite {
    let anywhere = item.predicates.iter().cloned().map(|mut predicate| {
        match &mut predicate.test {
            Test::Like(pattern) => *pattern = pattern.open(true, true),
            Test::Number(_)
            | Test::Bool(_)
            | Test::Null
            | Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::FieldRef { .. }
            | Test::Time { .. }
            | Test::Query { .. }
            | Test::Open(_) => {}
        }
        predicate
    });
    let item = item.with_predicates(anywhere.collect());
    let expr: Option<Expr<Sigma>> = item.on_any_of(fields);
    expr.map_or_else(
        || Rewrite::LeaveOut("the pipeline maps keywords to no field".to_owned()),
        Rewrite::Replace,
    )
}
