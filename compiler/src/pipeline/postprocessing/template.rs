//! Templates in the language of Jinja, as text; they are compiled where they are rendered.

use super::CODE;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::parse::Fields;
use crate::pipeline::transformation::Context;
use crate::source::Span;

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its text.
    pub text: String,
    /// True if values are escaped for HTML.
    pub autoescape: bool,
    /// Where it stands in the pipeline.
    pub span: Span,
}

/// Keys of a template.
pub(super) const KEYS: &[&str] = &["template", "path", "autoescape", "vars"];

/// Reads a template: its text, or the name of a file in the folder `path`.
pub(super) fn parse(
    item: &Fields,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Template> {
    if let Some(vars) = item.node("vars") {
        let message = "`vars` of a template runs Python code, which isogloss does not do";
        diagnostics
            .push(Diagnostic::new(Code::ForbiddenTransformation, vars.span, message).with_help(
                "write values under `vars` of the pipeline: `{{ pipeline.vars.name }}`",
            ));
    }
    let words = [("true", true), ("false", false)];
    let autoescape = item.word("autoescape", &words, diagnostics).unwrap_or(false);
    if item.node("template").is_none() {
        item.missing("template", "write a template, such as `{{ query }}`", diagnostics);
        return None;
    }
    let template = item.text("template", diagnostics)?;
    let Some(path) = item.text("path", diagnostics) else {
        return Some(Template { text: template.value, autoescape, span: template.span });
    };
    let file = format!("{}/{}", path.value.trim_end_matches('/'), template.value);
    match (context.read_file)(&file) {
        Ok(text) => Some(Template { text, autoescape, span: template.span }),
        Err(reason) => {
            let message = format!("the template `{file}` cannot be read: {reason}");
            diagnostics.push(Diagnostic::new(CODE, path.span, message));
            None
        }
    }
}
