//! What all targets check.

use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::source::Span;

/// A span lies in the text, and starts and ends between characters.
pub fn check_span(text: &str, span: Span) {
    let (start, end) = (span.start as usize, span.end as usize);
    assert!(start <= end, "{span:?} ends before it starts");
    assert!(text.is_char_boundary(start) && text.is_char_boundary(end), "{span:?} is no text");
}

/// Every place of a finding is a place of the text, and its words are fit to be shown.
pub fn check_findings(text: &str, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        assert!(!diagnostic.labels.is_empty(), "{} has no place", diagnostic.message);
        assert!(!diagnostic.message.is_empty());
        diagnostic.labels.iter().for_each(|label| check_span(text, label.span));
    }
}
