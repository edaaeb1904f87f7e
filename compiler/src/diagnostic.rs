//! Findings about a rule or a pipeline, as plain data. Rendering is the business of the caller.

pub mod code;

pub use code::Code;

use crate::source::Span;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not what the author meant, or a loss.
    Warning,
    /// The rule cannot be used.
    Error,
}

impl Severity {
    /// The word that people and JSON read: `error`, `warning`, `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place that belongs to a finding, with what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The smallest guilty text.
    pub span: Span,
    /// A few words beside the underline; may be empty.
    pub text: String,
}

/// One finding. Messages are lower case, without a final stop, with the author's text in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of finding it is.
    pub code: Code,
    /// How bad it is; starts as the code's own severity.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The places; the first is the one that matters most.
    pub labels: Vec<Label>,
    /// What to write instead.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding with the severity that its code has.
    ///
    /// Of an author's text that is very long, the message keeps the start.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let label = Label { span, text: String::new() };
        Self {
            code,
            severity: code.severity(),
            message: shorten(message.into()),
            labels: vec![label],
            help: None,
        }
    }

    /// Says a few words at the first place.
    #[must_use]
    pub fn with_label(mut self, text: impl Into<String>) -> Self {
        if let Some(label) = self.labels.first_mut() {
            label.text = text.into();
        }
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn with_place(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(shorten(help.into()));
        self
    }

    /// Says how bad it is, other than its code does.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// True for errors: the rule never reaches a backend.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The sink that every phase reports to.
pub type Diagnostics = Vec<Diagnostic>;

/// The longest message or help, in characters.
const MAX_MESSAGE: usize = 600;
/// The longest word that another is suggested for, in bytes, and the most words that are compared.
const MAX_WORD: usize = 48;
const MAX_KNOWN: usize = 500;
/// The most known words that are listed.
const MAX_LISTED: usize = 30;

fn shorten(text: String) -> String {
    match text.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The known word nearest to `word`, if it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > MAX_WORD {
        return None;
    }
    let distance = |candidate: &str| {
        strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase())
    };
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= 2 * MAX_WORD)
        .take(MAX_KNOWN)
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| *distance * 3 <= candidate.chars().count().max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `did you mean` with the nearest known word, else the list of known words.
pub fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(candidate) = nearest(word, known.clone()) {
        format!("did you mean `{candidate}`?")
    } else {
        let mut known = known.into_iter();
        let listed: Vec<String> =
            known.by_ref().take(MAX_LISTED).map(|it| format!("`{it}`")).collect();
        let more = if known.next().is_some() { ", …" } else { "" };
        format!("known here: {}{more}", listed.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_is_recognised() {
        assert_eq!(nearest("contians", ["contains", "cased"]), Some("contains"));
        assert_eq!(nearest("Contains", ["contains", "cased"]), Some("contains"));
        assert_eq!(nearest("zebra", ["contains", "cased"]), None);
    }
}
