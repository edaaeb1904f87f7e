//! When an item of a pipeline applies: conditions on the rule, on detection items and on field names.

mod attribute;
mod expression;
mod field;
mod item;
mod rule;
mod state;

use super::run::Run;
use crate::ast::Logsource;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::ir::{Item, Pattern, Sigma, Test};
use crate::parse::Fields;
use crate::source::Spanned;
use crate::value::parse_pattern;
use crate::yaml::{Node, Resolved};
use expression::{Group, Keys, parse_group};
use field::FieldCondition;
use item::ItemCondition;
use rule::RuleCondition;

/// All conditions of one item.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    rule: RuleConditions,
    item: Group<ItemCondition>,
    field: Group<FieldCondition>,
}

/// The conditions on a rule, which processing items and postprocessing items have.
#[derive(Debug, Default)]
pub(super) struct RuleConditions(Group<RuleCondition>);

impl RuleConditions {
    /// True if they hold for the rule.
    pub(super) fn hold(&self, run: &Run) -> bool {
        self.0.holds(|condition| condition.holds(run))
    }
}

impl Conditions {
    /// True if the item applies to the rule.
    pub(super) fn rule_holds(&self, run: &Run) -> bool {
        self.rule.hold(run)
    }

    /// True if the item applies to this detection item: to its field, or to a field that it refers to.
    pub(super) fn item_holds(&self, item: &Item<Sigma>, run: &Run) -> bool {
        self.item.holds(|condition| condition.holds(item, run))
            && self.field.holds(|condition| condition.holds_for_item(item, run))
    }

    /// True if the item applies to this field; `None` stands for keywords.
    pub(super) fn field_holds(&self, field: Option<&str>, run: &Run) -> bool {
        self.field.holds(|condition| condition.holds(field, run))
    }

    /// True if the item applies to this field of an event.
    pub(super) fn field_of_event_holds(&self, field: &str) -> bool {
        self.field.holds(|condition| condition.holds_for_event(field))
    }

    /// True if there are conditions on detection items.
    pub(super) fn has_item_conditions(&self) -> bool {
        !self.item.is_empty()
    }

    /// False if conditions on field names go by more than the name.
    pub(super) fn can_be_asked_of_events(&self) -> bool {
        self.field.conditions().iter().all(FieldCondition::goes_by_name)
    }
}

const RULE: Keys = Keys {
    conditions: "rule_conditions",
    operator: "rule_cond_op",
    negation: "rule_cond_not",
    expression: "rule_cond_expr",
};
const ITEM: Keys = Keys {
    conditions: "detection_item_conditions",
    operator: "detection_item_cond_op",
    negation: "detection_item_cond_not",
    expression: "detection_item_cond_expr",
};
const FIELD: Keys = Keys {
    conditions: "field_name_conditions",
    operator: "field_name_cond_op",
    negation: "field_name_cond_not",
    expression: "field_name_cond_expr",
};

/// Keys of an item that conditions on the rule are read from.
pub(super) const RULE_KEYS: &[&str] =
    &[RULE.conditions, RULE.operator, RULE.negation, RULE.expression];

/// Keys of an item that conditions are read from.
pub(super) const KEYS: &[&str] = &[
    RULE.conditions,
    RULE.operator,
    RULE.negation,
    RULE.expression,
    ITEM.conditions,
    ITEM.operator,
    ITEM.negation,
    ITEM.expression,
    FIELD.conditions,
    FIELD.operator,
    FIELD.negation,
    FIELD.expression,
];

/// Keys of conditions that choose parts of a rule.
pub(super) const PARTS: [&str; 2] = [ITEM.conditions, FIELD.conditions];

/// Reads all conditions of an item.
pub(super) fn parse_conditions(item: &Fields, diagnostics: &mut Diagnostics) -> Conditions {
    Conditions {
        rule: parse_rule_conditions(item, diagnostics),
        item: parse_group(&ITEM, item, item::KINDS, diagnostics),
        field: parse_group(&FIELD, item, field::KINDS, diagnostics),
    }
}

/// Reads the conditions on the rule.
pub(super) fn parse_rule_conditions(
    item: &Fields,
    diagnostics: &mut Diagnostics,
) -> RuleConditions {
    RuleConditions(parse_group(&RULE, item, rule::KINDS, diagnostics))
}

/// A kind of conditions as it is written in a file.
struct Kind<T> {
    /// Its `type`.
    name: &'static str,
    /// Its other keys.
    keys: &'static [&'static str],
    /// Reads them; `None` if they are wrong, after saying so.
    parse: fn(&Fields, &mut Diagnostics) -> Option<T>,
}

/// Reads one condition, which has to be of a known kind: a condition that is not understood would change
/// when an item applies.
fn parse_condition<T>(
    entry: &Fields,
    kinds: &[Kind<T>],
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let name = required_text(entry, "type", "every condition names its type", diagnostics)?;
    let Some(kind) = kinds.iter().find(|kind| kind.name == name.value) else {
        let message = format!("the condition `{}` is not known", name.value);
        let known: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
        let help = suggest(&name.value, known.iter().copied());
        diagnostics
            .push(Diagnostic::new(Code::UnknownTransformation, name.span, message).with_help(help));
        return None;
    };
    let known = [&["type"], kind.keys].concat();
    entry.refuse_others(&known, Code::InvalidPipeline, diagnostics);
    (kind.parse)(entry, diagnostics)
}

/// A text that has to be there.
fn required_text(
    entry: &Fields,
    key: &str,
    help: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<String>> {
    if entry.node(key).is_none() {
        entry.missing(key, help, diagnostics);
        return None;
    }
    entry.text(key, diagnostics)
}

/// `processing_item_id`.
fn parse_applied(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<String> {
    let help = "name the `id` of a processing item";
    Some(required_text(entry, "processing_item_id", help, diagnostics)?.value)
}

/// A value as a detection item would have it without modifiers.
fn parse_value(entry: &Fields, diagnostics: &mut Diagnostics) -> Option<Test<Sigma>> {
    let Some((_, node)) = entry.entry("value") else {
        entry.missing("value", "the condition compares with a value", diagnostics);
        return None;
    };
    let test = value_test(node);
    if test.is_none() {
        let message = format!("`value` has to be one value, not {}", node.describe());
        diagnostics.push(Diagnostic::new(Code::InvalidPipeline, node.span, message));
    }
    test
}

fn value_test(node: &Node) -> Option<Test<Sigma>> {
    Some(match node.as_scalar()?.resolve() {
        Resolved::Null => Test::Null,
        Resolved::Bool(value) => Test::Bool(value),
        Resolved::Number(text) => match crate::ir::Number::canonical(text) {
            Some(number) => Test::Number(number),
            None => Test::Like(Pattern::text(text)),
        },
        Resolved::Text(text) => Test::Like(parse_pattern(text)),
    })
}

/// The three attributes of a log source.
pub(super) fn parse_logsource(entry: &Fields, diagnostics: &mut Diagnostics) -> Logsource {
    Logsource {
        category: entry.text("category", diagnostics).map(|it| it.value),
        product: entry.text("product", diagnostics).map(|it| it.value),
        service: entry.text("service", diagnostics).map(|it| it.value),
    }
}

pub(super) fn parse_flag(key: &str, item: &Fields, diagnostics: &mut Diagnostics) -> bool {
    item.word(key, &[("true", true), ("false", false)], diagnostics).unwrap_or(false)
}
