//! `replace`: what a regular expression matches becomes another text, with its groups.

use regex::{Captures, Regex};

use super::CODE;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::parse::Fields;
use crate::pipeline::program::parse_program;
use crate::yaml::Node;

/// A regular expression and what its matches become.
#[derive(Debug)]
pub struct Replace {
    program: Regex,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    /// `\1`, `\g<name>`: what a group has matched.
    Group(usize),
}

impl Replace {
    /// The text with every match replaced.
    pub fn run(&self, text: &str) -> String {
        self.program
            .replace_all(text, |captures: &Captures| self.replacement(captures))
            .into_owned()
    }

    fn replacement(&self, captures: &Captures) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Group(group) => captures.get(*group).map_or("", |it| it.as_str()),
        });
        parts.collect()
    }
}

pub(super) fn parse(item: &Fields, diagnostics: &mut Diagnostics) -> Option<Replace> {
    let Some(pattern) = item.node("pattern") else {
        item.missing("pattern", "write a regular expression", diagnostics);
        return None;
    };
    let program = parse_program(pattern, false, diagnostics)?;
    let Some((_, node)) = item.entry("replacement") else {
        item.missing("replacement", "write what stands for a match", diagnostics);
        return None;
    };
    let parts = parse_parts(node.as_text().unwrap_or_default(), &program, node, diagnostics)?;
    Some(Replace { program, parts })
}

/// The text and its groups, by the escapes of Python.
fn parse_parts(
    text: &str,
    program: &Regex,
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(place) = rest.find('\\') {
        let (before, at) = rest.split_at(place);
        plain.push_str(before);
        let start = text.len().saturating_sub(at.len());
        match escape(at.strip_prefix('\\').unwrap_or(at), program) {
            Ok((Escape::Char(character), after)) => {
                plain.push(character);
                rest = after;
            }
            Ok((Escape::Group(group), after)) => {
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Group(group));
                rest = after;
            }
            Err(message) => {
                let end = start + at.chars().take(2).map(char::len_utf8).sum::<usize>();
                let span = node.inner_span(start, end);
                diagnostics.push(
                    Diagnostic::new(CODE, span, message)
                        .with_help(r"write `\1` or `\g<name>` for a group, `\\` for a backslash"),
                );
                return None;
            }
        }
    }
    plain.push_str(rest);
    parts.push(Part::Text(plain));
    Some(parts)
}

enum Escape {
    Char(char),
    Group(usize),
}

/// What stands behind a backslash, and the rest.
fn escape<'t>(text: &'t str, program: &Regex) -> Result<(Escape, &'t str), &'static str> {
    const UNKNOWN: &str = "the regular expression has no such group";
    let group = |number: usize| {
        if number < program.captures_len() { Ok(Escape::Group(number)) } else { Err(UNKNOWN) }
    };
    if let Some(named) = text.strip_prefix("g<") {
        let (name, after) = named.split_once('>').ok_or("the name of a group is not closed")?;
        let by_name = || program.capture_names().position(|it| it == Some(name)).ok_or(UNKNOWN);
        let number = name.parse().or_else(|_| by_name())?;
        return Ok((group(number)?, after));
    }
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits > 0 && !text.starts_with('0') {
        let (number, after) = text.split_at(digits);
        return Ok((group(number.parse().map_err(|_| UNKNOWN)?)?, after));
    }
    let mut characters = text.chars();
    let character = match characters.next() {
        Some('\\') => '\\',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        _ => return Err("this escape is not known"),
    };
    Ok((Escape::Char(character), characters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pattern: &str, replacement: &str, text: &str) -> Option<String> {
        let program = Regex::new(pattern).unwrap();
        let quoted = serde_json::to_string(replacement).unwrap();
        let nodes = crate::yaml::parse_yaml(crate::source::SourceId(0), &quoted, &mut Vec::new());
        let parts = parse_parts(replacement, &program, nodes.first().unwrap(), &mut Vec::new())?;
        Some(Replace { program, parts }.run(text))
    }

    #[test]
    fn groups_are_put_in() {
        assert_eq!(run("(a)(?P<x>b)", r"\g<x>\1", "abab").unwrap(), "baba");
        assert_eq!(run("a", r"\\n$1\n", "a").unwrap(), "\\n$1\n");
        assert_eq!(run("a", r"\1", "a"), None);
        assert_eq!(run("a", r"\q", "a"), None);
    }
}
