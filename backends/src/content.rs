//! Queries and what rules say about themselves, as text that a SIEM takes. The only place that names
//! the template engine.

pub mod analytic;
pub mod macros;

use isogloss_templates::TEMPLATES;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
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

/// A value of a `.conf` file: on one line, or with `\` at the end of each line but the last.
pub(crate) fn conf_value(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join(" \\\n")
}
