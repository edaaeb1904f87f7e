//! Patterns read character by character: what is left of them behind a prefix, which of two matches
//! more, what they match of a small language.

use std::collections::BTreeSet;

use super::{Part, Pattern, fold};

/// A pattern as a row of steps, for reading a text one character at a time.
#[derive(Debug, Clone)]
pub struct Walk {
    steps: Vec<Step>,
    cased: bool,
}

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// This character.
    Char(char),
    /// `*`.
    AnyRun,
    /// `?`.
    AnyChar,
}

/// Patterns whose lengths have a greater product are not compared.
const MOST_COMPARED: usize = 1 << 20;

/// Where reading can go on: numbers of steps. Behind the last step the pattern has matched.
pub type Places = BTreeSet<usize>;

impl Walk {
    /// The steps of a pattern.
    pub fn new(pattern: &Pattern) -> Self {
        let steps = pattern.parts().iter().flat_map(|part| match part {
            Part::Text(text) => text.chars().map(Step::Char).collect(),
            Part::AnyRun => vec![Step::AnyRun],
            Part::AnyChar => vec![Step::AnyChar],
        });
        Self { steps: steps.collect(), cased: pattern.is_cased() }
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The places before the first character.
    pub fn start(&self) -> Places {
        self.with_empty_runs([0])
    }

    /// The places after one more character.
    #[must_use]
    pub fn after(&self, places: &Places, character: char) -> Places {
        self.advance(places, |step| match step {
            Step::Char(wanted) => self.same(wanted, character).then_some(1),
            Step::AnyChar => Some(1),
            Step::AnyRun => Some(0),
        })
    }

    /// The places after one more character that is any of these.
    #[must_use]
    pub fn after_any(&self, places: &Places, characters: &str) -> Places {
        self.advance(places, |step| match step {
            Step::Char(wanted) => characters.chars().any(|it| self.same(wanted, it)).then_some(1),
            Step::AnyChar => Some(1),
            Step::AnyRun => Some(0),
        })
    }

    /// The places after a text.
    #[must_use]
    pub fn after_text(&self, places: &Places, text: &str) -> Places {
        text.chars().fold(places.clone(), |places, it| self.after(&places, it))
    }

    /// True if the pattern has matched at one of these places.
    pub fn accepts(&self, places: &Places) -> bool {
        places.contains(&self.steps.len())
    }

    /// The pattern of some of the steps.
    pub fn part(&self, steps: &[Step]) -> Pattern {
        let parts = steps.iter().map(|step| match step {
            Step::Char(character) => Part::Text(character.to_string()),
            Step::AnyRun => Part::AnyRun,
            Step::AnyChar => Part::AnyChar,
        });
        let pattern = Pattern::new(parts);
        if self.cased { pattern.cased() } else { pattern }
    }

    fn same(&self, wanted: char, found: char) -> bool {
        if self.cased { wanted == found } else { fold(wanted) == fold(found) }
    }

    fn advance(&self, places: &Places, width: impl Fn(Step) -> Option<usize>) -> Places {
        let next = places.iter().filter_map(|place| {
            let step = self.steps.get(*place)?;
            Some(*place + width(*step)?)
        });
        self.with_empty_runs(next)
    }

    /// A run may be empty, so what stands behind it is a place too.
    fn with_empty_runs(&self, places: impl IntoIterator<Item = usize>) -> Places {
        let mut all = Places::new();
        for mut place in places {
            while all.insert(place) && self.steps.get(place) == Some(&Step::AnyRun) {
                place += 1;
            }
        }
        all
    }
}

impl Pattern {
    /// What has to stand behind `prefix` for the whole to match: any of these patterns. Empty if no text
    /// with this prefix matches.
    #[must_use]
    pub fn behind(&self, prefix: &str) -> Vec<Self> {
        let walk = Walk::new(self);
        let places = walk.after_text(&walk.start(), prefix);
        let rest = |place: usize| walk.part(walk.steps.get(place..).unwrap_or_default());
        widest(places.into_iter().map(rest))
    }

    /// What has to stand before `suffix` for the whole to match: any of these patterns. Empty if no text
    /// with this suffix matches.
    #[must_use]
    pub fn before(&self, suffix: &str) -> Vec<Self> {
        let suffix: String = suffix.chars().rev().collect();
        self.reversed().behind(&suffix).iter().map(Self::reversed).collect()
    }

    /// The pattern for the same texts, read from their end.
    fn reversed(&self) -> Self {
        let parts = self.parts().iter().rev().map(|part| match part {
            Part::Text(text) => Part::Text(text.chars().rev().collect()),
            Part::AnyRun | Part::AnyChar => part.clone(),
        });
        Self::new(parts).with_case_of(self)
    }

    /// True if this pattern surely matches all that the other matches.
    pub fn covers(&self, other: &Self) -> bool {
        if self.cased_unlike(other) {
            return false;
        }
        let (walk, steps) = (Walk::new(self), Walk::new(other).steps);
        if walk.steps.len().saturating_mul(steps.len()) > MOST_COMPARED {
            return self == other;
        }
        let places = steps.into_iter().fold(walk.start(), |places, step| match step {
            Step::Char(character) => walk.after(&places, character),
            Step::AnyChar => walk.advance(&places, |mine| match mine {
                Step::AnyChar => Some(1),
                Step::AnyRun => Some(0),
                Step::Char(_) => None,
            }),
            Step::AnyRun => walk.advance(&places, |mine| (mine == Step::AnyRun).then_some(0)),
        });
        walk.accepts(&places)
    }

    /// True if case matters here and not there.
    fn cased_unlike(&self, other: &Self) -> bool {
        self.is_cased() && !other.is_cased()
    }
}

/// Leaves out each pattern that another one covers.
pub fn widest(patterns: impl IntoIterator<Item = Pattern>) -> Vec<Pattern> {
    let mut kept: Vec<Pattern> = Vec::new();
    for pattern in patterns {
        if !kept.iter().any(|it| it.covers(&pattern)) {
            kept.retain(|it| !pattern.covers(it));
            kept.push(pattern);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `*` and `?` are wildcards.
    fn pattern(text: &str) -> Pattern {
        Pattern::new(text.chars().map(|it| match it {
            '*' => Part::AnyRun,
            '?' => Part::AnyChar,
            it => Part::Text(it.to_string()),
        }))
    }

    fn behind(text: &str, prefix: &str) -> Vec<Pattern> {
        pattern(text).behind(prefix)
    }

    #[test]
    fn a_prefix_is_taken_off() {
        assert_eq!(behind(r"\pipe", r"\"), [pattern("pipe")]);
        assert_eq!(behind("ABc*", "ab"), [pattern("c*")]);
        assert_eq!(behind("?x", r"\"), [pattern("x")]);
        assert_eq!(behind("*x", "ax"), [pattern("*x"), pattern("")]);
        assert_eq!(behind("*", "ax"), [pattern("*")]);
        assert_eq!(behind("pipe", r"\"), []);
    }

    #[test]
    fn a_suffix_is_taken_off() {
        let before = |text: &str, suffix: &str| pattern(text).before(suffix);
        assert_eq!(before("a.EXE", ".exe"), [pattern("a")]);
        assert_eq!(before("*a?", "x"), [pattern("*a")]);
        assert_eq!(before("a*", "xy"), [pattern("a*")]);
        assert_eq!(before("ay*", "xy"), [pattern("ay*")]);
        assert_eq!(before("a", "x"), []);
    }

    #[test]
    fn one_pattern_covers_another() {
        for (wide, narrow) in [("*", "a?b*"), ("*b*", "a?b*"), ("a?*", "ab*"), ("A", "a")] {
            assert!(pattern(wide).covers(&pattern(narrow)), "{wide} {narrow}");
        }
        assert!(!pattern("a?").covers(&pattern("a*")));
        assert!(!pattern("a").cased().covers(&pattern("a")));
        assert!(pattern("a").covers(&pattern("a").cased()));
    }

    #[test]
    fn a_walk_reads_a_whole_text() {
        let matches = |pattern: &Pattern, text: &str| {
            let walk = Walk::new(pattern);
            walk.accepts(&walk.after_text(&walk.start(), text))
        };
        assert!(matches(&pattern("*ab?*z"), "xABcz"));
        assert!(!matches(&pattern("*ab?*z"), "abz"));
        assert!(!matches(&pattern("Ab").cased(), "ab"));
        assert!(matches(&pattern(""), ""));
    }

    #[test]
    fn long_patterns_are_not_compared() {
        let long = pattern(&"*a".repeat(2000));
        assert!(long.covers(&long));
        assert!(!pattern("*").covers(&pattern(&"?".repeat(1 << 21))));
    }
}
