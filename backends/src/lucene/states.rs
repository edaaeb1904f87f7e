//! How many states Lucene needs for a regular expression. It makes the automaton deterministic before it
//! runs, and gives up above a limit (Elastic documentation, `max_determinized_states`); so does this, some
//! way before it.

use std::collections::BTreeSet;

use isogloss_compiler::ir::{CharSet, RegexNode};

use super::class::next;

/// A regular expression of so few characters and classes has few states in any case.
const FEW: usize = 11;
/// Places of characters and classes, repetitions written out.
const MAX_PLACES: usize = 3000;
/// States. Each becomes several when Lucene goes from characters to bytes, of which it takes 100,000.
const MAX_STATES: usize = 8000;
/// States, each counted by the places that it stands for. Lucene goes to 100,000.
const MAX_EFFORT: usize = 60_000;

/// True if Lucene can run these as alternatives of one regular expression.
pub(super) fn are_few(nodes: &[&RegexNode]) -> bool {
    let mut automaton = Automaton::default();
    let mut first = Vec::new();
    for node in nodes {
        let Some(part) = automaton.add(node) else { return false };
        first.extend(part.first);
    }
    automaton.places.len() <= FEW || automaton.is_small(&first)
}

/// Places where a character is read, and which may follow which.
#[derive(Debug, Default)]
struct Automaton<'n> {
    places: Vec<Place<'n>>,
}

#[derive(Debug)]
struct Place<'n> {
    reads: Reads<'n>,
    behind: BTreeSet<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Reads<'n> {
    One(char),
    Any(&'n CharSet),
}

impl Reads<'_> {
    fn takes(self, character: char) -> bool {
        match self {
            Self::One(wanted) => wanted == character,
            Self::Any(set) => set.0.iter().any(|(start, end)| (*start..=*end).contains(&character)),
        }
    }

    /// Where a range of characters that are read alike begins.
    fn borders(self) -> Vec<char> {
        let border = |start: char, end: char| [Some(start), next(end)].into_iter().flatten();
        match self {
            Self::One(character) => border(character, character).collect(),
            Self::Any(set) => set.0.iter().flat_map(|(start, end)| border(*start, *end)).collect(),
        }
    }
}

/// A part of the automaton: where it begins and ends, and whether it can be passed without a character.
#[derive(Debug, Clone, Default)]
struct Section {
    first: Vec<usize>,
    last: Vec<usize>,
    empty: bool,
}

impl Section {
    fn nothing() -> Self {
        Self { empty: true, ..Self::default() }
    }
}

impl<'n> Automaton<'n> {
    /// `None` if there are too many places.
    fn add(&mut self, node: &'n RegexNode) -> Option<Section> {
        match node {
            RegexNode::Char(character) => self.place(Reads::One(*character)),
            RegexNode::Set(set) => self.place(Reads::Any(set)),
            RegexNode::Empty
            | RegexNode::Start
            | RegexNode::End
            | RegexNode::LineStart
            | RegexNode::LineEnd
            | RegexNode::WordBoundary
            | RegexNode::NotWordBoundary => Some(Section::nothing()),
            RegexNode::Alternate(nodes) => {
                let mut all = Section::default();
                for node in nodes {
                    let part = self.add(node)?;
                    all.first.extend(part.first);
                    all.last.extend(part.last);
                    all.empty |= part.empty;
                }
                Some(all)
            }
            RegexNode::Concat(nodes) => nodes.iter().try_fold(Section::nothing(), |done, node| {
                let part = self.add(node)?;
                Some(self.join(done, part))
            }),
            RegexNode::Repeat { node, min, max } => self.repeat(node, *min, *max),
        }
    }

    fn place(&mut self, reads: Reads<'n>) -> Option<Section> {
        let place = self.places.len();
        self.places.push(Place { reads, behind: BTreeSet::new() });
        let section = Section { first: vec![place], last: vec![place], empty: false };
        (place < MAX_PLACES).then_some(section)
    }

    fn join(&mut self, left: Section, right: Section) -> Section {
        self.link(&left.last, &right.first);
        let Section { mut first, .. } = left;
        if left.empty {
            first.extend(right.first);
        }
        let mut last = right.last;
        if right.empty {
            last.extend(left.last);
        }
        Section { first, last, empty: left.empty && right.empty }
    }

    fn link(&mut self, from: &[usize], to: &[usize]) {
        for place in from {
            if let Some(place) = self.places.get_mut(*place) {
                place.behind.extend(to);
            }
        }
    }

    /// Each repetition has places of its own; of an endless one the last goes in a circle.
    fn repeat(&mut self, node: &'n RegexNode, min: u32, max: Option<u32>) -> Option<Section> {
        let copies = max.unwrap_or(min.max(1));
        let mut done = Section::nothing();
        for copy in 0..copies {
            let mut part = self.add(node)?;
            part.empty |= copy >= min;
            if max.is_none() && copy + 1 == copies {
                self.link(&part.last, &part.first);
            }
            done = self.join(done, part);
        }
        Some(done)
    }

    fn is_small(&self, first: &[usize]) -> bool {
        let readers = self.readers();
        let behind: Vec<Places> =
            self.places.iter().map(|place| self.all(place.behind.iter().copied())).collect();
        let mut waiting = vec![self.all(first.iter().copied())];
        let mut known: BTreeSet<Places> = BTreeSet::new();
        let mut effort = 0;
        while let Some(ahead) = waiting.pop() {
            for reader in &readers {
                let read = ahead.also_in(reader);
                let size = read.len();
                if size == 0 || known.contains(&read) {
                    continue;
                }
                effort += size;
                if effort > MAX_EFFORT || known.len() >= MAX_STATES {
                    return false;
                }
                let mut next = self.all([]);
                for behind in read.iter().filter_map(|place| behind.get(place)) {
                    next.add(behind);
                }
                waiting.push(next);
                known.insert(read);
            }
        }
        true
    }

    /// For each kind of character that is read alike, the places that take it.
    fn readers(&self) -> BTreeSet<Places> {
        let borders: BTreeSet<char> =
            self.places.iter().flat_map(|place| place.reads.borders()).collect();
        let takers = |character: char| {
            let places = self.places.iter().enumerate();
            self.all(places.filter(|(_, it)| it.reads.takes(character)).map(|(place, _)| place))
        };
        borders.into_iter().map(takers).collect()
    }

    fn all(&self, places: impl IntoIterator<Item = usize>) -> Places {
        let mut all = Places(vec![0; self.places.len().div_ceil(64)]);
        for place in places {
            if let Some(word) = all.0.get_mut(place / 64) {
                *word |= 1 << (place % 64);
            }
        }
        all
    }
}

/// A set of places, a bit for each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Places(Vec<u64>);

impl Places {
    fn also_in(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(mine, theirs)| mine & theirs).collect())
    }

    fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }

    fn len(&self) -> usize {
        self.0.iter().map(|word| usize::try_from(word.count_ones()).unwrap_or(0)).sum()
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                usize::try_from(bit).ok().map(|bit| 64 * index + bit)
            })
        })
    }
}
