//! Values with placeholders, which a pipeline has to fill in (Sigma specification, section
//! "Placeholders").

use super::{Part, RegexFlags};

/// A value that is not known before a pipeline has filled in its placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What the value is once it is filled in.
    pub kind: TemplateKind,
    /// The parts, in order. At least one is a placeholder.
    pub parts: Vec<TemplatePart>,
}

/// What a [`Template`] is once it is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateKind {
    /// Text with wildcards.
    Pattern {
        /// True if case matters.
        cased: bool,
    },
    /// A regular expression; its parts are texts and placeholders only.
    Regex(RegexFlags),
}

/// A part of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// A part that is known.
    Known(Part),
    /// `%name%`.
    Placeholder(String),
}

impl Template {
    /// The names of the placeholders, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            TemplatePart::Placeholder(name) => Some(name.as_str()),
            TemplatePart::Known(_) => None,
        })
    }

    /// The value anywhere in a field, or at one of its ends.
    #[must_use]
    pub fn open(mut self, left: bool, right: bool) -> Self {
        let run = || TemplatePart::Known(Part::AnyRun);
        if left && self.parts.first() != Some(&run()) {
            self.parts.insert(0, run());
        }
        if right && self.parts.last() != Some(&run()) {
            self.parts.push(run());
        }
        self
    }
}
