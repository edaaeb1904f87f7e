//! What was found in a document, made fit to be shown: aliases are named, and long lists end.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::source::Span;
use crate::yaml::Alias;

/// The most errors, and the most other findings, that are shown of one document.
const MOST: usize = 50;
/// The most aliases that are named beside a finding.
const MOST_ALIASES: usize = 3;

/// What is wrong with the text of an anchor is found again wherever an alias stands for it: it is kept
/// once, with the places of the aliases.
pub(super) fn name_aliases(diagnostics: &mut Diagnostics, aliases: &[Alias]) {
    if aliases.is_empty() {
        return;
    }
    keep_once(diagnostics);
    for diagnostic in diagnostics.iter_mut().take(MOST) {
        let Some(span) = place(diagnostic) else { continue };
        let here = aliases
            .iter()
            .filter(|alias| alias.target.start <= span.start && span.end <= alias.target.end);
        let places: Vec<Span> = here.map(|alias| alias.span).take(MOST_ALIASES).collect();
        for place in places {
            *diagnostic = diagnostic.clone().with_place(place, "used again here");
        }
    }
}

/// Drops findings that say the same of the same place.
fn keep_once(diagnostics: &mut Diagnostics) {
    let mut seen: BTreeSet<(Code, Option<Span>, String)> = BTreeSet::new();
    diagnostics.retain(|it| seen.insert((it.code, place(it), it.message.clone())));
}

/// Keeps the first findings of each severity, each once. What is left out is counted, and what is an error stays one.
pub fn abridge(diagnostics: &mut Diagnostics) {
    keep_once(diagnostics);
    for (severity, what) in [(Severity::Error, "errors"), (Severity::Warning, "warnings")] {
        let mut count = 0;
        let mut last = None;
        diagnostics.retain(|it| {
            if it.severity != severity || it.code == Code::MoreFindings {
                return true;
            }
            count += 1;
            if count == MOST {
                last = place(it);
            }
            count <= MOST
        });
        let Some(span) = last.filter(|_| count > MOST) else { continue };
        let message = format!("and {} more {what} in this document", count - MOST);
        diagnostics.push(
            Diagnostic::new(Code::MoreFindings, span, message)
                .with_label("the last one shown")
                .with_help("mend what is shown, and run again"),
        );
    }
}

/// Drops what lints say of a place that an error is about: it is to be mended anyway.
pub fn drop_echoes(diagnostics: &mut Diagnostics) {
    let is_error = |it: &Diagnostic| it.code.severity() == Severity::Error;
    let errors = diagnostics.iter().filter(|it| is_error(it));
    let wrong: Vec<Span> = errors.flat_map(|it| &it.labels).map(|label| label.span).collect();
    let touches = |span: Span| {
        wrong.iter().any(|wrong| {
            let common = (wrong.start.max(span.start), wrong.end.min(span.end));
            wrong.source == span.source
                && (*wrong == span || common.0 < common.1 || is_inside(*wrong, span))
        })
    };
    diagnostics.retain(|it| {
        is_error(it) || it.code == Code::MoreFindings || !place(it).is_some_and(touches)
    });
}

/// True if a place without text lies in the other.
fn is_inside(place: Span, other: Span) -> bool {
    place.start == place.end && other.start <= place.start && place.end <= other.end
}

fn place(diagnostic: &Diagnostic) -> Option<Span> {
    diagnostic.labels.first().map(|label| label.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    #[test]
    fn the_first_are_kept_and_the_others_counted() {
        let found = |code: Code, at: usize| {
            Diagnostic::new(code, Span::new(SourceId(0), at, at + 1), "something")
        };
        let mut diagnostics: Diagnostics =
            (0..150).map(|at| found(Code::DuplicateKey, at)).collect();
        diagnostics.push(found(Code::AmbiguousNumber, 200));
        abridge(&mut diagnostics);
        assert_eq!(diagnostics.iter().filter(|it| it.is_error()).count(), 50);
        let last = diagnostics.last().unwrap();
        assert_eq!(last.message, "and 100 more errors in this document");
        assert_eq!(last.labels[0].span.start, 49);
    }
}
