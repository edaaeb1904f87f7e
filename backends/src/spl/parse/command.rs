//! Text to commands: which grammar each of them has.

use nom::Parser;
use nom::bytes::complete::take_while1;
use nom::combinator::{map, verify};

use super::super::ast::{Argument, Command};
use super::aggregate::{bin, common, grouped, narrow_tstats, stats, streamstats, tstats};
use super::argument::{items0, option, words};
use super::eval::{assignment, assignments, eval};
use super::lexical::{call, is_letter, space0, space1, sure};
use super::other::{
    append, convert, joined, lookup, lookup_table, mixed, options_or_names, other, regex, rex,
    searches, with_template,
};
use super::row::{dedup, fields, fillnull, head, mvexpand, options_and_names, rename, sort, table};
use super::search::all;
use super::{Parsed, Place};

/// Commands that may stand first in brackets without a pipe.
const FIRST: &[&str] = &[
    "append",
    "appendcols",
    "appendpipe",
    "bin",
    "bucket",
    "chart",
    "convert",
    "datamodel",
    "dedup",
    "eval",
    "eventstats",
    "fieldformat",
    "fields",
    "fillnull",
    "foreach",
    "from",
    "gentimes",
    "head",
    "inputcsv",
    "inputlookup",
    "join",
    "loadjob",
    "lookup",
    "makemv",
    "makeresults",
    "metadata",
    "mstats",
    "multisearch",
    "mvcombine",
    "mvexpand",
    "regex",
    "rename",
    "rest",
    "rex",
    "savedsearch",
    "sort",
    "spath",
    "stats",
    "streamstats",
    "table",
    "tail",
    "timechart",
    "top",
    "transaction",
    "tstats",
    "where",
];

/// True if a command begins here rather than a condition.
pub(super) fn starts_command(rest: &str) -> bool {
    let Ok((rest, ())) = space0(rest) else { return false };
    let Ok((after, name)) = name(rest) else { return false };
    let after_space = space1(after).map_or(after, |(after, ())| after);
    let ends = after_space.len() < after.len() || after.starts_with(['[', ']', '|']);
    FIRST.contains(&name) && ends && !after_space.starts_with(['=', '!', '<', '>'])
}

fn name(rest: &str) -> Parsed<'_, &str> {
    let start = |name: &str| name.starts_with(|it: char| it.is_ascii_alphabetic());
    verify(take_while1(is_letter), start).parse(rest)
}

pub(super) fn command(rest: &str, place: Place) -> Parsed<'_, Command> {
    if let Ok((rest, call)) = call(rest) {
        return Ok((rest, Command::Call(call)));
    }
    let place = Place { grouped: false, ..place };
    let (rest, name) = name(rest)?;
    sure(body(rest, name, place))
}

/// What stands behind the name of a command.
fn body<'t>(rest: &'t str, name: &str, place: Place) -> Parsed<'t, Command> {
    match name {
        "search" => all(rest, place).map(|(rest, it)| (rest, Command::Search(it))),
        "where" => eval(rest, place).map(|(rest, it)| (rest, Command::Where(it))),
        "eval" => assignments(rest, place).map(|(rest, it)| (rest, Command::Eval(it))),
        "fields" => fields(rest),
        "table" => table(rest),
        "rename" => rename(rest),
        "fillnull" => fillnull(rest, place),
        "mvexpand" => mvexpand(rest, place),
        "dedup" => dedup(rest, place),
        "sort" => sort(rest, place),
        "stats" => stats(rest, place),
        "streamstats" => streamstats(rest, place),
        "bin" | "bucket" => bin(rest, place),
        "convert" => convert(rest, place),
        "append" => append(rest, place),
        "multisearch" => searches(rest, place).map(|(rest, it)| (rest, Command::Multisearch(it))),
        "tstats" => {
            let (rest, arguments) = tstats(rest, place)?;
            let narrow = narrow_tstats(&arguments).map(Command::Tstats);
            Ok((rest, narrow.unwrap_or_else(|| other(name, arguments))))
        }
        _ => arguments(rest, name, place).map(|(rest, it)| (rest, other(name, it))),
    }
}

/// The arguments of a command that nothing is translated to.
fn arguments<'t>(rest: &'t str, name: &str, place: Place) -> Parsed<'t, Vec<Argument>> {
    match name {
        "eventstats" | "chart" | "timechart" | "geostats" | "sistats" | "sitimechart" => {
            grouped(rest, place)
        }
        "mstats" => tstats(rest, place),
        "top" | "rare" | "sitop" | "sirare" => common(rest, place),
        "head" | "tail" => head(rest, place),
        "reverse" | "uniq" => Ok((rest, Vec::new())),
        "makemv" | "mvcombine" | "nomv" | "iplocation" => options_and_names(rest, place, 1, 1),
        "spath" => options_and_names(rest, place, 0, 1),
        "xyseries" | "untable" => options_and_names(rest, place, 3, usize::MAX),
        "filldown" => options_and_names(rest, place, 0, usize::MAX),
        "rex" => rex(rest, place),
        "regex" => regex(rest),
        "lookup" => lookup(rest, place),
        "inputlookup" | "outputlookup" | "inputcsv" | "outputcsv" => lookup_table(rest, place),
        "join" | "appendcols" => joined(rest, place),
        "foreach" | "appendpipe" => with_template(rest, place),
        "map" | "union" | "set" => mixed(rest, place),
        "transaction" => options_or_names(rest, place),
        "makeresults" | "collect" | "mcollect" => {
            items0(move |rest| option(rest, place)).parse(rest)
        }
        "fieldformat" => {
            let one = map(
                |rest| assignment(rest, place),
                |(name, eval)| Argument::Assignment(name, eval),
            );
            map(one, |it| vec![it]).parse(rest)
        }
        _ => words(rest, place),
    }
}
