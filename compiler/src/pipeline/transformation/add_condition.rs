//! `add_condition`: a rule asks for more, or for the absence of something.

use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::ast::{Body, Logsource, ValueKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Condition, Origins};
use crate::lower::lower_body;
use crate::parse::parse_body;
use crate::pipeline::condition::parse_flag;
use crate::yaml::Value as Yaml;

const CODE: Code = Code::InvalidPipeline;

#[derive(Debug)]
struct AddCondition {
    body: Body,
    name: String,
    template: bool,
    negated: bool,
}

pub(super) const ENTRY: Entry = Entry {
    name: "add_condition",
    owner: Owner::PySigma,
    keys: &["conditions", "name", "template", "negated"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let template = parse_flag("template", settings, diagnostics);
    let negated = parse_flag("negated", settings, diagnostics);
    let name = settings.text("name", diagnostics).map(|it| it.value);
    let Some(node) = settings.node("conditions") else {
        settings.missing("conditions", "write `conditions: {field: value}`", diagnostics);
        return None;
    };
    if !matches!(node.value, Yaml::Sequence(_)) {
        Settings::of(node, CODE, diagnostics)?;
    }
    let body = parse_body(node, diagnostics)?;
    // What is wrong with the conditions is found when the pipeline is read.
    lower_body(&body, &mut Origins::default(), diagnostics)?;
    if template {
        check_names(&body, diagnostics);
    }
    let name = name.unwrap_or_else(|| "_cond".to_owned());
    Some(Box::new(AddCondition { body, name, template, negated }))
}

impl Transformation for AddCondition {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        let mut body = self.body.clone();
        if self.template
            && let Err(attribute) = fill(&mut body, &run.rule.logsource)
        {
            let message = format!(
                "a pipeline adds a condition with the {attribute} of the log source, and the rule has none"
            );
            let origin = run.rule.logsource_origin.clone();
            run.refuse(Code::RefusedByPipeline, &origin, message, "");
            return;
        }
        let Some(expr) = lower_body(&body, &mut run.rule.origins, &mut Vec::new()) else {
            let message = "a pipeline adds a condition that the log source makes unreadable";
            let origin = run.rule.logsource_origin.clone();
            run.refuse(Code::RefusedByPipeline, &origin, message.to_owned(), "");
            return;
        };
        for item in expr.items() {
            run.mark_item(&item.origin, applies.id());
        }
        let body = &mut run.rule.body;
        let mut name = self.name.clone();
        while body.detections.contains_key(&name) {
            name.push('_');
        }
        for condition in &mut body.conditions {
            let own = Condition::Detection(name.clone());
            let own = if self.negated { Condition::Not(Box::new(own)) } else { own };
            *condition = Condition::All(vec![own, condition.clone()]);
        }
        body.detections.insert(name, expr);
    }

    fn replay(&self) -> Replay {
        Replay::Missing("it asks for what the platform itself writes on events")
    }
}

/// The attributes that a template can name.
const NAMES: &[&str] = &["category", "product", "service"];

/// Puts the log source into every value. The error is the attribute that the log source lacks.
fn fill(body: &mut Body, logsource: &Logsource) -> Result<(), &'static str> {
    let mut missing = None;
    each_text(body, &mut |text| {
        *text = substitute(text, &mut |name| {
            let (name, value) = match name {
                "category" => ("category", &logsource.category),
                "product" => ("product", &logsource.product),
                "service" => ("service", &logsource.service),
                _ => return None,
            };
            if value.is_none() {
                missing = Some(name);
            }
            // A log source is no pattern.
            value.as_deref().map(escape)
        });
    });
    missing.map_or(Ok(()), Err)
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('*', "\\*").replace('?', "\\?")
}

fn each_text(body: &mut Body, change: &mut dyn FnMut(&mut String)) {
    match body {
        Body::All(items) => {
            for value in items.iter_mut().flat_map(|item| &mut item.values) {
                if let ValueKind::Text(text) = &mut value.value {
                    change(text);
                }
            }
        }
        Body::Any(parts) => parts.iter_mut().for_each(|part| each_text(part, change)),
    }
}

/// Replaces `$name` and `${name}`; `$$` is a `$`, and any other `$` stays.
fn substitute(text: &str, value: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        filled.push_str(before);
        let (name, after) = match behind.strip_prefix('{').and_then(|it| it.split_once('}')) {
            Some(named) => named,
            None => behind.split_at(name_length(behind)),
        };
        if let Some(after) = behind.strip_prefix('$') {
            filled.push('$');
            rest = after;
        } else if let Some(value) = value(name) {
            filled.push_str(&value);
            rest = after;
        } else {
            filled.push('$');
            rest = behind;
        }
    }
    filled.push_str(rest);
    filled
}

/// How long the name at the start of a text is.
fn name_length(text: &str) -> usize {
    let ends = |it: char| !(it.is_ascii_alphanumeric() || it == '_');
    text.find(ends).unwrap_or(text.len())
}

/// Reports names that are none of a log source: they would stay in the value as they are.
fn check_names(body: &Body, diagnostics: &mut Diagnostics) {
    let values = match body {
        Body::All(items) => items.iter().flat_map(|item| &item.values),
        Body::Any(parts) => return parts.iter().for_each(|part| check_names(part, diagnostics)),
    };
    for value in values {
        let ValueKind::Text(text) = &value.value else { continue };
        let mut unknown = None;
        substitute(text, &mut |name| {
            let known = NAMES.contains(&name);
            if !known && !name.is_empty() {
                unknown = Some(name.to_owned());
            }
            known.then(String::new)
        });
        if let Some(name) = unknown {
            let message = format!("a template knows no `${name}`");
            let help = "it knows `$category`, `$product` and `$service`; `$$` is a `$`";
            diagnostics.push(Diagnostic::new(CODE, value.span, message).with_help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_take_the_log_source() {
        let mut value = |name: &str| (name == "product").then(|| "windows".to_owned());
        for (text, wanted) in [
            ("WinEventLog:$product", "WinEventLog:windows"),
            ("${product}x", "windowsx"),
            ("$$product", "$product"),
            ("$products", "$products"),
            ("5$", "5$"),
        ] {
            assert_eq!(substitute(text, &mut value), wanted);
        }
    }
}
