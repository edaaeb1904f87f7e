//! Findings for people and programs: one file a form.

mod excerpt;
mod github;
mod json;
mod junit;
mod pretty;
mod sarif;
mod short;
mod table;

use std::io::Write;

use isogloss_compiler::diagnostic::{Diagnostic, Severity};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::text;

use crate::cli::{Color, MessageFormat, Talk};
pub(crate) use json::finding;
pub(crate) use junit::allowed;
pub(crate) use table::{LossRow, finding_table, loss_table};

/// What findings are about: a rule, or a file that is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The file, relative to the configuration.
    pub(crate) path: String,
    /// `id` of the rule.
    pub(crate) id: Option<String>,
    /// `title` of the rule; empty if it has none.
    pub(crate) title: String,
}

/// What was found about one subject.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    /// What it is about.
    pub(crate) subject: Subject,
    /// The findings, in the order of the file.
    pub(crate) findings: Vec<Diagnostic>,
}

/// Where findings go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    /// Standard output: the findings are the result.
    Result,
    /// Standard error: the findings are talk.
    Talk,
}

/// Writes findings, and the lines around them.
pub(crate) struct Reporter {
    format: MessageFormat,
    quiet: bool,
    shown: pretty::Shown,
    stream: Stream,
    out: anstream::AutoStream<std::io::Stdout>,
    err: anstream::AutoStream<std::io::Stderr>,
    /// What a form of one document still has to write.
    groups: Vec<Group>,
    /// Why the result could not be written.
    failed: Option<String>,
}

impl Reporter {
    /// A reporter that writes everything to standard error.
    pub(crate) fn new(talk: &Talk) -> Self {
        Self { quiet: talk.quiet, ..Self::of(talk.message_format, talk.color) }
    }

    /// A reporter for a command whose findings cannot be switched.
    pub(crate) fn of(format: MessageFormat, color: Color) -> Self {
        Self {
            format,
            quiet: false,
            shown: pretty::Shown::default(),
            stream: Stream::Talk,
            out: anstream::AutoStream::new(std::io::stdout(), color.choice()),
            err: anstream::AutoStream::new(std::io::stderr(), color.choice()),
            groups: Vec::new(),
            failed: None,
        }
    }

    /// A reporter whose findings are the result, on standard output.
    pub(crate) fn with_result(talk: &Talk) -> Self {
        Self { stream: Stream::Result, ..Self::new(talk) }
    }

    /// True for forms that people read, where long runs are put together.
    pub(crate) fn is_for_people(&self) -> bool {
        match self.format {
            MessageFormat::Pretty | MessageFormat::Short => true,
            MessageFormat::Json
            | MessageFormat::Github
            | MessageFormat::Sarif
            | MessageFormat::Junit => false,
        }
    }

    /// True for the form that is laid out for a terminal.
    pub(crate) fn is_pretty(&self) -> bool {
        self.format == MessageFormat::Pretty
    }

    /// Writes findings that are about no rule; with `--quiet` only errors.
    pub(crate) fn findings<'d>(
        &mut self,
        findings: impl IntoIterator<Item = &'d Diagnostic>,
        sources: &SourceMap,
    ) {
        let findings: Vec<Diagnostic> = findings.into_iter().cloned().collect();
        let first = findings.first().and_then(|it| it.labels.first());
        let path = first.and_then(|label| sources.get(label.span.source)).map(|it| it.path.clone());
        let subject = Subject { path: path.unwrap_or_default(), ..Subject::default() };
        if !findings.is_empty() {
            self.group(Group { subject, findings }, sources);
        }
    }

    /// Writes what was found about one subject; with `--quiet` only errors.
    pub(crate) fn group(&mut self, mut group: Group, sources: &SourceMap) {
        if self.quiet {
            group.findings.retain(|it| it.severity == Severity::Error);
        }
        for diagnostic in &group.findings {
            let text = match self.format {
                MessageFormat::Pretty => pretty::render(diagnostic, sources, &mut self.shown),
                MessageFormat::Short => short::render(diagnostic, sources),
                MessageFormat::Json => json::render(diagnostic, sources),
                MessageFormat::Github => github::render(diagnostic, sources),
                MessageFormat::Sarif | MessageFormat::Junit => String::new(),
            };
            self.write(self.stream, &text);
        }
        match self.format {
            MessageFormat::Sarif | MessageFormat::Junit => self.groups.push(group),
            MessageFormat::Pretty
            | MessageFormat::Short
            | MessageFormat::Json
            | MessageFormat::Github => {}
        }
    }

    /// Ends the report: forms of one document are written now.
    pub(crate) fn finish(&mut self, sources: &SourceMap) {
        let text = match self.format {
            MessageFormat::Sarif => sarif::render(&self.groups, sources),
            MessageFormat::Junit => junit::render(&self.groups, sources),
            MessageFormat::Pretty
            | MessageFormat::Short
            | MessageFormat::Json
            | MessageFormat::Github => String::new(),
        };
        self.groups.clear();
        self.write(self.stream, &text);
    }

    /// Writes a line of the result that belongs to no rule.
    pub(crate) fn result_line(&mut self, text: &str) {
        if !self.quiet && self.is_for_people() {
            self.write(self.stream, &format!("{}\n", visible(text)));
        }
    }

    /// Writes a line that belongs to no rule, such as the count at the end. It never stands between the
    /// lines of a form for programs.
    pub(crate) fn line(&mut self, text: &str) {
        if !self.quiet && (self.is_for_people() || self.stream == Stream::Result) {
            self.write(Stream::Talk, &format!("{}\n", visible(text)));
        }
    }

    /// Writes why the run failed, which no option hides.
    pub(crate) fn failure(&mut self, text: &str) {
        self.write(Stream::Talk, &format!("error: {}\n", visible(text)));
    }

    /// Why findings that are the result could not be written.
    pub(crate) fn failed(&mut self) -> Option<String> {
        if let Err(error) = self.out.flush() {
            self.note_failure(&error);
        }
        self.failed.take()
    }

    fn write(&mut self, stream: Stream, text: &str) {
        match stream {
            Stream::Result => {
                if let Err(error) = self.out.write_all(text.as_bytes()) {
                    self.note_failure(&error);
                }
            }
            Stream::Talk => {
                // The other end may be closed: then there is nobody to tell.
                let _closed = self.err.write_all(text.as_bytes());
            }
        }
    }

    /// The other end of a pipe may have read enough, which is no failure.
    fn note_failure(&mut self, error: &std::io::Error) {
        if error.kind() != std::io::ErrorKind::BrokenPipe && self.failed.is_none() {
            self.failed = Some(error.to_string());
        }
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
