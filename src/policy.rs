//! Which findings are errors, warnings, notes, or nothing.

use isogloss_compiler::diagnostic::{Code, Diagnostic, Severity, suggest};
use isogloss_compiler::ir::{Class, Direction, Loss, LossKind};

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

/// One `--deny`, `--warn` or `--allow`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// What becomes of it.
    pub(crate) level: Level,
    /// Of what: a kind of loss, a class, a direction, a code, `unsupported`, `all`.
    pub(crate) subject: String,
}

/// All settings of a run, checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    settings: Vec<Setting>,
}

const CLASSES: &[Class] = &[Class::Language, Class::Environment];
const DIRECTIONS: &[Direction] = &[Direction::Wider, Direction::Narrower, Direction::Mixed];

impl Policy {
    /// Checks that every setting names something. The error says which does not.
    pub(crate) fn new(settings: &[Setting]) -> Result<Self, String> {
        let known = subjects();
        for Setting { subject, .. } in settings {
            if !known.contains(&subject.as_str()) {
                let help = suggest(subject, known.iter().copied());
                return Err(format!("`{subject}` is no loss and no code; {help}"));
            }
        }
        Ok(Self { settings: settings.to_vec() })
    }

    /// What becomes of a loss in a query of this target. The last setting that names it wins; a
    /// direction does not overrule a kind, a class or a code.
    pub(crate) fn of_loss(&self, loss: &Loss, target: &str) -> Level {
        let default = match (loss.kind, target) {
            (LossKind::Case, "kql") => Level::Note,
            _ => Level::Warn,
        };
        let names = [loss.kind.as_str(), loss.kind.code().as_str(), loss.kind.class().as_str()];
        let direction = loss.direction.as_str();
        match self.last(&[names.as_slice(), &["all"]].concat()) {
            Some(setting) if setting.subject != "all" => setting.level,
            _ => self.last(&["all", direction]).map_or(default, |setting| setting.level),
        }
    }

    /// What becomes of a construct that a target cannot say.
    pub(crate) fn of_refusal(&self) -> Level {
        let names = ["unsupported", Code::UnsupportedByTarget.as_str(), "all"];
        self.last(&names).map_or(Level::Deny, |setting| setting.level)
    }

    /// A finding about a rule with the severity that the policy gives it; `None` if nothing is said.
    /// Errors stay errors: a rule that cannot be read is never fine.
    pub(crate) fn of_finding(&self, mut diagnostic: Diagnostic) -> Option<Diagnostic> {
        if !diagnostic.is_error() {
            let setting = self.last(&[diagnostic.code.as_str(), "all"]);
            diagnostic.severity = severity(setting.map_or(Level::Warn, |setting| setting.level))?;
        }
        Some(diagnostic)
    }

    fn last(&self, names: &[&str]) -> Option<&Setting> {
        self.settings.iter().rev().find(|setting| names.contains(&setting.subject.as_str()))
    }
}

/// The severity of a level; `None` if nothing is said.
pub(crate) fn severity(level: Level) -> Option<Severity> {
    match level {
        Level::Deny => Some(Severity::Error),
        Level::Warn => Some(Severity::Warning),
        Level::Note => Some(Severity::Note),
        Level::Allow => None,
    }
}

fn subjects() -> Vec<&'static str> {
    let kinds = LossKind::ALL.iter().map(|kind| kind.as_str());
    let classes = CLASSES.iter().map(|class| class.as_str());
    let directions = DIRECTIONS.iter().map(|direction| direction.as_str());
    // Errors cannot be switched: a rule that cannot be read is never fine.
    let codes = Code::ALL
        .iter()
        .filter(|code| code.severity() != Severity::Error)
        .map(|code| code.as_str());
    let codes = codes.chain([Code::UnsupportedByTarget.as_str()]);
    kinds.chain(classes).chain(directions).chain(["unsupported", "all"]).chain(codes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(settings: &[(Level, &str)]) -> Policy {
        let settings: Vec<Setting> = settings
            .iter()
            .map(|(level, subject)| Setting { level: *level, subject: (*subject).to_owned() })
            .collect();
        Policy::new(&settings).unwrap()
    }

    fn loss(kind: LossKind, direction: Direction) -> Loss {
        Loss {
            kind,
            direction,
            message: String::new(),
            origin: isogloss_compiler::ir::Origin::default(),
        }
    }

    #[test]
    fn a_kind_wins_over_a_direction_and_the_last_setting_over_earlier_ones() {
        let narrower = loss(LossKind::Case, Direction::Narrower);
        assert_eq!(policy(&[]).of_loss(&narrower, "kql"), Level::Note);
        assert_eq!(policy(&[]).of_loss(&narrower, "eql"), Level::Warn);
        assert_eq!(
            policy(&[(Level::Allow, "case"), (Level::Deny, "narrower")]).of_loss(&narrower, "kql"),
            Level::Allow
        );
        assert_eq!(
            policy(&[(Level::Allow, "case"), (Level::Deny, "case")]).of_loss(&narrower, "kql"),
            Level::Deny
        );
        assert_eq!(policy(&[(Level::Deny, "all")]).of_loss(&narrower, "kql"), Level::Deny);
        assert_eq!(
            policy(&[(Level::Allow, "case"), (Level::Deny, "all")]).of_loss(&narrower, "kql"),
            Level::Deny
        );
        assert_eq!(
            policy(&[(Level::Allow, "all"), (Level::Deny, "narrower")]).of_loss(&narrower, "kql"),
            Level::Deny
        );
    }

    #[test]
    fn an_unknown_word_is_refused() {
        let settings = [Setting { level: Level::Deny, subject: "narower".to_owned() }];
        assert_eq!(
            Policy::new(&settings).unwrap_err(),
            "`narower` is no loss and no code; did you mean `narrower`?"
        );
    }
}
