//! Analysed text: what an index keeps of it is the row of its words, all in lower case.
//!
//! The standard analyzer cuts where Unicode Standard Annex 29 has the bounds of words. That of Elastic's
//! PowerShell logs cuts at all but ASCII letters, digits, `_` and `-`.

use unicode_segmentation::UnicodeSegmentation;

use super::super::ast::Analyzer;
use super::value::matches;

/// That of strings that nobody has described.
pub(super) const DEFAULT: Analyzer = Analyzer::Standard;

/// True if the words of a phrase stand one after the other. A phrase without words is nowhere.
pub(super) fn holds_phrase(text: &str, phrase: &str, analyzer: Analyzer) -> bool {
    let (text, phrase) = (words(text, analyzer), words(phrase, analyzer));
    !phrase.is_empty() && text.windows(phrase.len()).any(|row| row == phrase)
}

/// True if any of the words is there.
pub(super) fn holds_any_word(text: &str, wanted: &str, analyzer: Analyzer) -> bool {
    let text = words(text, analyzer);
    words(wanted, analyzer).iter().any(|word| text.contains(word))
}

/// True if one word is like the pattern; a term without wildcards is a text.
pub(super) fn holds_word_like(text: &str, term: &[Option<String>], analyzer: Analyzer) -> bool {
    if let [Some(wanted)] = term {
        return holds_any_word(text, wanted, analyzer);
    }
    let pattern: Vec<_> =
        term.iter().map(|part| part.as_ref().map(|it| it.chars().map(lower).collect())).collect();
    words(text, analyzer).iter().any(|word| matches(&pattern, word))
}

fn words(text: &str, analyzer: Analyzer) -> Vec<String> {
    let words = match analyzer {
        Analyzer::Standard => standard(text),
        Analyzer::PowerShell => text
            .split(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '_' | '-'))
            .map(str::to_owned)
            .collect(),
    };
    let lower = |word: String| word.chars().map(lower).collect::<String>();
    words.into_iter().filter(|word| !word.is_empty()).map(lower).collect()
}

/// Emoji are words too, unlike other signs.
fn standard(text: &str) -> Vec<String> {
    let is_word = |it: &&str| it.chars().any(|it| it.is_alphanumeric() || is_emoji(it));
    text.split_word_bounds().filter(is_word).map(str::to_owned).collect()
}

fn is_emoji(character: char) -> bool {
    matches!(character, '\u{1f300}'..='\u{1faff}')
}

/// One character for one, as Lucene has it.
fn lower(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}
