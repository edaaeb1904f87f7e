//! Workflow commands of GitHub Actions, which become annotations of the changed files.

use isogloss_compiler::diagnostic::{Diagnostic, Severity};
use isogloss_compiler::source::SourceMap;

use super::visible;

/// `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`, with its end.
pub(super) fn render(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    let place = diagnostic.labels.first().and_then(|label| sources.locate(label.span));
    if let Some(place) = place {
        properties.push(format!("file={}", property(&place.path)));
        properties.push(format!("line={}", place.line));
        properties.push(format!("endLine={}", place.end_line.max(place.line)));
        // Columns are shown for one line only.
        if place.line == place.end_line {
            properties.push(format!("col={}", place.column));
            properties.push(format!("endColumn={}", place.end_column));
        }
    }
    let code = diagnostic.code;
    properties.push(format!("title={}", property(&format!("{} {}", code.as_str(), code.title()))));
    let help =
        diagnostic.help.as_ref().map_or(String::new(), |it| format!("\nhelp: {}", visible(it)));
    let message = format!("{}{help}", visible(&diagnostic.message));
    format!("::{command} {}::{}\n", properties.join(","), data(&message))
}

/// The text of a command ends at a line end, and `%` starts an escape.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property ends at `,` or `:` too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use isogloss_compiler::diagnostic::Code;
    use isogloss_compiler::source::Span;

    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        let mut sources = SourceMap::new();
        let id = sources.add("a,b:100%.yml", "title: x\n");
        let finding = Diagnostic::new(
            Code::UnusedDetection,
            Span::new(id, 7, 8),
            "50% of `a::b`\n::error::x",
        )
        .with_help("a\nb");
        assert_eq!(
            render(&finding, &sources),
            "::warning file=a%2Cb%3A100%25.yml,line=1,endLine=1,col=8,endColumn=9,\
             title=W0703 a detection is used by no condition::50%25 of `a::b`\\u{a}::error::x%0Ahelp: a\\u{a}b\n"
        );
    }
}
