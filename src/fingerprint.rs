//! What makes a finding the same finding in another run: everything but its line.

use std::fmt::Write;

use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::source::SourceMap;
use sha2::{Digest, Sha256};

use crate::report::Subject;

/// 32 hexadecimal digits over code, path, id or title of the rule, message and underlined text. Equal
/// findings of one rule have equal fingerprints; `nth` tells them apart.
pub(crate) fn fingerprint(
    finding: &Diagnostic,
    subject: &Subject,
    nth: usize,
    sources: &SourceMap,
) -> String {
    let guilty = finding.labels.first().and_then(|label| {
        let source = sources.get(label.span.source)?;
        let range =
            usize::try_from(label.span.start).ok()?..usize::try_from(label.span.end).ok()?;
        source.text.get(range)
    });
    let nth = nth.to_string();
    let parts = [
        finding.code.as_str(),
        &subject.path,
        subject.id.as_deref().unwrap_or(&subject.title),
        &finding.message,
        guilty.unwrap_or_default(),
        &nth,
    ];
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps neighbours apart.
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// The fingerprints of all findings of one subject, in order.
pub(crate) fn fingerprints(
    findings: &[Diagnostic],
    subject: &Subject,
    sources: &SourceMap,
) -> Vec<String> {
    let mut given: Vec<String> = Vec::new();
    for finding in findings {
        let fresh = (0..=given.len()).map(|nth| fingerprint(finding, subject, nth, sources));
        let next = fresh.into_iter().find(|it| !given.contains(it));
        given.extend(next);
    }
    given
}
