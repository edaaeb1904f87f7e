//! Layout of queries: short ones on one line, longer ones broken at 100 columns, never the terminal's,
//! so that a value that changes is one line of a review.

use std::ops::Range;

use isogloss_compiler::ir::Origin;
use pretty::{Arena, DocAllocator, DocBuilder, Render, RenderAnnotated};

/// The columns of a line.
pub const WIDTH: usize = 100;
const INDENT: isize = 2;

/// A query as text, and where its parts come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Printed {
    /// The text, without a line feed at its end.
    pub text: String,
    /// Ranges of bytes of the text and their origins, outer ones after the inner ones.
    pub parts: Vec<(Range<usize>, Origin)>,
}

/// A piece of layout that is not rendered yet.
pub(crate) type Doc<'a> = DocBuilder<'a, Arena<'a, Origin>, Origin>;

/// A piece and where it comes from.
pub(crate) fn located<'a>(origin: &Origin, doc: Doc<'a>) -> Doc<'a> {
    doc.annotate(origin.clone())
}

/// Makes pieces of layout.
pub(crate) struct Layout<'a> {
    arena: &'a Arena<'a, Origin>,
}

/// Builds a document and renders it in lines of `width` columns, or on one line.
pub(crate) fn render(
    width: Option<usize>,
    build: impl for<'a> Fn(&Layout<'a>) -> Doc<'a>,
) -> Printed {
    let arena = Arena::new();
    let doc = build(&Layout { arena: &arena });
    let mut printer = Printer { printed: Printed::default(), open: Vec::new() };
    // One line is as wide as can be; half of the range keeps the sums of the algorithm in it.
    // Writing to a string cannot fail, and a text that were cut short would not be read back.
    let _infallible = doc.render_raw(width.unwrap_or(usize::MAX / 2), &mut printer);
    printer.printed
}

impl<'a> Layout<'a> {
    /// Text without a line feed.
    pub(crate) fn text(&self, text: impl Into<String>) -> Doc<'a> {
        self.arena.text(text.into())
    }

    /// Pieces one after the other.
    pub(crate) fn concat(&self, docs: impl IntoIterator<Item = Doc<'a>>) -> Doc<'a> {
        self.arena.concat(docs)
    }

    /// Operands joined by `operator`: on one line if they fit, else one operand a line.
    pub(crate) fn chain(
        &self,
        operator: &str,
        operands: impl IntoIterator<Item = Doc<'a>>,
    ) -> Doc<'a> {
        let between = self.text(operator).append(self.arena.line());
        self.arena.intersperse(operands, between).group()
    }

    /// A piece in parentheses, on lines of its own where it does not fit.
    pub(crate) fn parenthesized(&self, doc: Doc<'a>) -> Doc<'a> {
        let inner = self.arena.line_().append(doc).nest(INDENT);
        self.text("(").append(inner).append(self.arena.line_()).append(")").group()
    }

    /// A piece in brackets, on lines of its own where it does not fit.
    pub(crate) fn bracketed(&self, doc: Doc<'a>) -> Doc<'a> {
        let inner = self.arena.line_().append(doc).nest(INDENT);
        self.text("[").append(inner).append(self.arena.line_()).append("]").group()
    }

    /// Elements in parentheses, with `separator` between them: all on one line, or one a line.
    pub(crate) fn list(
        &self,
        separator: &str,
        elements: impl IntoIterator<Item = Doc<'a>>,
    ) -> Doc<'a> {
        let between = self.text(separator).append(self.arena.line());
        self.parenthesized(self.arena.intersperse(elements, between))
    }

    /// Words that fill each line as far as they go.
    pub(crate) fn fill(&self, words: impl IntoIterator<Item = Doc<'a>>) -> Doc<'a> {
        self.arena.intersperse(words, self.arena.softline()).nest(INDENT)
    }

    /// A head and a body, which moves to a line of its own where both do not fit on one.
    pub(crate) fn headed(&self, head: Doc<'a>, body: Doc<'a>) -> Doc<'a> {
        head.append(self.arena.line().append(body).nest(INDENT)).group()
    }

    /// Pieces on one line if they all fit, else one a line.
    pub(crate) fn lines(&self, docs: impl IntoIterator<Item = Doc<'a>>) -> Doc<'a> {
        self.chain("", docs)
    }
}

/// Collects the text, and the range of each piece that has an origin.
struct Printer {
    printed: Printed,
    open: Vec<(usize, Origin)>,
}

impl Render for Printer {
    type Error = std::fmt::Error;

    fn write_str(&mut self, text: &str) -> Result<usize, Self::Error> {
        self.printed.text.push_str(text);
        Ok(text.len())
    }

    fn fail_doc(&self) -> Self::Error {
        std::fmt::Error
    }
}

impl<'a> RenderAnnotated<'a, Origin> for Printer {
    fn push_annotation(&mut self, origin: &'a Origin) -> Result<(), Self::Error> {
        self.open.push((self.printed.text.len(), origin.clone()));
        Ok(())
    }

    fn pop_annotation(&mut self) -> Result<(), Self::Error> {
        if let Some((start, origin)) = self.open.pop() {
            self.printed.parts.push((start..self.printed.text.len(), origin));
        }
        Ok(())
    }
}
