//! Patterns and plain values, on fields of exact text.

use isogloss_compiler::ir::{Part, Pattern, siblings};

use super::super::ast::{Literal, Operator};
use super::{Lowered, Place, regex};
use crate::loss::Ledger;

/// The operator that says a pattern exactly, on a field of exact text.
pub(super) fn lower(place: Place, pattern: &Pattern, ledger: &mut Ledger) -> Option<Lowered> {
    let cased = pattern.is_cased();
    let characters = || pattern.texts().flat_map(str::chars);
    let literal_wildcard = characters().any(|it| matches!(it, '*' | '?'));
    let spelled = !cased && characters().any(folds_beyond_ascii);
    let caseless = cased || characters().all(|it| siblings(it).len() < 2);
    let (operator, text) = match pattern.as_text() {
        Some(text) if caseless => (Operator::Equal, text.to_owned()),
        Some(text) if literal_wildcard && !spelled => (Operator::InFolded, text.to_owned()),
        _ if literal_wildcard || spelled => return regex::of_pattern(place, pattern, ledger),
        _ if cased => (Operator::Like, wildcards(pattern)),
        _ => (Operator::Match, wildcards(pattern)),
    };
    Some(Lowered::Test(operator, Literal::Text(text)))
}

/// Stacks before Lucene 10.5 ignore the case of ASCII letters only.
fn folds_beyond_ascii(character: char) -> bool {
    !character.is_ascii() && siblings(character).len() > 1
}

/// The text of a pattern whose texts hold no wildcard characters: EQL has no escape for those.
fn wildcards(pattern: &Pattern) -> String {
    let parts = pattern.parts().iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        Part::AnyRun => "*",
        Part::AnyChar => "?",
    });
    parts.collect()
}
