//! Wildcards and regular expressions.

use std::fmt::Write;

/// Case is ignored for ASCII letters only.
pub(super) fn lower(text: &str) -> Vec<char> {
    text.chars().map(|it| it.to_ascii_lowercase()).collect()
}

/// A part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Glyph {
    AnyRun,
    AnyCharacter,
    Character(char),
}

impl Glyph {
    fn of(character: char) -> Self {
        match character {
            '*' => Self::AnyRun,
            '?' => Self::AnyCharacter,
            other => Self::Character(other),
        }
    }
}

/// `*` is any run, `?` one character; there is no escape.
pub(super) fn glob(pattern: &[char], text: &[char]) -> bool {
    matches(&pattern.iter().map(|it| Glyph::of(*it)).collect::<Vec<_>>(), text)
}

/// The pattern that `endsWith` and `stringContains` make of a text: `*` before it, and behind it unless it
/// stands at the end. Nothing in it is escaped, so that wildcards and `\` have a meaning.
pub(super) fn contains_pattern(part: &str, folded: bool, at_end: bool, text: &str) -> bool {
    let exact = |text: &str| text.chars().collect();
    let (part, text): (Vec<char>, Vec<char>) =
        if folded { (lower(part), lower(text)) } else { (exact(part), exact(text)) };
    let mut pattern = vec![Glyph::AnyRun];
    let mut rest = part.into_iter();
    while let Some(character) = rest.next() {
        let escaped = if character == '\\' { rest.next() } else { None };
        pattern.push(escaped.map_or_else(|| Glyph::of(character), Glyph::Character));
    }
    pattern.extend((!at_end).then_some(Glyph::AnyRun));
    matches(&pattern, &text)
}

/// What stands between two runs is taken where it is found first; the ends are fixed.
fn matches(pattern: &[Glyph], text: &[char]) -> bool {
    let fits = |piece: &[Glyph], text: &[char]| {
        piece.iter().zip(text).all(|(wanted, found)| {
            *wanted == Glyph::AnyCharacter || *wanted == Glyph::Character(*found)
        })
    };
    let mut pieces = pattern.split(|it| *it == Glyph::AnyRun);
    let first = pieces.next().unwrap_or_default();
    let Some((start, mut rest)) = text.split_at_checked(first.len()) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() && fits(first, start) };
    if !fits(first, start) {
        return false;
    }
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let Some(at) = rest.windows(piece.len()).position(|window| fits(piece, window)) else {
            return false;
        };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    let end = rest.len().checked_sub(last.len()).and_then(|at| rest.get(at..));
    end.is_some_and(|end| fits(last, end))
}

/// Runs a regular expression of Lucene's dialect on a whole value.
pub(super) fn run(pattern: &str, folded: bool, text: &str) -> bool {
    let Some(program) = to_program(pattern, folded) else { return false };
    regex::Regex::new(&program).is_ok_and(|program| program.is_match(text))
}

/// Lucene's dialect in the syntax of the `regex` crate; `None` for operators that we never emit.
fn to_program(pattern: &str, folded: bool) -> Option<String> {
    let mut program = String::from(r"\A(?:");
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => push_literal(rest.next()?, folded, &mut program),
            '[' => push_class(&mut rest, &mut program)?,
            '.' => program.push_str("(?s:.)"),
            '#' | '@' | '&' | '<' | '>' | '~' | '"' => return None,
            '|' | '(' | ')' | '*' | '+' | '?' | '{' | '}' => program.push(character),
            digit if digit.is_ascii_digit() => program.push(digit),
            ',' => program.push(','),
            literal => push_literal(literal, folded, &mut program),
        }
    }
    program.push_str(r")\z");
    Some(program)
}

/// Without regard to case, only ASCII letters outside of classes are folded.
fn push_literal(character: char, folded: bool, program: &mut String) {
    if folded && character.is_ascii_alphabetic() {
        let letters = (character.to_ascii_lowercase(), character.to_ascii_uppercase());
        let _infallible = write!(program, "[{}{}]", letters.0, letters.1);
    } else {
        push_code(character, program);
    }
}

fn push_code(character: char, program: &mut String) {
    let _infallible = write!(program, "\\x{{{:x}}}", u32::from(character));
}

fn push_class(rest: &mut std::str::Chars, program: &mut String) -> Option<()> {
    program.push('[');
    let mut first = true;
    loop {
        match rest.next()? {
            ']' => break,
            '^' if first => program.push('^'),
            '-' => program.push('-'),
            '\\' => push_code(rest.next()?, program),
            character => push_code(character, program),
        }
        first = false;
    }
    program.push(']');
    Some(())
}
