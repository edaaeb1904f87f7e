//! Which findings are errors, warnings, notes, or nothing.
//!
//! An entry comes from the configuration, the command line or a comment in a rule, in this order; the last
//! that names a finding decides. A direction does not overrule a kind, a class or a code.

mod entry;
mod subject;

use std::collections::BTreeMap;

use isogloss_compiler::diagnostic::{Code, Diagnostic, Severity};
use isogloss_compiler::ir::{Loss, LossKind};
use isogloss_compiler::lint;
use isogloss_compiler::source::{SourceId, Span};
use isogloss_compiler::{File, ast};
use time::Date;

pub(crate) use entry::{Entry, parse_date};
pub(crate) use subject::Subject;

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// An error: the run fails.
    Deny,
    /// A warning.
    Warn,
    /// A note.
    Note,
    /// Nothing is said.
    Allow,
}

impl Level {
    /// The severity of a finding; `None` if nothing is said.
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Self::Deny => Some(Severity::Error),
            Self::Warn => Some(Severity::Warning),
            Self::Note => Some(Severity::Note),
            Self::Allow => None,
        }
    }
}

impl From<Option<Severity>> for Level {
    fn from(severity: Option<Severity>) -> Self {
        match severity {
            Some(Severity::Error) => Self::Deny,
            Some(Severity::Warning) => Self::Warn,
            Some(Severity::Note) => Self::Note,
            None => Self::Allow,
        }
    }
}

/// One `--deny`, `--warn` or `--allow`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// What becomes of it.
    pub(crate) level: Level,
    /// Of what: a kind of loss, a class, a direction, a code, `unsupported`, `all`.
    pub(crate) subject: String,
}

/// All entries of a run, checked.
#[derive(Debug)]
pub(crate) struct Policy {
    /// Of the configuration, then of the command line.
    entries: Vec<Entry>,
    /// Of the comments, by file.
    comments: BTreeMap<SourceId, Vec<Entry>>,
    /// What is wrong with entries: unknown words in comments, end dates that are over.
    mistakes: Vec<Diagnostic>,
    today: Date,
}

impl Policy {
    /// Joins the entries of the configuration with those of the command line. The error says which word of
    /// the command line names nothing.
    pub(crate) fn new(
        configured: Vec<Entry>,
        settings: &[Setting],
        today: Date,
    ) -> Result<Self, String> {
        let mut policy =
            Self { entries: Vec::new(), comments: BTreeMap::new(), mistakes: Vec::new(), today };
        for entry in configured {
            policy.entries.extend(policy_entry(entry, today, &mut policy.mistakes));
        }
        for Setting { level, subject } in settings {
            policy.entries.push(Entry::new(*level, Subject::parse(subject)?));
        }
        Ok(policy)
    }

    /// Refuses by default what runs into an error or over everything once it is deployed: fields that are not
    /// known, log sources without a scope, and scopes that are not the log source.
    pub(crate) fn deny_what_cannot_run(&mut self) {
        let kinds = [LossKind::UnmappedField, LossKind::UnscopedLogsource, LossKind::Logsource];
        let denied = kinds.map(|kind| Entry::new(Level::Deny, Subject::Kind(kind)));
        self.entries.splice(0..0, denied);
    }

    /// Takes over the comments of the files that were read.
    pub(crate) fn add_comments(&mut self, files: &[File]) {
        for file in files {
            let mut entries = Vec::new();
            for comment in &file.comments {
                for entry in Entry::of_comment(comment, &mut self.mistakes) {
                    entries.extend(policy_entry(entry, self.today, &mut self.mistakes));
                }
            }
            self.mistakes.extend(file.mistakes.iter().cloned());
            if !entries.is_empty() {
                self.comments.insert(file.source, entries);
            }
        }
    }

    /// The entries that can be about a document: `path` is relative to the configuration.
    pub(crate) fn of_rule<'p>(
        &'p self,
        path: &str,
        source: SourceId,
        metadata: &ast::Metadata,
    ) -> Judge<'p> {
        let general = self.entries.iter().filter(|it| it.is_about(path, metadata));
        let comments = self.comments.get(&source).into_iter().flatten();
        Judge { entries: general.chain(comments).collect() }
    }

    /// Entries that are wrong, over, or have switched nothing in this run. `complete` says that whole
    /// folders were looked at, so that an entry of the configuration could have been needed.
    pub(crate) fn leftovers(&self, targets: &[&str], complete: bool) -> Vec<Diagnostic> {
        let configured = self.entries.iter().filter(|_| complete);
        let entries = configured.chain(self.comments.values().flatten());
        let unused = entries.filter_map(|it| it.report_unused(targets));
        self.mistakes.iter().cloned().chain(unused).collect()
    }
}

/// The entry, unless it is over, which is reported.
fn policy_entry(entry: Entry, today: Date, mistakes: &mut Vec<Diagnostic>) -> Option<Entry> {
    match entry.report_over(today) {
        Some(over) => {
            mistakes.push(over);
            None
        }
        None => Some(entry),
    }
}

/// The entries that are about one document.
#[derive(Debug)]
pub(crate) struct Judge<'p> {
    entries: Vec<&'p Entry>,
}

impl Judge<'_> {
    /// What becomes of a loss in a query. Its targets are the one that was asked for, and its language.
    pub(crate) fn of_loss(&self, loss: &Loss, targets: &[&str], spans: &[Span]) -> Level {
        let is_note = loss.kind == LossKind::Case && targets.contains(&"kql");
        let default = if is_note { Level::Note } else { Level::Warn };
        let direction = Subject::Direction(loss.direction);
        let (kind, class) = (Subject::Kind(loss.kind), Subject::Class(loss.kind.class()));
        // Looked up first, so that an entry for the direction counts as used.
        let weak = self.last(&[direction, Subject::All], targets, spans);
        match self.last(&[kind, class, Subject::All], targets, spans) {
            Some(entry) if entry.subject != Subject::All => entry.level,
            _ => weak.map_or(default, |entry| entry.level),
        }
    }

    /// What becomes of a construct that a target cannot say.
    pub(crate) fn of_refusal(&self, target: &str, spans: &[Span]) -> Level {
        let entry = self.last(&[Subject::Unsupported, Subject::All], &[target], spans);
        entry.map_or(Level::Deny, |entry| entry.level)
    }

    /// A finding about a rule with the severity that the policy gives it; `None` if nothing is said.
    /// Errors stay errors: a rule that cannot be read is never fine.
    pub(crate) fn of_finding(&self, mut diagnostic: Diagnostic) -> Option<Diagnostic> {
        if diagnostic.code.severity() == Severity::Error {
            return Some(diagnostic);
        }
        let default = lint::default_severity(diagnostic.code);
        let place: Vec<Span> = diagnostic.labels.iter().take(1).map(|it| it.span).collect();
        let subject = Subject::Code(diagnostic.code);
        // `all` does not switch on what is off unless it is named.
        let subjects = match default {
            Some(_) => vec![subject, Subject::All],
            None => vec![subject],
        };
        let entry = self.last(&subjects, &[], &place);
        diagnostic.severity = entry.map_or(Level::from(default), |entry| entry.level).severity()?;
        Some(diagnostic)
    }

    /// The last entry that names any of these; all that do count as used.
    fn last(&self, subjects: &[Subject], targets: &[&str], spans: &[Span]) -> Option<&Entry> {
        let named = self.entries.iter().filter(|it| {
            subjects.contains(&it.subject) && it.is_for_target(targets) && it.covers(spans)
        });
        named.inspect(|it| it.mark_used()).fold(None, |_, it| Some(it))
    }
}

/// The words that an entry can name.
fn known_subjects() -> Vec<&'static str> {
    let kinds = LossKind::ALL.iter().map(|kind| kind.as_str());
    // Errors cannot be switched: a rule that cannot be read is never fine.
    let switchable = |code: &&Code| code.severity() != Severity::Error;
    let codes = Code::ALL.iter().filter(switchable).map(|code| code.as_str());
    let words = ["language", "environment", "wider", "narrower", "mixed", "unsupported", "all"];
    kinds.chain(words).chain(codes).chain([Code::UnsupportedByTarget.as_str()]).collect()
}

#[cfg(test)]
mod tests {
    use isogloss_compiler::ir::{Direction, Origin};

    use super::*;

    fn today() -> Date {
        parse_date("2026-06-15").unwrap()
    }

    fn policy(settings: &[(Level, &str)]) -> Policy {
        let settings: Vec<Setting> = settings
            .iter()
            .map(|(level, subject)| Setting { level: *level, subject: (*subject).to_owned() })
            .collect();
        Policy::new(Vec::new(), &settings, today()).unwrap()
    }

    fn of_loss(settings: &[(Level, &str)], target: &str) -> Level {
        let loss = Loss {
            kind: LossKind::Case,
            direction: Direction::Narrower,
            message: String::new(),
            origin: Origin::default(),
        };
        let policy = policy(settings);
        let judge = policy.of_rule("a.yml", SourceId(0), &ast::Metadata::default());
        judge.of_loss(&loss, &[target], &[])
    }

    #[test]
    fn a_kind_wins_over_a_direction_and_the_last_setting_over_earlier_ones() {
        use Level::{Allow, Deny, Note};
        for (settings, level) in [
            (&[][..], Note),
            (&[(Allow, "case"), (Deny, "narrower")], Allow),
            (&[(Allow, "case"), (Deny, "case")], Deny),
            (&[(Deny, "all")], Deny),
            (&[(Deny, "L0801")], Deny),
            (&[(Allow, "case"), (Deny, "all")], Deny),
            (&[(Allow, "all"), (Deny, "narrower")], Deny),
        ] {
            assert_eq!(of_loss(settings, "kql"), level, "{settings:?}");
        }
        assert_eq!(of_loss(&[], "eql"), Level::Warn);
    }

    #[test]
    fn an_unknown_word_is_refused() {
        let settings = [Setting { level: Level::Deny, subject: "narower".to_owned() }];
        assert_eq!(
            Policy::new(Vec::new(), &settings, today()).unwrap_err(),
            "`narower` is no loss and no code; did you mean `narrower`?"
        );
    }

    #[test]
    fn an_error_cannot_be_switched() {
        let settings = [Setting { level: Level::Allow, subject: "E0301".to_owned() }];
        assert!(Policy::new(Vec::new(), &settings, today()).is_err());
    }

    fn until(date: &str) -> (Vec<String>, Level) {
        let comment = format!("# isogloss: allow W0703 until {date} -- r\ntitle: a\n");
        let file = File::read(SourceId(0), &comment);
        let mut policy = policy(&[]);
        policy.add_comments(std::slice::from_ref(&file));
        let judge = policy.of_rule("a.yml", SourceId(0), &ast::Metadata::default());
        let finding = Diagnostic::new(Code::UnusedDetection, file.documents[0].span, "x");
        let level = judge.of_finding(finding).map(|it| it.severity);
        let said = policy.leftovers(&[], true);
        (said.into_iter().map(|it| it.code.as_str().to_owned()).collect(), Level::from(level))
    }

    #[test]
    fn an_entry_holds_to_the_end_of_its_last_day() {
        assert_eq!(until("2026-06-15"), (vec![], Level::Allow));
        assert_eq!(until("2026-06-14"), (vec!["W0742".to_owned()], Level::Warn));
        assert_eq!(until("soon"), (vec!["W0740".to_owned()], Level::Warn));
    }
}
