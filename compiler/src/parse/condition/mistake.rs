//! What to say where a condition cannot be read.

use std::ops::Range;

use super::{Mistake, OPERATORS, is_name};

/// A mistake and the bytes of the condition to underline.
type Found = (Mistake, Range<usize>);

/// What is wrong with a condition that could be read up to the byte `at`.
pub(super) fn explain(text: &str, at: usize) -> Found {
    let (before, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    let found = rest.trim_start();
    let start = text.len() - found.len();
    let word = leading_name(found);
    let end = match found.chars().next() {
        Some(first) if word.is_empty() => start + first.len_utf8(),
        Some(_) | None => start + word.len(),
    };
    let place = Place { text, before: before.trim_end(), found, word, span: start..end };
    place
        .explain_end()
        .or_else(|| place.explain_case())
        .or_else(|| place.explain_sign())
        .or_else(|| place.explain_word())
        .unwrap_or_else(|| {
            let shown = text.get(place.span.clone()).unwrap_or_default();
            let message = format!("`{shown}` is not expected here");
            say(message, "join detections with `and` or `or`", &place.span)
        })
}

/// Where reading stopped.
struct Place<'t> {
    text: &'t str,
    /// What was read, without space at its end.
    before: &'t str,
    /// What was not.
    found: &'t str,
    /// The word that `found` starts with, perhaps empty.
    word: &'t str,
    /// The word, or the one character that stands there instead.
    span: Range<usize>,
}

impl<'t> Place<'t> {
    /// The word that ends before the place, perhaps empty.
    fn previous(&self) -> &'t str {
        self.before.rsplit(|it: char| !is_name(it)).next().unwrap_or_default()
    }

    fn previous_span(&self) -> Range<usize> {
        self.before.len() - self.previous().len()..self.before.len()
    }

    /// True if an operand has to follow.
    fn awaits_operand(&self) -> bool {
        self.before.is_empty() || self.before.ends_with('(') || OPERATORS.contains(&self.previous())
    }

    fn explain_end(&self) -> Option<Found> {
        if !self.found.is_empty() {
            return None;
        }
        let open = unclosed(self.before);
        Some(if self.before.is_empty() {
            say("the condition is empty", "name a detection", &self.span)
        } else if self.previous() == "of" {
            let help = "a pattern such as `selection_*`, or `them`, is missing";
            say("the condition ends too early", help, &self.span)
        } else if self.awaits_operand() {
            say("the condition ends too early", "a search identifier is missing", &self.span)
        } else if let Some(open) = open {
            say("this `(` is not closed", "", &(open..open + 1))
        } else {
            say("the condition ends too early", "", &self.span)
        })
    }

    /// Operators in upper case: where one could stand, or where one was taken for a name.
    fn explain_case(&self) -> Option<Found> {
        let here = (self.word, self.span.clone());
        let words = [(self.previous(), self.previous_span()), here];
        let (word, span) = words.into_iter().find(|(word, _)| {
            let lower = word.to_ascii_lowercase();
            lower != *word && (lower == "of" || OPERATORS.contains(&&*lower))
        })?;
        let help = format!("write `{}`", word.to_ascii_lowercase());
        Some(say(format!("operators are lower case: `{word}`"), &help, &span))
    }

    fn explain_sign(&self) -> Option<Found> {
        let start = self.span.start;
        let sign = |sign: &str, help: &str| {
            say(format!("`{sign}` is no operator"), help, &(start..start + sign.len()))
        };
        let signs = [
            ("||", "write `or`"),
            ("&&", "write `and`"),
            ("&", "write `and`"),
            ("!", "write `not`"),
        ];
        if let Some((text, help)) = signs.into_iter().find(|(it, _)| self.found.starts_with(it)) {
            return Some(sign(text, help));
        }
        match self.found.chars().next()? {
            '|' => {
                let message = "aggregations behind a `|` are no longer part of Sigma";
                Some(say(message, "write a correlation rule", &self.span))
            }
            '=' | '<' | '>' => {
                let help = "a condition joins detections; fields and values stand in those";
                Some(sign(self.text.get(self.span.clone())?, help))
            }
            ')' if self.awaits_operand() => {
                Some(say("a search identifier is missing before `)`", "", &self.span))
            }
            ')' => Some(say("this `)` closes nothing", "", &self.span)),
            '*' => Some(self.explain_pattern()),
            _ => None,
        }
    }

    /// A pattern without a quantifier: the name before the first `*` was read, or nothing was.
    fn explain_pattern(&self) -> Found {
        let adjacent = self.before.len() == self.span.start;
        let start = if adjacent { self.previous_span().start } else { self.span.start };
        let rest = self.text.get(start..).unwrap_or_default();
        let pattern = rest.split(|it: char| !is_name(it) && it != '*').next().unwrap_or_default();
        let message = "a pattern stands without `1 of` or `all of`";
        say(message, &format!("write `1 of {pattern}`"), &(start..start + pattern.len()))
    }

    fn explain_word(&self) -> Option<Found> {
        let previous = self.previous();
        match self.word {
            "of" if !previous.is_empty() => {
                let message = "only `1 of`, `any of` and `all of` are part of Sigma";
                let help = "list the combinations, or write a correlation rule";
                Some(say(message, help, &self.previous_span()))
            }
            "and" | "or" => {
                let message = format!("a search identifier is missing before `{}`", self.word);
                Some(say(message, "", &self.span))
            }
            word if previous == "of" && !self.found.is_empty() => {
                let shown = if word.is_empty() { self.text.get(self.span.clone())? } else { word };
                let help = "a pattern such as `selection_*`, or `them`, stands there";
                Some(say(format!("`{shown}` is not expected behind `of`"), help, &self.span))
            }
            word => {
                let joined = OPERATORS.iter().find_map(|operator| {
                    let name = word.strip_prefix(operator).filter(|name| !name.is_empty())?;
                    Some(format!("write a space behind the operator: `{operator} {name}`"))
                })?;
                Some(say(format!("`{word}` is not expected here"), &joined, &self.span))
            }
        }
    }
}

fn say(message: impl Into<String>, help: &str, span: &Range<usize>) -> Found {
    let help = (!help.is_empty()).then(|| help.to_owned());
    (Mistake { message: message.into(), help }, span.clone())
}

fn leading_name(text: &str) -> &str {
    text.split(|it: char| !is_name(it)).next().unwrap_or_default()
}

/// The last `(` without its `)`.
fn unclosed(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    for (place, character) in text.char_indices() {
        match character {
            '(' => open.push(place),
            ')' => {
                open.pop();
            }
            _ => {}
        }
    }
    open.pop()
}
