//! Events of the parser to nodes, without recursion, so that nesting cannot overflow the stack.

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{Event, Options, Parser, ScalarStyle};

use super::duplicates::check_keys;
use super::lines::Lines;
use super::mistake;
use super::open::{Open, Size};
use super::tag::Tag;
use super::{
    Alias, Document, MAX_ANCHORS, MAX_BYTES, MAX_DEPTH, MAX_DOCUMENTS, MAX_ELEMENTS, MAX_NODES,
    MAX_SCALAR, Node, Scalar, Style, Value,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Span};

/// Builds the documents of one file.
pub(super) struct Reader<'a> {
    source: SourceId,
    /// Whether `null` may be a key.
    keep_null: bool,
    /// The file without a byte order mark, and the length of that mark.
    text: &'a str,
    offset: usize,
    nodes: usize,
    /// How much text aliases have added.
    copied: usize,
    documents: Vec<Document<'a>>,
    // Of the document that is being read:
    open: Vec<Open<'a>>,
    root: Option<Node<'a>>,
    anchors: BTreeMap<usize, Anchor>,
    aliases: Vec<Alias>,
    diagnostics: Diagnostics,
}

/// An anchor: where its node stands in the tree, and where it stands itself.
struct Anchor {
    path: Vec<usize>,
    name: Option<(String, Span)>,
    used: bool,
}

/// What cannot be read further.
enum Stop {
    Document(Box<Diagnostic>),
    File(Box<Diagnostic>),
}

type Step = Result<(), Stop>;

impl<'a> Reader<'a> {
    pub(super) fn new(source: SourceId, text: &'a str, keep_null: bool) -> Self {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self {
            source,
            keep_null,
            text: body,
            offset: text.len() - body.len(),
            nodes: 0,
            copied: 0,
            documents: Vec::new(),
            open: Vec::new(),
            root: None,
            anchors: BTreeMap::new(),
            aliases: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    pub(super) fn read(mut self) -> Vec<Document<'a>> {
        let mut options = Options::default();
        options.emit_unresolved_aliases = true;
        options.emit_anchor_events = true;
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        while let Some(event) = parser.next() {
            let step = match event {
                Ok((event, place)) => {
                    let range = place.byte_range().unwrap_or_default();
                    self.event(event, self.span(range.start, range.end))
                }
                Err(error) => {
                    Err(Stop::Document(Box::new(mistake::explain(&error, &self.lines()))))
                }
            };
            match step {
                Ok(()) => {}
                Err(Stop::Document(mistake)) => {
                    self.abandon(*mistake);
                    if !matches!(parser.proceed_next_document(), Ok(true)) {
                        break;
                    }
                }
                Err(Stop::File(mistake)) => {
                    self.abandon(*mistake);
                    break;
                }
            }
        }
        self.documents
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start + self.offset, end + self.offset)
    }

    fn lines(&self) -> Lines<'a> {
        Lines { source: self.source, text: self.text, offset: self.offset }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the other events carry no nodes")]
    fn event(&mut self, event: Event<'a>, span: Span) -> Step {
        match event {
            Event::DocumentStart(..) if self.documents.len() >= MAX_DOCUMENTS => {
                Err(Stop::file(span, "the file has more than 1,000 documents"))
            }
            Event::DocumentEnd => {
                self.finish(true);
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.anchor(anchor, span)?;
                let tag = tag.and_then(|tag| self.tag(&tag, Some(&text), span));
                let scalar = self.scalar(text, style, tag, span)?;
                let span = if scalar.style == Style::Block { self.without_end(span) } else { span };
                self.push(Node { value: Value::Scalar(scalar), span }, span)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.begin(Open::Sequence(span, Vec::new()), anchor, tag.as_deref(), span)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.begin(Open::Mapping(span, None, Vec::new()), anchor, tag.as_deref(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Anchor(anchor, name) => {
                if let Some(anchor) = self.anchors.get_mut(&anchor) {
                    anchor.name = Some((name.into_owned(), span));
                }
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::UnresolvedAlias(name) => {
                self.diagnostics.push(mistake::unknown_alias(&name, span, &self.lines()));
                self.push(self.as_text(span), span)
            }
            _ => Ok(()),
        }
    }

    /// Ends a document and makes room for the next one.
    fn finish(&mut self, complete: bool) {
        for anchor in std::mem::take(&mut self.anchors).into_values() {
            if let Some((name, span)) = anchor.name.filter(|_| complete && !anchor.used) {
                self.diagnostics.push(mistake::unused_anchor(&name, span, &self.lines()));
            }
        }
        self.documents.push(Document {
            root: self.root.take(),
            complete,
            diagnostics: std::mem::take(&mut self.diagnostics),
            aliases: std::mem::take(&mut self.aliases),
        });
    }

    /// Ends a document early. What was read of it is kept, so that reports can name it.
    fn abandon(&mut self, mistake: Diagnostic) {
        if !mistake::is_echo(&mistake, self.diagnostics.last(), self.text, self.offset) {
            self.diagnostics.push(mistake);
        }
        while let Some(open) = self.open.pop() {
            let node = open.close();
            match self.open.last_mut() {
                Some(parent) => {
                    let span = node.span;
                    parent.push(node, span);
                }
                None => self.root = Some(node),
            }
        }
        self.finish(false);
    }

    /// Notes where the node that comes next stands in the tree.
    fn anchor(&mut self, anchor: usize, span: Span) -> Step {
        if anchor == 0 {
            return Ok(());
        }
        if self.anchors.len() >= MAX_ANCHORS {
            let message = "the document has more than 1,000 anchors";
            return Err(Stop::document(span, message));
        }
        let path = self.open.iter().map(Open::filled).collect();
        self.anchors.insert(anchor, Anchor { path, name: None, used: false });
        Ok(())
    }

    /// The node of an anchor; `None` while it is still open, since an alias in it would never end.
    fn anchored(&self, anchor: usize) -> Option<&Node<'a>> {
        let path = &self.anchors.get(&anchor)?.path;
        let level = path.iter().zip(&self.open).position(|(at, open)| *at < open.filled())?;
        let first = self.open.get(level)?.child(*path.get(level)?)?;
        path.get(level + 1..)?.iter().try_fold(first, |node, at| node.child(*at))
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Step {
        if let Some(anchor) = self.anchors.get_mut(&anchor) {
            anchor.used = true;
        }
        let Some(node) = self.anchored(anchor) else {
            self.diagnostics.push(mistake::endless_alias(span, &self.lines()));
            return self.push(self.as_text(span), span);
        };
        let (node, size) = (node.clone(), Size::of(node));
        self.nodes += size.nodes - 1;
        self.copied += size.text;
        if self.copied > MAX_BYTES {
            return Err(Stop::file(span, "aliases add more than 4 MiB to the file"));
        }
        if self.open.len() + size.depth > MAX_DEPTH {
            return Err(Stop::document(span, TOO_DEEP));
        }
        self.aliases.push(Alias { span, target: node.span });
        self.push(node, span)
    }

    /// The span of a block scalar reaches into the next line; its text ends before.
    fn without_end(&self, span: Span) -> Span {
        let start = self.lines().start_of(span);
        self.lines().span(start, start + self.lines().at(span).trim_end().len())
    }

    /// What stands at a place, as a string: for what was reported already.
    fn as_text(&self, span: Span) -> Node<'a> {
        let text = Cow::Borrowed(self.lines().at(span));
        let scalar =
            Scalar { text, style: Style::SingleQuoted, comment: None, tag: None, verbatim: None };
        Node { value: Value::Scalar(scalar), span }
    }

    /// The tag, if it is one that can be honoured; every other is reported.
    fn tag(&mut self, tag: &granit_parser::Tag, text: Option<&str>, span: Span) -> Option<Tag> {
        let written = tag.original();
        let name = if written == "!" { Some("str") } else { tag.core_suffix() };
        let found = text.and_then(|_| Tag::find(name?));
        let span = self.lines().before(span, &written).unwrap_or(span);
        match (found, text) {
            (Some(tag), Some(text)) if tag.fits(text) => return Some(tag),
            (Some(_), Some(text)) => {
                self.diagnostics.push(mistake::unfit_tag(&written, text, span));
            }
            _ => self.diagnostics.push(mistake::unknown_tag(&written, span)),
        }
        None
    }

    fn scalar(
        &self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        tag: Option<Tag>,
        span: Span,
    ) -> Result<Scalar<'a>, Stop> {
        if text.len() > MAX_SCALAR {
            return Err(Stop::document(span, "a scalar is longer than 64 KiB"));
        }
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        // The parser hands out an empty plain scalar as `~` with an empty span.
        let empty = style == Style::Plain && span.start == span.end;
        let text = if empty { Cow::Borrowed("") } else { text };
        let quote = usize::from(matches!(style, Style::SingleQuoted | Style::DoubleQuoted));
        let start = usize::try_from(span.start).unwrap_or_default() - self.offset + quote;
        let stands = self.text.get(start..start + text.len()) == Some(&*text);
        let verbatim = stands.then(|| u32::try_from(start + self.offset).unwrap_or_default());
        let end = usize::try_from(span.end).unwrap_or_default() - self.offset;
        let behind = self.text.get(end..).unwrap_or_default().trim_start_matches([' ', '\t']);
        let comment = behind.strip_prefix('#').map(|it| !it.starts_with([' ', '\t', '\r', '\n']));
        Ok(Scalar { text, style, comment, tag, verbatim })
    }

    fn begin(
        &mut self,
        open: Open<'a>,
        anchor: usize,
        tag: Option<&granit_parser::Tag>,
        span: Span,
    ) -> Step {
        self.anchor(anchor, span)?;
        if let Some(tag) = tag {
            self.tag(tag, None, span);
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Stop::document(span, TOO_DEEP));
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self, end: Span) -> Step {
        let Some(mut open) = self.open.pop() else { return Ok(()) };
        // A collection ends with its last child, an empty one with its bracket.
        match &mut open {
            Open::Mapping(span, _, entries) if entries.is_empty() => *span = span.to(end),
            Open::Sequence(span, elements) if elements.is_empty() => *span = span.to(end),
            Open::Mapping(_, _, entries) => {
                check_keys(entries, self.keep_null, &mut self.diagnostics);
            }
            Open::Sequence(..) => {}
        }
        let node = open.close();
        let span = node.span;
        self.push(node, span)
    }

    /// Puts a node in its place; `at` is where it stands, which for an alias is not where it is written.
    fn push(&mut self, node: Node<'a>, at: Span) -> Step {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Stop::file(at, "the file has more than 200,000 nodes"));
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        parent.push(node, at);
        if parent.len() > MAX_ELEMENTS {
            let message = "a list or map has more than 20,000 elements";
            return Err(Stop::document(at, message));
        }
        Ok(())
    }
}

const TOO_DEEP: &str = "lists and maps are nested deeper than 64 levels";

impl Stop {
    fn document(span: Span, message: &str) -> Self {
        Self::Document(Box::new(Diagnostic::new(Code::LimitExceeded, span, message)))
    }

    fn file(span: Span, message: &str) -> Self {
        Self::File(Box::new(Diagnostic::new(Code::LimitExceeded, span, message)))
    }
}
