//! Text to commands.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, multispace0, multispace1};
use nom::combinator::{map, map_res, opt, value, verify};
use nom::multi::{many0, many1, separated_list1};
use nom::sequence::{delimited, pair, preceded, terminated};

use super::super::ast::{Column, Command, Eval, SortKey, Streamstats, Tstats};
use super::eval::eval_any;
use super::search::all;
use super::{Parsed, call, field, is_word, name, string, subsearch};

/// Words that stand behind columns.
const WORDS: &[&str] = &["by", "from"];

pub(super) fn command(rest: &str, depth: usize) -> Parsed<'_, Command> {
    alt((
        filters,
        fields,
        rows,
        groups,
        move |rest| searches(rest, depth),
        map(call, Command::Call),
    ))
    .parse(rest)
}

/// Commands that test and set fields.
fn filters(rest: &str) -> Parsed<'_, Command> {
    let assignments = separated_list1(preceded(multispace0, char(',')), assignment);
    alt((
        map(preceded(name("search"), |rest| all(rest, 0)), Command::Search),
        map(preceded(name("where"), |rest| eval_any(rest, 0)), Command::Where),
        map(preceded(name("eval"), assignments), Command::Eval),
        preceded(name("fillnull"), fillnull),
        preceded(name("convert"), convert),
    ))
    .parse(rest)
}

/// Commands about which fields there are.
fn fields(rest: &str) -> Parsed<'_, Command> {
    let names = || many1(preceded(multispace1, field));
    let dropped = map(take_while1(|it: char| is_word(it) && it != '-'), str::to_owned);
    let drop = (name("fields"), multispace0, char('-'));
    let renamed = pair(preceded(multispace1, field), preceded(alias, field));
    let renamed = separated_list1(preceded(multispace0, char(',')), renamed);
    alt((
        map(preceded(drop, many1(preceded(multispace1, dropped))), Command::Drop),
        map(preceded(name("fields"), names()), Command::Keep),
        map(preceded(name("table"), names()), Command::Table),
        map(preceded(name("rename"), renamed), Command::Rename),
    ))
    .parse(rest)
}

/// Commands about which rows there are, and in which order.
fn rows(rest: &str) -> Parsed<'_, Command> {
    let names = many1(preceded(multispace1, field));
    alt((
        preceded(name("sort"), sort),
        map(preceded(name("dedup"), names), Command::Dedup),
        map(preceded((name("mvexpand"), multispace1), field), Command::Mvexpand),
    ))
    .parse(rest)
}

/// Commands that compute over several rows.
fn groups(rest: &str) -> Parsed<'_, Command> {
    let stats = map(grouped, |(columns, by)| Command::Stats { columns, by });
    alt((
        preceded(name("stats"), stats),
        preceded(name("streamstats"), streamstats),
        preceded(name("bin"), bin),
        preceded(name("tstats"), tstats),
    ))
    .parse(rest)
}

/// Commands with searches of their own.
fn searches(rest: &str, depth: usize) -> Parsed<'_, Command> {
    let inner = move |rest| subsearch(rest, depth);
    alt((
        map(preceded(name("multisearch"), many1(inner)), Command::Multisearch),
        map(preceded(name("append"), inner), Command::Append),
    ))
    .parse(rest)
}

fn sort(rest: &str) -> Parsed<'_, Command> {
    let count = map_res(take_while1(|it: char| it.is_ascii_digit()), str::parse);
    let key =
        map((opt(char('-')), field), |(sign, field)| SortKey { field, descending: sign.is_some() });
    let keys = many1(preceded(multispace1, key));
    map((preceded(multispace1, count), keys), |(count, keys)| Command::Sort { count, keys })
        .parse(rest)
}

fn streamstats(rest: &str) -> Parsed<'_, Command> {
    let window = opt(preceded((multispace1, tag("time_window=")), span));
    let current = opt(value((), (multispace1, tag("current=f"))));
    map((window, current, grouped), |(time_window, current, (columns, by))| {
        let current = current.is_none();
        Command::Streamstats(Streamstats { time_window, current, columns, by })
    })
    .parse(rest)
}

fn bin(rest: &str) -> Parsed<'_, Command> {
    let span = preceded((multispace1, tag("span=")), span);
    map((preceded(multispace1, field), span), |(field, span)| Command::Bin { field, span })
        .parse(rest)
}

/// A length of time, such as `5m`.
fn span(rest: &str) -> Parsed<'_, String> {
    map(take_while1(|it: char| it.is_ascii_alphanumeric()), str::to_owned).parse(rest)
}

fn tstats(rest: &str) -> Parsed<'_, Command> {
    let model = take_while1(|it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.'));
    let model = preceded((multispace1, tag("from"), multispace1, tag("datamodel=")), model);
    let condition = opt(preceded((multispace1, tag("where")), |rest| all(rest, 0)));
    let options = opt(preceded(multispace1, call));
    let word = map(take_while1(is_word), str::to_owned);
    let fill = opt(preceded((multispace1, tag("fillnull_value=")), word));
    map(
        (options, fill, columns, model, condition, by),
        |(options, fillnull_value, columns, model, condition, by)| {
            let model = model.to_owned();
            Command::Tstats(Tstats { options, fillnull_value, columns, model, condition, by })
        },
    )
    .parse(rest)
}

fn alias(rest: &str) -> Parsed<'_, ()> {
    value((), (multispace1, tag("as"), multispace1)).parse(rest)
}

fn assignment(rest: &str) -> Parsed<'_, (String, Eval)> {
    pair(terminated(preceded(multispace0, field), (multispace0, char('='))), |rest| {
        eval_any(rest, 0)
    })
    .parse(rest)
}

fn fillnull(rest: &str) -> Parsed<'_, Command> {
    let filler = opt(preceded((multispace1, tag("value=")), string));
    let fields = many0(preceded(multispace1, field));
    map((filler, fields), |(value, fields)| Command::Fillnull { value, fields }).parse(rest)
}

/// Columns, and the fields that form groups.
fn grouped(rest: &str) -> Parsed<'_, (Vec<Column>, Vec<String>)> {
    (columns, by).parse(rest)
}

fn columns(rest: &str) -> Parsed<'_, Vec<Column>> {
    many1(preceded(multispace1, verify(column, |it| !WORDS.contains(&it.function.as_str()))))
        .parse(rest)
}

fn by(rest: &str) -> Parsed<'_, Vec<String>> {
    let by = opt(preceded((multispace1, tag("by")), many1(preceded(multispace1, field))));
    map(by, Option::unwrap_or_default).parse(rest)
}

fn column(rest: &str) -> Parsed<'_, Column> {
    let function = map(take_while1(|it: char| it.is_ascii_alphanumeric()), str::to_owned);
    let argument = opt(delimited(char('('), field, char(')')));
    let alias = opt(preceded(alias, field));
    map((function, argument, alias), |(function, field, alias)| Column { function, field, alias })
        .parse(rest)
}

fn convert(rest: &str) -> Parsed<'_, Command> {
    let timeformat = preceded((multispace1, tag("timeformat=")), string);
    let field = delimited((multispace1, tag("ctime(")), field, char(')'));
    map((timeformat, field), |(timeformat, field)| Command::Convert { timeformat, field })
        .parse(rest)
}
