//! The IR as an outline: one line a node, with the origin of each line. For people who follow a rule
//! through the stages; [`print`](super::print) has the same words on one line.

use super::print::print_test;
use super::{
    Condition, Correlation, Expr, FieldName, GroupField, HasName, Item, Link, Mapped, Measure,
    Named, Origin, Rule, Scope, Sigma, State, Trigger,
};

/// A line of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How deep it is indented.
    pub depth: usize,
    /// The text, without its indentation.
    pub text: String,
    /// Where it comes from; empty for lines that stand for no text of the author.
    pub origin: Origin,
}

/// A rule before it is linked: log source, detections by name, conditions.
pub fn outline_named(rule: &Rule<Sigma>) -> Vec<Line> {
    let Named { detections, conditions, fields } = &rule.body;
    let logsource = format!("logsource: {}", rule.logsource);
    let mut lines = vec![line(0, logsource, &rule.logsource_origin)];
    for (name, expr) in detections {
        push_headed(&format!("{name}:"), expr, &mut lines);
    }
    for condition in conditions {
        let text = format!("condition: {}", print_condition(condition));
        lines.push(line(0, text, &Origin::default()));
    }
    if !fields.is_empty() {
        lines.push(line(0, "fields:".to_owned(), &Origin::default()));
    }
    let fields = fields.iter();
    lines.extend(fields.map(|FieldName(name)| line(1, name.clone(), &Origin::default())));
    lines
}

/// A rule after it was linked: scope and conditions.
pub fn outline_linked(rule: &Rule<Mapped>) -> Vec<Line> {
    let Scope { call, category, condition, origin, .. } = &rule.body.scope;
    let call = call.iter().map(|it| line(0, format!("scope: macro {}", it.name), origin));
    let category = category.iter().map(|it| line(0, format!("scope: category {it}"), origin));
    let mut lines: Vec<Line> = call.chain(category).collect();
    if let Some(condition) = condition {
        push_headed("scope:", condition, &mut lines);
    }
    if lines.is_empty() {
        lines.push(line(0, "scope: every event".to_owned(), &rule.logsource_origin));
    }
    for condition in &rule.body.conditions {
        push_headed("condition:", condition, &mut lines);
    }
    lines
}

/// A correlation: its rules, its groups, and when it matches.
pub fn outline_correlation<S: State>(correlation: &Correlation<S>) -> Vec<Line> {
    let none = Origin::default();
    let mut lines = vec![line(0, "rules:".to_owned(), &none)];
    let bases = correlation.bases.iter();
    lines.extend(bases.map(|base| line(1, base.name.clone(), &base.origin)));
    if !correlation.group_by.is_empty() {
        lines.push(line(0, "group by:".to_owned(), &none));
    }
    let groups = correlation.group_by.iter();
    lines.extend(groups.map(|field| line(1, print_group(field), &field.origin)));
    lines.push(line(0, format!("within: {} s", correlation.timespan), &none));
    let trigger = format!("matches: {}", print_trigger(&correlation.trigger));
    lines.push(line(0, trigger, &correlation.trigger_origin));
    lines
}

fn print_trigger<S: State>(trigger: &Trigger<S>) -> String {
    match trigger {
        Trigger::Extended(condition) => print_condition(condition),
        Trigger::Bounds { measure, bounds } => {
            let bounds = bounds.iter().map(|it| format!("{} {}", it.relation.as_str(), it.number));
            format!("{} {}", print_measure(measure), bounds.collect::<Vec<_>>().join(" and "))
        }
    }
}

fn print_measure<S: State>(measure: &Measure<S>) -> String {
    match measure {
        Measure::Events => "number of events".to_owned(),
        Measure::Distinct(fields) => {
            let fields: Vec<String> = fields.iter().map(print_group).collect();
            format!("number of distinct {}", fields.join(" with "))
        }
        Measure::Rules => "number of rules".to_owned(),
        Measure::RulesInOrder => "number of rules in their order".to_owned(),
        Measure::Sum(field) => format!("sum of {}", print_group(field)),
        Measure::Mean(field) => format!("mean of {}", print_group(field)),
        Measure::Percentile(field, percentile) => {
            format!("percentile {percentile} of {}", print_group(field))
        }
    }
}

/// The name of a field, and what it is called in each rule where that differs.
fn print_group<S: State>(field: &GroupField<S>) -> String {
    let names = field.fields.iter().map(|it| it.as_ref().map_or("nothing", HasName::name));
    let names: Vec<&str> = names.collect();
    if names.iter().all(|name| *name == field.name) {
        return field.name.clone();
    }
    format!("{} ({})", field.name, names.join(", "))
}

/// A head, and an expression behind it or below it.
fn push_headed<S: State>(head: &str, expr: &Expr<S>, lines: &mut Vec<Line>) {
    let start = lines.len();
    push_expr(expr, 0, lines);
    if let Some(first) = lines.get_mut(start) {
        first.text = format!("{head} {}", first.text);
    }
}

fn push_expr<S: State>(expr: &Expr<S>, depth: usize, lines: &mut Vec<Line>) {
    let mut push_chain = |text: &str, operands: &[Expr<S>]| {
        lines.push(line(depth, text.to_owned(), &Origin::default()));
        for operand in operands {
            push_expr(operand, depth + 1, lines);
        }
    };
    match expr {
        Expr::All(operands) => push_chain("all of", operands),
        Expr::Any(operands) => push_chain("any of", operands),
        Expr::Not(operand) => push_chain("not", std::slice::from_ref(operand)),
        Expr::Item(item) => push_item(item, depth, lines),
    }
}

fn push_item<S: State>(item: &Item<S>, depth: usize, lines: &mut Vec<Line>) {
    let negation = if item.negated { "not " } else { "" };
    let head = format!("{} {negation}", item.field_name().unwrap_or("keyword"));
    if let [predicate] = &*item.predicates {
        let origin = item.origin.join(&predicate.origin);
        lines.push(line(depth, head + &print_test(&predicate.test), &origin));
        return;
    }
    let link = match item.link {
        Link::Any => "any of",
        Link::All => "all of",
    };
    lines.push(line(depth, head + link, &item.origin));
    let tests = item.predicates.iter();
    lines.extend(tests.map(|it| line(depth + 1, print_test(&it.test), &it.origin)));
}

fn line(depth: usize, text: String, origin: &Origin) -> Line {
    Line { depth, text, origin: origin.clone() }
}

/// The text of a condition. Chains in it are in parentheses.
fn print_condition(condition: &Condition) -> String {
    let chain = |operands: &[Condition], operator: &str| {
        operands.iter().map(print_operand).collect::<Vec<_>>().join(operator)
    };
    match condition {
        Condition::All(operands) => chain(operands, " and "),
        Condition::Any(operands) => chain(operands, " or "),
        Condition::Not(operand) => format!("not {}", print_operand(operand)),
        Condition::Detection(name) => name.clone(),
    }
}

fn print_operand(condition: &Condition) -> String {
    let text = print_condition(condition);
    match condition {
        Condition::All(operands) | Condition::Any(operands) if operands.len() > 1 => {
            format!("({text})")
        }
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) | Condition::Detection(_) => text,
    }
}
