//! What to say about a condition that cannot be read.

use super::{OPERATORS, is_name};
use crate::diagnostic::nearest;

/// What is wrong with a condition, and where, in bytes of its text.
pub(super) struct Found {
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Signs of other languages, and the operator that they stand for.
const SIGNS: &[(&str, &str)] = &[("&&", "and"), ("&", "and"), ("||", "or"), ("!", "not")];
/// Characters that quote, those of word processors included.
const QUOTES: &[char] = &['\'', '"', '‘', '’', '“', '”', '„', '`'];

/// Why the grammar could not go on at `at`. `names` are the detections of the rule.
pub(super) fn explain(text: &str, at: usize, names: &[&str]) -> Found {
    let rest = text.get(at..).unwrap_or_default();
    let found = rest.trim_start_matches(|it: char| it.is_ascii_whitespace());
    let place = Place { text, start: text.len() - found.len(), names };
    match found.chars().next() {
        None => place.at_end(),
        Some(first) if is_name(first) => place.at_word(),
        Some(first) => place.at_sign(first),
    }
}

/// Where the grammar stopped, behind spaces.
struct Place<'t> {
    text: &'t str,
    start: usize,
    names: &'t [&'t str],
}

impl<'t> Place<'t> {
    fn before(&self) -> &'t str {
        self.text.get(..self.start).unwrap_or_default()
    }

    /// The word before this place, and where it starts.
    fn previous(&self) -> (usize, &'t str) {
        let before = self.before().trim_end();
        let word = before.rsplit(|it: char| !is_name(it)).next().unwrap_or_default();
        (before.len() - word.len(), word)
    }

    /// The word at this place; a `*` belongs to it.
    fn word(&self) -> &'t str {
        let rest = self.text.get(self.start..).unwrap_or_default();
        rest.split(|it: char| !is_name(it) && it != '*').next().unwrap_or_default()
    }

    fn found(
        start: usize,
        end: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Found {
        Found { message: message.into(), help: Some(help.into()), start, end }
    }

    fn at_end(&self) -> Found {
        let (start, word) = self.previous();
        let end = start + word.len();
        if self.text.trim().is_empty() {
            return Self::found(
                self.start,
                self.start,
                "the condition is empty",
                "name a detection",
            );
        }
        if OPERATORS.contains(&word) {
            let help = format!("name a detection behind it, or leave `{word}` out");
            return Self::found(start, end, format!("nothing follows this `{word}`"), help);
        }
        if word == "of" {
            let help = "write `of them`, or `of` and a pattern such as `selection_*`";
            return Self::found(start, end, "nothing follows this `of`", help);
        }
        match unclosed(self.text) {
            Some(open) => Self::found(
                open,
                open + 1,
                "this `(` is not closed",
                "write the `)` that closes it",
            ),
            None => Self::found(
                self.start,
                self.start,
                "the condition ends too early",
                "a search identifier or a `)` is missing",
            ),
        }
    }

    fn at_sign(&self, first: char) -> Found {
        let rest = self.text.get(self.start..).unwrap_or_default();
        let at = |length: usize, message: String, help: String| {
            Self::found(self.start, self.start + length, message, help)
        };
        let (start, previous) = self.previous();
        if let Some((sign, word)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            return at(
                sign.len(),
                format!("operators are words, not `{sign}`"),
                format!("write `{word}`"),
            );
        }
        match first {
            '|' => at(
                1,
                "aggregations behind a `|` are no longer part of Sigma".to_owned(),
                "write a correlation rule".to_owned(),
            ),
            '*' => {
                // A name before a space is another word.
                let joined = start + previous.len() == self.start;
                let (start, previous) = if joined { (start, previous) } else { (self.start, "") };
                let pattern = format!("{previous}{}", self.word());
                let help = format!("write `1 of {pattern}` or `all of {pattern}`");
                let message = "a pattern stands without `1 of` or `all of`";
                Self::found(start, start + pattern.len(), message, help)
            }
            '(' if previous == "of" => at(
                1,
                "`(` is not expected behind `of`".to_owned(),
                "write a pattern such as `selection_*`, or `them`".to_owned(),
            ),
            '=' | '<' | '>' => at(
                1,
                format!("`{first}` is no operator"),
                "a condition joins detections; fields and values stand in those".to_owned(),
            ),
            ')' if OPERATORS.contains(&previous) => self.missing(")"),
            ')' if self.before().trim_end().ends_with('(') => self.missing(")"),
            ')' => at(
                1,
                "this `)` closes nothing".to_owned(),
                "leave it out, or write the `(` that it closes".to_owned(),
            ),
            quote if QUOTES.contains(&quote) => at(
                quote.len_utf8(),
                "search identifiers stand without quotes".to_owned(),
                "leave the quotes out".to_owned(),
            ),
            other if other.is_whitespace() || is_invisible(other) => {
                let code = u32::from(other);
                at(
                    other.len_utf8(),
                    format!("the character U+{code:04X} looks like a space, and is none"),
                    "write a plain space".to_owned(),
                )
            }
            other => self.unexpected(&other.to_string()),
        }
    }

    fn at_word(&self) -> Found {
        let (start, previous) = self.previous();
        let word = self.word();
        let end = self.start + word.len();
        let lower = word.to_ascii_lowercase();
        let operator = matches!(lower.as_str(), "and" | "or" | "not" | "of");
        if operator && word != lower {
            let message = format!("operators are lower case: `{word}`");
            return Self::found(self.start, end, message, format!("write `{lower}`"));
        }
        if let Some(found) = Self::upper_case(start, previous) {
            return found;
        }
        if word == "of" && !previous.is_empty() {
            return Self::at_of(start, previous, end);
        }
        if word == "not" {
            let help = "write `and not` or `or not`";
            return Self::found(self.start, end, "no operator stands before this `not`", help);
        }
        if operator {
            return self.missing(word);
        }
        if matches!(previous, "1" | "any" | "all") && nearest(word, ["of"]).is_none() {
            let message = format!("`of` is missing behind `{previous}`");
            let help = format!("write `{previous} of {word}`");
            return Self::found(start, start + previous.len(), message, help);
        }
        let found = self.two_words(start, previous, word).or_else(|| self.run_together(word));
        found.unwrap_or_else(|| self.unexpected(word))
    }

    /// An operator in upper case that was read as the name of a detection.
    fn upper_case(start: usize, previous: &str) -> Option<Found> {
        let lower = previous.to_ascii_lowercase();
        let is_operator = lower != previous && OPERATORS.contains(&lower.as_str());
        is_operator.then(|| {
            let message = format!("operators are lower case: `{previous}`");
            Self::found(start, start + previous.len(), message, format!("write `{lower}`"))
        })
    }

    /// An operator and the name behind it, without a space.
    fn run_together(&self, word: &str) -> Option<Found> {
        let (operator, name) = OPERATORS.iter().find_map(|operator| {
            let name = word.strip_prefix(operator)?;
            self.names.contains(&name).then_some((operator, name))
        })?;
        let message = format!("`{word}` is not expected here");
        let help = format!("write a space behind the operator: `{operator} {name}`");
        Some(Self::found(self.start, self.start + word.len(), message, help))
    }

    /// Something like `2 of` or `one of`.
    fn at_of(start: usize, previous: &str, end: usize) -> Found {
        if previous.bytes().all(|it| it.is_ascii_digit()) {
            let message = "only `1 of`, `any of` and `all of` are part of Sigma";
            let help = "list the combinations, or write a correlation rule";
            return Self::found(start, end, message, help);
        }
        let help = match previous.to_ascii_lowercase().as_str() {
            "one" => "write `1 of`".to_owned(),
            "every" | "each" | "both" => "write `all of`".to_owned(),
            _ => "write `1 of`, `any of` or `all of`".to_owned(),
        };
        Self::found(start, end, format!("`{previous} of` is not known"), help)
    }

    /// Two words where one detection was meant.
    fn two_words(&self, start: usize, previous: &str, word: &str) -> Option<Found> {
        let end = self.start + word.len();
        let rest = self.text.get(start..).unwrap_or_default();
        let is_here = |name: &str| {
            let behind = rest.strip_prefix(name);
            name.contains(' ') && behind.is_some_and(|it| !it.starts_with(is_name))
        };
        if let Some(name) = self.names.iter().find(|name| is_here(name)) {
            let message = format!("a search identifier has no spaces, and `{name}` has");
            let help = format!("rename the detection: `{}`", name.replace(' ', "_"));
            return Some(Self::found(start, start + name.len(), message, help));
        }
        let joined = ["", "_", "-"].map(|between| format!("{previous}{between}{word}"));
        let meant = joined.iter().find(|it| self.names.contains(&it.as_str()))?;
        let message = format!("`{previous} {word}` is two words");
        Some(Self::found(start, end, message, format!("did you mean `{meant}`?")))
    }

    fn missing(&self, before: &str) -> Found {
        let message = format!("a search identifier is missing before `{before}`");
        Found { message, help: None, start: self.start, end: self.start + before.len() }
    }

    fn unexpected(&self, found: &str) -> Found {
        let (_, previous) = self.previous();
        let known: &[&str] =
            if matches!(previous, "1" | "any" | "all") { &["of"] } else { &["and", "or"] };
        let help = match nearest(found, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "join detections with `and` or `or`".to_owned(),
        };
        let message = format!("`{found}` is not expected here");
        Self::found(self.start, self.start + found.len(), message, help)
    }
}

/// The last `(` that no `)` closes.
fn unclosed(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    for (at, character) in text.char_indices() {
        match character {
            '(' => open.push(at),
            ')' => drop(open.pop()),
            _ => {}
        }
    }
    open.pop()
}

/// Takes no room, so nobody sees it.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}
