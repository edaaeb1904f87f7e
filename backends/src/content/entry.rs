//! A rule as deployable content is made of it.

use std::collections::BTreeSet;

use isogloss_compiler::ast::{Attributes, Logsource, Metadata};
use isogloss_compiler::ir::{AnyRule, Correlation, Expr, FieldKind, Mapped, RULE_NUMBERS, Rule};

use super::analytic::shown_fields;
use super::names::Names;
use crate::backend::Query;
use crate::spl::lower::group_columns;

/// One query of a rule, with all that is known when it is deployed.
#[derive(Debug, Clone)]
pub struct Entry<'r> {
    /// The id of this query: that of the rule, and for further queries of the rule one that follows from it.
    pub id: String,
    /// What the rule says about itself.
    pub metadata: &'r Metadata,
    /// The log source as the rule has it.
    pub logsource: &'r Logsource,
    /// The file of the rule, relative to the configuration.
    pub path: &'r str,
    /// The attributes of the rule, and the defaults where it says nothing.
    pub attributes: &'r Attributes,
    /// The names under which it is deployed.
    pub names: Names,
    /// The version of the content, from 1; it rises when the content changes.
    pub version: u32,
    /// The query.
    pub query: &'r Query,
    /// What the query is about, in the target's terms.
    pub facts: &'r Facts,
}

/// What a rule is about, in the target's terms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The index patterns of the log source (Elastic), each once.
    pub index: Vec<String>,
    /// The fields that the rule tests, with their types, each once, by name.
    pub fields: Vec<TestedField>,
    /// The fields that a finding has (SPL).
    pub output_fields: Vec<String>,
    /// What a correlation counts over; `None` for other rules.
    pub correlation: Option<Correlated>,
}

/// A field that a rule tests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestedField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: FieldKind,
}

/// What a correlation counts over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correlated {
    /// How far the events of a match lie apart at most, in seconds.
    pub timespan: u64,
    /// The fields that form groups.
    pub group_by: Vec<String>,
}

impl Facts {
    /// What a rule is about.
    pub fn of_rule(rule: &Rule<Mapped>) -> Self {
        Self {
            index: rule.body.scope.index.clone(),
            fields: tested([rule]),
            output_fields: shown_fields(rule).unwrap_or_default(),
            correlation: None,
        }
    }

    /// What the rules of a correlation are about.
    pub fn of_correlation(correlation: &Correlation<Mapped>) -> Self {
        let rules = correlation.leaves();
        let mut index: Vec<String> = Vec::new();
        for pattern in rules.iter().flat_map(|rule| &rule.body.scope.index) {
            if !index.contains(pattern) {
                index.push(pattern.clone());
            }
        }
        let group_by = group_columns(correlation);
        Self {
            index,
            fields: tested(rules),
            output_fields: group_by.clone(),
            correlation: Some(Correlated { timespan: correlation.timespan, group_by }),
        }
    }

    /// What any rule is about.
    pub fn of(rule: &AnyRule<Mapped>) -> Self {
        match rule {
            AnyRule::Detection(rule) => Self::of_rule(rule),
            AnyRule::Correlation(correlation) => Self::of_correlation(correlation),
        }
    }
}

/// The fields that rules and their scopes test.
fn tested<'r>(rules: impl IntoIterator<Item = &'r Rule<Mapped>>) -> Vec<TestedField> {
    let mut fields = BTreeSet::new();
    for rule in rules {
        let scope = rule.body.scope.condition.iter();
        let items = scope.chain(&rule.body.conditions).flat_map(Expr::items);
        fields.extend(
            items
                .filter_map(|item| item.field.as_ref())
                .map(|field| TestedField { name: field.name.clone(), kind: field.facts.kind }),
        );
    }
    fields.retain(|field| field.name != RULE_NUMBERS);
    fields.into_iter().collect()
}
