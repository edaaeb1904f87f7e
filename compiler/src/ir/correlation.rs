//! What a correlation means: the rules that it is about, and when enough of them matched.

use std::sync::Arc;

use super::{
    Condition, Decimal, Expr, Field, Item, Link, Loss, Mapped, Origin, Origins, Pattern, Predicate,
    Rule, Scope, State, Test,
};
use crate::ast::{Bound, Metadata};

/// A detection rule or a correlation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnyRule<S: State> {
    /// A rule about one event.
    Detection(Rule<S>),
    /// A rule about several.
    Correlation(Correlation<S>),
}

impl<S: State> Measure<S> {
    /// The fields whose values are measured.
    pub fn fields(&self) -> &[GroupField<S>] {
        match self {
            Self::Events | Self::Rules | Self::RulesInOrder => &[],
            Self::Distinct(fields) => fields,
            Self::Sum(field) | Self::Mean(field) | Self::Percentile(field, _) => {
                std::slice::from_ref(field)
            }
        }
    }
}

impl<S: State> Trigger<S> {
    /// The same, to be changed.
    pub(crate) fn fields_mut(&mut self) -> &mut [GroupField<S>] {
        match self {
            Self::Extended(_)
            | Self::Bounds {
                measure: Measure::Events | Measure::Rules | Measure::RulesInOrder,
                ..
            } => &mut [],
            Self::Bounds { measure: Measure::Distinct(fields), .. } => fields,
            Self::Bounds {
                measure: Measure::Sum(field) | Measure::Mean(field) | Measure::Percentile(field, _),
                ..
            } => std::slice::from_mut(field),
        }
    }

    /// The fields whose values are measured.
    pub fn fields(&self) -> &[GroupField<S>] {
        match self {
            Self::Bounds { measure, .. } => measure.fields(),
            Self::Extended(_) => &[],
        }
    }
}

impl<S: State> AnyRule<S> {
    /// The detection rule, if it is one.
    pub fn detection(&self) -> Option<&Rule<S>> {
        match self {
            Self::Detection(rule) => Some(rule),
            Self::Correlation(_) => None,
        }
    }

    /// What the rule says about itself.
    pub fn metadata(&self) -> &Arc<Metadata> {
        match self {
            Self::Detection(rule) => &rule.metadata,
            Self::Correlation(correlation) => &correlation.metadata,
        }
    }
}

/// A correlation whose references are resolved.
///
/// Its window is closed: the last event is at most `timespan` later than the first. Every event at which
/// the trigger holds is a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correlation<S: State> {
    /// What the rule says about itself.
    pub metadata: Arc<Metadata>,
    /// Where its parts are written.
    pub origins: Origins,
    /// The rules that it is about, in order. Never empty.
    pub bases: Vec<Base<S>>,
    /// The fields that form groups. An event that lacks one of them is not counted.
    pub group_by: Vec<GroupField<S>>,
    /// How far the events of a match lie apart at most, in seconds.
    pub timespan: u64,
    /// When it matches.
    pub trigger: Trigger<S>,
    /// Where the condition is written, or the type if there is none.
    pub trigger_origin: Origin,
    /// What the names of its own fields lose on the platform; none before a pipeline.
    pub losses: Vec<Loss>,
}

impl<S: State> Correlation<S> {
    /// The rules about one event that it is about in the end, in order.
    pub fn leaves(&self) -> Vec<&Rule<S>> {
        let leaves = self.bases.iter().flat_map(|base| match &base.rule {
            AnyRule::Detection(rule) => vec![rule],
            AnyRule::Correlation(correlation) => correlation.leaves(),
        });
        leaves.collect()
    }

    /// The same rules, to be changed.
    pub fn leaves_mut(&mut self) -> Vec<&mut Rule<S>> {
        let leaves = self.bases.iter_mut().flat_map(|base| match &mut base.rule {
            AnyRule::Detection(rule) => vec![rule],
            AnyRule::Correlation(correlation) => correlation.leaves_mut(),
        });
        leaves.collect()
    }
}

/// The field in which the events of a test have the numbers of the rules that they may belong to.
pub const RULE_NUMBERS: &str = "isogloss_rules";

impl Correlation<Mapped> {
    /// Puts a test on [`RULE_NUMBERS`] in the place of each scope: for events whose log source is not
    /// known, so that no scope can be asked.
    pub fn ask_by_number(&mut self) {
        for (number, rule) in self.leaves_mut().into_iter().enumerate() {
            let test = Test::Like(Pattern::text(number.to_string()));
            let name = RULE_NUMBERS.to_owned();
            let item = Item {
                field: Some(Field { name, facts: Arc::default() }),
                link: Link::Any,
                negated: false,
                predicates: vec![Predicate { test, origin: Origin::default() }],
                origin: Origin::default(),
            };
            rule.body.scope = Scope { condition: Some(Expr::Item(item)), ..Scope::default() };
        }
    }
}

/// A rule that a correlation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base<S: State> {
    /// Its name in the correlation.
    pub name: String,
    /// What it means.
    pub rule: AnyRule<S>,
    /// Where the correlation names it.
    pub origin: Origin,
}

/// A field that may have another name in the events of each rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupField<S: State> {
    /// The name of the field or of its alias.
    pub name: String,
    /// Its name in the events of each rule, in the order of the rules; `None` if they have none.
    pub fields: Vec<Option<S::Field>>,
    /// Where it is written.
    pub origin: Origin,
}

/// When a correlation matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger<S: State> {
    /// What is measured in the window keeps all of these bounds.
    Bounds {
        /// What is measured.
        measure: Measure<S>,
        /// Never empty.
        bounds: Vec<Bound>,
    },
    /// An expression over the rules that matched in the window.
    Extended(Condition),
}

/// What is measured in a window, in one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure<S: State> {
    /// How many events.
    Events,
    /// How many distinct values, or combinations of values of several fields.
    Distinct(Vec<GroupField<S>>),
    /// How many of the rules matched.
    Rules,
    /// How many of the rules matched in their order, each by an event behind the one before.
    RulesInOrder,
    /// The sum of a field's numbers.
    Sum(GroupField<S>),
    /// Their mean.
    Mean(GroupField<S>),
    /// Their percentile, 0 to 100, by nearest rank: the least number that at least so many are not above.
    Percentile(GroupField<S>, Decimal),
}
