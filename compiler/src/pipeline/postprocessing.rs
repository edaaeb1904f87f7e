//! `postprocessing` and `finalizers`: what becomes of the text of queries. They are read here, and run where
//! the content of files is made.

mod finalizer;
mod replace;
mod simple;
mod template;

pub use finalizer::Finalizer;
pub use replace::Replace;
pub use simple::{SimplePart, SimpleTemplate};
pub use template::Template;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::condition::{RULE_KEYS, RuleConditions, parse_rule_conditions};
use super::parse::DEEPEST;
use super::run::Run;
use super::transformation::Context;
use super::{Pipeline, Vars};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::parse::Fields;
use crate::source::Span;

pub(super) use finalizer::parse_finalizers;

const CODE: Code = Code::InvalidPipeline;

/// One entry of `postprocessing`.
#[derive(Debug)]
pub struct PostprocessingItem {
    /// `id`, for the conditions `processing_item_applied`.
    pub id: Option<String>,
    /// Where it stands in the file: its `type`.
    pub span: Span,
    /// What it does.
    pub step: Step,
    conditions: RuleConditions,
}

/// What becomes of the text of a query.
#[derive(Debug)]
pub enum Step {
    /// It gets text around it.
    Embed {
        /// What stands before it.
        prefix: String,
        /// What stands behind it.
        suffix: String,
    },
    /// It stands in a text with fields in braces.
    SimpleTemplate(SimpleTemplate),
    /// It stands in a template.
    Template(Template),
    /// It stands in JSON, wherever there is a string `%QUERY%`.
    Json(Value),
    /// What a regular expression matches is replaced.
    Replace(Replace),
    /// Other steps run.
    Nest(Vec<PostprocessingItem>),
}

/// The steps whose conditions hold for a rule, and what their templates may name.
#[derive(Debug, Clone, Default)]
pub struct Postprocessing {
    steps: Vec<(Arc<Pipeline>, Vec<usize>)>,
    /// The variables of all pipelines.
    pub vars: Vars,
    /// What `set_state` has set.
    pub state: IndexMap<String, Value>,
}

impl Postprocessing {
    /// Asks the conditions of all steps.
    pub(super) fn of(list: &[Arc<Pipeline>], run: &mut Run) -> Self {
        let mut steps = Vec::new();
        for pipeline in list {
            let mut path = Vec::new();
            choose(&pipeline.postprocessing, &mut path, run, &mut |path| {
                steps.push((Arc::clone(pipeline), path.to_vec()));
            });
        }
        if steps.is_empty() {
            return Self::default();
        }
        Self { steps, vars: run.vars.clone(), state: run.state.clone() }
    }

    /// The steps in order, each with its pipeline; no step is a nest.
    pub fn steps(&self) -> impl Iterator<Item = (&Pipeline, &PostprocessingItem)> {
        self.steps
            .iter()
            .filter_map(|(pipeline, path)| Some((&**pipeline, step_at(pipeline, path)?)))
    }

    /// True if nothing becomes of queries.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

fn choose(
    items: &[PostprocessingItem],
    path: &mut Vec<usize>,
    run: &mut Run,
    chosen: &mut dyn FnMut(&[usize]),
) {
    for (place, item) in items.iter().enumerate() {
        if !item.conditions.hold(run) {
            continue;
        }
        path.push(place);
        run.mark_rule(item.id.as_deref());
        match &item.step {
            Step::Nest(items) => choose(items, path, run, chosen),
            Step::Embed { .. }
            | Step::SimpleTemplate(_)
            | Step::Template(_)
            | Step::Json(_)
            | Step::Replace(_) => chosen(path),
        }
        path.pop();
    }
}

fn step_at<'p>(pipeline: &'p Pipeline, path: &[usize]) -> Option<&'p PostprocessingItem> {
    let (first, rest) = path.split_first()?;
    let item = pipeline.postprocessing.get(*first)?;
    rest.iter().try_fold(item, |item, place| match &item.step {
        Step::Nest(items) => items.get(*place),
        Step::Embed { .. }
        | Step::SimpleTemplate(_)
        | Step::Template(_)
        | Step::Json(_)
        | Step::Replace(_) => None,
    })
}

/// The types of steps, and their keys.
const KINDS: &[(&str, &[&str])] = &[
    ("embed", &["prefix", "suffix"]),
    ("simple_template", &["template"]),
    ("template", template::KEYS),
    ("json", &["json_template"]),
    ("replace", &["pattern", "replacement"]),
    ("nest", &["items"]),
];

/// Reads `postprocessing`, or the `items` of a nest.
pub(super) fn parse_postprocessing(
    key: &str,
    section: &Fields,
    context: &Context,
    depth: usize,
    diagnostics: &mut Diagnostics,
) -> Vec<PostprocessingItem> {
    let items = section.maps(key, diagnostics);
    items.iter().filter_map(|it| parse_item(it, context, depth, diagnostics)).collect()
}

fn parse_item(
    item: &Fields,
    context: &Context,
    depth: usize,
    diagnostics: &mut Diagnostics,
) -> Option<PostprocessingItem> {
    let (kind, span) = parse_kind(item, "postprocessing", KINDS, &["id"], diagnostics)?;
    let conditions = parse_rule_conditions(item, diagnostics);
    let step = match kind {
        "embed" => Step::Embed {
            prefix: item.text("prefix", diagnostics).map(|it| it.value).unwrap_or_default(),
            suffix: item.text("suffix", diagnostics).map(|it| it.value).unwrap_or_default(),
        },
        "simple_template" => Step::SimpleTemplate(simple::parse(item, diagnostics)?),
        "template" => Step::Template(template::parse(item, context, diagnostics)?),
        "json" => Step::Json(parse_json(item, diagnostics)?),
        "replace" => Step::Replace(replace::parse(item, diagnostics)?),
        _ => Step::Nest(parse_nest(item, context, depth, diagnostics)?),
    };
    let id = item.text("id", diagnostics).map(|it| it.value);
    Some(PostprocessingItem { id, span, step, conditions })
}

/// The type of an entry and its place, after its keys were checked.
fn parse_kind(
    item: &Fields,
    what: &str,
    kinds: &[(&'static str, &[&str])],
    more: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<(&'static str, Span)> {
    let Some(kind) = item.text("type", diagnostics) else {
        if item.node("type").is_none() {
            item.missing("type", &format!("every entry of `{what}` names its type"), diagnostics);
        }
        return None;
    };
    let Some((name, keys)) = kinds.iter().find(|(name, _)| *name == kind.value) else {
        let message = format!("`{}` is no type of `{what}`", kind.value);
        let known: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
        let help = suggest(&kind.value, known);
        diagnostics
            .push(Diagnostic::new(Code::UnknownTransformation, kind.span, message).with_help(help));
        return None;
    };
    let conditions = if more.is_empty() { &[] } else { RULE_KEYS };
    let known = [&["type"], *keys, more, conditions].concat();
    item.refuse_others(&known, CODE, diagnostics);
    Some((*name, kind.span))
}

fn parse_nest(
    item: &Fields,
    context: &Context,
    depth: usize,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<PostprocessingItem>> {
    if depth == DEEPEST {
        let message = format!("items are nested more than {DEEPEST} deep");
        diagnostics.push(Diagnostic::new(CODE, item.span(), message));
        return None;
    }
    if item.node("items").is_none() {
        item.missing("items", "`nest` has a list of postprocessing items", diagnostics);
        return None;
    }
    Some(parse_postprocessing("items", item, context, depth + 1, diagnostics))
}

fn parse_json(item: &Fields, diagnostics: &mut Diagnostics) -> Option<Value> {
    if item.node("json_template").is_none() {
        let help = "write JSON in which a string is `%QUERY%`";
        item.missing("json_template", help, diagnostics);
        return None;
    }
    let text = item.text("json_template", diagnostics)?;
    match serde_json::from_str(&text.value) {
        Ok(value) if text.value.contains("%QUERY%") => Some(value),
        Ok(_) => {
            let message = "`json_template` has no place for the query";
            let mistake = Diagnostic::new(CODE, text.span, message);
            diagnostics.push(mistake.with_help("write `%QUERY%` as one of its strings"));
            None
        }
        Err(error) => {
            let message = format!("`json_template` is no JSON: {error}");
            diagnostics.push(Diagnostic::new(CODE, text.span, message));
            None
        }
    }
}
