//! Lints on regular expressions.

use super::{Context, has, texts};
use crate::ast::DetectionItem;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::value::uncommon_parts;

/// What other tools read in another way, or not at all.
pub(super) fn uncommon(context: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    for (text, span) in texts(item).filter(|_| has(item, "re")) {
        for (range, what, instead) in uncommon_parts(text) {
            let message = format!("{what} is not read alike by all tools");
            let place = place(context, span, text, range);
            found.push(Diagnostic::new(Code::UncommonRegex, place, message).with_help(instead));
        }
    }
}

/// The place of a part of the value; the whole value where it does not stand letter for letter in the file.
fn place(context: &Context, whole: Span, text: &str, range: std::ops::Range<usize>) -> Span {
    let start = context.slice(whole).find(text).zip(usize::try_from(whole.start).ok());
    start.map_or(whole, |(offset, start)| {
        Span::new(whole.source, start + offset + range.start, start + offset + range.end)
    })
}
