//! What of a regular expression not every tool reads alike.
//!
//! Sigma's specification names the part of PCRE that a rule may use. Everything here is read by isogloss and
//! written anew for each target; other tools hand it on as it is.

use std::ops::Range;

use regex_syntax::ast::{
    self, AssertionKind, Ast, ClassBracketed, ClassSetItem, Flag, Flags, GroupKind, Visitor,
};

/// The parts of a regular expression, as ranges of bytes, that are not in the common part, each with what
/// it is and what to write instead. Nothing for one that cannot be read.
pub fn uncommon_parts(text: &str) -> Vec<(Range<usize>, &'static str, &'static str)> {
    let Ok(ast) = ast::parse::Parser::new().parse(text) else { return Vec::new() };
    ast::visit(&ast, Finder::default()).unwrap_or_default()
}

type Part = (Range<usize>, &'static str, &'static str);

#[derive(Default)]
struct Finder {
    found: Vec<Part>,
}

impl Finder {
    fn add(&mut self, span: &ast::Span, what: &'static str, instead: &'static str) {
        self.found.push((span.start.offset..span.end.offset, what, instead));
    }

    fn flags(&mut self, flags: &Flags) {
        if flags.flag_state(Flag::IgnoreWhitespace).is_some() {
            self.add(&flags.span, "the flag `x`", "write the expression without spaces");
        } else if !flags.items.is_empty() && flags.span.start.offset <= 2 {
            self.add(&flags.span, "a flag in the expression", "write `re|i`, `re|m` or `re|s`");
        } else if !flags.items.is_empty() {
            let instead =
                "flags hold for the whole expression in most tools: write `[aA]`, or `re|i`";
            self.add(&flags.span, "a flag in the middle of the expression", instead);
        }
    }
}

impl Visitor for Finder {
    type Output = Vec<Part>;
    type Err = ();

    fn finish(self) -> Result<Self::Output, Self::Err> {
        Ok(self.found)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        match ast {
            Ast::Flags(flags) => self.flags(&flags.flags),
            Ast::Repetition(repetition) if !repetition.greedy => {
                let instead = "leave the `?` out: whether there is a match does not change";
                self.add(&repetition.op.span, "a lazy repetition", instead);
            }
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine | AssertionKind::EndLine => {}
                AssertionKind::StartText | AssertionKind::EndText => {
                    self.add(&assertion.span, "an anchor of PCRE", "write `^` or `$`");
                }
                AssertionKind::WordBoundary
                | AssertionKind::NotWordBoundary
                | AssertionKind::WordBoundaryStart
                | AssertionKind::WordBoundaryEnd
                | AssertionKind::WordBoundaryStartAngle
                | AssertionKind::WordBoundaryEndAngle
                | AssertionKind::WordBoundaryStartHalf
                | AssertionKind::WordBoundaryEndHalf => {
                    let instead = "write the characters that may stand there, such as `(^|[^a-z])`";
                    self.add(&assertion.span, "a word boundary", instead);
                }
            },
            Ast::Group(group) => match &group.kind {
                GroupKind::CaptureIndex(_) => {}
                GroupKind::CaptureName { name, .. } => {
                    self.add(&name.span, "a named group", "leave the name out");
                }
                GroupKind::NonCapturing(flags) => self.flags(flags),
            },
            Ast::Empty(_)
            | Ast::Literal(_)
            | Ast::Dot(_)
            | Ast::ClassUnicode(_)
            | Ast::ClassPerl(_)
            | Ast::ClassBracketed(_)
            | Ast::Repetition(_)
            | Ast::Alternation(_)
            | Ast::Concat(_) => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        match item {
            ClassSetItem::Ascii(class) => {
                let instead = "write the characters, such as `[a-z]`";
                self.add(&class.span, "a class of POSIX", instead);
            }
            ClassSetItem::Bracketed(class) => self.nested(class),
            ClassSetItem::Empty(_)
            | ClassSetItem::Literal(_)
            | ClassSetItem::Range(_)
            | ClassSetItem::Unicode(_)
            | ClassSetItem::Perl(_)
            | ClassSetItem::Union(_) => {}
        }
        Ok(())
    }
}

impl Finder {
    fn nested(&mut self, class: &ClassBracketed) {
        self.add(&class.span, "a class in a class", "write `\\[` for the character");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_their_places() {
        for (text, wanted) in [
            ("a+?b", "+?"),
            (r"\bcmd", r"\b"),
            (r"cmd\z", r"\z"),
            ("(?i)cmd", "i"),
            ("cmd(?i:x)", "i"),
            ("(?x)a b", "x"),
            ("(?P<name>a)", "name"),
            ("[[:alpha:]]", "[:alpha:]"),
        ] {
            let parts = uncommon_parts(text);
            let texts: Vec<&str> =
                parts.iter().map(|(range, ..)| text.get(range.clone()).unwrap()).collect();
            assert_eq!(texts, [wanted], "{text}");
        }
        for text in [r"^a.*[^b]{2,3}(c|d)$", r"(?:a)\d\w\s\.", "a(?!b)"] {
            assert_eq!(uncommon_parts(text), [], "{text}");
        }
    }
}
