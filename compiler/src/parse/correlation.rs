//! Correlations (Sigma specification, "Correlation Rules").

use std::sync::Arc;

use super::condition::parse_condition_node;
use super::fields::Fields;
use super::rule::{parse_metadata, report_metadata};
use crate::ast::{
    Alias, Bound, Condition, Correlation, CorrelationCondition, CorrelationKind, Relation,
};
use crate::decimal::Decimal;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::Spanned;
use crate::yaml::{Node, Value};

const KEYS: &[&str] =
    &["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"];

/// Seconds of the units of `timespan`. A month is 30.44 days, a year 365.25.
const UNITS: &[(char, u64)] = &[
    ('s', 1),
    ('m', 60),
    ('h', 60 * 60),
    ('d', 24 * 60 * 60),
    ('w', 7 * 24 * 60 * 60),
    ('M', 2_630_016),
    ('y', 31_557_600),
];

/// Reads a correlation. Returns `None` if a required part is missing; `diagnostics` says what is wrong.
pub(super) fn parse_correlation(node: &Node, diagnostics: &mut Diagnostics) -> Option<Correlation> {
    let document = Fields::of(node, Code::InvalidCorrelation, diagnostics)?;
    report_metadata(&document, diagnostics);
    let metadata = Arc::new(parse_metadata(&document, diagnostics));
    let fields = Fields::of(document.node("correlation")?, Code::InvalidCorrelation, diagnostics)?;
    fields.refuse_others(KEYS, Code::InvalidCorrelation, diagnostics);
    let kind = parse_kind(&fields, diagnostics);
    let rules = parse_rules(&fields, diagnostics);
    let timespan = parse_timespan(&fields, diagnostics);
    let group_by = fields.texts("group-by", diagnostics);
    report_duplicates("group-by", &group_by, diagnostics);
    let aliases = parse_aliases(&fields, &rules, diagnostics);
    let generate = parse_generate(&document, diagnostics) | parse_generate(&fields, diagnostics);
    let kind = kind?;
    let condition = parse_condition(&fields, kind.value, diagnostics);
    let rules = rules_of(rules, condition.as_ref(), &fields, diagnostics);
    Some(Correlation {
        metadata,
        kind,
        rules,
        group_by,
        timespan: timespan?,
        condition,
        aliases,
        generate,
    })
}

fn parse_kind(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<Spanned<CorrelationKind>> {
    let Some(node) = fields.node("type") else {
        let help = "write what is counted, such as `type: event_count`";
        fields.missing("type", help, diagnostics);
        return None;
    };
    let kind = fields.word("type", CorrelationKind::ALL, diagnostics)?;
    if kind == CorrelationKind::ValueMedian {
        let message = "`value_median` is no type of the Sigma specification";
        let lint = Diagnostic::new(Code::NotInSpecification, node.span, message)
            .with_label("taken as the 50th percentile")
            .with_help("write `type: value_percentile` and `percentile: 50`");
        diagnostics.push(lint);
    }
    Some(Spanned::new(kind, node.span))
}

fn parse_rules(fields: &Fields, diagnostics: &mut Diagnostics) -> Vec<Spanned<String>> {
    let rules = fields.texts("rules", diagnostics);
    report_duplicates("rules", &rules, diagnostics);
    rules
}

/// Without `rules`, an extended condition says which rules it is about.
fn rules_of(
    rules: Vec<Spanned<String>>,
    condition: Option<&CorrelationCondition>,
    fields: &Fields,
    diagnostics: &mut Diagnostics,
) -> Vec<Spanned<String>> {
    let mut named = Vec::new();
    if let Some(CorrelationCondition::Extended(condition)) = condition {
        collect_names(condition, &mut named);
    }
    if rules.is_empty() {
        if named.is_empty() && fields.node("rules").is_none() {
            let help = "list the ids or names of the rules that it is about";
            fields.missing("rules", help, diagnostics);
        } else if let Some(node) = fields.node("rules").filter(|it| it.elements().is_empty()) {
            let message = "the list of rules is empty";
            let help = "list the ids or names of the rules that it is about";
            let mistake = Diagnostic::new(Code::InvalidCorrelation, node.span, message);
            diagnostics.push(mistake.with_help(help));
        }
        return named;
    }
    for name in &named {
        if !rules.iter().any(|it| it.value == name.value) {
            let message = format!("`{}` is not among the `rules`", name.value);
            let help = suggest(&name.value, rules.iter().map(|it| it.value.as_str()));
            diagnostics.push(
                Diagnostic::new(Code::InvalidCorrelation, name.span, message).with_help(help),
            );
        }
    }
    for rule in rules.iter().filter(|_| !named.is_empty()) {
        if !named.iter().any(|it| it.value == rule.value) {
            let message = format!("the condition does not use the rule `{}`", rule.value);
            let help = "name it in the condition, or leave it out of `rules`";
            diagnostics.push(
                Diagnostic::new(Code::InvalidCorrelation, rule.span, message).with_help(help),
            );
        }
    }
    rules
}

fn collect_names(condition: &Condition, names: &mut Vec<Spanned<String>>) {
    match condition {
        Condition::And(operands) | Condition::Or(operands) => {
            for operand in operands {
                collect_names(operand, names);
            }
        }
        Condition::Not(operand) => collect_names(operand, names),
        Condition::Identifier { name, span } => {
            if !names.iter().any(|it| it.value == *name) {
                names.push(Spanned::new(name.clone(), *span));
            }
        }
        // Reported where the condition is read.
        Condition::Selector { .. } => {}
    }
}

/// `5 minutes`, `5min`: a number and a word for its unit.
fn near_timespan(text: &str) -> Option<String> {
    let end = text.find(|it: char| !it.is_ascii_digit()).filter(|end| *end > 0)?;
    let (number, word) = text.split_at_checked(end)?;
    let unit = match word.trim().to_ascii_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "week" | "weeks" => "w",
        "mo" | "mon" | "month" | "months" => "M",
        "y" | "year" | "years" => "y",
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

fn parse_timespan(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<Spanned<u64>> {
    let help = "write a whole number and a unit: s, m, h, d, w, M (month) or y, such as `15m`";
    if fields.node("timespan").is_none() {
        fields.missing("timespan", help, diagnostics);
        return None;
    }
    let text = fields.text("timespan", diagnostics)?;
    let seconds = to_seconds(&text.value);
    if seconds.is_none() {
        let message = format!("`{}` is no time span", text.value);
        // What is out of range stays so, however it is written.
        let help = near_timespan(&text.value)
            .filter(|it| to_seconds(it).is_some())
            .map_or(help.to_owned(), |it| format!("did you mean `{it}`?"));
        diagnostics
            .push(Diagnostic::new(Code::InvalidCorrelation, text.span, message).with_help(help));
    }
    seconds.map(|seconds| Spanned::new(seconds, text.span))
}

/// The largest span that is taken, in seconds: a hundred years.
const MAX_SECONDS: u64 = 100 * 31_557_600;

fn to_seconds(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let digits = text.strip_suffix(unit)?;
    let plain = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    let span = digits.parse::<u64>().ok().filter(|_| plain)?.checked_mul(*seconds)?;
    (1..=MAX_SECONDS).contains(&span).then_some(span)
}

fn parse_generate(fields: &Fields, diagnostics: &mut Diagnostics) -> bool {
    let Some(node) = fields.node("generate") else { return false };
    let found = node.as_text().and_then(|text| text.to_ascii_lowercase().parse().ok());
    if found.is_none() {
        let message = "`generate` is `true` or `false`";
        diagnostics.push(Diagnostic::new(Code::InvalidCorrelation, node.span, message));
    }
    found.unwrap_or(false)
}

fn parse_aliases(
    fields: &Fields,
    rules: &[Spanned<String>],
    diagnostics: &mut Diagnostics,
) -> Vec<Alias> {
    let Some(node) = fields.node("aliases") else { return Vec::new() };
    let Some(map) = Fields::of(node, Code::InvalidCorrelation, diagnostics) else {
        return Vec::new();
    };
    let mut aliases = Vec::new();
    for (key, value) in map.entries() {
        let Some(entry) = Fields::of(value, Code::InvalidCorrelation, diagnostics) else {
            continue;
        };
        let mut of_rules = Vec::new();
        for (rule, _) in entry.entries() {
            let name = rule.as_text().unwrap_or_default();
            if !rules.is_empty() && !rules.iter().any(|it| it.value == name) {
                let message = format!("`{name}` is not among the `rules`");
                let help = suggest(name, rules.iter().map(|it| it.value.as_str()));
                let mistake = Diagnostic::new(Code::InvalidCorrelation, rule.span, message);
                diagnostics.push(mistake.with_help(help));
            }
            if let Some(field) = entry.text(name, diagnostics) {
                of_rules.push((Spanned::new(name.to_owned(), rule.span), field));
            }
        }
        let name = key.as_text().unwrap_or_default().to_owned();
        aliases.push(Alias { name: Spanned::new(name, key.span), fields: of_rules });
    }
    aliases
}

fn parse_condition(
    fields: &Fields,
    kind: CorrelationKind,
    diagnostics: &mut Diagnostics,
) -> Option<CorrelationCondition> {
    let Some(node) = fields.node("condition") else {
        if !kind.is_temporal() {
            let help = "write a map such as `condition: {gte: 10}`";
            fields.missing("condition", help, diagnostics);
        }
        return None;
    };
    match &node.value {
        Value::Mapping(_) => parse_bounds(node, kind, diagnostics),
        Value::Scalar(_) if kind == CorrelationKind::Temporal => {
            let condition = parse_condition_node(node, &[], diagnostics)?;
            report_selectors(&condition, diagnostics);
            Some(CorrelationCondition::Extended(condition))
        }
        Value::Scalar(_) if kind == CorrelationKind::TemporalOrdered => {
            let message = "a condition over rules has no order";
            let help =
                "leave it out, so that all `rules` match in their order, or write `type: temporal`";
            let mistake = Diagnostic::new(Code::InvalidCorrelation, node.span, message);
            diagnostics.push(mistake.with_help(help));
            None
        }
        Value::Scalar(_) | Value::Sequence(_) => {
            let message = format!("the condition of `{}` is a map", kind.as_str());
            diagnostics.push(
                Diagnostic::new(Code::InvalidCorrelation, node.span, message)
                    .with_help("write a map such as `condition: {gte: 10}`"),
            );
            None
        }
    }
}

fn report_selectors(condition: &Condition, diagnostics: &mut Diagnostics) {
    match condition {
        Condition::And(operands) | Condition::Or(operands) => {
            for operand in operands {
                report_selectors(operand, diagnostics);
            }
        }
        Condition::Not(operand) => report_selectors(operand, diagnostics),
        Condition::Identifier { .. } => {}
        Condition::Selector { span, .. } => {
            let message = "the condition of a correlation names rules one by one";
            let help = "join the names with `and` and `or`";
            diagnostics
                .push(Diagnostic::new(Code::InvalidCorrelation, *span, message).with_help(help));
        }
    }
}

fn parse_bounds(
    node: &Node,
    kind: CorrelationKind,
    diagnostics: &mut Diagnostics,
) -> Option<CorrelationCondition> {
    let fields = Fields::of(node, Code::InvalidCorrelation, diagnostics)?;
    let before = diagnostics.len();
    let words = Relation::ALL.iter().map(|(word, _)| *word);
    let known: Vec<&str> = words.chain(["field", "percentile"]).collect();
    fields.refuse_others(&known, Code::InvalidCorrelation, diagnostics);
    let mut bounds = Vec::new();
    for (word, relation) in Relation::ALL {
        let Some(text) = fields.text(word, diagnostics) else { continue };
        let number =
            Decimal::parse(&text.value).filter(|_| !kind.counts() || is_whole(&text.value));
        if let Some(number) = number {
            bounds.push(Spanned::new(Bound { relation: *relation, number }, text.span));
        } else {
            let wanted = if kind.counts() { "a whole number" } else { "a decimal number" };
            let message = format!("`{word}` takes {wanted}, and this is `{}`", text.value);
            diagnostics.push(Diagnostic::new(Code::InvalidCorrelation, text.span, message));
        }
    }
    let written = Relation::ALL.iter().any(|(word, _)| fields.node(word).is_some());
    if !written && diagnostics.len() == before {
        let message = "the condition has no bound";
        let help = "write at least one of `gt`, `gte`, `lt`, `lte`, `eq` and `neq`";
        diagnostics
            .push(Diagnostic::new(Code::InvalidCorrelation, node.span, message).with_help(help));
    }
    let field = parse_field(&fields, kind, diagnostics);
    let percentile = parse_percentile(&fields, kind, diagnostics);
    Some(CorrelationCondition::Bounds { bounds, field, percentile })
}

fn is_whole(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_field(
    fields: &Fields,
    kind: CorrelationKind,
    diagnostics: &mut Diagnostics,
) -> Vec<Spanned<String>> {
    let names = fields.texts("field", diagnostics);
    match (&*names, kind.needs_field()) {
        ([], true) => {
            let help = format!("`{}` is about a field: write `field: name`", kind.as_str());
            fields.missing("field", &help, diagnostics);
        }
        ([first, ..], false) => {
            let message = format!("`{}` counts no values, so it takes no field", kind.as_str());
            diagnostics.push(Diagnostic::new(Code::InvalidCorrelation, first.span, message));
        }
        ([_, second, ..], true) if kind != CorrelationKind::ValueCount => {
            let message = format!("`{}` is about one field", kind.as_str());
            diagnostics.push(Diagnostic::new(Code::InvalidCorrelation, second.span, message));
        }
        ([..], _) => {}
    }
    report_duplicates("field", &names, diagnostics);
    names
}

fn parse_percentile(
    fields: &Fields,
    kind: CorrelationKind,
    diagnostics: &mut Diagnostics,
) -> Option<Decimal> {
    let Some(text) = fields.text("percentile", diagnostics) else {
        if kind == CorrelationKind::ValuePercentile {
            let help = "write which percentile, such as `percentile: 95`";
            fields.missing("percentile", help, diagnostics);
        }
        return None;
    };
    if kind != CorrelationKind::ValuePercentile {
        let message = format!("`{}` takes no `percentile`", kind.as_str());
        diagnostics.push(Diagnostic::new(Code::InvalidCorrelation, text.span, message));
    }
    let range = Decimal::zero()..=Decimal::from(100);
    let number = Decimal::parse(&text.value).filter(|number| range.contains(number));
    if number.is_none() {
        let message = format!("`{}` is no percentile", text.value);
        let help = "write a number from 0 to 100";
        diagnostics
            .push(Diagnostic::new(Code::InvalidCorrelation, text.span, message).with_help(help));
    }
    number
}

fn report_duplicates(key: &str, names: &[Spanned<String>], diagnostics: &mut Diagnostics) {
    for (place, name) in names.iter().enumerate() {
        if let Some(first) = names.iter().take(place).find(|it| it.value == name.value) {
            let message = format!("`{}` stands twice in `{key}`", name.value);
            let mistake = Diagnostic::new(Code::InvalidCorrelation, name.span, message)
                .with_label("again here")
                .with_place(first.span, "first here");
            diagnostics.push(mistake);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_span_is_a_number_and_a_unit() {
        for (text, seconds) in [
            ("30s", Some(30)),
            ("5m", Some(300)),
            ("5M", Some(5 * 2_630_016)),
            ("1h", Some(3600)),
            ("1d", Some(86400)),
            ("2w", Some(1_209_600)),
            ("1y", Some(31_557_600)),
            ("1h30m", None),
            ("300", None),
            ("-5m", None),
            ("0s", None),
            ("5 m", None),
            ("m", None),
            ("", None),
            ("5H", None),
            ("99999999999999999999y", None),
            ("999999y", None),
        ] {
            assert_eq!(to_seconds(text), seconds, "{text}");
        }
    }
}
