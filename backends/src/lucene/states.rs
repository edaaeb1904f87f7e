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
/// States, each counted by the places that it stands for. Lucene goes to 100,000.
const MAX_EFFORT: usize = 50_000;

/// True if Lucene can run these as alternatives of one regular expression.
pub(super) fn are_few(nodes: &[&RegexNode]) -> bool {
    let mut automaton = Automaton::default();
    let mut first = Vec::new();
    for node in nodes {
        let Some(part) = automaton.add(node) else { return false };
        first.extend(part.first);
    }
    automaton.places.len() <= FEW || automaton.is_small(first)
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

    fn is_small(&self, first: Vec<usize>) -> bool {
        let borders: BTreeSet<char> =
            self.places.iter().flat_map(|place| place.reads.borders()).collect();
        let first: BTreeSet<usize> = first.into_iter().collect();
        let mut waiting = vec![first];
        let mut known: BTreeSet<Vec<usize>> = BTreeSet::new();
        let mut effort = 0;
        while let Some(ahead) = waiting.pop() {
            for border in &borders {
                let read: Vec<usize> =
                    ahead.iter().copied().filter(|it| self.takes(*it, *border)).collect();
                if read.is_empty() || known.contains(&read) {
                    continue;
                }
                effort += read.len();
                if effort > MAX_EFFORT {
                    return false;
                }
                let behind = read.iter().filter_map(|it| self.places.get(*it));
                waiting.push(behind.flat_map(|place| place.behind.iter().copied()).collect());
                known.insert(read);
            }
        }
        true
    }

    fn takes(&self, place: usize, character: char) -> bool {
        self.places.get(place).is_some_and(|it| it.reads.takes(character))
    }
}
