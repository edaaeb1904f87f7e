//! Filters (Sigma specification, "Filters").

use std::sync::Arc;

use super::condition::parse_condition_node;
use super::detection::parse_detections;
use super::fields::Fields;
use super::rule::{parse_logsource, parse_metadata, report_metadata};
use super::size::check_size;
use crate::ast::{Filter, FilterRules};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::yaml::Node;

/// Reads a filter. Returns `None` if a required part is missing; `diagnostics` says what is wrong.
pub(super) fn parse_filter(node: &Node, diagnostics: &mut Diagnostics) -> Option<Filter> {
    let document = Fields::of(node, Code::InvalidFilter, diagnostics)?;
    report_metadata(&document, diagnostics);
    let metadata = Arc::new(parse_metadata(&document, diagnostics));
    let logsource = parse_logsource(&document, diagnostics);
    let fields = Fields::of(document.node("filter")?, Code::InvalidFilter, diagnostics)?;
    let rules = parse_rules(&fields, diagnostics);
    let mut detections = parse_detections(&fields, &["condition", "rules"], diagnostics);
    let Some(condition) = fields.node("condition") else {
        let help = "say which events are left, such as `condition: not selection`";
        fields.missing("condition", help, diagnostics);
        return None;
    };
    let span = condition.span;
    let mut conditions: Vec<_> =
        parse_condition_node(condition, &[], diagnostics).into_iter().collect();
    check_size(&mut detections, &mut conditions, span, diagnostics);
    Some(Filter {
        metadata,
        logsource: logsource?,
        rules: rules?,
        detections,
        condition: conditions.pop()?,
    })
}

/// `any` and an empty list are every rule.
fn parse_rules(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<FilterRules> {
    let Some(node) = fields.node("rules") else {
        let help = "list the ids or names of rules, or write `rules: any`";
        fields.missing("rules", help, diagnostics);
        return None;
    };
    if node.as_scalar().is_some() && node.as_text() == Some("any") {
        return Some(FilterRules::Any);
    }
    let names = fields.texts("rules", diagnostics);
    if let Some(any) = names.iter().find(|it| it.value == "any") {
        let message = "`any` stands in a list of rules";
        let mistake = Diagnostic::new(Code::InvalidFilter, any.span, message);
        diagnostics.push(mistake.with_help("write `rules: any` for every rule"));
    }
    Some(if names.is_empty() { FilterRules::Any } else { FilterRules::Listed(names) })
}
