//! Findings for people and programs: one file a form.

mod excerpt;
mod json;
mod pretty;
mod short;
mod table;

use std::io::Write;

use isogloss_compiler::diagnostic::{Diagnostic, Severity};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::text;

use crate::cli::{Color, MessageFormat, Talk};
pub(crate) use json::finding;
pub(crate) use table::{LossRow, loss_table};

/// Writes findings to standard error.
pub(crate) struct Reporter {
    format: MessageFormat,
    quiet: bool,
    shown: pretty::Shown,
    out: anstream::AutoStream<std::io::Stderr>,
}

impl Reporter {
    /// A reporter with the settings of the command line.
    pub(crate) fn new(talk: &Talk) -> Self {
        Self { quiet: talk.quiet, ..Self::of(talk.message_format, talk.color) }
    }

    /// A reporter for a command whose findings cannot be switched.
    pub(crate) fn of(format: MessageFormat, color: Color) -> Self {
        let out = anstream::AutoStream::new(std::io::stderr(), color.choice());
        Self { format, quiet: false, shown: pretty::Shown::default(), out }
    }

    /// Writes findings; with `--quiet` only errors.
    pub(crate) fn findings<'d>(
        &mut self,
        findings: impl IntoIterator<Item = &'d Diagnostic>,
        sources: &SourceMap,
    ) {
        for diagnostic in findings {
            if self.quiet && diagnostic.severity != Severity::Error {
                continue;
            }
            let text = match self.format {
                MessageFormat::Pretty => pretty::render(diagnostic, sources, &mut self.shown),
                // The report itself is the result of `test`; beside it findings are short.
                MessageFormat::Short | MessageFormat::Junit => short::render(diagnostic, sources),
                MessageFormat::Json => json::render(diagnostic, sources),
            };
            self.write(&text);
        }
    }

    /// Writes a line that belongs to no rule, such as the count at the end.
    pub(crate) fn line(&mut self, text: &str) {
        if !self.quiet && self.format != MessageFormat::Json {
            self.write(&format!("{}\n", visible(text)));
        }
    }

    /// Writes why the run failed, which no option hides.
    pub(crate) fn failure(&mut self, text: &str) {
        self.write(&format!("error: {}\n", visible(text)));
    }

    /// The other end of a pipe may be closed: then there is nobody to tell.
    fn write(&mut self, text: &str) {
        let _closed = self.out.write_all(text.as_bytes());
    }
}

/// Text of a rule on a terminal: control and format characters are shown, not obeyed.
pub(crate) fn visible(message: &str) -> String {
    let mut shown = String::with_capacity(message.len());
    for character in message.chars() {
        if text::is_hidden(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The text of a source, of the same length in bytes, in which nothing but line ends and tabs is obeyed
/// by a terminal.
fn harmless(source: &str) -> String {
    source
        .chars()
        .flat_map(|it| match (text::is_hidden(it), it.len_utf8()) {
            (false, _) => vec![it],
            (true, _) if matches!(it, '\n' | '\t') => vec![it],
            (true, 1) => vec![' '],
            (true, 2) => vec!['\u{bf}'],
            (true, 3) => vec!['\u{fffd}'],
            (true, length) => vec!['?'; length],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_rule_is_obeyed_by_a_terminal() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}"), "a\\u{1b}[2Jb\\u{202e}");
        let source = "a\u{1b}\u{85}\u{202e}\u{e0041}\n";
        let shown = harmless(source);
        assert_eq!(shown.len(), source.len());
        assert_eq!(shown.chars().filter(|it| text::is_hidden(*it)).collect::<String>(), "\n");
        assert_eq!(visible("a\r\nb"), "a\\u{d}\\u{a}b");
    }
}
