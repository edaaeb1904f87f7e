//! AST to IR: what the author wrote becomes what it means.
//!
//! Lowering is total: it reports, leaves out and goes on, so that one run reports every mistake of a
//! rule. A rule with an error is never handed on.

mod bounds;
mod condition;
mod correlation;
mod detection;
mod filter;

use std::sync::Arc;

use indexmap::IndexMap;

use crate::ast;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Condition, Expr, FieldName, Named, Origins, Rule, Sigma};

pub(crate) use correlation::lower_correlation;
pub(crate) use detection::lower_body;
pub(crate) use filter::{add_filter, check_filter};

/// The most tests in one rule.
const MAX_TESTS: usize = 100_000;

/// Lowers a rule. Returns `None` if anything in it is wrong; `diagnostics` says what.
pub fn lower_rule(rule: &ast::Rule, diagnostics: &mut Diagnostics) -> Option<Rule<Sigma>> {
    let before = diagnostics.len();
    let mut origins = Origins::default();
    let mut detections = IndexMap::new();
    for detection in &rule.detections {
        let Some(body) = &detection.body else { continue };
        if let Some(expr) = lower_body(body, &mut origins, diagnostics) {
            detections.insert(detection.name.value.clone(), expr);
        }
    }
    let names: Vec<&str> = rule.detections.iter().map(|it| it.name.value.as_str()).collect();
    let conditions: Vec<_> = rule
        .conditions
        .iter()
        .filter_map(|it| condition::lower_condition(it, &names, diagnostics))
        .collect();
    if conditions.len() == rule.conditions.len() {
        condition::report_unused(&rule.detections, &conditions, diagnostics);
    }
    report_size(rule, &detections, &conditions, diagnostics);
    if conditions.is_empty() || diagnostics.iter().skip(before).any(Diagnostic::is_error) {
        return None;
    }
    let fields = rule.fields.iter().map(|field| FieldName(field.value.clone())).collect();
    let logsource_origin = origins.add(rule.logsource.span);
    Some(Rule {
        metadata: Arc::clone(&rule.metadata),
        logsource: rule.logsource.value.clone(),
        logsource_origin,
        origins,
        body: Named { detections, conditions, fields },
    })
}

/// A detection counts as often as the conditions name it.
fn report_size(
    rule: &ast::Rule,
    detections: &IndexMap<String, Expr<Sigma>>,
    conditions: &[Condition],
    diagnostics: &mut Diagnostics,
) {
    let sizes: IndexMap<&str, usize> =
        detections.iter().map(|(name, expr)| (name.as_str(), count_tests(expr))).collect();
    let tests: usize =
        conditions.iter().flat_map(Condition::names).filter_map(|name| sizes.get(name)).sum();
    if tests > MAX_TESTS {
        let message = format!("the rule has {tests} tests, and {MAX_TESTS} are the most");
        let help = "write several rules, or put the values into a lookup";
        let largest = rule.detections.iter().max_by_key(|it| sizes.get(it.name.value.as_str()));
        let span = largest.map_or(rule.logsource.span, |it| it.name.span);
        let mistake = Diagnostic::new(Code::LimitExceeded, span, message);
        diagnostics.push(mistake.with_label("this detection has the most").with_help(help));
    }
}

fn count_tests(expr: &Expr<Sigma>) -> usize {
    expr.items().iter().map(|item| item.predicates.len()).sum()
}
