//! Detections: keys become items, values become tests.

use crate::ast::{Body, DetectionItem, ValueKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest};
use crate::ir::{
    Expr, FieldName, Link, Number, Origins, Pattern, Predicate, Sigma, TemplateKind, Test,
};
use crate::modifier::{self, Apply, Draft, Modifier, Operand, OperandValue, Site};
use crate::source::Span;

/// The most tests in one item.
const MAX_TESTS: usize = 20_000;
/// From here on a modifier that makes tests of values is warned about.
const MANY_TESTS: usize = 500;

/// Lowers the body of a detection. What cannot be lowered is reported and left out.
pub(crate) fn lower_body(
    body: &Body,
    origins: &mut Origins,
    diagnostics: &mut Diagnostics,
) -> Option<Expr<Sigma>> {
    match body {
        Body::All(items) => {
            let items: Vec<_> =
                items.iter().filter_map(|item| lower_item(item, origins, diagnostics)).collect();
            Expr::all(items)
        }
        Body::Any(parts) => {
            let parts: Vec<_> =
                parts.iter().filter_map(|part| lower_body(part, origins, diagnostics)).collect();
            Expr::any(parts)
        }
    }
}

/// One item; several, if the values of a list under `all` were expanded.
fn lower_item(
    item: &DetectionItem,
    origins: &mut Origins,
    diagnostics: &mut Diagnostics,
) -> Option<Expr<Sigma>> {
    report_values(item, diagnostics);
    if item.values.len() > MAX_TESTS {
        diagnostics.push(too_many(item.span, ""));
        return None;
    }
    let values = item.values.iter().enumerate();
    let operands = values.map(|(place, value)| Operand::new(value, place));
    let mut draft = Draft { link: Link::Any, negated: false, operands: operands.collect() };
    apply_modifiers(item, &mut draft, diagnostics)?;
    let origin = origins.add(item.span);
    let mut groups = Groups::default();
    let mut sound = true;
    // Presence is the negation of absence.
    let is_presence = |it: &Operand| matches!(it.value, OperandValue::Exists(true));
    let present = draft.operands.iter().any(is_presence);
    for operand in draft.operands {
        let (group, span) = (operand.group, operand.span);
        match finish(operand, item.field.is_none(), diagnostics) {
            Ok(test) => groups.add(group, Predicate { test, origin: origins.add(span) }),
            Err(mistake) => {
                diagnostics.push(mistake);
                sound = false;
            }
        }
    }
    let field = item.field.as_ref().map(|field| FieldName(field.value.clone()));
    let expr = Expr::item_of_groups(field.as_ref(), draft.link, groups.predicates, &origin);
    expr.filter(|_| sound).map(|expr| expr.negated_if(draft.negated != present))
}

/// The tests that were made of one value of the rule stand together.
#[derive(Default)]
struct Groups {
    last: Option<usize>,
    predicates: Vec<Vec<Predicate<Sigma>>>,
}

impl Groups {
    fn add(&mut self, group: usize, predicate: Predicate<Sigma>) {
        match self.predicates.last_mut() {
            Some(predicates) if self.last == Some(group) => predicates.push(predicate),
            Some(_) | None => self.predicates.push(vec![predicate]),
        }
        self.last = Some(group);
    }
}

/// The test of a value after all modifiers. Keywords stand anywhere in the text of the event.
fn finish(
    mut operand: Operand,
    keyword: bool,
    diagnostics: &mut Diagnostics,
) -> Result<Test<Sigma>, Diagnostic> {
    operand.decode(diagnostics)?;
    let span = operand.span;
    if let OperandValue::Text { pattern, .. } = &mut operand.value
        && operand.cased
    {
        *pattern = pattern.clone().cased();
    }
    Ok(match operand.value {
        OperandValue::Text { pattern, .. } if keyword => Test::Like(pattern.open(true, true)),
        OperandValue::Number(number) if keyword => {
            Test::Like(Pattern::text(number.as_str()).open(true, true))
        }
        OperandValue::Template(template) if keyword => Test::Open(match template.kind {
            TemplateKind::Pattern { .. } => template.open(true, true),
            TemplateKind::Regex(_) => template,
        }),
        OperandValue::Bool(_) | OperandValue::Null if keyword => {
            return Err(Diagnostic::new(Code::InvalidDetection, span, "a keyword is a string"));
        }
        OperandValue::Text { pattern, .. } => Test::Like(pattern),
        OperandValue::Number(number) => Test::Number(number),
        OperandValue::Bool(value) => Test::Bool(value),
        OperandValue::Null | OperandValue::Exists(_) => Test::Null,
        OperandValue::Regex(regex) => Test::Regex(regex),
        OperandValue::Template(template) => Test::Open(template),
        OperandValue::Compare(comparison, number) => Test::Compare(comparison, number),
        OperandValue::Cidr(network) => Test::Cidr(network),
        OperandValue::FieldRef(field, anchor) => Test::FieldRef { field: FieldName(field), anchor },
        OperandValue::Time { part, comparison, number } => Test::Time { part, comparison, number },
        OperandValue::Bytes(bytes) => Test::Like(Pattern::text(String::from_utf8_lossy(&bytes))),
    })
}

/// Applies the chain. Returns `None` if any part of it is wrong, after reporting all of them.
fn apply_modifiers(
    item: &DetectionItem,
    draft: &mut Draft,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let mut sound = true;
    for name in &item.modifiers {
        let Some(modifier) = modifier::find(&name.value) else {
            diagnostics.push(unknown_modifier(&name.value, name.span));
            sound = false;
            continue;
        };
        let keyword = item.field.is_none();
        let site = Site { name: modifier.name, modifier: name.span, keyword };
        sound &= apply_modifier(modifier, &site, draft, diagnostics);
    }
    sound.then_some(())
}

/// Applies one modifier; false if it cannot stand here.
fn apply_modifier(
    modifier: &Modifier,
    site: &Site,
    draft: &mut Draft,
    diagnostics: &mut Diagnostics,
) -> bool {
    if let Apply::Item(apply) = modifier.apply {
        apply(draft);
        return true;
    }
    let mut sound = true;
    let before = draft.operands.len();
    let mut made = Vec::with_capacity(before);
    for mut operand in std::mem::take(&mut draft.operands) {
        let applied = match modifier.apply {
            Apply::Item(_) => Ok(Vec::new()),
            Apply::Value(apply) => {
                apply(&mut operand, site, diagnostics).map(|()| vec![operand.clone()])
            }
            Apply::Expand(apply) => apply(&mut operand, site, diagnostics).map(|values| {
                values.into_iter().map(|value| Operand { value, ..operand.clone() }).collect()
            }),
        };
        match applied {
            Ok(operands) => made.extend(operands),
            Err(mistake) => {
                // What is wrong with the modifier is said once, what is wrong with values each time.
                let about_modifier =
                    mistake.labels.first().is_some_and(|it| it.span == site.modifier);
                diagnostics.push(mistake);
                sound = false;
                if about_modifier {
                    break;
                }
            }
        }
        if made.len() > MAX_TESTS {
            diagnostics.push(too_many(site.modifier, &format!(" after `{}`", site.name)));
            return false;
        }
    }
    if sound && made.len() > MANY_TESTS && made.len() > before {
        diagnostics.push(many(site, before, made.len()));
    }
    draft.operands = made;
    sound
}

/// The item can be lowered, and yet its query will be long and slow.
fn many(site: &Site, before: usize, after: usize) -> Diagnostic {
    let values = if before == 1 { "1 value".to_owned() } else { format!("{before} values") };
    let message = format!("`{}` makes {after} tests of {values}", site.name);
    let help = "search for shorter parts of the text, joined by `all`, or for fewer values";
    Diagnostic::new(Code::ManyTests, site.modifier, message).with_help(help)
}

/// Few values can become many tests, so the modifier that does it is named.
fn too_many(span: Span, after: &str) -> Diagnostic {
    let message = format!("the item has more than {MAX_TESTS} tests{after}");
    let help = "write several detections, or put the values into a lookup";
    Diagnostic::new(Code::LimitExceeded, span, message).with_help(help)
}

/// Words of other languages, and what Sigma has for them.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (&["and"], "write `all` if every value has to match"),
    (&["or", "any", "in", "oneof"], "leave it out: any value of a list is enough"),
    (
        &["equals", "equal", "is", "eq", "exact"],
        "leave it out: without a modifier the whole value is compared",
    ),
    (
        &["not", "ne", "notequals"],
        "write `neq`, or a detection of its own and `and not` in the condition",
    ),
    (&["regex", "regexp", "matches", "rx"], "write `re`"),
    (&["like", "wildcard", "has", "includes"], "write `contains`"),
    (&["begins", "beginswith", "begins_with", "starts_with", "prefix"], "write `startswith`"),
    (&["ends", "ends_with", "suffix"], "write `endswith`"),
    (&["ge", "min"], "write `gte`"),
    (&["le", "max"], "write `lte`"),
    (&["ip", "subnet", "network"], "write `cidr`"),
    (&["case", "casesensitive", "case_sensitive"], "write `cased`"),
    (
        &["nocase", "icase", "lower", "lowercase"],
        "leave it out: case does not matter without `cased`",
    ),
    (&["null", "empty"], "leave it out, and write `null` or `''` as the value"),
];

fn unknown_modifier(name: &str, span: Span) -> Diagnostic {
    if name.is_empty() {
        let message = "a modifier is missing behind the `|`";
        return Diagnostic::new(Code::UnknownModifier, span, message)
            .with_help("write a modifier there, or leave the `|` out");
    }
    let message = format!("`{name}` is no modifier of Sigma");
    let diagnostic = Diagnostic::new(Code::UnknownModifier, span, message);
    let lower = name.to_lowercase();
    let exact = modifier::find(&lower).map(|it| it.name);
    let known = modifier::MODIFIERS.iter().map(|it| it.name);
    if let Some((_, help)) = ELSEWHERE.iter().find(|(words, _)| words.contains(&&*lower)) {
        return diagnostic.with_help(*help);
    }
    match exact.or_else(|| nearest(name, known)) {
        Some(candidate) => diagnostic.with_help(format!("did you mean `{candidate}`?")),
        None => diagnostic.with_help("`isogloss list modifiers` shows all modifiers"),
    }
}

/// Lints on values as they are written.
fn report_values(item: &DetectionItem, diagnostics: &mut Diagnostics) {
    for value in &item.values {
        match &value.value {
            ValueKind::Number(text) if Number::canonical(text).is_none() => {
                let message = format!("`{text}` is read as different numbers by versions of YAML");
                diagnostics.push(
                    Diagnostic::new(Code::AmbiguousNumber, value.span, message)
                        .with_label("kept as this text")
                        .with_help("quote it, or write the number in decimal"),
                );
            }
            ValueKind::Null if item.listed && item.values.len() > 1 => {
                let message = "`null` stands in a list of values";
                diagnostics.push(
                    Diagnostic::new(Code::NullInList, value.span, message)
                        .with_label("taken as: the field is absent")
                        .with_help("write a second detection with `null`, and join them with `or`"),
                );
            }
            ValueKind::Text(_) | ValueKind::Number(_) | ValueKind::Bool(_) | ValueKind::Null => {}
        }
    }
}
