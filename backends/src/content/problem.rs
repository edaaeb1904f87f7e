//! What keeps a rule from being deployed, or what an administrator should know of it.

/// What is wrong with an entry as content of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// True if the platform would not take the content, so that it is not written.
    pub is_error: bool,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// The platform would not take it.
    pub fn error(message: impl Into<String>) -> Self {
        Self { is_error: true, message: message.into(), help: None }
    }

    /// The platform takes it, but something is probably not meant.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { is_error: false, message: message.into(), help: None }
    }

    /// With what to do about it.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}
