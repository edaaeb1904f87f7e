//! Commands to text.

use super::super::ast::{Column, Command, Query, Streamstats, Tstats};
use super::eval::{print_eval, print_eval_chain};
use super::other::print_other;
use super::{print_call, print_chain, print_field, print_pattern, quote};
use crate::layout::{Doc, Layout};

/// A command behind its pipe.
pub(super) fn print_command<'a>(command: &Command, layout: &Layout<'a>) -> Doc<'a> {
    layout.text("| ").append(print_body(command, layout))
}

pub(super) fn print_body<'a>(command: &Command, layout: &Layout<'a>) -> Doc<'a> {
    let head = |name: &str| layout.text(name);
    let words = |name: &str, words: Vec<String>| {
        layout.fill(std::iter::once(name.to_owned()).chain(words).map(|word| layout.text(word)))
    };
    let fields = |fields: &[String]| fields.iter().map(|it| print_field(it)).collect::<Vec<_>>();
    let patterns =
        |fields: &[String]| fields.iter().map(|it| print_pattern(it)).collect::<Vec<_>>();
    match command {
        Command::Search(search) => layout.headed(head("search"), print_chain(search, layout)),
        Command::Where(eval) => layout.headed(head("where"), print_eval_chain(eval, layout)),
        Command::Eval(assignments) => {
            let assignments = assignments.iter().map(|(name, eval)| {
                layout.text(format!("{}=", print_field(name))).append(print_eval(eval, layout))
            });
            layout.headed(head("eval"), layout.chain(",", assignments))
        }
        Command::Keep(names) => words("fields", patterns(names)),
        Command::Drop(names) => words("fields -", patterns(names)),
        Command::Table(names) => words("table", patterns(names)),
        Command::Fillnull { value, fields: names } => {
            let value = value.iter().map(|value| format!("value={}", quote(value)));
            words("fillnull", value.chain(fields(names)).collect())
        }
        Command::Stats { columns, by } => words("stats", grouped(columns, by)),
        Command::Streamstats(streamstats) => words("streamstats", print_streamstats(streamstats)),
        Command::Bin { field, span } => {
            words("bin", vec![print_field(field), format!("span={span}")])
        }
        Command::Sort { count, keys } => {
            let keys = keys.iter().map(|key| {
                let sign = if key.descending { "-" } else { "" };
                format!("{sign}{}", print_field(&key.field))
            });
            words("sort", std::iter::once(count.to_string()).chain(keys).collect())
        }
        Command::Dedup(names) => words("dedup", fields(names)),
        Command::Mvexpand(field) => words("mvexpand", vec![print_field(field)]),
        Command::Rename(names) => {
            let name = |(old, new): &(String, String)| {
                layout.text(format!("{} as {}", print_pattern(old), print_pattern(new)))
            };
            layout.headed(head("rename"), layout.chain(",", names.iter().map(name)))
        }
        Command::Multisearch(queries) => {
            let searches = queries.iter().map(|query| print_subsearch(query, layout));
            layout.headed(head("multisearch"), layout.lines(searches))
        }
        Command::Append(query) => layout.headed(head("append"), print_subsearch(query, layout)),
        Command::Tstats(tstats) => print_tstats(tstats, layout),
        Command::Convert { timeformat, field } => words(
            "convert",
            vec![
                format!("timeformat={}", quote(timeformat)),
                format!("ctime({})", print_field(field)),
            ],
        ),
        Command::Call(call) => head(&print_call(call)),
        Command::Other(other) => print_other(other, layout),
    }
}

fn print_column(column: &Column) -> String {
    let field = column.field.iter().map(|field| format!("({})", print_field(field)));
    let alias = column.alias.iter().map(|alias| format!(" as {}", print_field(alias)));
    std::iter::once(column.function.clone()).chain(field).chain(alias).collect()
}

/// Columns, and the fields that form groups.
fn grouped(columns: &[Column], by: &[String]) -> Vec<String> {
    let names = by.iter().map(|it| print_field(it));
    let by = (!by.is_empty()).then(|| "by".to_owned());
    columns.iter().map(print_column).chain(by).chain(names).collect()
}

fn print_streamstats(streamstats: &Streamstats) -> Vec<String> {
    let Streamstats { time_window, current, columns, by } = streamstats;
    let window = time_window.iter().map(|it| format!("time_window={it}"));
    let current = (!current).then(|| "current=f".to_owned());
    window.chain(current).chain(grouped(columns, by)).collect()
}

fn print_tstats<'a>(tstats: &Tstats, layout: &Layout<'a>) -> Doc<'a> {
    let Tstats { options, fillnull_value, columns, model, condition, by } = tstats;
    let words = |words: Vec<String>| layout.fill(words.into_iter().map(|word| layout.text(word)));
    let head = std::iter::once("tstats".to_owned());
    let fill = fillnull_value.iter().map(|it| format!("fillnull_value={it}"));
    let head = head.chain(options.iter().map(print_call)).chain(fill);
    let head = head.chain(columns.iter().map(print_column));
    let head = words(head.chain([format!("from datamodel={model}")]).collect());
    let condition =
        condition.iter().map(|it| layout.headed(layout.text("where"), print_chain(it, layout)));
    let by = (!by.is_empty()).then(|| words(grouped(&[], by)));
    layout.lines(std::iter::once(head).chain(condition).chain(by))
}

/// A search in brackets. It begins with the word `search`, unless another command makes its rows.
pub(super) fn print_subsearch<'a>(query: &Query, layout: &Layout<'a>) -> Doc<'a> {
    let query = query.joined();
    let condition = query
        .condition
        .iter()
        .map(|it| layout.headed(layout.text("search"), print_chain(it, layout)));
    let commands = query.commands.iter().map(|it| print_command(it, layout));
    layout.bracketed(layout.lines(condition.chain(commands)))
}
