//! What an entry of the policy names.

use isogloss_compiler::diagnostic::{Code, Severity, suggest};
use isogloss_compiler::ir::{Class, Direction, LossKind};

/// What an entry of the policy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Everything that is not off by default.
    All,
    /// What a target cannot say.
    Unsupported,
    /// All losses of a class.
    Class(Class),
    /// All losses of a direction.
    Direction(Direction),
    /// A kind of loss.
    Kind(LossKind),
    /// A lint.
    Code(Code),
}

impl Subject {
    /// Reads a word. The error says what may have been meant.
    pub(crate) fn parse(word: &str) -> Result<Self, String> {
        Self::find(word).ok_or_else(|| {
            if Code::ALL.iter().any(|code| code.as_str() == word) {
                return format!("`{word}` is an error, and errors cannot be switched");
            }
            let known = super::known_subjects();
            let help = match isogloss_compiler::diagnostic::nearest(word, known.iter().copied()) {
                Some(_) => suggest(word, known.iter().copied()),
                None => "`isogloss list codes` shows all codes".to_owned(),
            };
            format!("`{word}` is no loss and no code; {help}")
        })
    }

    fn find(word: &str) -> Option<Self> {
        let fixed = [
            ("all", Self::All),
            ("unsupported", Self::Unsupported),
            (Code::UnsupportedByTarget.as_str(), Self::Unsupported),
            ("language", Self::Class(Class::Language)),
            ("environment", Self::Class(Class::Environment)),
            ("wider", Self::Direction(Direction::Wider)),
            ("narrower", Self::Direction(Direction::Narrower)),
            ("mixed", Self::Direction(Direction::Mixed)),
        ];
        let kinds = LossKind::ALL.iter().map(|kind| (*kind, kind.as_str(), kind.code().as_str()));
        let kind = kinds.into_iter().find(|(_, name, code)| *name == word || *code == word);
        let code = Code::ALL.iter().find(|code| code.as_str() == word);
        let lint = code.filter(|code| code.severity() != Severity::Error).copied();
        let fixed = fixed.into_iter().find(|(name, _)| *name == word).map(|(_, subject)| subject);
        fixed.or(kind.map(|(kind, ..)| Self::Kind(kind))).or(lint.map(Self::Code))
    }

    /// True for what only a translation can cause.
    pub(crate) fn needs_target(self) -> bool {
        match self {
            Self::Unsupported | Self::Class(_) | Self::Direction(_) | Self::Kind(_) => true,
            Self::All | Self::Code(_) => false,
        }
    }
}
