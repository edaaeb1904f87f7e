//! Sets of characters, and what an assertion asks of the character beside it.

use std::ops::{BitAnd, BitOr};

use isogloss_compiler::ir::CharSet;

/// The characters of words.
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

/// What may stand beside a place: kinds of characters, and the end of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beside(u8);

impl Beside {
    /// Nothing at all.
    pub(super) const NONE: Self = Self(0);
    /// The end of the value.
    pub(super) const EDGE: Self = Self(1);
    /// A line feed.
    pub(super) const LINE_FEED: Self = Self(2);
    /// A letter, a digit or `_`.
    pub(super) const WORD: Self = Self(4);
    /// Another character.
    pub(super) const OTHER: Self = Self(8);
    /// Any character.
    pub(super) const CHARACTER: Self = Self(14);
    /// Any character, or the end of the value.
    pub(super) const ALL: Self = Self(15);
    /// The kinds of characters.
    pub(super) const KINDS: [Self; 3] = [Self::LINE_FEED, Self::WORD, Self::OTHER];

    /// All that is not in it.
    pub(super) fn others(self) -> Self {
        Self(Self::ALL.0 & !self.0)
    }

    /// True if all of `other` is in it.
    pub(super) fn holds(self, other: Self) -> bool {
        self & other == other
    }

    /// The characters of it.
    pub(super) fn characters(self) -> CharSet {
        let ranges = Self::KINDS.iter().filter(|kind| self.holds(**kind));
        CharSet(joined(ranges.flat_map(|kind| ranges_of(*kind)).collect()))
    }

    /// The kinds of the characters of a set.
    pub(super) fn of(set: &CharSet) -> Self {
        let met = Self::KINDS.into_iter().filter(|kind| {
            set.0
                .iter()
                .any(|range| ranges_of(*kind).iter().any(|it| common(*range, *it).is_some()))
        });
        met.fold(Self::NONE, |all, kind| all | kind)
    }
}

impl BitAnd for Beside {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Beside {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

fn ranges_of(kind: Beside) -> Vec<(char, char)> {
    let line_feed = vec![('\n', '\n')];
    match kind {
        Beside::LINE_FEED => line_feed,
        Beside::WORD => WORD.to_vec(),
        _ => complement(&joined([line_feed, WORD.to_vec()].concat())),
    }
}

/// The characters that are in both sets.
pub(super) fn intersection(left: &CharSet, right: &CharSet) -> CharSet {
    let pairs = left.0.iter().flat_map(|left| right.0.iter().map(move |right| (*left, *right)));
    CharSet(joined(pairs.filter_map(|(left, right)| common(left, right)).collect()))
}

fn common(left: (char, char), right: (char, char)) -> Option<(char, char)> {
    let (start, end) = (left.0.max(right.0), left.1.min(right.1));
    (start <= end).then_some((start, end))
}

/// Ranges in order that neither overlap nor touch.
pub(super) fn joined(mut ranges: Vec<(char, char)>) -> Vec<(char, char)> {
    ranges.sort_unstable();
    let mut done: Vec<(char, char)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match done.last_mut() {
            Some((_, last)) if start <= *last || Some(start) == next(*last) => {
                *last = end.max(*last);
            }
            _ => done.push((start, end)),
        }
    }
    done
}

/// The character behind this one.
pub(super) fn next(character: char) -> Option<char> {
    let mut after = character..=char::MAX;
    after.next();
    after.next()
}

/// The ranges between these ranges.
pub(crate) fn complement(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let mut gaps = Vec::new();
    let mut from = Some('\0');
    for (start, end) in ranges {
        if let Some(from) = from.filter(|from| from < start) {
            let mut before = from..*start;
            if let Some(last) = before.next_back() {
                gaps.push((from, last));
            }
        }
        from = next(*end);
    }
    gaps.extend(from.map(|from| (from, char::MAX)));
    gaps
}
