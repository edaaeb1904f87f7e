//! What the texts of a query are compiled to: macros and regular expressions, each at most once.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use regex::Regex;

use super::super::ast::{Command, Search};
use super::super::parse::{parse, parse_search};
use super::Macro;

/// The definitions of macros and the patterns that were compiled so far.
#[derive(Debug)]
pub(super) struct Context<'m> {
    macros: &'m [Macro],
    /// For each macro, its definition as an expression of `search`.
    searches: Vec<OnceCell<Option<Search>>>,
    patterns: RefCell<BTreeMap<String, Option<Regex>>>,
}

/// How a macro is defined.
pub(super) enum Defined<'c> {
    /// As an expression of `search`.
    Search(&'c Search),
    /// As something else.
    Otherwise,
    /// Not at all.
    Nowhere,
}

impl<'m> Context<'m> {
    pub(super) fn new(macros: &'m [Macro]) -> Self {
        let searches = macros.iter().map(|_| OnceCell::new()).collect();
        Self { macros, searches, patterns: RefCell::default() }
    }

    /// The text that a macro stands for.
    pub(super) fn definition(&self, name: &str) -> Option<&'m str> {
        self.macros.iter().find(|it| it.name == name).map(|it| it.definition.as_str())
    }

    /// What a macro stands for in `search`.
    pub(super) fn defined_search(&self, name: &str) -> Defined<'_> {
        let defined = self.macros.iter().zip(&self.searches).find(|(it, _)| it.name == name);
        let Some((definition, search)) = defined else { return Defined::Nowhere };
        let search = search.get_or_init(|| parse_search(&definition.definition).ok());
        search.as_ref().map_or(Defined::Otherwise, Defined::Search)
    }

    /// What a macro stands for behind a pipe, with its arguments in place of its parameters.
    pub(super) fn defined_commands(&self, name: &str, arguments: &[String]) -> Vec<Command> {
        let Some(definition) = self.definition(name) else { return Vec::new() };
        let text = format!("* | {}", fill(definition, arguments));
        parse(&text).map(|query| query.commands).unwrap_or_default()
    }

    /// What a compiled pattern says; `None` if it is no regular expression.
    pub(super) fn with_pattern<T>(&self, text: &str, ask: impl Fn(&Regex) -> T) -> Option<T> {
        if let Some(known) = self.patterns.borrow().get(text) {
            return known.as_ref().map(ask);
        }
        let pattern = Regex::new(&program(text)).ok();
        let answer = pattern.as_ref().map(ask);
        self.patterns.borrow_mut().insert(text.to_owned(), pattern);
        answer
    }

    /// PCRE, anywhere in the text.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> bool {
        self.with_pattern(pattern, |it| it.is_match(&apart(text))) == Some(true)
    }
}

/// PCRE without its Unicode properties: `\d` and `\b` know digits and words of ASCII, and the two
/// letters that Unicode folds into ASCII are kept apart.
fn program(pattern: &str) -> String {
    let program = apart(pattern).replace(r"\d", "[0-9]");
    program.replace(r"\b", r"(?-u:\b)").replace(r"\B", r"(?-u:\B)")
}

const APART: &[(char, char)] = &[('\u{212a}', '\u{e000}'), ('\u{17f}', '\u{e001}')];

fn apart(text: &str) -> String {
    let other = |it: char| APART.iter().find(|(own, _)| *own == it).map_or(it, |(_, other)| *other);
    text.chars().map(other).collect()
}

/// Puts arguments in place of `$name$`, in the order in which the names first stand there.
fn fill(definition: &str, arguments: &[String]) -> String {
    let mut text = definition.to_owned();
    for argument in arguments {
        let Some(name) = text.split('$').nth(1).map(|name| format!("${name}$")) else { break };
        text = text.replace(&name, argument);
    }
    text
}
