//! Arguments that many commands have: names, options, texts.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::take_while1;
use nom::character::complete::char;
use nom::combinator::{cut, map, opt, peek, recognize, value, verify};
use nom::error::Error;
use nom::multi::{many0, many1, separated_list1};
use nom::sequence::{delimited, preceded, terminated};

use super::super::ast::{Argument, Operator};
use super::eval::eval;
use super::lexical::{
    call, identifier, is_word, keyword, operator, placeholder, quoted, single_quoted, space0,
    space1,
};
use super::search::all;
use super::{Parsed, Place};

/// Items with spaces or commas between them, behind a space.
pub(super) fn items<'t, T>(
    item: impl Parser<&'t str, Output = T, Error = Error<&'t str>>,
) -> impl Parser<&'t str, Output = Vec<T>, Error = Error<&'t str>> {
    preceded(space1, separated(item))
}

/// Items with spaces or commas between them.
pub(super) fn separated<'t, T>(
    item: impl Parser<&'t str, Output = T, Error = Error<&'t str>>,
) -> impl Parser<&'t str, Output = Vec<T>, Error = Error<&'t str>> {
    separated_list1(gap, item)
}

/// The same, or nothing.
pub(super) fn items0<'t, T>(
    item: impl Parser<&'t str, Output = T, Error = Error<&'t str>>,
) -> impl Parser<&'t str, Output = Vec<T>, Error = Error<&'t str>> {
    map(opt(items(item)), Option::unwrap_or_default)
}

fn gap(rest: &str) -> Parsed<'_, ()> {
    alt((value((), (space0, char(','), space0)), space1)).parse(rest)
}

/// The name of a field, in quotes or bare; no word of `stops`, in any case, is one.
pub(super) fn name<'t>(
    stops: &'static [&'static str],
) -> impl Parser<&'t str, Output = String, Error = Error<&'t str>> {
    let bare = recognize(many1(alt((placeholder, take_while1(is_word)))));
    let bare = verify(bare, move |name: &str| {
        !name.contains('\'') && !stops.iter().any(|stop| stop.eq_ignore_ascii_case(name))
    });
    let bare = terminated(bare, peek(nom::combinator::not(char('('))));
    alt((quoted, map(alt((single_quoted, bare)), str::to_owned)))
}

/// The name of a field as an argument.
pub(super) fn named<'t>(
    stops: &'static [&'static str],
) -> impl Parser<&'t str, Output = Argument, Error = Error<&'t str>> {
    map(name(stops), Argument::Name)
}

/// `a as b`.
pub(super) fn renamed(rest: &str) -> Parsed<'_, (String, String)> {
    (preceded(space0, name(&["as"])), alias).parse(rest)
}

/// `as b`.
pub(super) fn alias(rest: &str) -> Parsed<'_, String> {
    preceded((space1, keyword("as"), space1), cut(name(&["as", "by"]))).parse(rest)
}

/// `name=value`.
pub(super) fn option(rest: &str, place: Place) -> Parsed<'_, Argument> {
    let (rest, name) = terminated(identifier, (space0, char('='), space0)).parse(rest)?;
    let (rest, value) = cut(|rest| option_value(rest, name, place)).parse(rest)?;
    Ok((rest, equal(name, value)))
}

/// An option that has one of these names.
pub(super) fn option_of<'t>(
    names: &'static [&'static str],
    place: Place,
) -> impl Parser<&'t str, Output = Argument, Error = Error<&'t str>> {
    let known = verify(identifier, move |name: &str| names.contains(&name));
    preceded(peek((known, space0, char('='))), move |rest| option(rest, place))
}

pub(super) fn equal(name: &str, value: Argument) -> Argument {
    Argument::Option { name: name.to_owned(), operator: Operator::Equal, value: Box::new(value) }
}

fn option_value<'t>(rest: &'t str, name: &str, place: Place) -> Parsed<'t, Argument> {
    if name.starts_with("reset_") && rest.starts_with('(') {
        return delimited(char('('), |rest| grouped(rest, place, true), (space0, char(')')))
            .parse(rest);
    }
    let condition = preceded(
        char('('),
        cut(terminated(|rest| grouped(rest, place, false), (space0, char(')')))),
    );
    let function = preceded(
        (keyword("eval"), space0, char('(')),
        cut(terminated(|rest| expression(rest, place), (space0, char(')')))),
    );
    let function = map(function, |it| column("eval", Some(vec![it])));
    alt((text, map(call, Argument::Call), condition, function, bare)).parse(rest)
}

fn grouped(rest: &str, place: Place, is_eval: bool) -> Parsed<'_, Argument> {
    let place = Place { grouped: false, ..place.inside(rest)? };
    let condition = |rest| map(|rest| all(rest, place), Argument::Condition).parse(rest);
    let inner = |rest| if is_eval { expression(rest, place) } else { condition(rest) };
    map(inner, |it| Argument::Group(vec![it])).parse(rest)
}

/// An expression of `eval`.
pub(super) fn expression(rest: &str, place: Place) -> Parsed<'_, Argument> {
    map(|rest| eval(rest, place), Argument::Expression).parse(rest)
}

/// A function and its arguments, without a name of its own.
pub(super) fn column(function: &str, arguments: Option<Vec<Argument>>) -> Argument {
    Argument::Column { function: function.to_owned(), arguments, alias: None }
}

/// Text in double quotes.
pub(super) fn text(rest: &str) -> Parsed<'_, Argument> {
    map(quoted, Argument::Text).parse(rest)
}

/// A word as it is written.
pub(super) fn bare(rest: &str) -> Parsed<'_, Argument> {
    let single = recognize(single_quoted);
    let plain = verify(recognize(many1(alt((placeholder, take_while1(is_word))))), |text: &str| {
        !text.starts_with('\'')
    });
    map(alt((single, plain)), |text: &str| Argument::Word(text.to_owned())).parse(rest)
}

/// A number.
pub(super) fn number(rest: &str) -> Parsed<'_, Argument> {
    let digits = terminated(
        take_while1(|it: char| it.is_ascii_digit()),
        peek(nom::combinator::not(take_while1(|it: char| is_word(it) || it == '='))),
    );
    map(digits, |text: &str| Argument::Word(text.to_owned())).parse(rest)
}

/// Arguments of a command that is not known: words, with quotes, parentheses and brackets in pairs.
pub(super) fn words(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let one = move |rest| loose(rest, place);
    many0(preceded(space0, one)).parse(rest)
}

fn loose(rest: &str, place: Place) -> Parsed<'_, Argument> {
    if rest.starts_with('[') {
        return map(|rest| super::subsearch(rest, place), Argument::Search).parse(rest);
    }
    if rest.starts_with('(') {
        let place = place.inside(rest)?;
        let inner = cut(terminated(|rest| words(rest, place), (space0, char(')'))));
        return map(preceded(char('('), inner), Argument::Group).parse(rest);
    }
    let comma = map(char(','), |_| Argument::Word(",".to_owned()));
    let sign = map(operator, |it| Argument::Word(it.as_str().to_owned()));
    alt((loose_option, text, map(call, Argument::Call), bare, comma, sign)).parse(rest)
}

fn loose_option(rest: &str) -> Parsed<'_, Argument> {
    let value = alt((text, map(call, Argument::Call), bare));
    let parts = (identifier, delimited(space0, operator, space0), value);
    map(parts, |(name, operator, value)| Argument::Option {
        name: name.to_owned(),
        operator,
        value: Box::new(value),
    })
    .parse(rest)
}
