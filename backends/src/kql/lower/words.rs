//! What is searched by words: analysed text, and the text of an event.
//!
//! In quotes a value is a phrase: its words, one after the other. A pattern without quotes would be held
//! against each word alone, so a pattern with `*` inside becomes the phrases between.

use isogloss_compiler::ir::{
    Analyzer, Direction, LossKind, Mapped, Part, Pattern, Polarity, Predicate, Regex, Test,
};

use super::super::ast::{Expr, Literal, Value, Values};
use super::Site;
use super::regex::{AS_PART, NOTHING_REQUIRED};
use crate::capability::Construct;
use crate::loss::Ledger;
use crate::required::required;

/// A pattern on a field of analysed text, or `None` after it was refused.
pub(super) fn lower_words(pattern: &Pattern, site: &mut Site) -> Option<Values> {
    let analyzer = site.field.facts.analyzer;
    let phrases: Vec<Values> = phrases(pattern, analyzer)
        .map(|phrase| site.value(Literal::Quoted(phrase.to_owned())))
        .collect();
    let Some(found) = Values::all(phrases) else {
        let reason = "is analysed text, of which only words are kept, and this has none: add a subfield of type \
                      keyword or wildcard and name it in `isogloss.fields` of a pipeline";
        return site.refuse(Construct::AnalysedText, reason);
    };
    let direction = if is_word(pattern, analyzer) { Direction::Narrower } else { Direction::Mixed };
    site.lose(
        LossKind::Tokens,
        direction,
        "analysed text is found by whole words, anywhere in it, whatever stands between them",
    );
    Some(found)
}

/// The pieces between wildcards that hold a word.
fn phrases(pattern: &Pattern, analyzer: Analyzer) -> impl Iterator<Item = &str> {
    pattern.texts().filter(move |text| text.contains(|it| is_of_word(it, analyzer)))
}

/// True for a character that makes a word, alone or with others.
fn is_of_word(character: char, analyzer: Analyzer) -> bool {
    match analyzer {
        Analyzer::Standard => character.is_alphanumeric(),
        Analyzer::PowerShell => is_of_script(character),
    }
}

/// A word of `PowerShell`.
fn is_of_script(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

/// True for one word anywhere in a script: a text that has this word holds it. Other analyzers change
/// letters that are no ASCII to such as are.
fn is_word(pattern: &Pattern, analyzer: Analyzer) -> bool {
    let [Part::AnyRun, Part::Text(text), Part::AnyRun] = pattern.parts() else { return false };
    analyzer == Analyzer::PowerShell && !pattern.is_cased() && text.chars().all(is_of_script)
}

/// A regular expression on a field of analysed text: the words that stand whole in every match.
pub(super) fn lower_regex_of_words(regex: &Regex, site: &mut Site) -> Option<Values> {
    let analyzer = site.field.facts.analyzer;
    let texts = required(&regex.tree).unwrap_or_default();
    let phrases = texts.iter().map(|text| whole_words(text, analyzer));
    let phrases = phrases.collect::<Option<Vec<_>>>().unwrap_or_default();
    let phrases = phrases.into_iter().map(|it| site.value(Literal::Quoted(it.to_owned())));
    let Some(found) = Values::any(phrases.collect::<Vec<_>>()) else {
        let reason =
            "is analysed text, and no whole words stand in every match of this regular expression";
        return site.refuse(Construct::AnalysedText, reason);
    };
    site.lose(LossKind::Regex, Direction::Wider, AS_PART);
    Some(found)
}

/// The middle of a text, where no word goes on beyond its ends; `None` if there is no word.
fn whole_words(text: &str, analyzer: Analyzer) -> Option<&str> {
    let parts = |it: char| match analyzer {
        Analyzer::Standard => it.is_whitespace(),
        Analyzer::PowerShell => !is_of_script(it),
    };
    let start = text.find(parts)?;
    let middle = text.get(start..text.rfind(parts)?)?.trim_matches(parts);
    middle.contains(|it| is_of_word(it, analyzer)).then_some(middle)
}

/// A word without a field, or `None` after it was refused.
pub(super) fn lower_keyword(
    predicate: &Predicate<Mapped>,
    polarity: Polarity,
    ledger: &mut Ledger,
) -> Option<Expr> {
    let origin = &predicate.origin;
    let anywhere = |text: &str| {
        let literal = Literal::Quoted(text.to_owned());
        Expr::Anywhere(Value { literal, origin: origin.clone() })
    };
    let found = match &predicate.test {
        Test::Like(pattern) => {
            let found = Expr::all(phrases(pattern, Analyzer::Standard).map(anywhere));
            if found.is_none() {
                ledger.refuse(
                    Construct::Keyword,
                    origin,
                    "events are searched by words, and this has none",
                );
            }
            found?
        }
        Test::Regex(regex) => {
            let texts = required(&regex.tree).unwrap_or_default();
            let has_word = |it: &String| it.contains(|it| is_of_word(it, Analyzer::Standard));
            let texts = texts.iter().map(|it| Some(it).filter(|it| has_word(it)));
            let texts = texts.collect::<Option<Vec<_>>>().unwrap_or_default();
            let Some(found) = Expr::any(texts.into_iter().map(|it| anywhere(it))) else {
                ledger.refuse(Construct::Keyword, origin, NOTHING_REQUIRED);
                return None;
            };
            ledger.lose(LossKind::Regex, (Direction::Wider, polarity), origin, AS_PART);
            found
        }
        // The other tests need a field.
        Test::Number(_)
        | Test::Bool(_)
        | Test::Null
        | Test::Compare(..)
        | Test::Cidr(_)
        | Test::FieldRef { .. }
        | Test::Time { .. }
        | Test::Query { .. } => {
            ledger.refuse(Construct::Keyword, origin, "this test needs a field");
            return None;
        }
        Test::Open(open) => match *open {},
    };
    ledger.lose(
        LossKind::Keyword,
        (Direction::Mixed, polarity),
        origin,
        "a keyword is searched in the fields that are searched by default: as words of a text, or as a \
         whole value",
    );
    Some(found)
}
