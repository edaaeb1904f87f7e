//! A window on a very long line, so that a finding never prints a whole file.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// A line of more bytes is shown in part.
const LONGEST_LINE: usize = 200;
/// How much is shown, in bytes: before the place, and behind it.
const BEFORE: usize = 60;
const BEHIND: usize = 120;

/// A part of one line of a source.
pub(super) struct Excerpt {
    /// The path of the source.
    name: String,
    text: String,
    /// Where the part starts in the source, in bytes.
    pub(super) start: usize,
    /// Line and column of that, both from 0.
    line: usize,
    column: usize,
}

impl Excerpt {
    /// The part around `place`, if that or a line beside it is too long; `end` is where what is to be
    /// shown ends.
    pub(super) fn around(name: &str, text: &str, place: usize, end: usize) -> Option<Self> {
        let line_start = text.get(..place)?.rfind('\n').map_or(0, |at| at + 1);
        let above = text.get(..line_start.saturating_sub(1))?.rfind('\n').map_or(0, |at| at + 1);
        let shown = text.get(above..)?;
        // One line below the end is shown too.
        let lines_to_end = text.get(above..end.max(place))?.matches('\n').count() + 2;
        if shown.split('\n').take(lines_to_end).all(|line| line.len() <= LONGEST_LINE) {
            return None;
        }
        let line_end = text.get(place..)?.find('\n').map_or(text.len(), |at| place + at);
        let start = boundary(text, place.saturating_sub(BEFORE).max(line_start));
        let stop = boundary(text, (place + BEHIND).min(line_end));
        Some(Self {
            name: name.to_owned(),
            text: text.get(start..stop)?.to_owned(),
            start,
            line: text.get(..start)?.matches('\n').count(),
            column: text.get(line_start..start)?.chars().count(),
        })
    }

    /// A range of the source in this part, as far as it lies in it.
    pub(super) fn place(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let from = start.checked_sub(self.start).filter(|from| *from <= self.text.len())?;
        let to = end.saturating_sub(self.start).min(self.text.len());
        Some((from, to.max(from)))
    }
}

/// The nearest start of a character at or before an offset.
fn boundary(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.read_span(span, lines_before, lines_after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            self.line + inner.line(),
            self.column + inner.column(),
            inner.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_are_shown_whole() {
        assert!(Excerpt::around("a", "a: 1\nb: 2\n", 5, 6).is_none());
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let text = format!("short\n{}x{}\n", "ä".repeat(300), "ö".repeat(300));
        let place = "short\n".len() + 600;
        let excerpt = Excerpt::around("a", &text, place, place + 1).unwrap();
        assert!(excerpt.text.len() <= BEFORE + BEHIND);
        let (from, to) = excerpt.place(place, place + 1).unwrap();
        assert_eq!(excerpt.text.get(from..to), Some("x"));
        assert_eq!((excerpt.line, excerpt.column), (1, 270));
    }

    #[test]
    fn a_long_line_beside_the_place_counts() {
        let text = format!("a: 1\nb: {}\n", "x".repeat(1000));
        let excerpt = Excerpt::around("a", &text, 0, 1).unwrap();
        assert_eq!(excerpt.text, "a: 1");
    }
}
