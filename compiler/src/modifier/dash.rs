//! The dashes and slashes that programs of Windows take for the start of an option.

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Part, Pattern};

pub(super) const WINDASH: Modifier = Modifier {
    name: "windash",
    input: "a string",
    summary: "a `-` or `/` before a word may be any of `-`, `/`, `–`, `—` and `―`",
    apply: Apply::Expand(windash),
};

const DASHES: &[char] = &['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];
/// The most dashes in one value, which are 625 variants.
const MAX_DASHES: usize = 4;

fn windash(
    operand: &mut Operand,
    site: &Site,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<OperandValue>, Diagnostic> {
    let span = operand.span;
    let pattern = operand.pattern(site, diagnostics)?;
    let count: usize = pattern.texts().map(|text| dashes(text).len()).sum();
    if count > MAX_DASHES {
        let message =
            format!("the value has {count} dashes for `windash`, and {MAX_DASHES} are the most");
        return Err(Diagnostic::new(Code::LimitExceeded, span, message)
            .with_place(site.modifier, "the modifier")
            .with_help(
                "each dash makes five times as many values: search for a part of the text",
            ));
    }
    let variants = pattern.parts().iter().fold(vec![Vec::new()], |variants, part| match part {
        Part::Text(text) => extend(&variants, &spellings(text)),
        Part::AnyRun | Part::AnyChar => extend(&variants, std::slice::from_ref(part)),
    });
    let spelled = variants.into_iter().map(|parts| {
        let pattern = Pattern::new(parts).with_case_of(pattern);
        OperandValue::Text { raw: None, pattern }
    });
    Ok(spelled.collect())
}

/// Every variant, followed by each of `parts`.
fn extend(variants: &[Vec<Part>], parts: &[Part]) -> Vec<Vec<Part>> {
    let longer = |variant: &Vec<Part>, part: &Part| {
        variant.iter().cloned().chain([part.clone()]).collect::<Vec<_>>()
    };
    variants
        .iter()
        .flat_map(|variant| parts.iter().map(move |part| longer(variant, part)))
        .collect()
}

/// The text with each of its dashes spelled in all ways.
fn spellings(text: &str) -> Vec<Part> {
    let places = dashes(text);
    let mut texts = vec![String::new()];
    for (index, character) in text.chars().enumerate() {
        let spelled: &[char] = if places.contains(&index) { DASHES } else { &[character] };
        texts = texts
            .iter()
            .flat_map(|text| spelled.iter().map(move |it| format!("{text}{it}")))
            .collect();
    }
    texts.into_iter().map(Part::Text).collect()
}

/// The places, in characters, of the dashes that start an option: not behind a word character, but before
/// one.
fn dashes(text: &str) -> Vec<usize> {
    let characters: Vec<char> = text.chars().collect();
    let is_word = |place: Option<usize>| {
        place.and_then(|it| characters.get(it)).is_some_and(|it| it.is_alphanumeric() || *it == '_')
    };
    let starts = |place: &usize| {
        characters.get(*place).is_some_and(|it| DASHES.contains(it))
            && !is_word(place.checked_sub(1))
            && is_word(Some(place + 1))
    };
    (0..characters.len()).filter(starts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dashes_before_words_are_spelled() {
        for (text, count) in [
            (" -a", 1),
            ("-a /b", 2),
            ("--a", 1),
            ("http://x/y", 1),
            ("a-b", 0),
            ("-", 0),
            ("plain", 0),
            ("\u{2013}a", 1),
        ] {
            assert_eq!(dashes(text).len(), count, "{text}");
            assert_eq!(spellings(text).len(), 5_usize.pow(u32::try_from(count).unwrap()));
        }
        let wanted = [" -a", " /a", " \u{2013}a", " \u{2014}a", " \u{2015}a"];
        assert_eq!(spellings(" -a"), wanted.map(|it| Part::Text(it.to_owned())));
    }
}
