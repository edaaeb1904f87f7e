//! Regular expressions, which KQL does not have: the texts of which every match holds one stand for them.

use isogloss_compiler::ir::{Direction, FieldKind, LossKind, Pattern, Regex, fold};

use super::super::ast::Values;
use super::Site;
use super::exact::{has_case, lose_case, lower_spelling};
use super::words::lower_regex_of_words;
use crate::capability::Construct;
use crate::required::{required, required_as_written};

/// What is lost.
pub(super) const AS_PART: &str =
    "there are no regular expressions, so a text that every match holds is searched instead";
/// Why one is refused.
pub(super) const NOTHING_REQUIRED: &str =
    "there are no regular expressions, and no text stands in every match of this one";

/// What finds every match of a regular expression, or `None` after it was refused.
pub(super) fn lower_regex(regex: &Regex, site: &mut Site) -> Option<Values> {
    match site.field.facts.kind {
        FieldKind::Keyword | FieldKind::Wildcard => {}
        FieldKind::Text => return lower_regex_of_words(regex, site),
        FieldKind::Long | FieldKind::Ip | FieldKind::Boolean | FieldKind::Date => {
            return site.refuse_type();
        }
    }
    let Some(texts) = texts(regex, site) else {
        return site.refuse_all(Construct::Regex, NOTHING_REQUIRED);
    };
    site.lose(LossKind::Regex, Direction::Wider, AS_PART);
    let patterns = texts.into_iter().map(|text| {
        let pattern = Pattern::text(text).cased().open(true, true);
        lower_spelling(&pattern, site)
    });
    Values::any(patterns.collect::<Vec<_>>())
}

/// The texts in the case that a match has, or without regard to it, which is a loss.
fn texts(regex: &Regex, site: &mut Site) -> Option<Vec<String>> {
    if let Some(texts) = required_as_written(&regex.tree) {
        return Some(texts);
    }
    let texts = required(&regex.tree)?;
    if texts.iter().any(|text| has_case(&Pattern::text(text.as_str()))) {
        lose_case(site);
    }
    Some(texts.into_iter().map(|text| spelled(&text, &regex.text)).collect())
}

/// The text in the author's case, if it stands in the regular expression.
fn spelled(text: &str, source: &str) -> String {
    let folded: Vec<char> = source.chars().map(fold).collect();
    let wanted: Vec<char> = text.chars().map(fold).collect();
    let place = folded.windows(wanted.len()).position(|it| it == wanted);
    let found = place.map(|it| source.chars().skip(it).take(wanted.len()).collect());
    found.unwrap_or_else(|| text.to_owned())
}
