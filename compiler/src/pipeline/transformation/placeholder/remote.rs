//! `http_placeholders`, `command_placeholders`: they would fetch an address or run a command, and are
//! refused.

use super::super::{Context, Entry, Owner, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

pub(in super::super) const HTTP: Entry = Entry {
    name: "http_placeholders",
    owner: Owner::PySigma,
    keys: &[
        "url",
        "method",
        "timeout",
        "headers",
        "params",
        "form_data",
        "json_body",
        "max_body_size",
        "format",
        "filter",
        "csv_column",
        "csv_has_header",
        "jq_expression",
        "include",
        "exclude",
    ],
    parse: |settings, context, diagnostics| {
        refuse("fetches values from an address", settings, context, diagnostics)
    },
};

pub(in super::super) const COMMAND: Entry = Entry {
    name: "command_placeholders",
    owner: Owner::PySigma,
    keys: &[
        "cmd",
        "timeout",
        "max_stdout",
        "format",
        "filter",
        "csv_column",
        "csv_has_header",
        "jq_expression",
        "include",
        "exclude",
    ],
    parse: |settings, context, diagnostics| {
        refuse("runs a command", settings, context, diagnostics)
    },
};

fn refuse(
    what: &str,
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let (name, span) = settings
        .node("type")
        .map_or(("", settings.span()), |node| (node.as_text().unwrap_or_default(), node.span));
    let message = format!("`{name}` {what}, which isogloss does not do");
    diagnostics.push(
        Diagnostic::new(Code::ForbiddenTransformation, span, message)
            .with_help("write the values to a file before the run, and use `file_placeholders`"),
    );
    None
}
