//! Regular expressions and replacements as Python's `re` writes them, in settings of transformations.

use std::ops::Range;

use ::regex::{Captures, Regex};

use super::Settings;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::pipeline::program::parse_program;
use crate::yaml::Node;

const CODE: Code = Code::InvalidPipeline;

/// Reads the regular expression under `key`; `None` if there is none or if it is wrong, after saying so.
pub(super) fn parse_regex(
    key: &str,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Regex> {
    let Some(node) = settings.node(key) else {
        settings.missing(key, "it says which part of a value is meant", diagnostics);
        return None;
    };
    parse_program(node, false, diagnostics)
}

/// What is wrong with a text, and where.
struct Mistake {
    message: String,
    start: usize,
    end: usize,
}

/// A text that takes parts of a match.
#[derive(Debug)]
pub(super) struct Replacement(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
}

impl Replacement {
    /// The text for a match. A group that took no part in it is empty.
    fn expand(&self, captures: &Captures) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Group(number) => captures.get(*number).map_or("", |it| it.as_str()),
        });
        pieces.collect()
    }

    /// Texts and, as errors, the places of groups that are taken over.
    pub(super) fn pieces<'r>(
        &'r self,
        captures: &'r Captures,
    ) -> impl Iterator<Item = Result<&'r str, Range<usize>>> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(Ok(text.as_str())),
            Piece::Group(number) => captures.get(*number).map(|group| Err(group.range())),
        })
    }

    /// `text` with every match replaced.
    pub(super) fn replace_all(&self, regex: &Regex, text: &str) -> String {
        regex.replace_all(text, |captures: &Captures| self.expand(captures)).into_owned()
    }
}

/// Reads the replacement under `key` for matches of `regex`.
pub(super) fn parse_replacement(
    key: &str,
    regex: &Regex,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Replacement> {
    let Some((_, node)) = settings.entry(key) else {
        settings.missing(key, "it is what a match is replaced by; `''` is nothing", diagnostics);
        return None;
    };
    let text = node.as_text().map_or_else(
        || settings.text(key, diagnostics).map(|it| it.value),
        |it| Some(it.to_owned()),
    )?;
    match read(&text, regex) {
        Ok(pieces) => Some(Replacement(pieces)),
        Err(mistake) => {
            diagnostics.push(place(node, mistake));
            None
        }
    }
}

fn place(node: &Node, Mistake { message, start, end }: Mistake) -> Diagnostic {
    let help = "groups are `\\1` and `\\g<name>`, a backslash is `\\\\`";
    Diagnostic::new(CODE, node.inner_span(start, end), message).with_help(help)
}

fn read(text: &str, regex: &Regex) -> Result<Vec<Piece>, Mistake> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        let start = text.len() - escape.len() - 1;
        let (piece, behind) = read_escape(escape, regex).map_err(|(message, length)| Mistake {
            message,
            start,
            end: start + 1 + length,
        })?;
        match piece {
            Piece::Text(text) => plain.push_str(&text),
            group @ Piece::Group(_) => {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(group);
            }
        }
        rest = behind;
    }
    plain.push_str(rest);
    pieces.push(Piece::Text(plain));
    pieces.retain(|it| *it != Piece::Text(String::new()));
    Ok(pieces)
}

/// What stands for the text behind a backslash, and the rest. The error has a length.
fn read_escape<'t>(escape: &'t str, regex: &Regex) -> Result<(Piece, &'t str), (String, usize)> {
    if let Some(named) = escape.strip_prefix("g<") {
        let Some((name, behind)) = named.split_once('>') else {
            return Err(("the name of a group ends with `>`".to_owned(), escape.len()));
        };
        let length = name.len() + 3;
        let number = match name.parse() {
            Ok(number) => Some(number),
            Err(_) => regex.capture_names().position(|it| it == Some(name)),
        };
        let number = known_group(number, regex)
            .ok_or_else(|| (format!("the regular expression has no group `{name}`"), length))?;
        return Ok((Piece::Group(number), behind));
    }
    let Some(first) = escape.chars().next() else {
        return Err(("a backslash stands at the end".to_owned(), 0));
    };
    let (letter, behind) = escape.split_at(first.len_utf8());
    let text = match first {
        '0'..='9' => return read_number(escape, regex),
        '\\' => "\\",
        'n' => "\n",
        't' => "\t",
        'r' => "\r",
        'a' => "\u{7}",
        'b' => "\u{8}",
        'f' => "\u{c}",
        'v' => "\u{b}",
        'A'..='Z' | 'a'..='z' => {
            return Err((format!("`\\{letter}` means nothing in a replacement"), letter.len()));
        }
        _ => return Ok((Piece::Text(format!("\\{letter}")), behind)),
    };
    Ok((Piece::Text(text.to_owned()), behind))
}

/// `\1` to `\99`; octal numbers, which Python reads as characters, are not supported.
fn read_number<'t>(escape: &'t str, regex: &Regex) -> Result<(Piece, &'t str), (String, usize)> {
    let digits = escape.bytes().take(3).take_while(u8::is_ascii_digit).count();
    let length =
        if digits == 3 && !escape.starts_with('0') && !is_octal(escape) { 2 } else { digits };
    let (number, behind) = escape.split_at(length);
    if number.starts_with('0') || length == 3 {
        let message = format!("`\\{number}` is a character in octal, which is not supported");
        return Err((message, length));
    }
    let group = known_group(number.parse().ok(), regex)
        .ok_or_else(|| (format!("the regular expression has no group {number}"), length))?;
    Ok((Piece::Group(group), behind))
}

/// True if Python takes the first three digits for a character.
fn is_octal(escape: &str) -> bool {
    escape.starts_with(['1', '2', '3']) && escape.bytes().take(3).all(|it| it < b'8')
}

fn known_group(number: Option<usize>, regex: &Regex) -> Option<usize> {
    number.filter(|number| *number < regex.captures_len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replace(regex: &str, replacement: &str, text: &str) -> Result<String, (usize, usize)> {
        let regex = Regex::new(regex).unwrap();
        let pieces = read(replacement, &regex).map_err(|it| (it.start, it.end))?;
        Ok(Replacement(pieces).replace_all(&regex, text))
    }

    #[test]
    fn replacements_are_those_of_python() {
        for (regex, replacement, text, wanted) in [
            (r"^\*\\(.*)$", r"\1", r"*\a.exe", "a.exe"),
            ("(?P<x>a+)b", r"[\g<x>]", "xaab", "x[aa]"),
            ("(a)", r"\g<1>0", "a", "a0"),
            ("a", r"\\", "a", "\\"),
            ("a", r"\.", "a", r"\."),
            ("a", "$1", "a", "$1"),
            ("a", r"\n", "a", "\n"),
            ("a|(b)", r"<\1>", "ab", "<><b>"),
        ] {
            assert_eq!(replace(regex, replacement, text).as_deref(), Ok(wanted), "{replacement}");
        }
    }

    #[test]
    fn what_python_refuses_is_refused_at_its_place() {
        for (replacement, guilty) in [
            (r"a\2b", r"\2"),
            (r"a\g<y>b", r"\g<y>"),
            (r"a\q", r"\q"),
            (r"a\", r"\"),
            (r"a\0", r"\0"),
            (r"\g<1", r"\g<1"),
        ] {
            let (start, end) = replace("(a)", replacement, "").unwrap_err();
            assert_eq!(replacement.get(start..end), Some(guilty));
        }
    }
}
