//! The condition language (Sigma specification, section "Condition").
//!
//! ```text
//! or       := and ("or" and)*
//! and      := not ("and" not)*
//! not      := "not" not | primary
//! primary  := "(" or ")" | quantifier "of" target | identifier
//! quantifier := "1" | "any" | "all"      target := "them" | identifier with "*"
//! ```
//! Operators are words: `notepad` is an identifier, never `not epad`.

mod mistake;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::multispace0;
use nom::combinator::{all_consuming, cut, map, not, opt, peek, verify};
use nom::error::{ErrorKind, ParseError};
use nom::multi::many0;
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use crate::ast::{Condition, Quantifier};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

/// What is wrong with a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// In one sentence.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Parentheses and `not` may be nested this deep.
const MAX_DEPTH: usize = 64;
const OPERATORS: &[&str] = &["and", "or", "not"];

/// Reads a condition. `spans` turns byte offsets of `text` into spans of the file.
pub fn parse_condition(
    text: &str,
    spans: &dyn Fn(usize, usize) -> Span,
) -> Result<Condition, Box<Spanned<Mistake>>> {
    parse_over(text, &[], spans)
}

/// Reads a condition over detections of these names, which only messages need.
fn parse_over(
    text: &str,
    names: &[&str],
    spans: &dyn Fn(usize, usize) -> Span,
) -> Result<Condition, Box<Spanned<Mistake>>> {
    let grammar = Grammar { text, names, spans };
    match all_consuming(terminated(|rest| grammar.or(rest, 0), multispace0)).parse(text) {
        Ok((_, condition)) => Ok(condition),
        Err(nom::Err::Error(stop) | nom::Err::Failure(stop)) => {
            Err(Box::new(grammar.explain(&stop)))
        }
        Err(nom::Err::Incomplete(_)) => {
            Err(Box::new(grammar.explain(&Stop { rest: "", kind: ErrorKind::Eof })))
        }
    }
}

/// Reads a condition over detections of these names that stands in a node, and reports what is wrong
/// with it.
pub(super) fn parse_condition_node(
    node: &Node,
    names: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<Condition> {
    let (Value::Scalar(_), Some(text)) = (&node.value, node.as_text()) else {
        let message = format!("a condition is a string, not {}", node.describe());
        diagnostics.push(Diagnostic::new(Code::InvalidCondition, node.span, message));
        return None;
    };
    let spans = |start: usize, end: usize| node.inner_span(start, end);
    match parse_over(text, names, &spans) {
        Ok(condition) => Some(condition),
        Err(mistake) => {
            let Spanned { value, span } = *mistake;
            let diagnostic = Diagnostic::new(Code::InvalidCondition, span, value.message);
            diagnostics.push(match value.help {
                Some(help) => diagnostic.with_help(help),
                None => diagnostic,
            });
            None
        }
    }
}

/// Where the grammar could not go on.
struct Stop<'t> {
    rest: &'t str,
    kind: ErrorKind,
}

impl<'t> ParseError<&'t str> for Stop<'t> {
    fn from_error_kind(rest: &'t str, kind: ErrorKind) -> Self {
        Self { rest, kind }
    }

    fn append(_: &'t str, _: ErrorKind, other: Self) -> Self {
        other
    }

    /// The alternative that came furthest knows best.
    fn or(self, other: Self) -> Self {
        if self.rest.len() < other.rest.len() { self } else { other }
    }
}

type Parsed<'t, T> = IResult<&'t str, T, Stop<'t>>;

struct Grammar<'t> {
    text: &'t str,
    names: &'t [&'t str],
    spans: &'t dyn Fn(usize, usize) -> Span,
}

impl<'t> Grammar<'t> {
    fn or(&self, rest: &'t str, depth: usize) -> Parsed<'t, Condition> {
        let (rest, first) = self.and(rest, depth)?;
        let more = preceded(word("or"), cut(|rest| self.and(rest, depth)));
        map(many0(more), |more| join(first.clone(), more, Condition::Or)).parse(rest)
    }

    fn and(&self, rest: &'t str, depth: usize) -> Parsed<'t, Condition> {
        let (rest, first) = self.not(rest, depth)?;
        let more = preceded(word("and"), cut(|rest| self.not(rest, depth)));
        map(many0(more), |more| join(first.clone(), more, Condition::And)).parse(rest)
    }

    fn not(&self, rest: &'t str, depth: usize) -> Parsed<'t, Condition> {
        if depth >= MAX_DEPTH {
            return Err(nom::Err::Failure(Stop { rest, kind: ErrorKind::TooLarge }));
        }
        let negation = preceded(word("not"), cut(|rest| self.not(rest, depth + 1)));
        alt((map(negation, |operand| Condition::Not(Box::new(operand))), |rest| {
            self.primary(rest, depth)
        }))
        .parse(rest)
    }

    fn primary(&self, rest: &'t str, depth: usize) -> Parsed<'t, Condition> {
        let (rest, _) = multispace0(rest)?;
        alt((
            delimited(
                tag("("),
                cut(|rest| self.or(rest, depth + 1)),
                cut(preceded(multispace0, tag(")"))),
            ),
            |rest| self.selector(rest),
            |rest| self.identifier(rest),
        ))
        .parse(rest)
    }

    fn selector(&self, start: &'t str) -> Parsed<'t, Condition> {
        let any = alt((word("1"), word("any")));
        let quantifier =
            alt((map(any, |()| Quantifier::Any), map(word("all"), |()| Quantifier::All)));
        let (rest, quantifier) = terminated(quantifier, word("of")).parse(start)?;
        let pattern = preceded(multispace0, take_while1(|it| is_name(it) || it == '*'));
        let (rest, pattern) = cut(pattern).parse(rest)?;
        let span = self.span(start, rest);
        Ok((rest, Condition::Selector { quantifier, pattern: pattern.to_owned(), span }))
    }

    fn identifier(&self, start: &'t str) -> Parsed<'t, Condition> {
        let name = take_while1(is_name);
        let (rest, name) =
            verify(terminated(name, not(peek(tag("*")))), |name: &str| !OPERATORS.contains(&name))
                .parse(start)?;
        Ok((rest, Condition::Identifier { name: name.to_owned(), span: self.span(start, rest) }))
    }

    fn span(&self, start: &'t str, rest: &'t str) -> Span {
        (self.spans)(self.text.len() - start.len(), self.text.len() - rest.len())
    }

    /// What to say where the grammar stopped.
    fn explain(&self, stop: &Stop<'t>) -> Spanned<Mistake> {
        let at = self.text.len() - stop.rest.len();
        let found = mistake::explain(self.text, at, self.names);
        let (message, help) = if stop.kind == ErrorKind::TooLarge {
            (format!("the condition is nested deeper than {MAX_DEPTH} levels"), None)
        } else {
            (found.message, found.help)
        };
        Spanned::new(Mistake { message, help }, (self.spans)(found.start, found.end))
    }
}

fn join(
    first: Condition,
    more: Vec<Condition>,
    chain: fn(Vec<Condition>) -> Condition,
) -> Condition {
    if more.is_empty() {
        return first;
    }
    chain(std::iter::once(first).chain(more).collect())
}

/// A word of the language, with spaces before it, that does not go on as an identifier.
fn word<'t>(text: &'static str) -> impl Parser<&'t str, Output = (), Error = Stop<'t>> {
    let end = not(peek(take_while1(|it| is_name(it) || it == '*')));
    map((multispace0, tag(text), end, opt(peek(tag("(")))), |_| ())
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn show(condition: &Condition) -> String {
        let list = |operands: &[Condition], operator: &str| {
            format!("({})", operands.iter().map(show).collect::<Vec<_>>().join(operator))
        };
        match condition {
            Condition::And(operands) => list(operands, " & "),
            Condition::Or(operands) => list(operands, " | "),
            Condition::Not(operand) => format!("!{}", show(operand)),
            Condition::Identifier { name, .. } => name.clone(),
            Condition::Selector { quantifier, pattern, .. } => format!("{quantifier:?} {pattern}"),
        }
    }

    fn read(text: &str) -> Result<String, (String, u32, u32)> {
        parse_over(text, &["a", "sel2", "sel x"], &|start, end| Span::new(SourceId(0), start, end))
            .map(|condition| show(&condition))
            .map_err(|mistake| {
                (mistake.value.message.clone(), mistake.span.start, mistake.span.end)
            })
    }

    #[test]
    fn precedence_and_word_boundaries() {
        for (text, tree) in [
            ("a", "a"),
            ("a or b and not c", "(a | (b & !c))"),
            ("(a or b)and(c)", "((a | b) & c)"),
            ("not(a)", "!a"),
            ("not not a", "!!a"),
            ("notepad", "notepad"),
            ("nota or android and orange", "(nota | (android & orange))"),
            ("1 of them", "Any them"),
            ("all of filter_* and any of x*y", "(All filter_* & Any x*y)"),
            ("1 of sel", "Any sel"),
            ("all", "all"),
            ("them and of", "(them & of)"),
            ("sel-a and b.conf", "(sel-a & b.conf)"),
            ("  a\n\tand b ", "(a & b)"),
            ("1", "1"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(tree), "{text}");
        }
    }

    #[test]
    fn mistakes_point_at_the_smallest_text() {
        for (text, message, start, end) in [
            ("", "the condition is empty", 0, 0),
            ("a and", "nothing follows this `and`", 2, 5),
            ("a and (b or not )", "a search identifier is missing before `)`", 16, 17),
            ("a andb", "`andb` is not expected here", 2, 6),
            ("a AND b", "operators are lower case: `AND`", 2, 5),
            ("(a or (b) and c", "this `(` is not closed", 0, 1),
            ("a)", "this `)` closes nothing", 1, 2),
            ("a or (b and )", "a search identifier is missing before `)`", 12, 13),
            ("a or ()", "a search identifier is missing before `)`", 6, 7),
            ("and a", "a search identifier is missing before `and`", 0, 3),
            ("2 of them", "only `1 of`, `any of` and `all of` are part of Sigma", 0, 4),
            ("one of a*", "`one of` is not known", 0, 6),
            ("1 off a*", "`off` is not expected here", 2, 5),
            ("all a*", "`of` is missing behind `all`", 0, 3),
            ("all of x *é", "a pattern stands without `1 of` or `all of`", 9, 12),
            ("b and a_*x", "a pattern stands without `1 of` or `all of`", 6, 10),
            ("a not b", "no operator stands before this `not`", 2, 5),
            ("a && b", "operators are words, not `&&`", 2, 4),
            ("a or !b", "operators are words, not `!`", 5, 6),
            ("'a' or b", "search identifiers stand without quotes", 0, 1),
            ("a\u{a0}or b", "the character U+00A0 looks like a space, and is none", 1, 3),
            ("sel | count() > 5", "aggregations behind a `|` are no longer part of Sigma", 4, 5),
            ("1 of", "nothing follows this `of`", 2, 4),
            ("a or sel 2", "`sel 2` is two words", 5, 10),
            ("sel x and a", "a search identifier has no spaces, and `sel x` has", 0, 5),
        ] {
            assert_eq!(read(text), Err((message.to_owned(), start, end)), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let text = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
        assert!(read(&text).unwrap_err().0.contains("deeper than 64 levels"));
        assert!(read(&format!("{}a", "not ".repeat(5000))).is_err());
    }
}
