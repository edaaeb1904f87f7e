//! Postprocessing and finalizers of pipelines: the text of a query becomes an artifact, those of an output
//! one text.

use isogloss_compiler::ast::{Level, Logsource, Metadata, Status};
use isogloss_compiler::diagnostic::{Code, Diagnostic, Diagnostics};
use isogloss_compiler::ir::{Correlation, Mapped, Rule};
use isogloss_compiler::pipeline::{
    Finalizer, Pipeline, Pipelines, Postprocessing, PostprocessingItem, SimplePart, SimpleTemplate,
    Step, Template, Vars,
};
use isogloss_compiler::source::Span;
use isogloss_compiler::text::is_hidden;
use serde_json::{Map, Value, json};

use super::template::{LONGEST, check_text, render_text};

/// What postprocessing knows of a rule.
#[derive(Debug, Clone, Copy)]
pub struct About<'r> {
    metadata: &'r Metadata,
    /// A correlation has none of its own.
    logsource: Option<&'r Logsource>,
    fields: &'r [String],
}

impl<'r> About<'r> {
    /// What a rule says about itself.
    pub fn of_rule(rule: &'r Rule<Mapped>) -> Self {
        let (metadata, fields) = (&*rule.metadata, &*rule.body.fields);
        Self { metadata, logsource: Some(&rule.logsource), fields }
    }

    /// What a correlation says about itself.
    pub fn of_correlation(correlation: &'r Correlation<Mapped>) -> Self {
        Self { metadata: &correlation.metadata, logsource: None, fields: &[] }
    }
}

/// What becomes of the text of a query. The error says which step cannot be done for this rule.
pub fn postprocess(
    text: &str,
    about: &About,
    postprocessing: &Postprocessing,
) -> Result<String, Diagnostic> {
    let mut text = text.to_owned();
    for (pipeline, item) in postprocessing.steps() {
        let context = || {
            json!({
                "query": text,
                "rule": rule_value(about),
                "pipeline": pipeline_value(pipeline, &postprocessing.vars, postprocessing.state.iter()),
            })
        };
        let changed = run_step(&item.step, &text, &context);
        text = changed.and_then(bounded).map_err(|reason| cannot(item, &reason))?;
    }
    Ok(text)
}

fn bounded(text: String) -> Result<String, String> {
    if text.len() > LONGEST {
        return Err(format!("the result has more than {LONGEST} bytes"));
    }
    Ok(text)
}

fn cannot(item: &PostprocessingItem, reason: &str) -> Diagnostic {
    let message = format!("this step cannot be done for the rule: {reason}");
    Diagnostic::new(Code::RefusedByPipeline, item.span, message)
}

fn run_step(step: &Step, text: &str, context: &dyn Fn() -> Value) -> Result<String, String> {
    match step {
        Step::Embed { prefix, suffix } => Ok(format!("{prefix}{text}{suffix}")),
        Step::SimpleTemplate(template) => render_simple(template, &context()),
        Step::Template(template) => render_text(&template.text, template.autoescape, context()),
        Step::Json(value) => {
            serde_json::to_string(&with_query(value, text)).map_err(|error| error.to_string())
        }
        Step::Replace(replace) => Ok(replace.run(text)),
        // Its items are steps of their own.
        Step::Nest(_) => Ok(text.to_owned()),
    }
}

/// The query in the place of every string `%QUERY%`.
fn with_query(value: &Value, query: &str) -> Value {
    match value {
        Value::String(text) if text == "%QUERY%" => Value::String(query.to_owned()),
        Value::Array(list) => Value::Array(list.iter().map(|it| with_query(it, query)).collect()),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| (key.clone(), with_query(value, query)));
            Value::Object(entries.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn render_simple(template: &SimpleTemplate, context: &Value) -> Result<String, String> {
    let mut text = String::new();
    for part in &template.parts {
        match part {
            SimplePart::Text(plain) => text.push_str(plain),
            SimplePart::Field(path) => {
                let name = || path.join(".");
                let step = |value: &Value, name: &String| match value {
                    Value::Array(list) => list.get(name.parse::<usize>().ok()?).cloned(),
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Object(_) => value.get(name).cloned(),
                };
                let found = path.iter().try_fold(context.clone(), |value, name| step(&value, name));
                match found.ok_or_else(|| format!("`{}` is not defined", name()))? {
                    Value::String(value) => text.push_str(&value),
                    Value::Null => return Err(format!("the rule has no `{}`", name())),
                    Value::Array(_) | Value::Object(_) => {
                        return Err(format!("`{}` is a list or a map, and no text", name()));
                    }
                    value @ (Value::Bool(_) | Value::Number(_)) => {
                        text.push_str(&value.to_string());
                    }
                }
            }
        }
    }
    Ok(text)
}

/// What templates know of a rule: its attributes by their names in Sigma, and its custom attributes.
fn rule_value(about: &About) -> Value {
    let About { metadata, logsource, fields } = *about;
    let word = |words: &[(&'static str, Level)], level: Level| {
        words.iter().find(|(_, it)| *it == level).map(|(word, _)| *word)
    };
    let status_word =
        |status: Status| Status::ALL.iter().find(|(_, it)| *it == status).map(|(word, _)| *word);
    let mut value: Map<String, Value> = metadata.custom.clone().into_iter().collect();
    let custom: Map<String, Value> = value.clone();
    let known = json!({
        "title": metadata.title,
        "id": metadata.id,
        "name": metadata.name,
        "level": metadata.level.and_then(|it| word(Level::ALL, it)),
        "status": metadata.status.and_then(status_word),
        "description": metadata.description,
        "license": metadata.license,
        "author": metadata.author,
        "date": metadata.date,
        "modified": metadata.modified,
        "references": metadata.references,
        "tags": metadata.tags,
        "falsepositives": metadata.falsepositives,
        "fields": fields,
        "scope": metadata.scope,
        "taxonomy": metadata.taxonomy,
        "logsource": {
            "category": logsource.map(|it| &it.category),
            "product": logsource.map(|it| &it.product),
            "service": logsource.map(|it| &it.service),
        },
        "custom_attributes": custom,
    });
    if let Value::Object(known) = known {
        value.extend(known);
    }
    Value::Object(value)
}

/// What templates know of a pipeline. A variable with one value is that value.
fn pipeline_value<'v>(
    pipeline: &Pipeline,
    vars: &Vars,
    state: impl Iterator<Item = (&'v String, &'v Value)>,
) -> Value {
    let vars = vars.names().filter_map(|name| {
        let values: Vec<&str> = vars.get(name)?.iter().map(|it| it.value.as_str()).collect();
        let value = if let [only] = &*values { json!(only) } else { json!(values) };
        Some((name.to_owned(), value))
    });
    let vars: Map<String, Value> = vars.collect();
    let state: Map<String, Value> = state.map(|(key, it)| (key.clone(), it.clone())).collect();
    json!({ "name": pipeline.name, "vars": vars, "state": state })
}

/// What finalizers have made so far.
enum Output {
    List(Vec<String>),
    Text(String),
}

impl Output {
    fn list(&self) -> Vec<String> {
        match self {
            Self::List(list) => list.clone(),
            Self::Text(text) => vec![text.clone()],
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::List(list) => json!(list),
            Self::Text(text) => json!(text),
        }
    }
}

/// All queries of an output as one text; `None` if the pipelines have no finalizer. The error is one
/// sentence.
pub fn finalize(queries: Vec<String>, pipelines: &Pipelines) -> Result<Option<String>, String> {
    let mut output = Output::List(queries);
    for (pipeline, finalizer) in pipelines.finalizers() {
        output = run_finalizer(finalizer, output, pipeline, pipelines)?;
    }
    match output {
        Output::List(_) => Ok(None),
        Output::Text(text) => Ok(Some(text)),
    }
}

fn run_finalizer(
    finalizer: &Finalizer,
    output: Output,
    pipeline: &Pipeline,
    pipelines: &Pipelines,
) -> Result<Output, String> {
    let text = match finalizer {
        Finalizer::Concat { separator, prefix, suffix } => {
            format!("{prefix}{}{suffix}", output.list().join(separator))
        }
        Finalizer::Template(template) => {
            let pipeline = pipeline_value(pipeline, pipelines.vars(), std::iter::empty());
            let context = json!({ "queries": output.value(), "pipeline": pipeline });
            render_text(&template.text, template.autoescape, context)?
        }
        Finalizer::Json { indent: None } => output.value().to_string(),
        Finalizer::Json { indent: Some(indent) } => indented(&output.value(), usize::from(*indent)),
        Finalizer::Yaml => to_yaml(&output),
        Finalizer::Nested(finalizers) => {
            return finalizers.iter().try_fold(output, |it, finalizer| {
                run_finalizer(finalizer, it, pipeline, pipelines)
            });
        }
    };
    bounded(text).map(Output::Text)
}

/// JSON with a line for each query.
fn indented(value: &Value, indent: usize) -> String {
    match value {
        Value::Array(list) if !list.is_empty() => {
            let lines = list.iter().map(|it| format!("{:indent$}{it}", ""));
            format!("[\n{}\n]", lines.collect::<Vec<_>>().join(",\n"))
        }
        Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_) => value.to_string(),
    }
}

/// Strings in double quotes, which YAML reads as JSON writes them.
fn to_yaml(output: &Output) -> String {
    match output {
        Output::List(list) if list.is_empty() => "[]\n".to_owned(),
        Output::List(list) => {
            let lines: Vec<String> = list.iter().map(|it| format!("- {}", quote(it))).collect();
            lines.join("\n") + "\n"
        }
        Output::Text(text) => quote(text) + "\n",
    }
}

fn quote(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    let show = |it: char| {
        if is_hidden(it) { format!("\\U{:08x}", u32::from(it)) } else { it.to_string() }
    };
    quoted.chars().map(show).collect()
}

/// The templates of pipelines that are no templates.
pub fn check_templates(pipelines: &Pipelines) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for pipeline in pipelines.list() {
        check_items(&pipeline.postprocessing, &mut diagnostics);
        check_finalizers(&pipeline.finalizers, &mut diagnostics);
    }
    diagnostics
}

fn check_items(items: &[PostprocessingItem], diagnostics: &mut Diagnostics) {
    for item in items {
        match &item.step {
            Step::Template(template) => diagnostics.extend(mistake(template)),
            Step::Nest(items) => check_items(items, diagnostics),
            Step::Embed { .. } | Step::SimpleTemplate(_) | Step::Json(_) | Step::Replace(_) => {}
        }
    }
}

fn check_finalizers(finalizers: &[Finalizer], diagnostics: &mut Diagnostics) {
    for finalizer in finalizers {
        match finalizer {
            Finalizer::Template(template) => diagnostics.extend(mistake(template)),
            Finalizer::Nested(finalizers) => check_finalizers(finalizers, diagnostics),
            Finalizer::Concat { .. } | Finalizer::Json { .. } | Finalizer::Yaml => {}
        }
    }
}

fn mistake(template: &Template) -> Option<Diagnostic> {
    let reason = check_text(&template.text).err()?;
    let span: Span = template.span;
    let message = format!("the template cannot be read: {reason}");
    Some(Diagnostic::new(Code::InvalidPipeline, span, message))
}
