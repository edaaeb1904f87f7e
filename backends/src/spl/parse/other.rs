//! Text to commands that nothing is translated to.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, map, opt, verify};
use nom::multi::many1;
use nom::sequence::preceded;

use super::super::ast::{Argument, Command, Operator, Other, Query};
use super::aggregate::column;
use super::argument::{items, items0, name, named, option, option_of, renamed, text};
use super::lexical::{call, keyword, operator, space0, space1};
use super::search::all;
use super::{Parsed, Place, subsearch, template};

/// The command as its arguments.
pub(super) fn other(name: &str, arguments: Vec<Argument>) -> Command {
    Command::Other(Other { name: name.to_owned(), arguments })
}

/// `rex field=a mode=sed "…"`.
pub(super) fn rex(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let known = option_of(&["field", "mode", "max_match", "offset_field"], place);
    let is_pattern = |it: &&Argument| matches!(it, Argument::Text(_) | Argument::Call(_));
    let one = move |items: &Vec<Argument>| items.iter().filter(is_pattern).count() == 1;
    verify(items(alt((known, text, map(call, Argument::Call)))), one).parse(rest)
}

/// `regex "…"`, `regex a="…"`, `regex a!="…"`.
pub(super) fn regex(rest: &str) -> Parsed<'_, Vec<Argument>> {
    let pattern = || alt((text, map(call, Argument::Call)));
    let sign =
        verify(preceded(space0, operator), |it| matches!(it, Operator::Equal | Operator::NotEqual));
    let compared = (name(&["NOT"]), sign, preceded(space0, cut(pattern())));
    let compared = map(compared, |(name, operator, value)| Argument::Option {
        name,
        operator,
        value: Box::new(value),
    });
    let whole = alt((compared, pattern()));
    map(preceded(space0, whole), |it| vec![it]).parse(rest)
}

/// `convert timeformat="…" ctime(a) as b`.
pub(super) fn convert(rest: &str, place: Place) -> Parsed<'_, Command> {
    let known = option_of(&["timeformat"], place);
    let has_column =
        |items: &Vec<Argument>| items.iter().any(|it| matches!(it, Argument::Column { .. }));
    let item = alt((known, move |rest| column(rest, place)));
    let (rest, arguments) = verify(items(item), has_column).parse(rest)?;
    let narrow = narrow_convert(&arguments);
    Ok((rest, narrow.unwrap_or_else(|| other("convert", arguments))))
}

fn narrow_convert(arguments: &[Argument]) -> Option<Command> {
    let [
        Argument::Option { value, .. },
        Argument::Column { function, arguments: Some(fields), alias: None },
    ] = arguments
    else {
        return None;
    };
    let (Argument::Text(timeformat), [Argument::Name(field)]) = (&**value, &**fields) else {
        return None;
    };
    let command = || Command::Convert { timeformat: timeformat.clone(), field: field.clone() };
    (function == "ctime").then(command)
}

/// `lookup table field as other OUTPUT field as other`.
pub(super) fn lookup(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    const STOPS: &[&str] = &["OUTPUT", "OUTPUTNEW", "as"];
    let mut options = items0(move |rest| option(rest, place));
    let table = preceded(space1, alt((map(call, Argument::Call), named(STOPS))));
    let (rest, options) = options.parse(rest)?;
    let (rest, (table, fields_in)) = (table, items(lookup_field)).parse(rest)?;
    let (rest, out) = opt(alt((output("OUTPUTNEW"), output("OUTPUT")))).parse(rest)?;
    Ok((rest, options.into_iter().chain([table]).chain(fields_in).chain(out).collect()))
}

fn lookup_field(rest: &str) -> Parsed<'_, Argument> {
    let pair = map(renamed, |(name, alias)| Argument::Renamed(name, alias));
    alt((pair, named(&["OUTPUT", "OUTPUTNEW", "as"]))).parse(rest)
}

fn output<'t>(
    text: &'static str,
) -> impl Parser<&'t str, Output = Argument, Error = nom::error::Error<&'t str>> {
    let fields = preceded((space1, keyword(text)), cut(items(lookup_field)));
    map(fields, move |arguments| Argument::Clause { keyword: text, arguments })
}

/// `inputlookup append=t table where a=b`, `outputlookup`.
pub(super) fn lookup_table(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let item = alt((move |rest| option(rest, place), map(call, Argument::Call), named(&["where"])));
    let is_table = |it: &&Argument| matches!(it, Argument::Name(_) | Argument::Call(_));
    let one = move |items: &Vec<Argument>| items.iter().filter(is_table).count() == 1;
    let (rest, arguments) = verify(items(item), one).parse(rest)?;
    let condition = preceded((space1, keyword("where")), cut(move |rest| all(rest, place)));
    let condition = map(condition, |it| Argument::Clause {
        keyword: "where",
        arguments: vec![Argument::Condition(it)],
    });
    let (rest, condition) = opt(condition).parse(rest)?;
    Ok((rest, arguments.into_iter().chain(condition).collect()))
}

/// Options and names, and a search in brackets: `join`, `append`, `appendcols`.
pub(super) fn joined(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let item = alt((move |rest| option(rest, place), named(&[])));
    let (rest, arguments) = items0(item).parse(rest)?;
    let inner = map(move |rest| subsearch(rest, place), Argument::Search);
    map(inner, move |it| arguments.iter().cloned().chain([it]).collect()).parse(rest)
}

/// `append [search …]`.
pub(super) fn append(rest: &str, place: Place) -> Parsed<'_, Command> {
    let mut options = items0(move |rest| option(rest, place));
    let (rest, options) = options.parse(rest)?;
    let (rest, query) = subsearch(rest, place)?;
    if options.is_empty() {
        return Ok((rest, Command::Append(query)));
    }
    let arguments = options.into_iter().chain([Argument::Search(query)]).collect();
    Ok((rest, other("append", arguments)))
}

/// Options and names, and commands in brackets: `foreach`, `appendpipe`.
pub(super) fn with_template(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let item = alt((move |rest| option(rest, place), named(&[])));
    let (rest, arguments) = items0(item).parse(rest)?;
    let (rest, commands) = template(rest, place)?;
    Ok((rest, arguments.into_iter().chain([Argument::Pipeline(commands)]).collect()))
}

/// Searches in brackets.
pub(super) fn searches(rest: &str, place: Place) -> Parsed<'_, Vec<Query>> {
    many1(move |rest| subsearch(rest, place)).parse(rest)
}

/// Searches in brackets between words, such as `set diff [search …] [search …]` and `map`.
pub(super) fn mixed(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let inner = map(move |rest| subsearch(rest, place), Argument::Search);
    let word = alt((move |rest| option(rest, place), named(&[])));
    let item = alt((inner, preceded(space1, word)));
    many1(preceded(opt((space0, nom::character::complete::char(','))), item)).parse(rest)
}

/// Options and names, at least one of them.
pub(super) fn options_or_names(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    items(alt((move |rest| option(rest, place), named(&[])))).parse(rest)
}
