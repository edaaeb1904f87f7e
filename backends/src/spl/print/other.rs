//! Commands that nothing is translated to, to text.

use super::super::ast::{Argument, Other};
use super::command::{print_body, print_subsearch};
use super::eval::print_eval_chain;
use super::{print_call, print_chain, print_pattern, quote, quote_value};
use crate::layout::{Doc, Layout};

pub(super) fn print_other<'a>(other: &Other, layout: &Layout<'a>) -> Doc<'a> {
    let head = layout.text(other.name.clone());
    layout.fill(std::iter::once(head).chain(print_arguments(&other.arguments, layout)))
}

fn print_arguments<'a>(
    arguments: &[Argument],
    layout: &Layout<'a>,
) -> impl Iterator<Item = Doc<'a>> {
    arguments.iter().map(|it| print_argument(it, layout)).collect::<Vec<_>>().into_iter()
}

fn print_argument<'a>(argument: &Argument, layout: &Layout<'a>) -> Doc<'a> {
    match argument {
        Argument::Word(word) => layout.text(word.clone()),
        Argument::Name(name) => layout.text(print_pattern(name)),
        Argument::Renamed(name, alias) => {
            layout.text(format!("{} as {}", print_pattern(name), print_pattern(alias)))
        }
        Argument::Text(text) => layout.text(quote(text)),
        Argument::Call(call) => layout.text(print_call(call)),
        Argument::Option { name, operator, value } => {
            let head = format!("{}{}", print_option(name), operator.as_str());
            layout.text(head).append(print_argument(value, layout))
        }
        Argument::Column { function, arguments, alias } => {
            let alias = alias.iter().map(|it| layout.text(format!(" as {}", print_pattern(it))));
            let inner = arguments.iter().map(|it| layout.list(",", print_arguments(it, layout)));
            layout.concat(std::iter::once(layout.text(function.clone())).chain(inner).chain(alias))
        }
        Argument::Clause { keyword, arguments } => {
            let head = layout.text(*keyword);
            layout.fill(std::iter::once(head).chain(print_arguments(arguments, layout)))
        }
        Argument::Group(arguments) => {
            layout.parenthesized(layout.fill(print_arguments(arguments, layout)))
        }
        Argument::Condition(search) => print_chain(search, layout),
        Argument::Expression(eval) => print_eval_chain(eval, layout),
        Argument::Assignment(name, eval) => {
            let head = layout.text(format!("{}=", print_pattern(name)));
            head.append(print_eval_chain(eval, layout))
        }
        Argument::Search(query) => print_subsearch(query, layout),
        Argument::Pipeline(commands) => {
            let pipe = |index: usize| layout.text(if index == 0 { "" } else { "| " });
            let commands = commands.iter().enumerate();
            let commands = commands.map(|(index, it)| pipe(index).append(print_body(it, layout)));
            layout.bracketed(layout.lines(commands))
        }
    }
}

/// The name of an option, which is bare; `regex` knows other names.
fn print_option(name: &str) -> String {
    let is_plain = name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
        && !name.starts_with(|it: char| it.is_ascii_digit());
    let bare = is_plain && !name.is_empty() && !name.eq_ignore_ascii_case("not");
    if bare { name.to_owned() } else { quote_value(name) }
}
