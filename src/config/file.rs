//! The file as it is written.

use std::ops::Range;

use globset::{Glob, GlobSet, GlobSetBuilder};
use indexmap::IndexMap;
use isogloss_backends::{find, target_names};
use isogloss_compiler::diagnostic::{Code, Diagnostic, suggest};
use isogloss_compiler::source::{SourceId, Span};
use serde::Deserialize;
use time::Date;
use toml::Spanned;
use toml::value::Datetime;

use super::mistake;
use crate::policy::{Entry, Level, Subject, parse_date};

/// `isogloss.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// The targets of the repository, by name.
    #[serde(default)]
    pub(super) targets: IndexMap<String, Target>,
    /// What becomes of losses and lints; the last entry that names a finding decides.
    #[serde(default)]
    policy: Vec<PolicyEntry>,
    /// What only `check` reads.
    #[serde(default)]
    pub(super) check: Check,
}

/// `[targets.<name>]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    /// As with `-p`: built-in names, files, `default`.
    #[serde(default)]
    pub(super) pipelines: Vec<String>,
    /// As with `--var`: values of variables that the pipelines declare.
    #[serde(default)]
    vars: IndexMap<String, String>,
    /// A longer query is warned of.
    pub(crate) max_query_bytes: Option<usize>,
}

impl Target {
    /// Names and values of variables.
    pub(crate) fn vars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.vars.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// `[check]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// The findings that are known.
    pub(super) baseline: Option<String>,
}

/// `[[policy]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyEntry {
    #[serde(default)]
    deny: Vec<Spanned<String>>,
    #[serde(default)]
    warn: Vec<Spanned<String>>,
    #[serde(default)]
    note: Vec<Spanned<String>>,
    #[serde(default)]
    allow: Vec<Spanned<String>>,
    #[serde(default)]
    targets: Vec<Spanned<String>>,
    #[serde(default)]
    paths: Vec<Spanned<String>>,
    #[serde(default)]
    rules: Vec<Spanned<String>>,
    reason: Spanned<String>,
    until: Option<Spanned<Datetime>>,
}

/// Reads the file; `None` if it is not of this shape, after saying why.
pub(super) fn parse(source: SourceId, text: &str, mistakes: &mut Vec<Diagnostic>) -> Option<File> {
    match toml::from_str::<File>(text) {
        Ok(file) => {
            for name in file.targets.keys().filter(|name| find(name).is_none()) {
                mistakes.push(unknown_target(name, mistake::key_span(source, text, name)));
            }
            Some(file)
        }
        Err(error) => {
            mistakes.push(mistake::explain(source, text, &error));
            None
        }
    }
}

fn unknown_target(name: &str, span: Span) -> Diagnostic {
    let help = suggest(name, target_names());
    Diagnostic::new(Code::UnknownInConfig, span, format!("`{name}` is no target")).with_help(help)
}

impl File {
    /// The entries of the policy, one a subject. What names nothing is reported.
    pub(super) fn entries(&self, source: SourceId, mistakes: &mut Vec<Diagnostic>) -> Vec<Entry> {
        let mut entries = Vec::new();
        for written in &self.policy {
            if written.reason.get_ref().trim().is_empty() {
                let span = place(source, written.reason.span());
                mistakes.push(Diagnostic::new(Code::InvalidConfig, span, "the reason is empty"));
            }
            let levels = [
                (Level::Deny, &written.deny),
                (Level::Warn, &written.warn),
                (Level::Note, &written.note),
                (Level::Allow, &written.allow),
            ];
            if levels.iter().all(|(_, subjects)| subjects.is_empty()) {
                let span = place(source, written.reason.span());
                let message = "the entry names neither `deny`, `warn`, `note` nor `allow`";
                mistakes.push(Diagnostic::new(Code::InvalidConfig, span, message));
            }
            let frame = written.frame(source, mistakes);
            for (level, subject) in
                levels.into_iter().flat_map(|(level, list)| list.iter().map(move |it| (level, it)))
            {
                let span = place(source, subject.span());
                match Subject::parse(subject.get_ref()) {
                    Ok(parsed) => entries.push(frame.entry(level, parsed, span)),
                    Err(message) => {
                        mistakes.push(Diagnostic::new(Code::UnknownInConfig, span, message));
                    }
                }
            }
        }
        entries
    }
}

/// What all subjects of an entry share.
struct Frame {
    targets: Vec<String>,
    paths: Option<GlobSet>,
    rules: Vec<globset::GlobMatcher>,
    until: Option<Date>,
}

impl Frame {
    fn entry(&self, level: Level, subject: Subject, span: Span) -> Entry {
        Entry {
            place: Some(span),
            targets: self.targets.clone(),
            paths: self.paths.clone(),
            rules: self.rules.clone(),
            until: self.until,
            ..Entry::new(level, subject)
        }
    }
}

impl PolicyEntry {
    fn frame(&self, source: SourceId, mistakes: &mut Vec<Diagnostic>) -> Frame {
        for target in self.targets.iter().filter(|it| find(it.get_ref()).is_none()) {
            mistakes.push(unknown_target(target.get_ref(), place(source, target.span())));
        }
        let mut paths = GlobSetBuilder::new();
        globs(&self.paths, source, mistakes).for_each(|glob| {
            paths.add(glob);
        });
        let rules = globs(&self.rules, source, mistakes).map(|it| it.compile_matcher()).collect();
        let until = self.until.as_ref().and_then(|written| {
            let date = parse_date(&written.get_ref().to_string());
            if date.is_none() {
                let message = "`until` is a day, without a time";
                let span = place(source, written.span());
                let diagnostic = Diagnostic::new(Code::InvalidConfig, span, message);
                mistakes.push(diagnostic.with_help("write it as `until = 2026-12-31`"));
            }
            date
        });
        Frame {
            targets: self.targets.iter().map(|it| it.get_ref().clone()).collect(),
            paths: (!self.paths.is_empty()).then(|| paths.build().ok()).flatten(),
            rules,
            until,
        }
    }
}

/// The globs of a list; those that cannot be read are reported.
fn globs(
    written: &[Spanned<String>],
    source: SourceId,
    mistakes: &mut Vec<Diagnostic>,
) -> std::vec::IntoIter<Glob> {
    let mut globs = Vec::new();
    for text in written {
        match globset::GlobBuilder::new(text.get_ref()).literal_separator(true).build() {
            Ok(glob) => globs.push(glob),
            Err(error) => {
                let message = format!("this is no glob: {}", error.kind());
                let span = place(source, text.span());
                mistakes.push(Diagnostic::new(Code::InvalidConfig, span, message));
            }
        }
    }
    globs.into_iter()
}

fn place(source: SourceId, range: Range<usize>) -> Span {
    Span::new(source, range.start, range.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        let mut mistakes = Vec::new();
        if let Some(file) = parse(SourceId(0), text, &mut mistakes) {
            file.entries(SourceId(0), &mut mistakes);
        }
        let show = |it: &Diagnostic| {
            let span = it.labels[0].span;
            let guilty = text.get(span.start as usize..span.end as usize).unwrap();
            format!("{guilty} | {} | {}", it.message, it.help.as_deref().unwrap_or_default())
        };
        mistakes.iter().map(show).collect()
    }

    #[test]
    fn what_is_wrong_is_underlined() {
        for (text, wanted) in [
            ("[targets.spl]\n[targets.sql]\n", "sql | `sql` is no target | did you mean `spl`?"),
            ("[polcy]\n", "polcy | `polcy` is not known here | did you mean `policy`?"),
            (
                "[[policy]]\nalow = ['W0703']\nreason = 'r'\n",
                "alow | `alow` is not known here | did you mean `allow`?",
            ),
            (
                "[[policy]]\nallow = ['W0703']\n",
                "[[policy]] | `reason` is missing | every entry of the policy says why it is there",
            ),
            (
                "[[policy]]\nallow = ['csae']\nreason = 'r'\n",
                "'csae' | `csae` is no loss and no code; did you mean `case`? | ",
            ),
            (
                "[[policy]]\nallow = ['E0301']\nreason = 'r'\n",
                "'E0301' | `E0301` is an error, and errors cannot be switched | ",
            ),
            (
                "[[policy]]\nallow = ['case']\nreason = 'r'\nuntil = 2026-01-01T00:00:00\n",
                "2026-01-01T00:00:00 | `until` is a day, without a time | write it as `until = 2026-12-31`",
            ),
            ("[[policy]]\nallow = ['case']\nreason = ''\n", "'' | the reason is empty | "),
            (
                "[[policy]]\nreason = 'r'\n",
                "'r' | the entry names neither `deny`, `warn`, `note` nor `allow` | ",
            ),
            (
                "[[policy]]\nallow = ['case']\npaths = ['[a']\nreason = 'r'\n",
                "'[a' | this is no glob: unclosed character class; missing ']' | ",
            ),
            (
                "[targets.spl]\npipelines = 'a'\n",
                "'a' | this is not of the right type: invalid type: string \"a\", expected a sequence | ",
            ),
        ] {
            assert_eq!(mistakes(text), [wanted], "{text}");
        }
    }
}
