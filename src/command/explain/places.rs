//! Places for people: lines of the rule, and of the pipelines and filters that took part.

use std::collections::BTreeMap;

use isogloss_compiler::ast::Document;
use isogloss_compiler::source::{SourceId, SourceMap, Span};

use crate::report::visible;

/// Columns of a piece of the author's text beside a query.
const MAX_TEXT: usize = 40;

/// Says where spans lie, from the point of view of one rule.
pub(super) struct Places<'s> {
    pub(super) sources: &'s SourceMap,
    /// The file of the rule, whose name goes without saying.
    pub(super) rule: SourceId,
    /// The files of all rules; every other one is a pipeline.
    pub(super) rules: &'s [SourceId],
}

impl Places<'_> {
    /// `lines 24-26: ServiceName|contains; pipeline mine.yml:3`, with what the author wrote at those of
    /// `cited`; what a pipeline says is cited where nothing of the rule is. Nothing for no place.
    pub(super) fn describe(&self, spans: &[Span], cited: &[Span]) -> Option<String> {
        let cite = |place: String, own: bool| match self.cite(cited, own) {
            text if text.is_empty() => place,
            text => format!("{place}: {text}"),
        };
        let own = match &*self.own_lines(spans) {
            [] => None,
            lines @ [_] => Some(format!("line {}", print_lines(lines))),
            lines => Some(format!("lines {}", print_lines(lines))),
        };
        match (own, self.elsewhere(spans)) {
            (None, None) => None,
            (None, Some(elsewhere)) => Some(cite(elsewhere, false)),
            (Some(own), None) => Some(cite(own, true)),
            (Some(own), Some(elsewhere)) => Some(format!("{}; {elsewhere}", cite(own, true))),
        }
    }

    /// What stands at these places, in the rule or elsewhere.
    fn cite(&self, spans: &[Span], own: bool) -> String {
        let mut wanted: Vec<Span> =
            spans.iter().filter(|span| (span.source == self.rule) == own).copied().collect();
        wanted.sort_unstable();
        let mut texts: Vec<String> = wanted.into_iter().filter_map(|it| self.text(it)).collect();
        texts.dedup();
        texts.join(", ")
    }

    /// The lines of the rule, such as `24-26`, for a margin.
    pub(super) fn margin(&self, spans: &[Span]) -> String {
        print_lines(&self.own_lines(spans))
    }

    /// The places in other files, such as `pipeline mine.yml:3`.
    pub(super) fn elsewhere(&self, spans: &[Span]) -> Option<String> {
        let mut files: BTreeMap<SourceId, Vec<usize>> = BTreeMap::new();
        for span in spans.iter().filter(|span| span.source != self.rule) {
            files.entry(span.source).or_default().extend(self.lines_of(*span));
        }
        let parts = files.into_iter().filter_map(|(file, mut lines)| {
            lines.sort_unstable();
            lines.dedup();
            let what = if self.rules.contains(&file) { "filter" } else { "pipeline" };
            let path = visible(&self.sources.get(file)?.path);
            Some(format!("{what} {path}:{}", print_lines(&lines)))
        });
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Where a document starts, such as `rules/a.yml:1`.
    pub(super) fn start_of(&self, document: &Document) -> String {
        let place = self.sources.locate(document.span);
        place.map_or(String::new(), |it| format!("{}:{}", visible(&it.path), it.line))
    }

    /// What the author wrote there, on one line and cut where it is long.
    fn text(&self, span: Span) -> Option<String> {
        let place = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
        let text = self.sources.get(span.source)?.text.get(place(span.start)..place(span.end))?;
        let line = isogloss_compiler::text::one_line(text);
        if line.chars().count() <= MAX_TEXT {
            return Some(line);
        }
        Some(line.chars().take(MAX_TEXT - 1).chain(['…']).collect())
    }

    fn own_lines(&self, spans: &[Span]) -> Vec<usize> {
        let own = spans.iter().filter(|span| span.source == self.rule);
        let mut lines: Vec<usize> = own.filter_map(|span| self.lines_of(*span)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// The first line of a span. A value of many lines is found by its first.
    fn lines_of(&self, span: Span) -> Option<usize> {
        Some(self.sources.locate(span)?.line)
    }
}

/// Sorted lines as ranges: `12`, `24-26, 31`.
fn print_lines(lines: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &line in lines {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == line => *end = line,
            Some(_) | None => ranges.push((line, line)),
        }
    }
    let texts = ranges.into_iter().map(|(start, end)| {
        if start == end { start.to_string() } else { format!("{start}-{end}") }
    });
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_lines_are_a_range() {
        assert_eq!(print_lines(&[]), "");
        assert_eq!(print_lines(&[12]), "12");
        assert_eq!(print_lines(&[3, 24, 25, 26, 31]), "3, 24-26, 31");
    }
}
