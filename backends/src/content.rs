//! Queries and what rules say about themselves, as text that a SIEM takes. The only place that names
//! the template engine.

pub mod analytic;
pub mod artifact;
mod data_model;
pub mod lookup;
pub mod macros;
pub mod raw;
pub mod tstats;

use std::io::Write;

use isogloss_templates::TEMPLATES;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};
use serde::Serialize;

/// Renders the template of this name. The error is the engine's, in one sentence.
///
/// Templates cannot load others, and a name that is not defined is an error.
pub(crate) fn render(name: &str, context: impl Serialize) -> Result<String, String> {
    let (_, source) = TEMPLATES
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| format!("there is no template `{name}`"))?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    environment.set_syntax(syntax.map_err(|error| error.to_string())?);
    environment.render_str(source, Serde(context)).map_err(|error| error.to_string())
}

/// The longest artifact, in bytes.
pub(crate) const LONGEST: usize = 16 << 20;
/// The most steps that a template of a pipeline may take.
const FUEL: u64 = 1_000_000;

/// What the templates of pipelines are rendered with: Jinja's own syntax, nothing undefined, no other
/// templates, and an end.
fn environment_of_pipelines(autoescape: bool) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| {
        if autoescape { AutoEscape::Html } else { AutoEscape::None }
    });
    environment.set_fuel(Some(FUEL));
    // What a loop keeps between its rounds could double in each of them.
    environment.add_function("namespace", || -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, "templates of pipelines have no `namespace`"))
    });
    environment
}

/// Renders a template of a pipeline. The error is the engine's, in one sentence.
pub(crate) fn render_text(
    source: &str,
    autoescape: bool,
    context: serde_json::Value,
) -> Result<String, String> {
    let environment = environment_of_pipelines(autoescape);
    let template = environment.template_from_str(source).map_err(|error| explain(&error))?;
    let mut text = Bounded(Vec::new());
    template.render_captured_to(to_value(context), &mut text).map_err(|error| explain(&error))?;
    String::from_utf8(text.0).map_err(|error| error.to_string())
}

/// Text that does not grow without an end.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len().saturating_add(bytes.len()) > LONGEST {
            return Err(std::io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A value of JSON as the engine has it; a number that no machine has is its text.
fn to_value(value: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::from(whole),
            (None, Some(float)) if !number.to_string().bytes().all(|it| it.is_ascii_digit()) => {
                Value::from(float)
            }
            (None, _) => Value::from(number.to_string()),
        },
        Json::String(text) => Value::from(text),
        Json::Array(list) => Value::from(list.into_iter().map(to_value).collect::<Vec<_>>()),
        Json::Object(map) => {
            let entries = map.into_iter().map(|(key, value)| (key, to_value(value)));
            Value::from_pairs(entries)
        }
    }
}

/// Whether a text is a template. The error is the engine's, in one sentence.
pub(crate) fn check_text(source: &str) -> Result<(), String> {
    let environment = environment_of_pipelines(false);
    environment.template_from_str(source).map(drop).map_err(|error| explain(&error))
}

/// What is wrong, and in which line of the template.
fn explain(error: &Error) -> String {
    let what = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    // Writing has no mistake but the limit.
    if error.kind() == ErrorKind::WriteFailure {
        return format!("it writes more than {LONGEST} bytes");
    }
    error.line().map_or_else(|| what.clone(), |line| format!("line {line}: {what}"))
}

/// A value of a `.conf` file: on one line, or with `\` at the end of each line but the last.
pub(crate) fn conf_value(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join(" \\\n")
}
