//! Processing pipelines: from Sigma's field names and log sources to the target's.
//!
//! A pipeline is a file in the format of pySigma; what that format cannot say stands under its key
//! `isogloss`. [`apply`](Pipelines::apply) runs the items on a rule, [`link`](Pipelines::link) puts
//! conditions and detections together and gives the rule its scope.

mod condition;
mod extension;
mod file_name;
mod infer;
mod link;
mod parse;
mod stamp;
mod transformation;

pub use extension::{Extension, ScopeEntry, Unmapped};
pub use infer::Sources;
pub use parse::parse_pipeline;
use transformation::TRANSFORMATIONS;
pub use transformation::{Fields, Transformation};

use std::sync::Arc;

use serde_json::Map;

use crate::ast::Logsource;
use crate::ir::{Event, Mapped, Rule, Sigma};
use crate::source::Span;
use condition::Conditions;
use link::Policy;

/// A processing pipeline.
#[derive(Debug)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// Pipelines are applied from low to high priority.
    pub priority: i64,
    /// What it does, in order.
    pub items: Vec<ProcessingItem>,
    /// What stands under `isogloss`.
    pub extension: Extension,
}

/// One entry of `transformations`.
#[derive(Debug)]
pub struct ProcessingItem {
    /// `id`, for messages.
    pub id: Option<String>,
    /// The `type` of its transformation.
    pub kind: &'static str,
    /// Where it stands in the file: its `type`.
    pub span: Span,
    conditions: Conditions,
    transformation: Box<dyn Transformation>,
}

/// The pipelines of one run, in the order in which they are applied.
#[derive(Debug, Clone, Default)]
pub struct Pipelines {
    list: Vec<Arc<Pipeline>>,
}

/// A rule after its transformations, and which items were applied to it.
#[derive(Debug, Clone)]
pub struct Processed {
    /// The rule, with field names of the target.
    pub rule: Rule<Sigma>,
    /// What was done to it, to be done to an event as well.
    pub applied: Applied,
}

/// Sees a rule after an item of a pipeline was applied to it.
pub type Observe<'o> = dyn FnMut(&Pipeline, &ProcessingItem, &Rule<Sigma>) + 'o;

/// What pipelines did to a rule. Equal values do the same to an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Applied {
    /// The items: place of the pipeline, place of the item.
    items: Vec<(usize, usize)>,
    /// The log source of the rule, which decides what becomes of other fields.
    logsource: Logsource,
}

impl Pipelines {
    /// Orders pipelines by priority; those of one priority stay in the order given.
    pub fn new(pipelines: impl IntoIterator<Item = Arc<Pipeline>>) -> Self {
        let mut list: Vec<_> = pipelines.into_iter().collect();
        list.sort_by_key(|pipeline| pipeline.priority);
        Self { list }
    }

    /// Runs every item whose conditions hold.
    #[must_use]
    pub fn apply(&self, rule: Rule<Sigma>) -> Processed {
        self.apply_observed(rule, &mut |_, _, _| {})
    }

    /// Runs every item whose conditions hold, and shows the rule after each of them to `observe`.
    #[must_use]
    pub fn apply_observed(&self, mut rule: Rule<Sigma>, observe: &mut Observe) -> Processed {
        let mut items = Vec::new();
        for (place, pipeline) in self.list.iter().enumerate() {
            for (index, item) in pipeline.items.iter().enumerate() {
                if item.conditions.rule_holds(&rule.logsource) {
                    item.transformation
                        .on_rule(&mut rule, &|field| item.conditions.field_holds(field));
                    items.push((place, index));
                    observe(pipeline, item, &rule);
                }
            }
        }
        let logsource = rule.logsource.clone();
        Processed { rule, applied: Applied { items, logsource } }
    }

    /// Gives an event the field names of the target, by the items that were applied to a rule.
    #[must_use]
    pub fn map_event(&self, applied: &Applied, event: &Event<Sigma>) -> Event<Mapped> {
        let mut fields: Fields = event.fields().clone();
        for (place, index) in &applied.items {
            let item = self.list.get(*place).and_then(|pipeline| pipeline.items.get(*index));
            if let Some(item) = item {
                item.transformation
                    .on_event(&mut fields, &|field| item.conditions.field_holds(field));
            }
        }
        self.name_event(&applied.logsource, &mut fields);
        self.stamp(event, &mut fields);
        event.renamed(fields)
    }

    /// Fields without facts get the prefix that rules give them, then file names are derived.
    fn name_event(&self, logsource: &Logsource, fields: &mut Fields) {
        let named = std::mem::take(fields).into_iter().map(|(name, value)| {
            match self.policy(&name, logsource) {
                Policy::Prefix(prefix) => (format!("{prefix}{name}"), value),
                Policy::Keep | Policy::Lose => (name, value),
            }
        });
        *fields = named.collect::<Map<_, _>>();
        file_name::on_event(self, fields);
    }
}
