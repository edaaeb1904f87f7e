//! Case folding, in one place: no library's case-insensitive mode stands for it.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// The representative of all characters that differ from `character` only by case.
///
/// ASCII letters fold with ASCII letters only. Other letters fold by Unicode's simple folding, never
/// into ASCII: the Kelvin sign does not meet `k`.
pub fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    siblings(character).into_iter().min().unwrap_or(character)
}

/// `character` and all characters that fold with it, sorted.
pub fn siblings(character: char) -> Vec<char> {
    if character.is_ascii_alphabetic() {
        return vec![character.to_ascii_uppercase(), character.to_ascii_lowercase()];
    }
    if character.is_ascii() {
        return vec![character];
    }
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
    if class.try_case_fold_simple().is_err() {
        return vec![character];
    }
    let ranges = class.ranges().iter().flat_map(|range| range.start()..=range.end());
    ranges.filter(|it| !it.is_ascii()).collect()
}

/// True if each of these characters has all its siblings beside it.
pub(super) fn is_closed(ranges: &[(char, char)]) -> bool {
    let class = |ranges: &[(char, char)]| {
        ClassUnicode::new(ranges.iter().map(|(start, end)| ClassUnicodeRange::new(*start, *end)))
    };
    let set = class(ranges);
    let mut folded = set.clone();
    if folded.try_case_fold_simple().is_err() {
        return false;
    }
    folded.difference(&set);
    // Unicode folds these with `k` and `s`, we do not.
    folded.difference(&class(&[('\u{17f}', '\u{17f}'), ('\u{212a}', '\u{212a}')]));
    folded.ranges().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_closed_if_it_has_each_letter_in_every_case() {
        assert!(is_closed(&[('0', '9'), ('A', 'Z'), ('a', 'z')]));
        assert!(is_closed(&[('\0', '['), (']', char::MAX)]));
        assert!(is_closed(&[]));
        assert!(!is_closed(&[('a', 'z')]));
        assert!(!is_closed(&[('A', 'Y'), ('a', 'z')]));
    }

    #[test]
    fn folding_never_crosses_into_ascii() {
        assert_eq!(fold('K'), 'k');
        assert_eq!(fold('\u{212a}'), '\u{212a}');
        assert_eq!(fold('\u{17f}'), '\u{17f}');
        assert_eq!(fold('Ä'), fold('ä'));
        assert_eq!(fold('ς'), fold('Σ'));
        assert_eq!(fold('İ'), 'İ');
        assert_eq!(fold('1'), '1');
    }
}
