//! A document as its author wrote it, as an outline: one line a key or value, with its place.

use super::{
    Alias, Body, Condition, Correlation, CorrelationCondition, Detection, DetectionItem, Filter,
    FilterRules, Quantifier, Rule, Value, ValueKind,
};
use crate::source::{Span, Spanned};

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
    push_detections(&rule.detections, &mut lines);
    for condition in &rule.conditions {
        push_condition(condition, &mut lines);
    }
    push_list("fields:", &rule.fields, &mut lines);
    lines
}

/// Log source, rules, detections and condition of a filter.
pub fn outline_filter(filter: &Filter) -> Vec<Line> {
    let logsource = format!("logsource: {}", filter.logsource.value);
    let mut lines = vec![line(0, logsource, Some(filter.logsource.span))];
    match &filter.rules {
        FilterRules::Any => lines.push(line(0, "rules: any".to_owned(), None)),
        FilterRules::Listed(names) => push_list("rules:", names, &mut lines),
    }
    push_detections(&filter.detections, &mut lines);
    push_condition(&filter.condition, &mut lines);
    lines
}

/// Type, rules, groups, time span, condition and aliases of a correlation.
pub fn outline_correlation(correlation: &Correlation) -> Vec<Line> {
    let Correlation { kind, rules, group_by, timespan, condition, aliases, generate, .. } =
        correlation;
    let mut lines = vec![line(0, format!("type: {}", kind.value.as_str()), Some(kind.span))];
    push_list("rules:", rules, &mut lines);
    push_list("group-by:", group_by, &mut lines);
    let span = format!("timespan: {}", print_timespan(timespan.value));
    lines.push(line(0, span, Some(timespan.span)));
    match condition {
        Some(CorrelationCondition::Extended(condition)) => push_condition(condition, &mut lines),
        Some(CorrelationCondition::Bounds { bounds, field, percentile }) => {
            lines.push(line(0, "condition:".to_owned(), None));
            let bounds = bounds.iter().map(|Spanned { value, span }| {
                line(1, format!("{}: {}", value.relation.as_str(), value.number), Some(*span))
            });
            lines.extend(bounds);
            let fields = field.iter();
            lines.extend(fields.map(|it| line(1, format!("field: {}", it.value), Some(it.span))));
            lines.extend(percentile.iter().map(|it| line(1, format!("percentile: {it}"), None)));
        }
        None => {}
    }
    if !aliases.is_empty() {
        lines.push(line(0, "aliases:".to_owned(), None));
    }
    for Alias { name, fields } in aliases {
        lines.push(line(1, format!("{}:", name.value), Some(name.span)));
        let fields = fields.iter();
        lines.extend(fields.map(|(rule, field)| {
            line(2, format!("{}: {}", rule.value, field.value), Some(rule.span.to(field.span)))
        }));
    }
    if *generate {
        lines.push(line(0, "generate: true".to_owned(), None));
    }
    lines
}

fn push_detections(detections: &[Detection], lines: &mut Vec<Line>) {
    for detection in detections {
        lines.push(line(0, format!("{}:", detection.name.value), Some(detection.name.span)));
        if let Some(body) = &detection.body {
            push_body(body, 1, lines);
        }
    }
}

fn push_condition(condition: &Condition, lines: &mut Vec<Line>) {
    let text = format!("condition: {}", print_condition(condition));
    lines.push(line(0, text, condition_span(condition)));
}

/// A key with a list of names below it; nothing for none.
fn push_list(head: &str, names: &[Spanned<String>], lines: &mut Vec<Line>) {
    if names.is_empty() {
        return;
    }
    lines.push(line(0, head.to_owned(), None));
    lines.extend(names.iter().map(|it| line(1, format!("- {}", it.value), Some(it.span))));
}

/// Seconds in the largest unit of `timespan` that keeps the number whole.
fn print_timespan(seconds: u64) -> String {
    const UNITS: &[(u64, char)] = &[(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let whole = UNITS.iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{seconds}s"), |(unit, name)| format!("{}{name}", seconds / unit))
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
