//! One rule on its way through the pipelines, and what conditions may ask of it.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value;

use super::leave_out::{self, Decided, Gone, Outcome};
use super::transformation::Applies;
use super::vars::Vars;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{
    Condition, Direction, Expr, Item, Loss, LossKind, Origin, OriginId, Polarity, Rule, Sigma,
};
use crate::source::Span;

/// A rule, and what processing items have done to it so far.
#[derive(Debug)]
pub struct Run<'p> {
    /// The rule as it is now.
    pub rule: Rule<Sigma>,
    /// The variables of all pipelines.
    pub vars: &'p Vars,
    /// What `set_state` has set.
    pub state: IndexMap<String, Value>,
    /// What the mapping of fields and values has lost.
    pub losses: Vec<Loss>,
    /// Why the rule cannot be translated.
    pub refusals: Diagnostics,
    marks: Marks,
}

/// The ids of the processing items that were applied, for the conditions `processing_item_applied`.
#[derive(Debug, Default)]
struct Marks {
    rule: BTreeSet<String>,
    /// A detection item is known by the key that its author wrote, whatever has become of it.
    items: BTreeMap<OriginId, BTreeSet<String>>,
    fields: BTreeMap<String, BTreeSet<String>>,
}

/// Where a detection item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whether more events that match it are more events found. `None` if its detection is used both
    /// ways.
    pub polarity: Option<Polarity>,
}

/// What becomes of a detection item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewrite {
    /// It stays as it is.
    Keep,
    /// Something stands in its place.
    Replace(Expr<Sigma>),
    /// It is left out. That is a loss, for this reason.
    LeaveOut(String),
}

impl<'p> Run<'p> {
    pub(super) fn new(rule: Rule<Sigma>, vars: &'p Vars) -> Self {
        Self {
            rule,
            vars,
            state: IndexMap::new(),
            losses: Vec::new(),
            refusals: Diagnostics::new(),
            marks: Marks::default(),
        }
    }

    /// Asks `rewrite` about every detection item that the conditions of a processing item let through. A
    /// detection without items is left out, and so is every place where a condition names it.
    pub fn rewrite_items(
        &mut self,
        applies: &Applies,
        rewrite: &mut dyn FnMut(&mut Self, &Item<Sigma>, Place) -> Rewrite,
    ) {
        let detections = std::mem::take(&mut self.rule.body.detections);
        let mut rewritten = IndexMap::with_capacity(detections.len());
        let (mut decided, mut gone) = (Decided::default(), IndexMap::new());
        for (name, expr) in detections {
            let detection = self.polarity_of(&name);
            let mut replace = |item: &Item<Sigma>, polarity| {
                if !applies.to_item(item, self) {
                    return Outcome::Stays(Expr::Item(item.clone()));
                }
                let place = Place { polarity: detection.map(|it| it.under_another(polarity)) };
                let origin = item.origin.clone();
                match rewrite(self, item, place) {
                    Rewrite::Keep => Outcome::Stays(Expr::Item(item.clone())),
                    Rewrite::Replace(expr) => {
                        self.mark_item(&item.origin, applies.id());
                        Outcome::Stays(expr)
                    }
                    Rewrite::LeaveOut(message) => Outcome::Leaves(vec![Gone { message, origin }]),
                }
            };
            match leave_out::rewrite(&expr, detection, &mut replace, &mut decided) {
                Outcome::Stays(expr) => {
                    rewritten.insert(name, expr);
                }
                Outcome::Leaves(items) => {
                    gone.insert(name, items);
                }
            }
        }
        let conditions = &self.rule.body.conditions;
        leave_out::decide(conditions, &|it| rewritten.contains_key(it), gone, &mut decided);
        let losses = decided.0.into_iter().map(|(Gone { message, origin }, direction)| Loss {
            kind: LossKind::Mapping,
            direction,
            message,
            origin,
        });
        self.losses.extend(losses);
        self.rule.body.detections = rewritten;
    }

    /// Shows every detection item.
    pub fn visit_items(&mut self, visit: &mut dyn FnMut(&mut Self, &Item<Sigma>, Place)) {
        let detections = std::mem::take(&mut self.rule.body.detections);
        for (name, expr) in &detections {
            let detection = self.polarity_of(name);
            let _: Option<Expr<Sigma>> = expr.try_map(&mut |item, polarity| {
                let place = Place { polarity: detection.map(|it| it.under_another(polarity)) };
                visit(self, item, place);
                None
            });
        }
        self.rule.body.detections = detections;
    }

    /// The index patterns that `set_state` has set under `index`, as one text or as a list.
    pub(super) fn index(&self) -> Option<Vec<String>> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match self.state.get("index")? {
            Value::Array(list) => Some(list.iter().filter_map(text).collect()),
            value @ Value::String(_) => Some(vec![text(value)?]),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        }
    }

    /// The place of an origin, else that of the log source.
    pub(super) fn place_of(&self, origin: &Origin) -> Span {
        let origins = &self.rule.origins;
        let mut spans = origins.spans(origin).chain(origins.spans(&self.rule.logsource_origin));
        spans.next().unwrap_or_default()
    }

    /// Adds a loss that happens at an item: `direction` is that of the item's own tests.
    pub fn lose(
        &mut self,
        kind: LossKind,
        direction: Direction,
        message: String,
        item: &Item<Sigma>,
        place: Place,
    ) {
        let direction = match place.polarity {
            Some(polarity) => direction.at(polarity.under(item)),
            None => Direction::Mixed,
        };
        self.losses.push(Loss { kind, direction, message, origin: item.origin.clone() });
    }

    /// Refuses the rule, at the text that it is about, else at its log source.
    pub fn refuse(&mut self, code: Code, origin: &Origin, message: String, help: &str) {
        let diagnostic = Diagnostic::new(code, self.place_of(origin), message);
        self.refusals.push(match help {
            "" => diagnostic,
            help => diagnostic.with_help(help),
        });
    }

    /// The polarity of a detection in the conditions of the rule. `None` if it is used both ways.
    fn polarity_of(&self, detection: &str) -> Option<Polarity> {
        let mut found = BTreeSet::new();
        for condition in &self.rule.body.conditions {
            collect_polarities(condition, detection, false, &mut found);
        }
        match (found.contains(&false), found.contains(&true)) {
            (true, true) => None,
            (false, true) => Some(Polarity::Negative),
            (true | false, false) => Some(Polarity::Positive),
        }
    }

    /// Notes that a processing item was applied to the rule.
    pub(super) fn mark_rule(&mut self, id: Option<&str>) {
        self.marks.rule.extend(id.map(str::to_owned));
    }

    /// Notes that a processing item has changed a detection item.
    pub fn mark_item(&mut self, origin: &Origin, id: Option<&str>) {
        let Some(processing_item) = id else { return };
        for place in origin.ids() {
            self.marks.items.entry(*place).or_default().insert(processing_item.to_owned());
        }
    }

    /// Notes that a processing item has given a field new names; these inherit what was applied to the
    /// old one.
    pub fn mark_field(&mut self, old: &str, new: &[String], id: Option<&str>) {
        let mut ids = self.marks.fields.get(old).cloned().unwrap_or_default();
        ids.extend(id.map(str::to_owned));
        for name in new {
            self.marks.fields.entry(name.clone()).or_default().extend(ids.iter().cloned());
        }
    }

    /// True if a processing item has made this field's name.
    pub fn was_mapped(&self, field: &str) -> bool {
        self.marks.fields.contains_key(field)
    }

    /// True if the processing item of this id was applied to the rule.
    pub fn was_applied(&self, id: &str) -> bool {
        self.marks.rule.contains(id)
    }

    /// True if the processing item of this id has changed the detection item.
    pub fn was_applied_to_item(&self, item: &Item<Sigma>, id: &str) -> bool {
        let marks = |place: &OriginId| self.marks.items.get(place);
        item.origin.ids().iter().filter_map(marks).any(|ids| ids.contains(id))
    }

    /// True if the processing item of this id has made this field's name.
    pub fn was_applied_to_field(&self, field: &str, id: &str) -> bool {
        self.marks.fields.get(field).is_some_and(|ids| ids.contains(id))
    }
}

/// Whether the detection is named under an odd number of negations, at every place that names it.
fn collect_polarities(
    condition: &Condition,
    detection: &str,
    negated: bool,
    found: &mut BTreeSet<bool>,
) {
    match condition {
        Condition::All(operands) | Condition::Any(operands) => {
            for operand in operands {
                collect_polarities(operand, detection, negated, found);
            }
        }
        Condition::Not(operand) => collect_polarities(operand, detection, !negated, found),
        Condition::Detection(name) if name == detection => {
            found.insert(negated);
        }
        Condition::Detection(_) => {}
    }
}
