//! Text with wildcards.

/// Text with wildcards, matched against a whole value.
///
/// Canonical: no text part is empty, no two text parts and no two runs are neighbours. No part at all
/// is the empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<Part>,
    cased: bool,
}

/// A part of a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These characters.
    Text(String),
    /// `*`: any characters, also none, also line feeds.
    AnyRun,
    /// `?`: exactly one character.
    AnyChar,
}

impl Pattern {
    /// A pattern of these parts, without regard to case.
    pub fn new(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut canonical: Vec<Part> = Vec::new();
        for part in parts {
            match (canonical.last_mut(), part) {
                (Some(Part::Text(last)), Part::Text(text)) => last.push_str(&text),
                (Some(Part::AnyRun), Part::AnyRun) => {}
                (_, Part::Text(text)) if text.is_empty() => {}
                (_, part) => canonical.push(part),
            }
        }
        Self { parts: canonical, cased: false }
    }

    /// Exactly this text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new([Part::Text(text.into())])
    }

    /// The same pattern, with regard to case.
    #[must_use]
    pub fn cased(self) -> Self {
        Self { cased: true, ..self }
    }

    /// The same parts with the case rule of `other`.
    #[must_use]
    pub fn with_case_of(self, other: &Self) -> Self {
        Self { cased: other.cased, ..self }
    }

    /// The pattern anywhere in a value, or at one of its ends.
    #[must_use]
    pub fn open(&self, left: bool, right: bool) -> Self {
        let run = |open: bool| open.then_some(Part::AnyRun);
        let parts = run(left).into_iter().chain(self.parts.iter().cloned()).chain(run(right));
        Self { cased: self.cased, ..Self::new(parts) }
    }

    /// The parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// True if case matters.
    pub fn is_cased(&self) -> bool {
        self.cased
    }

    /// The text, if there is no wildcard.
    pub fn as_text(&self) -> Option<&str> {
        match &*self.parts {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The truth value that the pattern matches, if it is a text that does.
    pub fn as_bool(&self) -> Option<bool> {
        let text = self.as_text()?;
        let is = |word: &str| text == word || !self.cased && text.eq_ignore_ascii_case(word);
        if is("true") { Some(true) } else { is("false").then_some(false) }
    }

    /// True if every present value matches: a lone `*`.
    pub fn matches_all(&self) -> bool {
        self.parts == [Part::AnyRun]
    }

    /// All text parts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::AnyRun | Part::AnyChar => None,
        })
    }

    /// True if a part is `?`.
    pub fn has_any_char(&self) -> bool {
        self.parts.contains(&Part::AnyChar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_canonical() {
        let text = |text: &str| Part::Text(text.to_owned());
        let pattern = Pattern::new([
            Part::AnyRun,
            Part::AnyRun,
            text(""),
            text("a"),
            text("b"),
            Part::AnyChar,
        ]);
        assert_eq!(pattern.parts(), [Part::AnyRun, text("ab"), Part::AnyChar]);
        assert_eq!(
            pattern.open(true, true).parts(),
            [Part::AnyRun, text("ab"), Part::AnyChar, Part::AnyRun]
        );
    }

    #[test]
    fn an_open_empty_text_is_a_lone_run() {
        assert!(Pattern::text("").open(true, true).matches_all());
    }
}
