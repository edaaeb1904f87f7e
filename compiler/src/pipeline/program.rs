//! Regular expressions of pipelines, which are run on the text of rules and queries.

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::yaml::Node;

const CODE: Code = Code::InvalidPipeline;
/// So deep may groups and repetitions be nested.
const MAX_NESTING: u32 = 64;
/// The most memory that a regular expression may take, in bytes.
const MAX_SIZE: usize = 1 << 20;

/// Reads a regular expression; `from_start` lets it match at the start of a text only. A mistake is
/// reported at its place.
pub(super) fn parse_program(
    node: &Node,
    from_start: bool,
    diagnostics: &mut Diagnostics,
) -> Option<Regex> {
    let Some(text) = node.as_text() else {
        let message = format!("a regular expression is a string, not {}", node.describe());
        diagnostics.push(Diagnostic::new(CODE, node.span, message));
        return None;
    };
    let mut parser = ParserBuilder::new().nest_limit(MAX_NESTING).build();
    if let Err(error) = parser.parse(text) {
        let (what, place) = explain(&error);
        let span = place.map_or(node.span, |(start, end)| node.inner_span(start, end));
        let message = format!("the regular expression cannot be read: {what}");
        diagnostics.push(Diagnostic::new(CODE, span, message).with_help(
            "look-around and back references are not supported, as in RE2; the rest is that of Python",
        ));
        return None;
    }
    let program = if from_start { format!(r"\A(?:{text})") } else { text.to_owned() };
    let built = RegexBuilder::new(&program).size_limit(MAX_SIZE).build();
    if built.is_err() {
        let message = "the regular expression is too large";
        diagnostics.push(Diagnostic::new(CODE, node.span, message));
    }
    built.ok()
}

/// What is wrong, and where.
fn explain(error: &regex_syntax::Error) -> (String, Option<(usize, usize)>) {
    match error {
        regex_syntax::Error::Parse(error) => {
            let span = error.span();
            (error.kind().to_string(), Some((span.start.offset, span.end.offset)))
        }
        regex_syntax::Error::Translate(error) => {
            let span = error.span();
            (error.kind().to_string(), Some((span.start.offset, span.end.offset)))
        }
        _ => ("it is not understood".to_owned(), None),
    }
}
