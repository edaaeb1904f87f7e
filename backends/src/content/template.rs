//! Templates: those of deployable files, and those in pipelines. The only place that names the engine.
//!
//! The templates of files are those of the project, or those that a user has put in their place. They have
//! loops and optional fields, no other templates, and no name that is not defined.

use std::collections::BTreeMap;
use std::io::Write;

use isogloss_compiler::diagnostic::suggest;
use isogloss_templates::TEMPLATES;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};
use serde::Serialize;

use super::escape;

/// The templates of a build.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    /// Those of the user, by name.
    overrides: BTreeMap<String, String>,
}

impl Templates {
    /// Puts a template in the place of the one of this name, such as `spl/macros.conf.j2`. The error says
    /// that there is none, or what is wrong with its text.
    pub fn set(&mut self, name: &str, text: String) -> Result<(), String> {
        let names = || TEMPLATES.iter().map(|(name, _)| *name);
        if !names().any(|known| known == name) {
            return Err(format!("there is no template `{name}`; {}", suggest(name, names())));
        }
        let environment = environment()?;
        environment.template_from_str(&text).map_err(|error| explain(&error))?;
        self.overrides.insert(name.to_owned(), text);
        Ok(())
    }

    /// The names and texts of the templates of the user, by name.
    pub fn overrides(&self) -> impl Iterator<Item = &str> {
        self.overrides.iter().flat_map(|(name, text)| [name.as_str(), text.as_str()])
    }

    /// Renders the template of this name. The error is the engine's, with the name and the line.
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<String, String> {
        let built_in = || TEMPLATES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        let source = match self.overrides.get(name) {
            Some(text) => text,
            None => built_in().ok_or_else(|| format!("there is no template `{name}`"))?,
        };
        let rendered = environment()?.render_str(source, Serde(context));
        rendered.map_err(|error| format!("the template {name}: {}", explain(&error)))
    }
}

/// Values are escaped by filters, since one file may hold another: JSON in a conf file.
fn environment() -> Result<Environment<'static>, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    environment.set_syntax(syntax.map_err(|error| error.to_string())?);
    environment.add_filter("conf", |text: &str| escape::conf(text));
    environment.add_filter("string", |text: &str| escape::json(text));
    environment.add_filter("toml", |text: &str| escape::toml(text));
    environment.add_filter("markdown", |text: &str| escape::markdown(text));
    Ok(environment)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_of_the_user_is_taken_and_checked() {
        let mut templates = Templates::default();
        let missing = templates.set("spl/macro.conf.j2", String::new()).unwrap_err();
        assert!(missing.contains("did you mean `spl/macros.conf.j2`?"), "{missing}");
        assert!(templates.set("spl/macros.conf.j2", "{% if %}".to_owned()).is_err());
        templates.set("spl/macros.conf.j2", "{{ a }}".to_owned()).unwrap();
        let context = BTreeMap::from([("a", "b")]);
        assert_eq!(templates.render("spl/macros.conf.j2", &context).unwrap(), "b");
        let nothing = BTreeMap::<String, String>::new();
        assert!(templates.render("spl/macros.conf.j2", nothing).unwrap_err().contains("line 1"));
    }
}
