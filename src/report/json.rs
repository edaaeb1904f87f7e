//! One JSON object a line and finding.

use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::source::SourceMap;

use crate::json::{Finding, Place, to_text};

/// The finding in the shape of `-f json`; `None` if its place lies in no source of this run.
pub(crate) fn finding(diagnostic: &Diagnostic, sources: &SourceMap) -> Option<Finding> {
    let place = diagnostic.labels.first().and_then(|label| sources.locate(label.span))?;
    Some(Finding {
        code: diagnostic.code.as_str().to_owned(),
        severity: diagnostic.severity.as_str().to_owned(),
        message: diagnostic.message.clone(),
        place: Place::from(place),
        help: diagnostic.help.clone(),
    })
}

/// The line, with its end.
pub(super) fn render(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let line = finding(diagnostic, sources).and_then(|finding| to_text(&finding, false).ok());
    line.map_or(String::new(), |line| line + "\n")
}
