//! One line a finding, as compilers write them.

use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::source::SourceMap;

use super::visible;

/// `path:line:column: severity[code]: message (help)`.
pub(super) fn render(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let place = diagnostic.labels.first().and_then(|label| sources.locate(label.span));
    let place =
        place.map_or(String::new(), |it| format!("{}:{}:{}: ", it.path, it.line, it.column));
    let severity = diagnostic.severity.as_str();
    let code = diagnostic.code.as_str();
    let help = diagnostic.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
    format!("{}\n", visible(&format!("{place}{severity}[{code}]: {}{help}", diagnostic.message)))
}
