//! PCRE in the spelling of the parser, which is stricter: what PCRE reads as a plain character is escaped.
//!
//! Only spellings change, never the meaning. What neither knows is left for the parser to refuse.

/// Escapes that are a class of characters.
const CLASSES: &[char] = &['d', 'D', 'w', 'W', 's', 'S', 'h', 'H', 'v', 'V', 'p', 'P', 'N', 'R'];

/// A regular expression in the spelling of the parser.
pub(super) struct Spelling {
    /// What the parser reads.
    pub(super) text: String,
    /// Where each byte stands in the author's text, and where that ends.
    origins: Vec<usize>,
}

impl Spelling {
    /// Where a byte of the spelling stands in the author's text.
    pub(super) fn origin(&self, offset: usize) -> usize {
        self.origins.get(offset).or(self.origins.last()).copied().unwrap_or_default()
    }
}

/// Spells `text` for the parser.
pub(super) fn respell(text: &str) -> Spelling {
    let mut speller =
        Speller { text, at: 0, spelling: Spelling { text: String::new(), origins: Vec::new() } };
    if ignores_spaces(text) {
        // Comments can hold anything.
        speller.copy(text.len());
    }
    while let Some(character) = speller.rest().chars().next() {
        match character {
            '\\' => speller.escape(),
            '[' => speller.class(),
            '{' if !is_repetition(speller.rest()) => speller.replace(1, "\\{"),
            other => speller.copy(other.len_utf8()),
        }
    }
    speller.spelling.origins.push(text.len());
    speller.spelling
}

struct Speller<'t> {
    text: &'t str,
    at: usize,
    spelling: Spelling,
}

impl<'t> Speller<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn copy(&mut self, length: usize) {
        let length = length.min(self.rest().len());
        self.spelling.text.push_str(self.rest().get(..length).unwrap_or_default());
        self.spelling.origins.extend(self.at..self.at + length);
        self.at += length;
    }

    fn replace(&mut self, length: usize, by: &str) {
        self.spelling.text.push_str(by);
        self.spelling.origins.extend(std::iter::repeat_n(self.at, by.len()));
        self.at += length;
    }

    fn replace_by(&mut self, length: usize, by: char) {
        self.replace(length, by.encode_utf8(&mut [0; 4]));
    }

    /// An escape outside of classes.
    fn escape(&mut self) {
        match self.rest().chars().nth(1) {
            // As `$`: the very end.
            Some('e') => self.replace(2, "\\x1b"),
            Some(sign @ ('<' | '>')) => self.replace_by(2, sign),
            Some(letter) if !letter.is_ascii() => self.replace_by(1 + letter.len_utf8(), letter),
            Some('b') if self.rest().starts_with("\\b{") => self.copy(braced(self.rest())),
            Some(_) => self.copy(escape_length(self.rest())),
            None => self.copy(1),
        }
    }

    /// `[…]`: nothing nests in it, and `-` stands for itself unless it joins two characters.
    fn class(&mut self) {
        self.copy(1);
        if self.rest().starts_with('^') {
            self.copy(1);
        }
        let mut first = true;
        let mut can_start_range = false;
        while let Some(character) = self.rest().chars().next() {
            if character == ']' && !first {
                self.copy(1);
                return;
            }
            if character == '-' && can_start_range && joins(self.rest()) {
                self.copy(1);
                self.member();
                can_start_range = false;
            } else {
                can_start_range = self.member();
            }
            first = false;
        }
    }

    /// One member of a class; true if it is a single character.
    fn member(&mut self) -> bool {
        let rest = self.rest();
        match rest.chars().next() {
            Some('[') => {
                if let Some(length) = named_class(rest) {
                    self.copy(length);
                    return false;
                }
                self.replace(1, "\\[");
            }
            Some('\\') => return self.escape_in_class(),
            Some(sign @ (']' | '-' | '&' | '~' | '^')) => {
                self.replace(1, "\\");
                self.at -= 1;
                self.copy(sign.len_utf8());
            }
            Some(other) => self.copy(other.len_utf8()),
            None => {}
        }
        true
    }

    fn escape_in_class(&mut self) -> bool {
        match self.rest().chars().nth(1) {
            Some('b') => self.replace(2, "\\x08"),
            Some('e') => self.replace(2, "\\x1b"),
            Some(sign @ ('<' | '>')) => self.replace_by(2, sign),
            Some(letter) if !letter.is_ascii() => self.replace_by(1 + letter.len_utf8(), letter),
            Some(letter) => {
                self.copy(escape_length(self.rest()));
                return !CLASSES.contains(&letter);
            }
            None => self.copy(1),
        }
        true
    }
}

/// True if the `-` that `rest` starts with stands before a single character of the class.
fn joins(rest: &str) -> bool {
    let end = rest.get(1..).unwrap_or_default();
    let mut characters = end.chars();
    match characters.next() {
        None | Some(']') => false,
        Some('[') => named_class(end).is_none(),
        Some('\\') => !characters.next().is_some_and(|it| CLASSES.contains(&it)),
        Some(_) => true,
    }
}

/// The length of an escape, with the digits and braces that belong to it.
fn escape_length(rest: &str) -> usize {
    let digits = |most: usize| {
        let digits = rest.chars().skip(2).take(most).take_while(char::is_ascii_hexdigit).count();
        2 + digits
    };
    match rest.chars().nth(1) {
        Some('x' | 'u' | 'U' | 'p' | 'P')
            if rest.get(2..).is_some_and(|it| it.starts_with('{')) =>
        {
            braced(rest)
        }
        Some('x') => digits(2),
        Some('u') => digits(4),
        Some('U') => digits(8),
        Some(other) => 1 + other.len_utf8(),
        None => 1,
    }
}

/// The length up to the next `}`.
fn braced(rest: &str) -> usize {
    rest.find('}').map_or(rest.len(), |end| end + 1)
}

/// The length of a named class such as `[:alpha:]` at the start.
fn named_class(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix("[:")?;
    let end = inner.find(":]")?;
    let name = inner.get(..end)?;
    let name = name.strip_prefix('^').unwrap_or(name);
    (!name.is_empty() && name.bytes().all(|it| it.is_ascii_lowercase())).then_some(end + 4)
}

/// True if the `{` that `rest` starts with counts: `{2}`, `{2,}`, `{2,3}`, and what tools do not agree on.
fn is_repetition(rest: &str) -> bool {
    let inner = rest.get(1..).and_then(|rest| rest.split_once('}')).map(|(inner, _)| inner);
    inner.is_some_and(|inner| {
        inner.bytes().any(|it| it.is_ascii_digit())
            && inner.bytes().all(|it| it.is_ascii_digit() || matches!(it, b',' | b' ' | b'\t'))
            && inner.matches(',').count() <= 1
    })
}

/// True if the flag `x` is set anywhere.
fn ignores_spaces(text: &str) -> bool {
    text.match_indices("(?").any(|(at, start)| {
        let flags = text.get(at + start.len()..).unwrap_or_default();
        flags.chars().take_while(char::is_ascii_lowercase).any(|it| it == 'x')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pcre_reads_as_plain_characters_is_escaped() {
        for (text, wanted) in [
            (r"[\w-.]", r"[\w\-.]"),
            (r"[a-z-9]", r"[a-z\-9]"),
            (r"[a-\d]", r"[a\-\d]"),
            (r"[-a]", r"[\-a]"),
            (r"[a-]", r"[a\-]"),
            (r"[\x41-\x5a-9]", r"[\x41-\x5a\-9]"),
            (r"[\x{41}-\x{5a}]{2}", r"[\x{41}-\x{5a}]{2}"),
            (r"[[]", r"[\[]"),
            (r"[^]]", r"[^\]]"),
            (r"[]a]", r"[\]a]"),
            (r"[[:alpha:]-x]", r"[[:alpha:]\-x]"),
            (r"[a&&b~~]", r"[a\&\&b\~\~]"),
            (r"[\b\e]", r"[\x08\x1b]"),
            (r"a{", r"a\{"),
            (r"{}", r"\{}"),
            (r"{a,b}{1", r"\{a,b}\{1"),
            (r"a{1,2}b{3}c{4,}", r"a{1,2}b{3}c{4,}"),
            (r"\e\<", r"\x1b<"),
            (r"\é[\é]", r"é[é]"),
            (r"\/\-\!", r"\/\-\!"),
            (r"(?x)[[]", r"(?x)[[]"),
        ] {
            assert_eq!(respell(text).text, wanted, "{text}");
        }
    }

    #[test]
    fn places_are_those_of_the_author() {
        let spelling = respell("é{[[]x)");
        let at = spelling.text.find(')').unwrap();
        assert_eq!(spelling.origin(at), "é{[[]x".len());
        assert_eq!(spelling.origin(spelling.text.len()), "é{[[]x)".len());
    }
}
