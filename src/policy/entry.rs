//! One entry of the policy: what becomes of what, where, and for how long.

use std::sync::atomic::{AtomicBool, Ordering};

use globset::{GlobMatcher, GlobSet};
use isogloss_backends::{BACKENDS, find, target_names};
use isogloss_compiler::ast::Metadata;
use isogloss_compiler::comment::Comment;
use isogloss_compiler::diagnostic::{Code, Diagnostic, suggest};
use isogloss_compiler::source::Span;
use time::{Date, Month};

use super::{Level, Subject};

/// One entry of the policy.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What becomes of it.
    pub(crate) level: Level,
    /// Of what.
    pub(crate) subject: Subject,
    /// Where the entry is written, for reports; `None` for the command line.
    pub(crate) place: Option<Span>,
    /// The targets that it is about; none means all.
    pub(crate) targets: Vec<String>,
    /// The paths that it is about.
    pub(crate) paths: Option<GlobSet>,
    /// Ids or titles of the rules that it is about; none means all.
    pub(crate) rules: Vec<GlobMatcher>,
    /// The text that it is about; `None` is everything.
    pub(crate) covers: Option<Span>,
    /// The last day on which it holds.
    pub(crate) until: Option<Date>,
    /// Set when a finding was named.
    pub(crate) used: AtomicBool,
}

impl Entry {
    /// An entry about everything, for ever.
    pub(crate) fn new(level: Level, subject: Subject) -> Self {
        Self {
            level,
            subject,
            place: None,
            targets: Vec::new(),
            paths: None,
            rules: Vec::new(),
            covers: None,
            until: None,
            used: AtomicBool::new(false),
        }
    }

    /// The entries of a comment, one a subject. Words that name nothing are reported.
    pub(crate) fn of_comment(comment: &Comment, mistakes: &mut Vec<Diagnostic>) -> Vec<Self> {
        let directive = &comment.directive;
        let mut sound = true;
        let mut report = |span: Span, message: String| {
            mistakes.push(Diagnostic::new(Code::InvalidComment, span, message));
            sound = false;
        };
        let until = directive.until.as_ref().map(|it| (it, parse_date(&it.value)));
        if let Some((written, None)) = &until {
            report(written.span, format!("`{}` is no date such as `2026-12-31`", written.value));
        }
        for target in &directive.targets {
            if find(&target.value).is_none() {
                let help = suggest(&target.value, target_names());
                report(target.span, format!("`{}` is no target; {help}", target.value));
            }
        }
        let mut entries = Vec::new();
        for subject in &directive.subjects {
            match Subject::parse(&subject.value) {
                Ok(parsed) => entries.push(Self {
                    place: Some(subject.span),
                    targets: directive.targets.iter().map(|it| it.value.clone()).collect(),
                    covers: Some(comment.covers),
                    until: until.as_ref().and_then(|(_, date)| *date),
                    ..Self::new(Level::from(directive.level), parsed)
                }),
                Err(message) => report(subject.span, message),
            }
        }
        if sound { entries } else { Vec::new() }
    }

    /// True if the entry can be about the rule of this path, relative to the configuration.
    pub(super) fn is_about(&self, path: &str, metadata: &Metadata) -> bool {
        let named = |rule: &GlobMatcher| {
            rule.is_match(&metadata.title)
                || metadata.id.as_ref().is_some_and(|id| rule.is_match(id))
        };
        self.paths.as_ref().is_none_or(|paths| paths.is_match(path))
            && (self.rules.is_empty() || self.rules.iter().any(named))
    }

    /// True if the entry is about one of these targets; a finding without any is not about one.
    pub(super) fn is_for_target(&self, targets: &[&str]) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|it| targets.contains(&it.as_str()))
    }

    /// True if these places, as far as they are in its file, lie in the text that the entry is about: all
    /// of them for what hides a finding, any for what makes it worse.
    pub(super) fn covers(&self, spans: &[Span]) -> bool {
        self.covers.is_none_or(|text| {
            let mut mine = spans.iter().filter(|span| span.source == text.source).peekable();
            let inside = |span: &Span| text.start <= span.start && span.start < text.end;
            match self.level {
                Level::Allow | Level::Note => mine.peek().is_some() && mine.all(inside),
                Level::Deny | Level::Warn => mine.any(inside),
            }
        })
    }

    /// Remembers that a finding was named.
    pub(super) fn mark_used(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Says that the entry no longer holds.
    pub(super) fn report_over(&self, today: Date) -> Option<Diagnostic> {
        let until = self.until.filter(|until| *until < today)?;
        let message = format!("the entry ended on {until} and switches nothing any more");
        let help = "mend what it hides, or give it another date";
        Some(Diagnostic::new(Code::EntryOver, self.place?, message).with_help(help))
    }

    /// Says that the entry has switched nothing. What makes findings worse is meant for a day that may
    /// never come, so in the configuration only what hides is reported.
    pub(super) fn report_unused(&self, targets: &[&str]) -> Option<Diagnostic> {
        let place = self.place.filter(|_| !self.used.load(Ordering::Relaxed))?;
        let hides = match self.level {
            Level::Allow | Level::Note => true,
            Level::Deny | Level::Warn => self.covers.is_some(),
        };
        let wanted: Vec<&str> = if self.targets.is_empty() {
            BACKENDS.iter().map(|it| it.name()).collect()
        } else {
            self.targets.iter().map(String::as_str).collect()
        };
        let all_ran = wanted.iter().all(|it| targets.contains(it));
        if !hides || (self.subject.needs_target() && !all_ran) {
            return None;
        }
        let message = if self.covers.is_some() {
            "the entry switches nothing: no finding that it names has all its places here"
        } else {
            "the entry switches nothing: no finding that it names is there"
        };
        Some(Diagnostic::new(Code::UnusedEntry, place, message).with_help("delete it"))
    }
}

/// Reads `YYYY-MM-DD`.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}
