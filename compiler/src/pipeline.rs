//! Processing pipelines: from Sigma's field names and log sources to the target's.
//!
//! A pipeline is a file in the format of pySigma; what that format cannot say stands under its key
//! `isogloss`. [`apply`](Pipelines::apply) runs the items on a rule, [`link`](Pipelines::link) puts
//! conditions and detections together and gives the rule its scope.

mod absent;
mod condition;
mod data_model;
mod extension;
mod file_name;
mod infer;
mod leave_out;
mod link;
mod nearby;
mod parse;
mod postprocessing;
mod program;
mod run;
mod sequence;
mod stamp;
mod transformation;
mod variable;
mod vars;

pub use extension::{Extension, ScopeEntry, UnknownLogsource, Unmapped};
pub use infer::Sources;
pub use parse::{ReadFile, parse_pipeline};
pub use postprocessing::{
    Finalizer, Postprocessing, PostprocessingItem, Replace, SimplePart, SimpleTemplate, Step,
    Template,
};
pub use run::{Place, Rewrite, Run};
pub use transformation::{Applies, Fields, Replay, Transformation};
pub use variable::{Choices, Variable};
pub use vars::Vars;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::ast::Logsource;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::ir::{Event, Loss, LossKind, Mapped, Rule, Sigma};
use crate::source::Span;
use condition::Conditions;
use link::Policy;
use transformation::TRANSFORMATIONS;
use variable::When;

/// A processing pipeline.
#[derive(Debug)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// Pipelines are applied from low to high priority.
    pub priority: i64,
    /// Values that transformations take by name.
    pub vars: Vars,
    /// What it does, in order.
    pub items: Vec<ProcessingItem>,
    /// What becomes of the text of queries, in order.
    pub postprocessing: Vec<PostprocessingItem>,
    /// What becomes of all queries of an output together, in order.
    pub finalizers: Vec<Finalizer>,
    /// The targets that it is for, by the names that this or other tools give them; without any it is for
    /// all.
    pub allowed_backends: Vec<String>,
    /// What stands under `isogloss`.
    pub extension: Extension,
}

/// One entry of `transformations`.
#[derive(Debug)]
pub struct ProcessingItem {
    /// `id`, for messages and for the conditions `processing_item_applied`.
    pub id: Option<String>,
    /// The `type` of its transformation.
    pub kind: &'static str,
    /// Where it stands in the file: its `type`.
    pub span: Span,
    when: When,
    conditions: Conditions,
    action: Action,
}

/// What a processing item does.
#[derive(Debug)]
enum Action {
    /// It runs a transformation.
    Transform(Box<dyn Transformation>),
    /// It runs other items (`nest`).
    Nest(Vec<ProcessingItem>),
}

/// The pipelines of one run, in the order in which they are applied.
#[derive(Debug, Clone, Default)]
pub struct Pipelines {
    list: Vec<Arc<Pipeline>>,
    vars: Vars,
    choices: Choices,
}

/// A rule after its transformations, and which items were applied to it.
#[derive(Debug, Clone)]
pub struct Processed {
    /// The rule, with field names of the target.
    pub rule: Rule<Sigma>,
    /// What was done to it, to be done to an event as well.
    pub applied: Applied,
    /// What `set_state` has set.
    state: IndexMap<String, Value>,
    /// What the transformations have lost.
    losses: Vec<Loss>,
    /// Why a pipeline refuses the rule.
    refusals: Diagnostics,
    /// The index patterns that `set_state` has set.
    index: Option<Vec<String>>,
    /// What becomes of the text of its queries.
    pub postprocessing: Postprocessing,
}

impl Processed {
    /// What the transformations have set by `set_state`.
    pub fn state(&self) -> &IndexMap<String, Value> {
        &self.state
    }

    /// Why a pipeline refuses the rule.
    pub fn refusals(&self) -> &[Diagnostic] {
        &self.refusals
    }
}

/// Sees a rule after an item of a pipeline was applied to it.
pub type Observe<'o> = dyn FnMut(&Pipeline, &ProcessingItem, &Rule<Sigma>) + 'o;

/// Gets the place of an item that was applied, the item, and the rule after it.
type Report<'r> = dyn FnMut(&[usize], &ProcessingItem, &Rule<Sigma>) + 'r;

/// What pipelines did to a rule. Equal values do the same to an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Applied {
    /// The items that changed the rule or would change an event.
    items: Vec<ItemPath>,
    /// The log source of the rule after all items, which decides what becomes of other fields.
    logsource: Logsource,
}

/// The place of an item: of its pipeline, in the pipeline, in the items that it is nested in.
type ItemPath = Vec<usize>;

impl Pipelines {
    /// Orders pipelines by priority; those of one priority stay in the order given. The variables that
    /// they declare have their defaults.
    pub fn new(pipelines: impl IntoIterator<Item = Arc<Pipeline>>) -> Self {
        let mut list: Vec<_> = pipelines.into_iter().collect();
        list.sort_by_key(|pipeline| pipeline.priority);
        let mut vars = Vars::default();
        for pipeline in &list {
            vars.extend(&pipeline.vars);
        }
        let declared = list.iter().flat_map(|pipeline| &pipeline.extension.variables);
        let choices = declared.map(|it| (it.name.clone(), it.default.clone())).collect();
        Self { list, vars, choices }
    }

    /// What these pipelines leave to their user.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.list.iter().flat_map(|pipeline| &pipeline.extension.variables)
    }

    /// Gives a variable a value. The error is one sentence.
    pub fn choose(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Some(variable) = self.variables().find(|it| it.name == name) else {
            let known: Vec<&str> = self.variables().map(|it| it.name.as_str()).collect();
            let help = match &*known {
                [] => "they have no variables".to_owned(),
                known => suggest(name, known.iter().copied()),
            };
            return Err(format!("no pipeline of this run has a variable `{name}`; {help}"));
        };
        if !variable.values.iter().any(|it| it == value) {
            let help = suggest(value, variable.values.iter().map(String::as_str));
            return Err(format!("`{value}` is no value of the variable `{name}`; {help}"));
        }
        self.choices.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// The pipelines, in the order in which they are applied.
    pub fn list(&self) -> impl Iterator<Item = &Pipeline> {
        self.list.iter().map(|pipeline| &**pipeline)
    }

    /// What becomes of all queries of an output together, in order; each with its pipeline.
    pub fn finalizers(&self) -> impl Iterator<Item = (&Pipeline, &Finalizer)> {
        self.list().flat_map(|it| it.finalizers.iter().map(move |finalizer| (it, finalizer)))
    }

    /// The variables of all pipelines.
    pub fn vars(&self) -> &Vars {
        &self.vars
    }

    /// True if definitions are written in place of macros.
    pub fn inline_macros(&self) -> bool {
        self.list.iter().any(|pipeline| pipeline.extension.inline_macros)
    }

    /// Runs every item whose conditions hold.
    #[must_use]
    pub fn apply(&self, rule: Rule<Sigma>) -> Processed {
        self.apply_observed(rule, &mut |_, _, _| {})
    }

    /// Runs every item whose conditions hold, and shows the rule after each of them to `observe`.
    #[must_use]
    pub fn apply_observed(&self, rule: Rule<Sigma>, observe: &mut Observe) -> Processed {
        let mut run = Run::new(rule, &self.vars);
        let mut items = Vec::new();
        for (place, pipeline) in self.list.iter().enumerate() {
            let mut path = vec![place];
            self.note_partial_fields(pipeline, &mut run);
            self.run_items(&pipeline.items, &mut path, &mut run, &mut |path, item, rule| {
                items.push(path.to_vec());
                observe(pipeline, item, rule);
            });
        }
        let index = run.index();
        let postprocessing = Postprocessing::of(&self.list, &mut run);
        let Run { rule, state, losses, refusals, .. } = run;
        let logsource = rule.logsource.clone();
        Processed {
            rule,
            applied: Applied { items, logsource },
            state,
            losses,
            refusals,
            index,
            postprocessing,
        }
    }

    /// Adds the losses of fields that the platform holds only in part.
    fn note_partial_fields(&self, pipeline: &Pipeline, run: &mut Run) {
        let partial = &pipeline.extension.partial;
        if partial.is_empty() {
            return;
        }
        let logsource = run.rule.logsource.clone();
        run.visit_items(&mut |run, item, place| {
            let Some(field) = item.field_name() else { return };
            let about = partial.iter().filter(|it| it.is_about(field, &logsource, &self.choices));
            for partial in about {
                run.lose(LossKind::Mapping, partial.direction, partial.why.clone(), item, place);
            }
        });
    }

    /// Runs the items at the end of `path`, and reports each that was applied.
    fn run_items(
        &self,
        items: &[ProcessingItem],
        path: &mut ItemPath,
        run: &mut Run,
        report: &mut Report,
    ) {
        for (place, item) in items.iter().enumerate() {
            if !item.when.holds(&self.choices) || !item.conditions.rule_holds(run) {
                continue;
            }
            path.push(place);
            let before = item.has_no_replay().then(|| run.rule.body.detections.clone());
            run.mark_rule(item.id.as_deref());
            match &item.action {
                Action::Transform(transformation) => transformation.on_rule(run, &item.applies()),
                Action::Nest(items) => self.run_items(items, path, run, report),
            }
            // What has changed nothing need not be done to an event.
            if before.is_none_or(|before| before != run.rule.body.detections) {
                report(path, item, &run.rule);
            }
            path.pop();
        }
    }

    /// Whether events can be mapped as the rule was. The error says which item has no such direction.
    pub fn check_replay(&self, applied: &Applied) -> Result<(), Diagnostics> {
        let missing = self.applied_items(applied).filter_map(|item| {
            let reason = match &item.action {
                Action::Nest(_) => return None,
                Action::Transform(transformation) => match transformation.replay() {
                    Replay::Nothing => return None,
                    Replay::OnEvent if item.conditions.can_be_asked_of_events() => return None,
                    Replay::OnEvent => "its conditions ask what was done to the rule before",
                    Replay::Missing(reason) => reason,
                },
            };
            let name = item.id.as_deref().unwrap_or(item.kind);
            let message =
                format!("what `{name}` did to the rule cannot be done to events: {reason}");
            let help = "test with events of the target: `--events-are target`";
            Some(Diagnostic::new(Code::NotReplayed, item.span, message).with_help(help))
        });
        let missing: Diagnostics = missing.collect();
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }

    /// Gives an event the field names of the target, by the items that were applied to a rule. Items
    /// that [`check_replay`](Self::check_replay) complains of are passed over.
    #[must_use]
    pub fn map_event(&self, applied: &Applied, event: &Event<Sigma>) -> Event<Mapped> {
        let mut fields: Fields = event.fields().clone();
        for item in self.applied_items(applied) {
            if let Action::Transform(transformation) = &item.action {
                transformation.on_event(&mut fields, &item.applies());
            }
        }
        self.name_event(&applied.logsource, &mut fields);
        self.stamp(event, &mut fields);
        event.renamed(fields)
    }

    fn applied_items<'p>(
        &'p self,
        applied: &'p Applied,
    ) -> impl Iterator<Item = &'p ProcessingItem> {
        applied.items.iter().filter_map(|path| self.item_at(path))
    }

    fn item_at(&self, path: &[usize]) -> Option<&ProcessingItem> {
        let (pipeline, rest) = path.split_first()?;
        let (first, nested) = rest.split_first()?;
        let item = self.list.get(*pipeline)?.items.get(*first)?;
        nested.iter().try_fold(item, |item, place| match &item.action {
            Action::Nest(items) => items.get(*place),
            Action::Transform(_) => None,
        })
    }

    /// Fields without facts get the prefix that rules give them, then file names are derived.
    fn name_event(&self, logsource: &Logsource, fields: &mut Fields) {
        let entry = self.find_scope(logsource);
        let named = std::mem::take(fields).into_iter().map(|(name, value)| {
            match self.policy(&name, logsource, entry) {
                Policy::Prefix(prefix) => (format!("{prefix}{name}"), value),
                Policy::Keep | Policy::Lose | Policy::Refuse => (name, value),
            }
        });
        *fields = named.collect::<Map<_, _>>();
        absent::on_event(self, fields);
        file_name::on_event(self, fields);
    }
}

impl ProcessingItem {
    fn has_no_replay(&self) -> bool {
        match &self.action {
            Action::Transform(it) => matches!(it.replay(), Replay::Missing(_)),
            Action::Nest(_) => false,
        }
    }

    fn applies(&self) -> Applies<'_> {
        Applies::new(&self.conditions, self.id.as_deref())
    }
}
