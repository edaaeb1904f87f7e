//! SPL tree to text. All syntax is decided here: quotes, escapes, parentheses, layout.
//!
//! `search` binds `OR` before `AND`, `where` the other way round. Chains are put in parentheses
//! wherever they meet, which is right in both and clear to an analyst.

mod command;
mod eval;
mod other;

use super::ast::{Call, Comparison, Literal, Query, Search, Term, Value};
use crate::layout::{Doc, Layout, Printed, located, render};
use command::{print_command, print_subsearch};

/// Words that have to be quoted as the name of a field.
const KEYWORDS: &[&str] = &[
    "AND",
    "OR",
    "NOT",
    "IN",
    "BY",
    "AS",
    "XOR",
    "WHERE",
    "GROUPBY",
    "OVER",
    "OUTPUT",
    "OUTPUTNEW",
    "SORTBY",
    "DESC",
    "D",
];

/// Prints a query in lines of `width` columns, or on one line.
pub fn print(query: &Query, width: Option<usize>) -> Printed {
    render(width, |layout| {
        let scope = operands(query.scope.as_ref());
        let alone = scope.is_empty();
        let condition = match &query.condition {
            Some(chain @ Search::Any(_)) if alone => vec![print_chain(chain, layout)],
            condition => {
                operands(condition.as_ref()).iter().map(|it| print_operand(it, layout)).collect()
            }
        };
        let scope = scope.iter().map(|it| print_operand(it, layout));
        let scope = (!alone).then(|| layout.fill(scope));
        let commands = query.commands.iter().map(|it| print_command(it, layout));
        layout.lines(scope.into_iter().chain(condition).chain(commands))
    })
}

/// The text of an expression of `search`, on one line: for definitions of macros.
pub fn print_search(search: &Search) -> String {
    render(None, |layout| print_operand(search, layout)).text
}

/// The operands of a conjunction, which stand beside each other.
fn operands(search: Option<&Search>) -> Vec<Search> {
    match search {
        None => Vec::new(),
        Some(Search::All(operands)) => operands.clone(),
        Some(other) => vec![other.clone()],
    }
}

/// An expression that stands alone or in parentheses.
fn print_chain<'a>(search: &Search, layout: &Layout<'a>) -> Doc<'a> {
    match search {
        Search::All(operands) => {
            layout.chain("", operands.iter().map(|it| print_operand(it, layout)))
        }
        Search::Any(operands) => {
            layout.chain(" OR", operands.iter().map(|it| print_operand(it, layout)))
        }
        Search::Not(_)
        | Search::Call(_)
        | Search::Comparison(_)
        | Search::Term(_)
        | Search::Verbatim(_)
        | Search::Subsearch(_)
        | Search::Everything => print_operand(search, layout),
    }
}

/// An expression beside others.
fn print_operand<'a>(search: &Search, layout: &Layout<'a>) -> Doc<'a> {
    match search {
        Search::All(_) | Search::Any(_) => layout.parenthesized(print_chain(search, layout)),
        Search::Not(operand) => layout.text("NOT ").append(print_operand(operand, layout)),
        Search::Call(call) => located(&call.origin, layout.text(print_call(call))),
        Search::Comparison(comparison) => print_comparison(comparison, layout),
        Search::Term(term) => located(&term.origin, layout.text(print_term(term))),
        Search::Everything => layout.text("*"),
        Search::Verbatim(text) => layout.text(text.clone()),
        Search::Subsearch(query) => print_subsearch(query, layout),
    }
}

fn print_call(call: &Call) -> String {
    if call.arguments.is_empty() {
        return format!("`{}`", call.name);
    }
    format!("`{}({})`", call.name, call.arguments.join(", "))
}

/// A word stands as it is, anything else in quotes. A search that begins with `search` would be a command.
fn print_term(term: &Term) -> String {
    let letters = term.text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'*');
    let plain = letters && term.text.bytes().any(|it| it != b'*');
    let reserved = KEYWORDS.iter().chain(&["SEARCH"]).any(|it| it.eq_ignore_ascii_case(&term.text));
    if plain && !reserved { term.text.clone() } else { quote_value(&term.text) }
}

fn print_comparison<'a>(comparison: &Comparison, layout: &Layout<'a>) -> Doc<'a> {
    let field = print_field(&comparison.field);
    let values = comparison.values.iter().map(|value| print_value(value, layout));
    let doc = if comparison.values.len() == 1 {
        let head = layout.text(format!("{field}{}", comparison.operator.as_str()));
        layout.concat(std::iter::once(head).chain(values))
    } else {
        layout.text(format!("{field} IN ")).append(layout.list(",", values))
    };
    located(&comparison.origin, doc)
}

fn print_value<'a>(value: &Value, layout: &Layout<'a>) -> Doc<'a> {
    let text = match &value.literal {
        Literal::Quoted(text) => quote_value(text),
        Literal::Word(word) => word.clone(),
        Literal::Call(call) => print_call(call),
    };
    located(&value.origin, layout.text(text))
}

/// A field whose name is a plain word stands as it is, any other in quotes.
pub(crate) fn print_field(name: &str) -> String {
    let mut characters = name.chars();
    let plain = characters.next().is_some_and(|it| it.is_ascii_alphabetic() || it == '_')
        && characters.all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '.'));
    let keyword = KEYWORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
    if plain && !keyword { name.to_owned() } else { quote_value(name) }
}

/// A field, or several with `*` in their name.
fn print_pattern(name: &str) -> String {
    let plain = name.contains('*')
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || b"_.*".contains(&it));
    if plain { name.to_owned() } else { print_field(name) }
}

/// A value of `search` in double quotes: every backslash is doubled.
fn quote_value(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A string of `eval` in double quotes. A backslash is doubled only where it would be taken for an
/// escape, so that `\d` of a regular expression stays as it is.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match (character, rest.peek()) {
            ('"', _) => quoted.push_str("\\\""),
            ('\\', None | Some('\\' | '"' | '|')) => quoted.push_str("\\\\"),
            (other, _) => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
