//! Text to commands about which fields and rows there are, and in which order.

use nom::Parser;
use nom::branch::alt;
use nom::character::complete::{char, one_of};
use nom::combinator::{cut, map, not, opt, peek, verify};
use nom::sequence::{delimited, preceded, terminated};

use super::super::ast::{Argument, Command, SortKey};
use super::argument::{
    column, expression, items, items0, name, named, number, option, option_of, renamed, separated,
};
use super::lexical::{identifier, keyword, space0, space1};
use super::other::other;
use super::{Parsed, Place};

/// `fields`, `fields +`, `fields -`.
pub(super) fn fields(rest: &str) -> Parsed<'_, Command> {
    let signed = preceded(space0, one_of("+-"));
    if let Ok((rest, sign)) = preceded(space0, signed).parse(rest) {
        let (rest, names) = cut(preceded(space0, separated(name(&[])))).parse(rest)?;
        let command = if sign == '-' { Command::Drop(names) } else { Command::Keep(names) };
        return Ok((rest, command));
    }
    map(items(name(&[])), Command::Keep).parse(rest)
}

/// `table`.
pub(super) fn table(rest: &str) -> Parsed<'_, Command> {
    map(items(name(&[])), Command::Table).parse(rest)
}

/// `rename a as b, c as d`; the comma may be missing.
pub(super) fn rename(rest: &str) -> Parsed<'_, Command> {
    map(items(renamed), Command::Rename).parse(rest)
}

/// `fillnull`.
pub(super) fn fillnull(rest: &str, place: Place) -> Parsed<'_, Command> {
    let option = option_of(&["value"], place);
    let (rest, value) = opt(preceded(space1, option)).parse(rest)?;
    let (rest, fields) = items0(name(&[])).parse(rest)?;
    let command = match value.as_ref().map(filler) {
        None => Command::Fillnull { value: None, fields },
        Some(Some(value)) => Command::Fillnull { value: Some(value), fields },
        Some(None) => {
            let names = fields.into_iter().map(Argument::Name);
            other("fillnull", value.into_iter().chain(names).collect())
        }
    };
    Ok((rest, command))
}

fn filler(argument: &Argument) -> Option<String> {
    let Argument::Option { value, .. } = argument else { return None };
    if let Argument::Text(text) | Argument::Word(text) = &**value {
        Some(text.clone())
    } else {
        None
    }
}

/// `mvexpand a`, `mvexpand a limit=10`.
pub(super) fn mvexpand(rest: &str, place: Place) -> Parsed<'_, Command> {
    let (rest, field) = preceded(space1, name(&[])).parse(rest)?;
    let limit = preceded(space1, option_of(&["limit"], place));
    let (rest, limit) = opt(limit).parse(rest)?;
    let command = match limit {
        None => Command::Mvexpand(field),
        Some(limit) => other("mvexpand", vec![Argument::Name(field), limit]),
    };
    Ok((rest, command))
}

/// `dedup 2 a b keepevents=true sortby -c`.
pub(super) fn dedup(rest: &str, place: Place) -> Parsed<'_, Command> {
    let (rest, count) = opt(preceded(space1, number)).parse(rest)?;
    let item = alt((move |rest| option(rest, place), named(&["sortby"])));
    let has_name = |items: &Vec<Argument>| items.iter().any(|it| matches!(it, Argument::Name(_)));
    let (rest, fields) = verify(items(item), has_name).parse(rest)?;
    let keys = preceded((space1, keyword("sortby")), cut(items(sort_key)));
    let (rest, keys) = opt(keys).parse(rest)?;
    let names = fields.iter().map(plain_name).collect::<Option<Vec<_>>>();
    if let (None, None, Some(names)) = (&count, &keys, names) {
        return Ok((rest, Command::Dedup(names)));
    }
    let keys = keys.map(|keys| Argument::Clause { keyword: "sortby", arguments: keys.concat() });
    Ok((rest, other("dedup", count.into_iter().chain(fields).chain(keys).collect())))
}

fn plain_name(argument: &Argument) -> Option<String> {
    if let Argument::Name(name) = argument { Some(name.clone()) } else { None }
}

/// `sort 0 a -b`, `sort - num(a) desc`.
pub(super) fn sort(rest: &str, place: Place) -> Parsed<'_, Command> {
    let count = alt((number, option_of(&["limit"], place)));
    let (rest, count) = opt(preceded(space1, count)).parse(rest)?;
    let (rest, keys) = preceded(space0, separated(sort_key)).parse(rest)?;
    let descending = preceded(space1, alt((keyword("desc"), keyword("d"))));
    let (rest, descending) = opt(descending).parse(rest)?;
    let narrow = if descending.is_none() { narrow_sort(count.as_ref(), &keys) } else { None };
    if let Some(narrow) = narrow {
        return Ok((rest, narrow));
    }
    let descending = descending.map(|()| Argument::Word("desc".to_owned()));
    Ok((rest, other("sort", count.into_iter().chain(keys.concat()).chain(descending).collect())))
}

fn narrow_sort(count: Option<&Argument>, keys: &[Vec<Argument>]) -> Option<Command> {
    let Some(Argument::Word(count)) = count else { return None };
    let keys = keys.iter().map(|key| narrow_key(key)).collect::<Option<Vec<_>>>()?;
    Some(Command::Sort { count: count.parse().ok()?, keys })
}

/// A sign, and a field, perhaps in a function.
fn sort_key(rest: &str) -> Parsed<'_, Vec<Argument>> {
    let sign = map(one_of("+-"), |sign| Argument::Word(sign.to_string()));
    let function = (identifier, delimited((char('('), space0), name(&[]), (space0, char(')'))));
    let function =
        map(function, |(function, field)| column(function, Some(vec![Argument::Name(field)])));
    let stop: &[&str] = &["desc", "d", "sortby"];
    let name = preceded(peek(not(one_of("+-"))), named(stop));
    let parts = (opt(terminated(sign, space0)), alt((function, name)));
    map(parts, |(sign, field)| sign.into_iter().chain([field]).collect()).parse(rest)
}

fn narrow_key(key: &[Argument]) -> Option<SortKey> {
    match key {
        [Argument::Name(field)] => Some(SortKey { field: field.clone(), descending: false }),
        [Argument::Word(sign), Argument::Name(field)] => {
            Some(SortKey { field: field.clone(), descending: sign == "-" })
        }
        _ => None,
    }
}

/// `head`, `head 10`, `head (a<5)`, with options.
pub(super) fn head(rest: &str, place: Place) -> Parsed<'_, Vec<Argument>> {
    let inside = place.inside(rest)?;
    let condition =
        delimited(char('('), cut(move |rest| expression(rest, inside)), cut((space0, char(')'))));
    let condition = map(condition, |it| Argument::Group(vec![it]));
    items0(alt((number, condition, move |rest| option(rest, place)))).parse(rest)
}

/// Options and at least so many names.
pub(super) fn options_and_names(
    rest: &str,
    place: Place,
    least: usize,
    most: usize,
) -> Parsed<'_, Vec<Argument>> {
    let count = move |items: &Vec<Argument>| {
        let names = items.iter().filter(|it| matches!(it, Argument::Name(_))).count();
        (least..=most).contains(&names)
    };
    verify(items0(alt((move |rest| option(rest, place), named(&[])))), count).parse(rest)
}
