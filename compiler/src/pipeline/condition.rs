//! When an item of a pipeline applies: conditions on the rule and on field names.

use super::run::Run;
use crate::ast::Logsource;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::ir::{Item, Sigma};
use crate::parse::Fields;
use crate::source::Spanned;

/// All conditions of one item.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    rule: Group<Logsource>,
    field: Group<FieldCondition>,
}

/// Conditions of one kind, and how they are joined.
#[derive(Debug)]
struct Group<T> {
    conditions: Vec<T>,
    any: bool,
    negated: bool,
}

impl<T> Default for Group<T> {
    fn default() -> Self {
        Self { conditions: Vec::new(), any: false, negated: false }
    }
}

impl<T> Group<T> {
    /// A group without conditions always holds.
    fn holds(&self, test: impl Fn(&T) -> bool) -> bool {
        if self.conditions.is_empty() {
            return true;
        }
        let joined = if self.any {
            self.conditions.iter().any(test)
        } else {
            self.conditions.iter().all(test)
        };
        joined != self.negated
    }
}

/// A condition on the name of a field.
#[derive(Debug)]
struct FieldCondition {
    names: Vec<String>,
    excluded: bool,
}

impl Conditions {
    /// True if the item applies to the rule.
    pub(super) fn rule_holds(&self, run: &Run) -> bool {
        self.rule.holds(|wanted| wanted.contains(&run.rule.logsource))
    }

    /// True if the item applies to this detection item.
    pub(super) fn item_holds(&self, item: &Item<Sigma>, run: &Run) -> bool {
        self.field.conditions.is_empty() || self.field_holds(item.field_name(), run)
    }

    /// True if the item applies to this field; `None` stands for keywords.
    pub(super) fn field_holds(&self, field: Option<&str>, _: &Run) -> bool {
        field.is_none_or(|field| self.field_of_event_holds(field))
    }

    /// True if the item applies to this field of an event.
    pub(super) fn field_of_event_holds(&self, field: &str) -> bool {
        self.field
            .holds(|condition| condition.names.iter().any(|it| it == field) != condition.excluded)
    }

    /// True if there are conditions on detection items.
    pub(super) fn has_item_conditions(&self) -> bool {
        false
    }

    /// False if conditions on field names go by more than the name.
    pub(super) fn can_be_asked_of_events(&self) -> bool {
        true
    }
}

/// Keys of an item that conditions are read from.
pub(super) const KEYS: &[&str] = &[
    "rule_conditions",
    "rule_cond_op",
    "rule_cond_not",
    "field_name_conditions",
    "field_name_cond_op",
    "field_name_cond_not",
];

/// Reads all conditions of an item.
pub(super) fn parse_conditions(item: &Fields, diagnostics: &mut Diagnostics) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.rule.any = parse_any("rule_cond_op", item, diagnostics);
    conditions.rule.negated = parse_flag("rule_cond_not", item, diagnostics);
    conditions.field.any = parse_any("field_name_cond_op", item, diagnostics);
    conditions.field.negated = parse_flag("field_name_cond_not", item, diagnostics);
    for entry in item.maps("rule_conditions", diagnostics) {
        if parse_type(&entry, &["logsource"], diagnostics).is_some() {
            entry.refuse_others(
                &["type", "category", "product", "service"],
                Code::InvalidPipeline,
                diagnostics,
            );
            let logsource = parse_logsource(&entry, diagnostics);
            if logsource.specificity() == 0 {
                entry.missing(
                    "category`, `product` or `service",
                    "the condition would always hold",
                    diagnostics,
                );
            }
            conditions.rule.conditions.push(logsource);
        }
    }
    for entry in item.maps("field_name_conditions", diagnostics) {
        if let Some(kind) = parse_type(&entry, &["include_fields", "exclude_fields"], diagnostics) {
            entry.refuse_others(&["type", "fields"], Code::InvalidPipeline, diagnostics);
            let names = entry.texts("fields", diagnostics).into_iter().map(|it| it.value).collect();
            if entry.node("fields").is_none() {
                entry.missing("fields", "the condition names fields", diagnostics);
            }
            let excluded = kind.value == "exclude_fields";
            conditions.field.conditions.push(FieldCondition { names, excluded });
        }
    }
    conditions
}

/// The three attributes of a log source.
pub(super) fn parse_logsource(entry: &Fields, diagnostics: &mut Diagnostics) -> Logsource {
    Logsource {
        category: entry.text("category", diagnostics).map(|it| it.value),
        product: entry.text("product", diagnostics).map(|it| it.value),
        service: entry.text("service", diagnostics).map(|it| it.value),
    }
}

/// `type`, which has to be one of `known`: a condition that is not understood would change when an
/// item applies.
fn parse_type(
    entry: &Fields,
    known: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<String>> {
    let Some(kind) = entry.text("type", diagnostics) else {
        entry.missing("type", "every condition names its type", diagnostics);
        return None;
    };
    if known.contains(&kind.value.as_str()) {
        return Some(kind);
    }
    let message = format!("the condition `{}` is not known", kind.value);
    let help = suggest(&kind.value, known.iter().copied());
    diagnostics
        .push(Diagnostic::new(Code::UnknownTransformation, kind.span, message).with_help(help));
    None
}

fn parse_any(key: &str, item: &Fields, diagnostics: &mut Diagnostics) -> bool {
    item.word(key, &[("and", false), ("or", true)], diagnostics).unwrap_or(false)
}

pub(super) fn parse_flag(key: &str, item: &Fields, diagnostics: &mut Diagnostics) -> bool {
    item.word(key, &[("true", true), ("false", false)], diagnostics).unwrap_or(false)
}
