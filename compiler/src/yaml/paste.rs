//! What copying, merging and downloading leave in a file.

use super::hint::Hint;
use super::lines::Lines;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};

/// How far above a mistake the start of an unfinished merge is looked for, in lines; its end may be as far
/// below.
const MOST_LINES: usize = 200;
/// How far above a mistake a foreign space may stand, in lines: the parser may stop behind its line.
const NEAR_LINES: usize = 3;

/// A page of HTML, which a browser or a failed download saves under the name of the rule.
pub(super) fn refuse_html(source: SourceId, text: &str) -> Option<Diagnostic> {
    let start = text.trim_start_matches(|it: char| it.is_whitespace() || it == '\u{feff}');
    let head = start.get(..14).unwrap_or(start).to_ascii_lowercase();
    if !head.starts_with("<!doctype html") && !head.starts_with("<html") {
        return None;
    }
    let at = text.len() - start.len();
    let length = start.lines().next().map_or(0, str::len);
    let span = Span::new(source, at, at + length);
    let help = "download the file itself; on a page that shows it, by its link `Raw`";
    Some(
        Diagnostic::new(Code::InvalidYaml, span, "the file is a page of HTML, not a rule")
            .with_help(help),
    )
}

/// The markers of a merge that was not finished, around the place of a mistake.
pub(super) fn conflict(at: usize, lines: &Lines) -> Option<Diagnostic> {
    let (mut offset, _) = lines.upwards(at).take(MOST_LINES).last()?;
    let mut found: Option<Diagnostic> = None;
    for line in lines.text.get(offset..)?.split_inclusive('\n').take(2 * MOST_LINES) {
        let text = line.trim_end();
        let span = lines.span(offset, offset + text.len());
        offset += line.len();
        if text.starts_with("<<<<<<< ") && found.is_none() {
            let message = "a merge conflict is not resolved";
            let help = "keep one of the two sides, and delete the three lines of markers";
            found = Some(Diagnostic::new(Code::InvalidYaml, span, message).with_help(help));
        } else if text == "=======" {
            found = found.map(|it| it.with_place(span, ""));
        } else if text.starts_with(">>>>>>> ") && found.is_some() {
            return found.map(|it| it.with_place(span, ""));
        }
    }
    None
}

/// A mistake that starts on the line that the parser stopped in, or shortly above it.
pub(super) fn find(at: usize, lines: &Lines) -> Option<Hint> {
    let (start, line) = lines.line(at);
    fence(start, line).or_else(|| {
        lines.upwards(at).take(NEAR_LINES).find_map(|(start, line)| foreign_space(start, line))
    })
}

/// The fence of a block of code in Markdown.
fn fence(start: usize, line: &str) -> Option<Hint> {
    let text = line.trim();
    text.starts_with("```").then(|| Hint {
        start: start + line.len() - line.trim_start().len(),
        length: text.len(),
        message: "this line is Markdown around the rule".to_owned(),
        help: "delete this line, and the one that ends the block".to_owned(),
    })
}

/// A space in the indentation that YAML does not take for one.
fn foreign_space(start: usize, line: &str) -> Option<Hint> {
    let indent = line.len() - line.trim_start().len();
    let spaces = line.get(..indent)?;
    let (at, space) = spaces.char_indices().find(|(_, it)| !it.is_ascii())?;
    let length = spaces.get(at..)?.chars().take_while(|it| *it == space).map(char::len_utf8).sum();
    Some(Hint {
        start: start + at,
        length,
        message: format!(
            "the line is indented with U+{:04X}, which is no space to YAML",
            u32::from(space)
        ),
        help: "indent with plain spaces".to_owned(),
    })
}
