//! Text to a tree of [`Node`]s with byte spans. Only the files below `yaml/` name the YAML parser.
//!
//! Scalars keep their text and style, so that `4624`, `'4624'` and `00000429` can be told apart.
//! Plain scalars are read by the core schema of YAML 1.2 (section 10.3.2), see [`Scalar::resolve`].
//! Aliases are replaced by what they name, within the limits below.

mod characters;
mod duplicates;
mod hint;
mod lines;
mod mistake;
mod open;
mod paste;
mod reader;
mod tag;

use std::borrow::Cow;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{SourceId, Span};
use reader::Reader;
use tag::Tag;

pub use characters::unreadable_bytes;
pub(crate) use duplicates::null_key;

/// The largest file that is read, in bytes; also how much text aliases may add.
pub const MAX_BYTES: usize = 4 << 20;
/// The longest scalar, in bytes.
const MAX_SCALAR: usize = 64 << 10;
/// The deepest nesting of lists and maps.
const MAX_DEPTH: usize = 64;
/// The most nodes in one file, those of aliases included.
const MAX_NODES: usize = 200_000;
/// The most elements of one list, or entries of one map.
const MAX_ELEMENTS: usize = 20_000;
/// The most documents in one file.
const MAX_DOCUMENTS: usize = 1000;
/// The most anchors in one document.
const MAX_ANCHORS: usize = 1000;

/// A document of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<'a> {
    /// The tree; as far as it was read, if reading ended early. `None` if nothing was.
    pub root: Option<Node<'a>>,
    /// True if the whole document was read.
    pub complete: bool,
    /// What was found while reading it.
    pub diagnostics: Diagnostics,
    /// The aliases in it, in order.
    pub aliases: Vec<Alias>,
}

/// An alias that was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias {
    /// Where the alias stands.
    pub span: Span,
    /// Where the text stands that it was replaced by.
    pub target: Span,
}

/// A value of a YAML document and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<'a> {
    /// What stands there.
    pub value: Value<'a>,
    /// Where it is written; a block scalar's span is its content, that of an alias its target.
    pub span: Span,
}

/// The three kinds of nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A single value.
    Scalar(Scalar<'a>),
    /// A list.
    Sequence(Vec<Node<'a>>),
    /// Keys and values, in the order of the file. A key that stands twice was reported.
    Mapping(Vec<(Node<'a>, Node<'a>)>),
}

/// The text of a scalar after YAML's own escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// How it is written.
    pub style: Style,
    /// Whether a comment follows on the same line; true if its `#` has no space behind it.
    pub comment: Option<bool>,
    /// What its tag says it is.
    tag: Option<Tag>,
    /// Where the text starts in the file, if it stands there letter for letter.
    verbatim: Option<u32>,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: only such a scalar can be a number, a boolean or null by itself.
    Plain,
    /// `'…'`.
    SingleQuoted,
    /// `"…"`, with escapes.
    DoubleQuoted,
    /// A block behind `|` or `>`.
    Block,
}

/// A plain scalar by the core schema of YAML 1.2, or a scalar by its tag.
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
    /// True if neither quotes nor a tag say what it is.
    pub fn is_bare(&self) -> bool {
        self.style == Style::Plain && self.tag.is_none()
    }

    /// True if the text stands in the file letter for letter, without escapes.
    pub fn is_verbatim(&self) -> bool {
        self.verbatim.is_some()
    }

    /// What the scalar is. Without a tag, quoted and block scalars are always text.
    pub fn resolve(&self) -> Resolved<'_> {
        match self.tag {
            Some(Tag::Text) => Resolved::Text(&self.text),
            None if self.style != Style::Plain => Resolved::Text(&self.text),
            None | Some(Tag::Null | Tag::Bool | Tag::Integer | Tag::Float) => {
                tag::resolve(&self.text)
            }
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
/// A mistake in one document does not stop those behind it, where a `---` shows their start.
pub fn parse_stream(source: SourceId, text: &str) -> Vec<Document<'_>> {
    read_stream(source, text, false)
}

fn read_stream(source: SourceId, text: &str, keep_null: bool) -> Vec<Document<'_>> {
    match characters::refuse(source, text).or_else(|| paste::refuse_html(source, text)) {
        Some(mistake) => vec![Document::unread(mistake)],
        None => Reader::new(source, text, keep_null).read(),
    }
}

/// Reads all documents of a file, for callers that have no use for one with a mistake in it.
pub fn parse_yaml<'a>(
    source: SourceId,
    text: &'a str,
    diagnostics: &mut Diagnostics,
) -> Vec<Node<'a>> {
    keep_sound(parse_stream(source, text), diagnostics)
}

/// The same, where a key of a map may be `null`.
pub(crate) fn parse_yaml_with_null_keys<'a>(
    source: SourceId,
    text: &'a str,
    diagnostics: &mut Diagnostics,
) -> Vec<Node<'a>> {
    keep_sound(read_stream(source, text, true), diagnostics)
}

fn keep_sound<'a>(all: Vec<Document<'a>>, diagnostics: &mut Diagnostics) -> Vec<Node<'a>> {
    let mut documents = Vec::new();
    for document in all {
        let sound = !document.diagnostics.iter().any(Diagnostic::is_error);
        diagnostics.extend(document.diagnostics);
        documents.extend(document.root.filter(|_| sound));
    }
    documents
}

impl Document<'_> {
    /// True if there is nothing in it, as between two `---`.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty() && self.root.as_ref().is_none_or(Node::is_null)
    }

    fn unread(mistake: Diagnostic) -> Self {
        Self { root: None, complete: false, diagnostics: vec![mistake], aliases: Vec::new() }
    }
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
    fn places_lie_between_characters() {
        let text = " - \n \r\u{3dd}";
        let (_, diagnostics) = read(text);
        assert!(!diagnostics.is_empty());
        for label in diagnostics.iter().flat_map(|it| &it.labels) {
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            assert!(text.get(start..end).is_some(), "{diagnostics:?}");
        }
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
