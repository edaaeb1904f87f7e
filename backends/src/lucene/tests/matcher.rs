//! Lucene's regular expressions with all optional operators, as Elastic's documentation "Regular expression
//! syntax" describes them and the table of documented behaviour pins down.

use std::collections::BTreeSet;

/// A regular expression that was read.
#[derive(Debug, Clone)]
pub(super) enum Lucene {
    Char(char),
    Any,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    Text(Vec<char>),
    AnyText,
    Nothing,
    Interval(u64, u64),
    Row(Vec<Lucene>),
    Either(Vec<Lucene>),
    Both(Vec<Lucene>),
    Not(Box<Lucene>),
    Repeat(Box<Lucene>, usize, Option<usize>),
    /// A letter without regard to case.
    Folded(char),
}

/// Versions differ in how they read a backslash, and in whether they fold a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// A backslash makes any character plain; of a class, single characters are folded.
    Eight,
    /// A backslash before a letter names a class or is refused; nothing of a class is folded.
    Nine,
}

struct Reader {
    rest: Vec<char>,
    folded: bool,
    version: Version,
}

impl Lucene {
    /// `None` if Lucene would refuse the text.
    pub(super) fn parse(text: &str, folded: bool, version: Version) -> Option<Self> {
        let mut reader = Reader { rest: text.chars().rev().collect(), folded, version };
        if text.is_empty() {
            return Some(Self::Text(Vec::new()));
        }
        let read = reader.union()?;
        reader.rest.is_empty().then_some(read)
    }

    /// True if the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.ends(&text, 0).contains(&text.len())
    }

    /// Where a match that starts at `at` may end.
    fn ends(&self, text: &[char], at: usize) -> BTreeSet<usize> {
        let one = |takes: &dyn Fn(char) -> bool| {
            text.get(at).filter(|it| takes(**it)).map(|_| at + 1).into_iter().collect()
        };
        match self {
            Self::Char(wanted) => one(&|it| it == *wanted),
            Self::Folded(wanted) => one(&|it| it.eq_ignore_ascii_case(wanted)),
            Self::Any => one(&|_| true),
            Self::Class { negated, ranges } => {
                one(&|it| ranges.iter().any(|range| (range.0..=range.1).contains(&it)) != *negated)
            }
            Self::Text(wanted) => {
                text[at..].starts_with(wanted).then_some(at + wanted.len()).into_iter().collect()
            }
            Self::AnyText => (at..=text.len()).collect(),
            Self::Nothing => BTreeSet::new(),
            Self::Interval(min, max) => (at + 1..=text.len())
                .filter(|end| {
                    let number: String = text[at..*end].iter().collect();
                    number.bytes().all(|it| it.is_ascii_digit())
                        && number.parse().is_ok_and(|it| (*min..=*max).contains(&it))
                })
                .collect(),
            Self::Row(parts) => parts.iter().fold(BTreeSet::from([at]), |ends, part| {
                ends.iter().flat_map(|it| part.ends(text, *it)).collect()
            }),
            Self::Either(parts) => parts.iter().flat_map(|it| it.ends(text, at)).collect(),
            Self::Both(parts) => {
                let all: Vec<_> = parts.iter().map(|it| it.ends(text, at)).collect();
                (at..=text.len()).filter(|end| all.iter().all(|it| it.contains(end))).collect()
            }
            Self::Not(part) => {
                let ends = part.ends(text, at);
                (at..=text.len()).filter(|end| !ends.contains(end)).collect()
            }
            Self::Repeat(part, min, max) => repeat(part, *min, *max, text, at),
        }
    }
}

fn repeat(
    part: &Lucene,
    min: usize,
    max: Option<usize>,
    text: &[char],
    at: usize,
) -> BTreeSet<usize> {
    let step = |ends: &BTreeSet<usize>| -> BTreeSet<usize> {
        ends.iter().flat_map(|it| part.ends(text, *it)).collect()
    };
    let mut ends = BTreeSet::from([at]);
    for _ in 0..min {
        ends = step(&ends);
    }
    let mut all = ends.clone();
    for _ in min..max.unwrap_or(min + text.len() + 1) {
        ends = step(&ends);
        all.extend(&ends);
    }
    all
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.rest.last().copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.rest.pop();
        }
        there
    }

    fn union(&mut self) -> Option<Lucene> {
        let mut parts = vec![self.intersection()?];
        while self.take('|') {
            parts.push(self.intersection()?);
        }
        Some(Lucene::Either(parts))
    }

    fn intersection(&mut self) -> Option<Lucene> {
        let mut parts = vec![self.row()?];
        while self.take('&') {
            parts.push(self.row()?);
        }
        Some(Lucene::Both(parts))
    }

    fn row(&mut self) -> Option<Lucene> {
        let mut parts = vec![self.repetition()?];
        while self.peek().is_some_and(|it| !")|&".contains(it)) {
            parts.push(self.repetition()?);
        }
        Some(Lucene::Row(parts))
    }

    fn repetition(&mut self) -> Option<Lucene> {
        let mut part = self.complement()?;
        loop {
            let (min, max) = match self.peek() {
                Some('?') => (0, Some(1)),
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('{') => {
                    self.rest.pop();
                    let min = self.number()?;
                    let max = if self.take(',') { self.number() } else { Some(min) };
                    if self.peek() != Some('}') {
                        return None;
                    }
                    (min, max)
                }
                _ => return Some(part),
            };
            self.rest.pop();
            part = Lucene::Repeat(Box::new(part), min, max);
        }
    }

    fn number(&mut self) -> Option<usize> {
        let mut digits = String::new();
        while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
            self.rest.pop();
            digits.push(digit);
        }
        digits.parse().ok()
    }

    fn complement(&mut self) -> Option<Lucene> {
        if self.take('~') {
            return Some(Lucene::Not(Box::new(self.complement()?)));
        }
        self.simple()
    }

    fn simple(&mut self) -> Option<Lucene> {
        match self.rest.pop()? {
            '[' => self.class(),
            '.' => Some(Lucene::Any),
            '#' => Some(Lucene::Nothing),
            '@' => Some(Lucene::AnyText),
            '"' => Some(Lucene::Text(self.until('"')?)),
            '(' if self.take(')') => Some(Lucene::Text(Vec::new())),
            '(' => {
                let inner = self.union()?;
                self.take(')').then_some(inner)
            }
            '<' => {
                let inner: String = self.until('>')?.into_iter().collect();
                let (min, max) = inner.split_once('-')?;
                Some(Lucene::Interval(min.parse().ok()?, max.parse().ok()?))
            }
            '\\' if self.version == Version::Eight => {
                let plain = self.rest.pop()?;
                Some(self.letter(plain))
            }
            '\\' => match self.rest.pop()? {
                named @ ('d' | 'D' | 's' | 'S' | 'w' | 'W') => Some(shorthand(named)),
                letter if letter.is_ascii_alphabetic() => None,
                other => Some(self.letter(other)),
            },
            // Also a quantifier, where there is nothing before it.
            other => Some(self.letter(other)),
        }
    }

    fn letter(&self, character: char) -> Lucene {
        if self.folded { Lucene::Folded(character) } else { Lucene::Char(character) }
    }

    fn until(&mut self, end: char) -> Option<Vec<char>> {
        let mut inner = Vec::new();
        loop {
            match self.rest.pop()? {
                it if it == end => return Some(inner),
                it => inner.push(it),
            }
        }
    }

    fn class(&mut self) -> Option<Lucene> {
        let negated = self.take('^');
        let mut ranges = Vec::new();
        loop {
            let start = match self.rest.pop()? {
                // A backslash is one character; a range does not begin with it.
                '\\' if self.version == Version::Nine && self.take('\\') => {
                    ranges.push(('\\', '\\'));
                    if self.take(']') {
                        break;
                    }
                    continue;
                }
                '\\' if self.version == Version::Nine
                    && self.peek().is_some_and(|it| it.is_ascii_alphabetic()) =>
                {
                    return None;
                }
                '\\' => self.rest.pop()?,
                other => other,
            };
            let end = if self.take('-') {
                self.take('\\');
                self.rest.pop()?
            } else {
                start
            };
            if start > end {
                return None;
            }
            ranges.push((start, end));
            if self.folded && self.version == Version::Eight && start == end {
                let other = if start.is_ascii_lowercase() {
                    start.to_ascii_uppercase()
                } else {
                    start.to_ascii_lowercase()
                };
                ranges.push((other, other));
            }
            if self.take(']') {
                break;
            }
        }
        Some(Lucene::Class { negated, ranges })
    }
}

fn shorthand(name: char) -> Lucene {
    let ranges = match name.to_ascii_lowercase() {
        'd' => vec![('0', '9')],
        's' => vec![(' ', ' '), ('\t', '\t'), ('\n', '\n'), ('\r', '\r')],
        _ => vec![('a', 'z'), ('A', 'Z'), ('_', '_'), ('0', '9')],
    };
    Lucene::Class { negated: name.is_ascii_uppercase(), ranges }
}
