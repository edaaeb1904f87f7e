//! Conditions on a rule.

use super::attribute::{self, AttributeCondition};
use super::state::{self, StateCondition};
use super::{Kind, parse_applied, parse_logsource, parse_value, required_text};
use crate::ast::Logsource;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Expr, Item, Sigma, Test};
use crate::parse::Fields;
use crate::pipeline::run::Run;

/// A condition on a rule.
#[derive(Debug)]
pub(super) enum RuleCondition {
    /// Its events are among those of this log source.
    Logsource(Logsource),
    /// A detection item has this field.
    ContainsField(String),
    /// A detection item has this field and this value.
    ContainsItem(String, Test<Sigma>),
    /// A processing item was applied to it.
    Applied(String),
    /// The state of the run.
    State(StateCondition),
    /// It is a detection rule; pipelines see no others.
    IsDetection(bool),
    /// What it says about itself.
    Attribute(AttributeCondition),
    /// It has this tag.
    Tag(String),
}

pub(super) const KINDS: &[Kind<RuleCondition>] = &[
    Kind {
        name: "logsource",
        keys: &["category", "product", "service"],
        parse: parse_of_logsource,
    },
    Kind {
        name: "contains_field",
        keys: &["field"],
        parse: |entry, diagnostics| {
            Some(RuleCondition::ContainsField(parse_field(entry, diagnostics)?))
        },
    },
    Kind {
        name: "contains_detection_item",
        keys: &["field", "value"],
        parse: |entry, diagnostics| {
            let (field, value) = (parse_field(entry, diagnostics), parse_value(entry, diagnostics));
            Some(RuleCondition::ContainsItem(field?, value?))
        },
    },
    Kind {
        name: "processing_item_applied",
        keys: &["processing_item_id"],
        parse: |entry, diagnostics| {
            Some(RuleCondition::Applied(parse_applied(entry, diagnostics)?))
        },
    },
    Kind {
        name: "processing_state",
        keys: state::KEYS,
        parse: |entry, diagnostics| Some(RuleCondition::State(state::parse(entry, diagnostics)?)),
    },
    Kind { name: "is_sigma_rule", keys: &[], parse: |_, _| Some(RuleCondition::IsDetection(true)) },
    Kind {
        name: "is_sigma_correlation_rule",
        keys: &[],
        parse: |_, _| Some(RuleCondition::IsDetection(false)),
    },
    Kind {
        name: "rule_attribute",
        keys: attribute::KEYS,
        parse: |entry, diagnostics| {
            Some(RuleCondition::Attribute(attribute::parse(entry, diagnostics)?))
        },
    },
    Kind { name: "tag", keys: &["tag"], parse: parse_tag },
];

fn parse_of_logsource(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<RuleCondition> {
    let logsource = parse_logsource(entry, diagnostics);
    if logsource.specificity() == 0 {
        entry.missing(
            "category`, `product` or `service",
            "the condition would always hold",
            diagnostics,
        );
        return None;
    }
    Some(RuleCondition::Logsource(logsource))
}

fn parse_field(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<String> {
    Some(required_text(entry, "field", "the condition names a field", diagnostics)?.value)
}

fn parse_tag(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<RuleCondition> {
    let tag = required_text(entry, "tag", "write a tag, such as `attack.t1059`", diagnostics)?;
    if !tag.value.contains('.') {
        let message = format!("`{}` is no tag", tag.value);
        diagnostics.push(
            Diagnostic::new(Code::InvalidPipeline, tag.span, message)
                .with_help("a tag is `namespace.name`, such as `attack.t1059`"),
        );
        return None;
    }
    Some(RuleCondition::Tag(tag.value))
}

impl RuleCondition {
    pub(super) fn holds(&self, run: &Run) -> bool {
        match self {
            Self::Logsource(wanted) => wanted.contains(&run.rule.logsource),
            Self::ContainsField(field) => {
                items(run).iter().any(|it| it.field_name() == Some(field))
            }
            Self::ContainsItem(field, value) => items(run).iter().any(|item| {
                item.field_name() == Some(field)
                    && item.predicates.iter().any(|it| it.test == *value)
            }),
            Self::Applied(id) => run.was_applied(id),
            Self::State(condition) => condition.holds(run),
            Self::IsDetection(wanted) => *wanted,
            Self::Attribute(condition) => condition.holds(run),
            Self::Tag(tag) => run.rule.metadata.tags.iter().any(|it| it.eq_ignore_ascii_case(tag)),
        }
    }
}

fn items<'r>(run: &'r Run) -> Vec<&'r Item<Sigma>> {
    run.rule.body.detections.values().flat_map(Expr::items).collect()
}
