//! Where text came from: sources, spans in them, and lines and columns for people.

use std::sync::{Arc, OnceLock};

/// Names one source of a [`SourceMap`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// A range of bytes in one source. `end` is exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file that the author wrote.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The span of `start..end` in `source`; offsets past 4 GiB are cut (sources are far smaller).
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start: narrow(start), end: narrow(end) }
    }

    /// The smallest span that covers both, or `self` if they lie in different sources.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self {
            source: self.source,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A value and the place it was written at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Puts a value and its place together.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A file, or standard input, as it was read.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as the user gave it, with `/` between its parts.
    pub path: String,
    /// The whole text.
    pub text: Arc<str>,
    /// Where each line starts; found when a place is first asked for.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// Line and column of a byte, both from 1.
    fn position(&self, offset: u32) -> (usize, usize) {
        let mut offset = usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let lines = self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(end, _)| end + 1)).collect()
        });
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}

/// All sources of a run, by id.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a source and gives it the next id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.sources.push(Source { path: path.into(), text: text.into(), lines: OnceLock::new() });
        id
    }

    /// The ids of all sources, in the order in which they were added.
    pub fn ids(&self) -> impl Iterator<Item = SourceId> + use<> {
        (0..u32::try_from(self.sources.len()).unwrap_or(u32::MAX)).map(SourceId)
    }

    /// The source with this id; `None` if the id comes from another map.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(usize::try_from(id.0).ok()?)
    }

    /// Lines and columns of a span, for people.
    pub fn locate(&self, span: Span) -> Option<Location> {
        let source = self.get(span.source)?;
        let (line, column) = source.position(span.start);
        let (end_line, end_column) = source.position(span.end);
        Some(Location { path: source.path.clone(), line, column, end_line, end_column })
    }
}

/// A place for people: lines and columns count from 1, columns in Unicode scalar values, ends are
/// exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The path of the source.
    pub path: String,
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column after the last character.
    pub end_column: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut map = SourceMap::new();
        let id = map.add("a.yml", "a: 1\nä: é|x\n");
        let place = map.locate(Span::new(id, 12, 13)).unwrap();
        assert_eq!((place.line, place.column, place.end_column), (2, 6, 7));
    }

    #[test]
    fn offsets_inside_a_character_are_moved_to_its_start() {
        let mut map = SourceMap::new();
        let id = map.add("a.yml", "ä");
        assert_eq!(map.locate(Span::new(id, 1, 99)).unwrap().column, 1);
    }
}
