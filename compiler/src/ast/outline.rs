//! A rule as its author wrote it, as an outline: one line a key or value, with its place.

use super::{Body, Condition, DetectionItem, Quantifier, Rule, Value, ValueKind};
use crate::source::Span;

/// A line of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How deep it is indented.
    pub depth: usize,
    /// The text, without its indentation.
    pub text: String,
    /// Where it is written; `None` for lines that stand for no text.
    pub span: Option<Span>,
}

/// Log source, detections and conditions of a rule.
pub fn outline(rule: &Rule) -> Vec<Line> {
    let logsource = format!("logsource: {}", rule.logsource.value);
    let mut lines = vec![line(0, logsource, Some(rule.logsource.span))];
    for detection in &rule.detections {
        lines.push(line(0, format!("{}:", detection.name.value), Some(detection.name.span)));
        if let Some(body) = &detection.body {
            push_body(body, 1, &mut lines);
        }
    }
    for condition in &rule.conditions {
        let text = format!("condition: {}", print_condition(condition));
        lines.push(line(0, text, condition_span(condition)));
    }
    if !rule.fields.is_empty() {
        lines.push(line(0, "fields:".to_owned(), None));
    }
    let fields = rule.fields.iter();
    lines.extend(fields.map(|it| line(1, format!("- {}", it.value), Some(it.span))));
    lines
}

fn push_body(body: &Body, depth: usize, lines: &mut Vec<Line>) {
    match body {
        Body::All(items) => items.iter().for_each(|item| push_item(item, depth, lines)),
        Body::Any(parts) => {
            for part in parts {
                let start = lines.len();
                push_body(part, depth + 1, lines);
                // The mark of a list stands before the first line of each part.
                if let Some(first) = lines.get_mut(start) {
                    first.depth = depth;
                    first.text = format!("- {}", first.text);
                }
            }
        }
    }
}

fn push_item(item: &DetectionItem, depth: usize, lines: &mut Vec<Line>) {
    let field = item.field.as_ref().map_or("", |field| field.value.as_str());
    let modifiers: Vec<&str> = item.modifiers.iter().map(|it| it.value.as_str()).collect();
    let key = std::iter::once(field).chain(modifiers).collect::<Vec<_>>().join("|");
    let head = if key.is_empty() { String::new() } else { format!("{key}: ") };
    if let [value] = &*item.values {
        lines.push(line(depth, head + &print_value(value), Some(item.span.to(value.span))));
        return;
    }
    let depth = if key.is_empty() {
        depth
    } else {
        lines.push(line(depth, head.trim_end().to_owned(), Some(item.span)));
        depth + 1
    };
    let values = item.values.iter();
    lines.extend(values.map(|it| line(depth, format!("- {}", print_value(it)), Some(it.span))));
}

/// A value as YAML would have it in single quotes.
fn print_value(value: &Value) -> String {
    match &value.value {
        ValueKind::Text(text) => format!("'{}'", text.replace('\'', "''")),
        ValueKind::Number(text) => text.clone(),
        ValueKind::Bool(value) => value.to_string(),
        ValueKind::Null => "null".to_owned(),
    }
}

fn print_condition(condition: &Condition) -> String {
    let chain = |operands: &[Condition], operator: &str| {
        operands.iter().map(print_operand).collect::<Vec<_>>().join(operator)
    };
    match condition {
        Condition::And(operands) => chain(operands, " and "),
        Condition::Or(operands) => chain(operands, " or "),
        Condition::Not(operand) => format!("not {}", print_operand(operand)),
        Condition::Identifier { name, .. } => name.clone(),
        Condition::Selector { quantifier: Quantifier::Any, pattern, .. } => {
            format!("1 of {pattern}")
        }
        Condition::Selector { quantifier: Quantifier::All, pattern, .. } => {
            format!("all of {pattern}")
        }
    }
}

fn print_operand(condition: &Condition) -> String {
    let text = print_condition(condition);
    match condition {
        Condition::And(_) | Condition::Or(_) => format!("({text})"),
        Condition::Not(_) | Condition::Identifier { .. } | Condition::Selector { .. } => text,
    }
}

/// From the first name of a condition to its last.
fn condition_span(condition: &Condition) -> Option<Span> {
    match condition {
        Condition::And(operands) | Condition::Or(operands) => {
            operands.iter().filter_map(condition_span).reduce(Span::to)
        }
        Condition::Not(operand) => condition_span(operand),
        Condition::Identifier { span, .. } | Condition::Selector { span, .. } => Some(*span),
    }
}

fn line(depth: usize, text: String, span: Option<Span>) -> Line {
    Line { depth, text, span }
}
