//! The text around a mistake, line by line.

use crate::source::{SourceId, Span};

/// As much of a value as is looked at, in bytes.
const LONGEST: usize = 1000;

/// The text of a file without a byte order mark. Offsets count in it, spans in the file.
pub(super) struct Lines<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
    /// The length of the mark.
    pub(super) offset: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start + self.offset, end + self.offset)
    }

    pub(super) fn start_of(&self, span: Span) -> usize {
        usize::try_from(span.start).unwrap_or_default().saturating_sub(self.offset)
    }

    /// The text at a place.
    pub(super) fn at(&self, span: Span) -> &'a str {
        let end = usize::try_from(span.end).unwrap_or_default().saturating_sub(self.offset);
        self.text.get(self.start_of(span)..end).unwrap_or_default()
    }

    /// The line that an offset is in: where it starts, and its text.
    pub(super) fn line(&self, at: usize) -> (usize, &'a str) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let rest = self.text.get(start..).unwrap_or_default();
        (start, rest.lines().next().unwrap_or_default())
    }

    /// The line that an offset is in, and those above it.
    pub(super) fn upwards(&self, at: usize) -> impl Iterator<Item = (usize, &'a str)> {
        let first = self.line(at);
        std::iter::successors(Some(first), |(start, _)| Some(self.line(start.checked_sub(1)?)))
    }

    /// The place of `word` before a span, not far from it.
    pub(super) fn before(&self, span: Span, word: &str) -> Option<Span> {
        let at = self.start_of(span);
        let mut from = at.saturating_sub(1024);
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        let found = from + self.text.get(from..at)?.rfind(word)?;
        Some(self.span(found, found + word.len()))
    }

    /// The value that starts at an offset, to the end of its line or to a comment; of a very long one, its
    /// start.
    pub(super) fn value_from(&self, at: usize) -> &'a str {
        let mut end = self.text.len().min(at + LONGEST);
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let rest = self.text.get(at..end).unwrap_or_default().lines().next().unwrap_or_default();
        rest.split(" #").next().unwrap_or_default().trim_end()
    }

    /// The line behind its indentation and its `- `, up to a `: `, and where that starts.
    pub(super) fn key_on(&self, at: usize) -> (usize, &'a str) {
        let (place, rest) = self.entry_on(at);
        (place, rest.split(": ").next().unwrap_or_default().trim_end())
    }

    /// The value on a line behind its `- ` and its key, and where it starts; empty if there is no key.
    pub(super) fn value_on(&self, at: usize) -> (usize, &'a str) {
        let (place, rest) = self.entry_on(at);
        let Some((_, value)) = rest.split_once(": ") else { return (place, rest) };
        let value = value.trim_start();
        (place + rest.len() - value.len(), value)
    }

    fn entry_on(&self, at: usize) -> (usize, &'a str) {
        let (start, line) = self.line(at);
        let mut rest = line.trim_start();
        while let Some(inner) = rest.strip_prefix("- ") {
            rest = inner.trim_start();
        }
        let place = start + line.len() - rest.len();
        (place, self.value_from(place))
    }
}
