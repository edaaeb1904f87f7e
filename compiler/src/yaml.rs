//! Text to a tree of [`Node`]s with byte spans. The only file that names the YAML parser.
//!
//! Scalars keep their text and style, so that `4624`, `'4624'` and `00000429` can be told apart.
//! Plain scalars are read by the core schema of YAML 1.2 (section 10.3.2), see [`Scalar::resolve`].

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, ScanError};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Span};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 4 << 20;
/// The longest scalar, in bytes.
const MAX_SCALAR: usize = 64 << 10;
/// The deepest nesting of lists and maps.
const MAX_DEPTH: usize = 64;
/// The most nodes in one file.
const MAX_NODES: usize = 200_000;

/// A value of a YAML document and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<'a> {
    /// What stands there.
    pub value: Value<'a>,
    /// Where it stands; a block scalar's span is its content.
    pub span: Span,
}

/// The three kinds of nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A single value.
    Scalar(Scalar<'a>),
    /// A list.
    Sequence(Vec<Node<'a>>),
    /// Keys and values, in the order of the file. No key stands twice.
    Mapping(Vec<(Node<'a>, Node<'a>)>),
}

/// The text of a scalar after YAML's own escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// True for plain scalars: only those can be numbers, booleans or null.
    pub plain: bool,
    /// Where the text starts in the file, if it stands there letter for letter.
    verbatim: Option<u32>,
}

/// A plain scalar by the core schema of YAML 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved<'t> {
    /// Empty, `~`, `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// An integer or a float, as written.
    Number(&'t str),
    /// Anything else, and everything in quotes.
    Text(&'t str),
}

impl Scalar<'_> {
    /// What the scalar is. Quoted and block scalars are always text.
    pub fn resolve(&self) -> Resolved<'_> {
        if !self.plain {
            return Resolved::Text(&self.text);
        }
        match &*self.text {
            "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
            "true" | "True" | "TRUE" => Resolved::Bool(true),
            "false" | "False" | "FALSE" => Resolved::Bool(false),
            text if is_number(text) => Resolved::Number(text),
            text => Resolved::Text(text),
        }
    }
}

impl<'a> Node<'a> {
    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar<'a>> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// The text of a scalar, whatever it resolves to; `None` for lists, maps and null.
    pub fn as_text(&self) -> Option<&str> {
        let scalar = self.as_scalar()?;
        (scalar.resolve() != Resolved::Null).then_some(&*scalar.text)
    }

    /// True for `null`, `~` and nothing.
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| scalar.resolve() == Resolved::Null)
    }

    /// The entries, if it is a map.
    pub fn as_mapping(&self) -> Option<&[(Self, Self)]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            Value::Scalar(_) | Value::Sequence(_) => None,
        }
    }

    /// The value of a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key's node and the value of a key.
    pub fn entry(&self, key: &str) -> Option<(&Self, &Self)> {
        let found = self.as_mapping()?.iter().find(|(name, _)| name.as_text() == Some(key))?;
        Some((&found.0, &found.1))
    }

    /// The elements of a list; a single value is a list of one.
    pub fn elements(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(elements) => elements,
            Value::Scalar(_) | Value::Mapping(_) => std::slice::from_ref(self),
        }
    }

    /// The place of `start..end` (bytes) of the scalar's text; the whole node where the text does
    /// not stand letter for letter in the file.
    pub fn inner_span(&self, start: usize, end: usize) -> Span {
        let Some(offset) = self.as_scalar().and_then(|scalar| scalar.verbatim) else {
            return self.span;
        };
        let offset = usize::try_from(offset).unwrap_or_default();
        Span::new(self.span.source, offset + start, offset + end)
    }

    /// What kind of node it is, for messages.
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a map",
            Value::Scalar(scalar) => match scalar.resolve() {
                Resolved::Null => "nothing",
                Resolved::Bool(_) => "a boolean",
                Resolved::Number(_) => "a number",
                Resolved::Text(_) => "a string",
            },
        }
    }
}

/// Reads all documents of a file.
///
/// The first mistake ends the reading, since nothing after it can be trusted; it is reported. Documents
/// that were complete before it are kept, the one that it stands in is given up.
pub fn parse_yaml<'a>(
    source: SourceId,
    text: &'a str,
    diagnostics: &mut Diagnostics,
) -> Vec<Node<'a>> {
    if text.len() > MAX_BYTES {
        let span = Span::new(source, 0, 0);
        diagnostics.push(Diagnostic::new(
            Code::LimitExceeded,
            span,
            "the file is larger than 4 MiB",
        ));
        return Vec::new();
    }
    let offset = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = text.get(offset..).unwrap_or_default();
    let mut builder =
        Builder { source, text: body, offset, nodes: 0, open: Vec::new(), documents: Vec::new() };
    if let Err(mistake) = builder.read() {
        diagnostics.push(*mistake);
    }
    builder.documents
}

/// A list or map that is not closed yet.
enum Open<'a> {
    Sequence(Span, Vec<Node<'a>>),
    Mapping(Span, Option<Node<'a>>, Vec<(Node<'a>, Node<'a>)>),
}

/// Builds nodes from events without recursion, so that nesting cannot overflow the stack.
struct Builder<'a> {
    source: SourceId,
    text: &'a str,
    offset: usize,
    nodes: usize,
    open: Vec<Open<'a>>,
    documents: Vec<Node<'a>>,
}

type Mistake = Box<Diagnostic>;

impl<'a> Builder<'a> {
    fn read(&mut self) -> Result<(), Mistake> {
        for event in Parser::new_from_str(self.text) {
            let (event, place) = event.map_err(|error| Box::new(self.syntax_error(&error)))?;
            let range = place.byte_range().unwrap_or_default();
            let span = Span::new(self.source, range.start + self.offset, range.end + self.offset);
            self.event(event, span)?;
        }
        Ok(())
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "marks of streams and documents carry no nodes"
    )]
    fn event(&mut self, event: Event<'a>, span: Span) -> Result<(), Mistake> {
        if event.tag().is_some() {
            return Err(Box::new(unsupported(span, "a tag such as `!!str`")));
        }
        match event {
            Event::Scalar(text, style, ..) => {
                let scalar = self.scalar(text, style, span)?;
                self.push(Node { value: Value::Scalar(scalar), span })
            }
            Event::SequenceStart(..) => self.begin(Open::Sequence(span, Vec::new()), span),
            Event::MappingStart(..) => self.begin(Open::Mapping(span, None, Vec::new()), span),
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(..) | Event::UnresolvedAlias(..) => {
                Err(Box::new(unsupported(span, "an alias")))
            }
            Event::Anchor(..) => Err(Box::new(unsupported(span, "an anchor"))),
            _ => Ok(()),
        }
    }

    fn scalar(
        &self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        span: Span,
    ) -> Result<Scalar<'a>, Mistake> {
        if text.len() > MAX_SCALAR {
            return Err(Box::new(limit(span, "a scalar is longer than 64 KiB")));
        }
        let plain = style == ScalarStyle::Plain;
        // The parser hands out an empty plain scalar as `~` with an empty span.
        let text = if plain && span.start == span.end { Cow::Borrowed("") } else { text };
        let quote =
            usize::from(matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
        let start = usize::try_from(span.start).unwrap_or_default() - self.offset + quote;
        let stands = self.text.get(start..start + text.len()) == Some(&*text);
        let verbatim = stands.then(|| u32::try_from(start + self.offset).unwrap_or_default());
        Ok(Scalar { text, plain, verbatim })
    }

    fn begin(&mut self, open: Open<'a>, span: Span) -> Result<(), Mistake> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Box::new(limit(span, "lists and maps are nested deeper than 64 levels")));
        }
        self.open.push(open);
        Ok(())
    }

    /// A collection ends with its last child; an empty one with its bracket.
    fn end(&mut self, end: Span) -> Result<(), Mistake> {
        let node = match self.open.pop() {
            Some(Open::Sequence(span, elements)) => {
                let span = span.to(elements.last().map_or(end, |last| last.span));
                Node { value: Value::Sequence(elements), span }
            }
            Some(Open::Mapping(span, _, entries)) => {
                refuse_duplicates(&entries)?;
                let span = span.to(entries.last().map_or(end, |(_, last)| last.span));
                Node { value: Value::Mapping(entries), span }
            }
            None => return Ok(()),
        };
        self.push(node)
    }

    fn push(&mut self, node: Node<'a>) -> Result<(), Mistake> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Box::new(limit(node.span, "the file has more than 200,000 nodes")));
        }
        match self.open.last_mut() {
            Some(Open::Sequence(_, elements)) => elements.push(node),
            Some(Open::Mapping(_, key, entries)) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(node),
            },
            None => self.documents.push(node),
        }
        Ok(())
    }

    fn syntax_error(&self, error: &ScanError) -> Diagnostic {
        let start = error.marker().byte_offset().unwrap_or_default();
        let length =
            self.text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let span = Span::new(self.source, start + self.offset, start + length + self.offset);
        let message = format!("this is not YAML: {}", error.kind());
        let mistake = Diagnostic::new(Code::InvalidYaml, span, message);
        let line =
            self.text.get(..start).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
        let special = self
            .text
            .get(start..)
            .is_some_and(|rest| rest.starts_with(['*', '&', '%', '@', '`', '!', '|']));
        if line.contains('\t') {
            mistake.with_help("YAML is indented with spaces, not with tabs")
        } else if special {
            mistake.with_help(
                "quote values that start with a special character, such as `'*\\cmd.exe'`",
            )
        } else if self.text.get(start..).is_some_and(|rest| rest.starts_with(':')) {
            mistake.with_help("quote values that hold a `:` before a space")
        } else {
            mistake
        }
    }
}

fn refuse_duplicates(entries: &[(Node, Node)]) -> Result<(), Mistake> {
    let mut seen = std::collections::BTreeMap::new();
    for (key, _) in entries {
        let Some(scalar) = key.as_scalar() else { continue };
        if scalar.plain && scalar.text == "<<" {
            return Err(Box::new(unsupported(key.span, "a merge key")));
        }
        if let Some(first) = seen.insert(&*scalar.text, key.span) {
            let message = format!("the key `{}` stands twice", scalar.text);
            let mistake = Diagnostic::new(Code::DuplicateKey, key.span, message)
                .with_label("again here")
                .with_place(first, "first here")
                .with_help("write its values as one list, or name the two parts differently");
            return Err(Box::new(mistake));
        }
    }
    Ok(())
}

fn unsupported(span: Span, what: &str) -> Diagnostic {
    let message = format!("{what} cannot be used in a rule");
    Diagnostic::new(Code::UnsupportedYaml, span, message)
        .with_help("write the value out where it is used")
}

fn limit(span: Span, message: &str) -> Diagnostic {
    Diagnostic::new(Code::LimitExceeded, span, message)
}

/// Integers and floats of the core schema of YAML 1.2; `.inf` and `.nan` are left as text.
fn is_number(text: &str) -> bool {
    let digits =
        |text: &str, radix: u32| !text.is_empty() && text.chars().all(|it| it.is_digit(radix));
    if let Some(octal) = text.strip_prefix("0o") {
        return digits(octal, 8);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return digits(hex, 16);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_fits =
        exponent.is_none_or(|it| digits(it.strip_prefix(['-', '+']).unwrap_or(it), 10));
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, "")) => digits(whole, 10),
        Some(("", fraction)) => digits(fraction, 10),
        Some((whole, fraction)) => digits(whole, 10) && digits(fraction, 10),
        None => digits(mantissa, 10),
    };
    exponent_fits && mantissa_fits
}

#[cfg(test)]
mod tests {
    use super::Resolved::{Bool, Null, Number, Text};
    use super::*;

    fn read(text: &str) -> (Vec<Node<'_>>, Diagnostics) {
        let mut diagnostics = Vec::new();
        let documents = parse_yaml(SourceId(0), text, &mut diagnostics);
        (documents, diagnostics)
    }

    fn slice(text: &str, span: Span) -> &str {
        text.get(span.start as usize..span.end as usize).unwrap()
    }

    #[test]
    fn spans_are_bytes_of_keys_and_values() {
        let text = "ä: 'x\\y'\nlist:\n  - 4624\n  - \"a\"\n";
        let (documents, diagnostics) = read(text);
        assert!(diagnostics.is_empty());
        let (key, value) = documents[0].entry("ä").unwrap();
        assert_eq!(slice(text, key.span), "ä");
        assert_eq!(slice(text, value.span), "'x\\y'");
        assert_eq!(slice(text, value.inner_span(2, 3)), "y");
        let list = documents[0].get("list").unwrap().elements();
        assert_eq!(slice(text, list[1].span), "\"a\"");
    }

    #[test]
    fn a_byte_order_mark_does_not_move_spans() {
        let text = "\u{feff}a: b\n";
        let (documents, _) = read(text);
        let (key, value) = documents[0].entry("a").unwrap();
        assert_eq!((slice(text, key.span), slice(text, value.span)), ("a", "b"));
    }

    #[test]
    fn scalars_resolve_by_the_core_schema() {
        let (documents, _) =
            read("[~, '~', true, 'true', 4624, '4624', 0x1F, 1e5, 010, yes, 12:30, -1.5, 1., '']");
        let kinds: Vec<Resolved> =
            documents[0].elements().iter().map(|it| it.as_scalar().unwrap().resolve()).collect();
        assert_eq!(
            kinds,
            [
                Null,
                Text("~"),
                Bool(true),
                Text("true"),
                Number("4624"),
                Text("4624"),
                Number("0x1F"),
                Number("1e5"),
                Number("010"),
                Text("yes"),
                Text("12:30"),
                Number("-1.5"),
                Number("1."),
                Text(""),
            ]
        );
    }

    #[test]
    fn an_empty_value_is_null() {
        let (documents, _) = read("a:\nb: 1\n");
        assert_eq!(documents[0].get("a").unwrap().describe(), "nothing");
    }

    #[test]
    fn hostile_input_is_refused_without_harm() {
        for text in [
            "[".repeat(1 << 20),
            "- ".repeat(1 << 18),
            "{a: ".repeat(1 << 18),
            "a: &a [*a]".into(),
            "a: !!binary x".into(),
            "a: 1\na: 2".into(),
            "<<: {a: 1}".into(),
            "a: 'x".into(),
            "a:\t\tb: c".into(),
        ] {
            let (documents, diagnostics) = read(&text);
            assert!(documents.is_empty());
            assert_eq!(diagnostics.len(), 1, "{}", text.chars().take(20).collect::<String>());
        }
    }
}
