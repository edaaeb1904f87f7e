//! Text to commands that compute over several rows: columns, and the fields that form groups.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::take_while1;
use nom::character::complete::char;
use nom::combinator::{cut, map, not, opt, peek, value, verify};
use nom::multi::separated_list0;
use nom::sequence::{delimited, preceded, terminated};

use super::super::ast::{Argument, Column, Command, Search, Streamstats, Tstats};
use super::argument::{alias, column as function, expression, items, name, named, number, option};
use super::lexical::{call, is_letter, is_word, keyword, space0, space1};
use super::other::other;
use super::search::all;
use super::{Parsed, Place};

/// Words that stand behind columns.
const WORDS: &[&str] = &["by", "groupby", "over", "from", "where", "as"];
/// Functions that need no field.
const BARE: &[&str] = &["c", "count", "sparkline"];

/// `stats`.
pub(super) fn stats(rest: &str, place: Place) -> Parsed<'_, Command> {
    let (rest, arguments) = grouped(rest, place)?;
    let narrow = columns_and_names(&arguments);
    let narrow = narrow.map(|(columns, by)| Command::Stats { columns, by });
    Ok((rest, narrow.unwrap_or_else(|| other("stats", arguments))))
}

/// `streamstats`.
pub(super) fn streamstats(rest: &str, place: Place) -> Parsed<'_, Command> {
    let (rest, arguments) = grouped(rest, place)?;
    let narrow = narrow_streamstats(&arguments).map(Command::Streamstats);
    Ok((rest, narrow.unwrap_or_else(|| other("streamstats", arguments))))
}

fn narrow_streamstats(arguments: &[Argument]) -> Option<Streamstats> {
    let (time_window, arguments) = match arguments.split_first() {
        Some((first, others)) if option_word(first, "time_window").is_some() => {
            (option_word(first, "time_window"), others)
        }
        _ => (None, arguments),
    };
    let (current, arguments) = match arguments.split_first() {
        Some((first, others)) if option_word(first, "current") == Some("f") => (false, others),
        _ => (true, arguments),
    };
    let plain = |text: &&str| text.chars().all(|it| it.is_ascii_alphanumeric());
    let (columns, by) = columns_and_names(arguments)?;
    let time_window = match time_window {
        Some(window) => Some(Some(window).filter(plain)?.to_owned()),
        None => None,
    };
    Some(Streamstats { time_window, current, columns, by })
}

fn option_word<'a>(argument: &'a Argument, wanted: &str) -> Option<&'a str> {
    let Argument::Option { name, value, .. } = argument else { return None };
    let Argument::Word(word) = &**value else { return None };
    (name == wanted).then_some(word)
}

/// Options, columns, and the fields that form groups: `eventstats`, `chart` and others.
pub(super) fn grouped(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let (rest, mut arguments) = columns(rest, place)?;
    let (rest, over) = opt(clause("over", "over", place)).parse(rest)?;
    let (rest, by) = by(rest, place)?;
    let options = preceded(space1, move |rest| option(rest, place));
    let (rest, options) = nom::multi::many0(options).parse(rest)?;
    arguments.extend(over.into_iter().chain(by).chain(options));
    Ok((rest, arguments))
}

/// `top`, `rare`: options, a count and names.
pub(super) fn common(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let item = alt((move |rest| option(rest, place), number, named(&["by"])));
    let (rest, mut arguments) = items(item).parse(rest)?;
    let (rest, by) = by(rest, place)?;
    arguments.extend(by);
    Ok((rest, arguments))
}

/// `tstats`, `mstats`.
pub(super) fn tstats(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let (rest, mut arguments) = columns(rest, place)?;
    let source = move |rest| option(rest, place);
    let source = alt((source, map(call, Argument::Call), named(&["where"])));
    let source = preceded((space1, keyword("from"), space1), cut(source));
    let (rest, from) = opt(map(source, |it| clause_of("from", vec![it]))).parse(rest)?;
    let inside = Place { grouped: true, ..place };
    let condition = preceded((space1, keyword("where")), cut(move |rest| all(rest, inside)));
    let condition = map(condition, |it| clause_of("where", vec![Argument::Condition(it)]));
    let (rest, condition) = opt(condition).parse(rest)?;
    let (rest, by) = by(rest, place)?;
    arguments.extend(from.into_iter().chain(condition).chain(by));
    Ok((rest, arguments))
}

/// `tstats` as it is translated to, if nothing else stands in it.
pub(super) fn narrow_tstats(arguments: &[Argument]) -> Option<Tstats> {
    let from = arguments.iter().position(|it| clause_arguments(it, "from").is_some())?;
    let (head, tail) = arguments.split_at_checked(from)?;
    let (from, tail) = tail.split_first()?;
    let (options, columns) = match head.split_first() {
        Some((Argument::Call(options), others)) => (Some(options.clone()), others),
        _ => (None, head),
    };
    let (fillnull_value, columns) = match columns.split_first() {
        Some((first, others)) => match option_word(first, "fillnull_value") {
            Some(value) => (Some(value.to_owned()), others),
            None => (None, columns),
        },
        None => (None, columns),
    };
    let columns = columns.iter().map(narrow_column).collect::<Option<Vec<_>>>()?;
    let [model] = clause_arguments(from, "from")? else { return None };
    let plain = |text: &&str| text.chars().all(|it| is_letter(it) || it == '.');
    let model = option_word(model, "datamodel").filter(plain)?.to_owned();
    let (condition, tail) = split_condition(tail);
    let by = names_of(tail)?;
    Some(Tstats { options, fillnull_value, columns, model, condition, by })
}

fn split_condition(arguments: &[Argument]) -> (Option<Search>, &[Argument]) {
    match arguments.split_first() {
        Some((first, others)) => match clause_arguments(first, "where") {
            Some([Argument::Condition(condition)]) => (Some(condition.clone()), others),
            _ => (None, arguments),
        },
        None => (None, arguments),
    }
}

fn clause_of(keyword: &'static str, arguments: Vec<Argument>) -> Argument {
    Argument::Clause { keyword, arguments }
}

fn clause_arguments<'a>(argument: &'a Argument, wanted: &str) -> Option<&'a [Argument]> {
    let Argument::Clause { keyword, arguments } = argument else { return None };
    (*keyword == wanted).then_some(arguments)
}

/// Options and columns, at least one column or macro.
fn columns(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let item = alt((
        move |rest| option(rest, place),
        map(call, Argument::Call),
        move |rest| column(rest, place),
    ));
    verify(items(item), |items: &Vec<Argument>| {
        items.iter().any(|it| matches!(it, Argument::Column { .. } | Argument::Call(_)))
    })
    .parse(rest)
}

/// A function, its arguments and its name.
pub(super) fn column(rest: &str, place: Place) -> Parsed<'_, Argument> {
    let mut name = verify(take_while1(is_letter), |name: &str| {
        !WORDS.iter().any(|word| word.eq_ignore_ascii_case(name))
    });
    let (rest, name) = name.parse(rest)?;
    let end = peek(not(take_while1(|it: char| is_word(it) || it == '=')));
    let mut bare = value(None, verify(end, |()| BARE.contains(&name)));
    let (rest, arguments) = if rest.starts_with('(') {
        map(|rest| inner(rest, place), Some).parse(rest)?
    } else {
        bare.parse(rest)?
    };
    let (rest, alias) = opt(alias).parse(rest)?;
    Ok((rest, Argument::Column { function: name.to_owned(), arguments, alias }))
}

/// The arguments of a function in parentheses.
fn inner(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let place = place.inside(rest)?;
    let one = move |rest| column_argument(rest, place);
    let list = separated_list0((space0, char(',')), preceded(space0, one));
    preceded(char('('), cut(terminated(list, (space0, char(')'))))).parse(rest)
}

fn column_argument(rest: &str, place: Place) -> Parsed<'_, Argument> {
    let eval = delimited(
        (keyword("eval"), space0, char('(')),
        cut(|rest| expression(rest, place)),
        cut((space0, char(')'))),
    );
    let eval = map(eval, |it| function("eval", Some(vec![it])));
    let nested = (take_while1(is_letter), |rest| inner(rest, place));
    let nested = map(nested, |(name, arguments)| function(name, Some(arguments)));
    alt((eval, nested, map(call, Argument::Call), named(&[]))).parse(rest)
}

/// The fields that form groups, with options such as `span=1h`.
fn by(rest: &str, place: Place) -> Parsed<'_, Option<Argument>> {
    opt(alt((clause("by", "by", place), clause("groupby", "by", place)))).parse(rest)
}

fn clause<'t>(
    text: &'static str,
    canonical: &'static str,
    place: Place,
) -> impl Parser<&'t str, Output = Argument, Error = nom::error::Error<&'t str>> {
    let item = move |rest| {
        alt((
            move |rest| option(rest, place),
            map(call, Argument::Call),
            named(&["by", "groupby", "over", "as"]),
        ))
        .parse(rest)
    };
    let start = (opt((space0, char(','))), space0, keyword(text));
    map(preceded(start, cut(items(item))), move |it| clause_of(canonical, it))
}

/// Columns and names, if that is all there is.
fn columns_and_names(arguments: &[Argument]) -> Option<(Vec<Column>, Vec<String>)> {
    let is_column = |it: &Argument| matches!(it, Argument::Column { .. });
    let end = arguments.iter().position(|it| !is_column(it)).unwrap_or(arguments.len());
    let (columns, tail) = arguments.split_at_checked(end)?;
    let columns = columns.iter().map(narrow_column).collect::<Option<Vec<_>>>()?;
    if columns.is_empty() {
        return None;
    }
    Some((columns, names_of(tail)?))
}

/// The names of a `by`, or of none.
fn names_of(arguments: &[Argument]) -> Option<Vec<String>> {
    match arguments {
        [] => Some(Vec::new()),
        [by] => clause_arguments(by, "by")?.iter().map(only_name).collect(),
        _ => None,
    }
}

fn only_name(argument: &Argument) -> Option<String> {
    if let Argument::Name(name) = argument { Some(name.clone()) } else { None }
}

/// A function of at most one field, which is no pattern.
fn narrow_column(argument: &Argument) -> Option<Column> {
    let Argument::Column { function, arguments, alias } = argument else { return None };
    let field = match arguments.as_deref() {
        None => None,
        Some([only]) => Some(only_name(only)?),
        Some(_) => return None,
    };
    Some(Column { function: function.clone(), field, alias: alias.clone() })
}

/// `bin`: an option and a field, with another name or without.
pub(super) fn bin(rest: &str, place: Place) -> Parsed<'_, Command> {
    let item = alt((
        move |rest| option(rest, place),
        map((name(&["as"]), opt(alias)), |(name, alias)| match alias {
            Some(alias) => Argument::Renamed(name, alias),
            None => Argument::Name(name),
        }),
    ));
    let one = |items: &Vec<Argument>| {
        items.iter().filter(|it| matches!(it, Argument::Name(_) | Argument::Renamed(..))).count()
            == 1
    };
    let (rest, arguments) = verify(items(item), one).parse(rest)?;
    let narrow = narrow_bin(&arguments);
    Ok((rest, narrow.unwrap_or_else(|| other("bin", arguments))))
}

fn narrow_bin(arguments: &[Argument]) -> Option<Command> {
    let ([option, Argument::Name(field)] | [Argument::Name(field), option]) = arguments else {
        return None;
    };
    let plain = |text: &&str| text.chars().all(|it| it.is_ascii_alphanumeric());
    let span = option_word(option, "span").filter(plain)?.to_owned();
    Some(Command::Bin { field: field.clone(), span })
}
