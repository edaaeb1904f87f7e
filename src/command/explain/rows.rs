//! Outlines with the lines of the rule in the margin, and what changed between two of them.

use anstyle::{AnsiColor, Style};
use isogloss_compiler::ast;
use isogloss_compiler::ir::{self, Origins};
use isogloss_compiler::source::Span;
use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::places::Places;
use crate::report::visible;

/// Columns of the margin.
const MARGIN: usize = 7;
pub(super) const DIM: Style = Style::new().dimmed();
const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();

/// A line of an outline, with its places.
#[derive(Debug, Clone)]
pub(super) struct Row {
    text: String,
    spans: Vec<Span>,
}

impl Row {
    /// A line of what the author wrote.
    pub(super) fn of_ast(line: &ast::outline::Line) -> Self {
        Self { text: indent(line.depth, &line.text), spans: line.span.into_iter().collect() }
    }

    /// A line of what it means.
    pub(super) fn of_ir(line: &ir::outline::Line, origins: &Origins) -> Self {
        let spans = origins.spans(&line.origin).collect();
        Self { text: indent(line.depth, &line.text), spans }
    }

    /// The line with its margin; a place in another file stands behind it.
    fn render(&self, mark: &str, style: Style, places: &Places) -> String {
        let margin = places.margin(&self.spans);
        let elsewhere = places.elsewhere(&self.spans);
        let behind = elsewhere.map_or(String::new(), |it| format!("  {DIM}<- {it}{DIM:#}"));
        let text = &self.text;
        format!("{DIM}{margin:>MARGIN$}{DIM:#}  {style}{mark}{text}{style:#}{behind}\n")
    }
}

fn indent(depth: usize, text: &str) -> String {
    format!("{:width$}{}", "", visible(text), width = 2 * depth)
}

/// All rows.
pub(super) fn render_rows(rows: &[Row], places: &Places) -> String {
    rows.iter().map(|row| row.render("", Style::new(), places)).collect()
}

/// The rows that went and the rows that came; nothing if there are none.
pub(super) fn render_changes(old: &[Row], new: &[Row], places: &Places) -> String {
    let texts = |rows: &[Row]| rows.iter().map(|row| row.text.clone()).collect::<Vec<_>>();
    let (old_texts, new_texts) = (texts(old), texts(new));
    let mut text = String::new();
    for change in capture_diff_slices(Algorithm::Myers, &old_texts, &new_texts) {
        let (tag, gone, come) = change.as_tag_tuple();
        if tag == DiffTag::Equal {
            continue;
        }
        let gone = old.get(gone).unwrap_or_default();
        let come = new.get(come).unwrap_or_default();
        text.extend(gone.iter().map(|row| row.render("- ", OLD, places)));
        text.extend(come.iter().map(|row| row.render("+ ", NEW, places)));
    }
    text
}
