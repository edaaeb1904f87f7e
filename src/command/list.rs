//! `isogloss list`: one aligned line for each thing there is, a paragraph for a pipeline.

mod pipelines;

use isogloss_backends::{TARGETS, title_of};
use isogloss_compiler::diagnostic::Code;
use isogloss_compiler::diagnostic::code::RANGES;
use isogloss_compiler::ir::LossKind;
use isogloss_compiler::modifier::MODIFIERS;

use crate::cli::{List, Listing};
use crate::exit::Exit;
use crate::output::Output;

/// The columns of a line.
type Row = Vec<String>;

/// Prints one line for each thing there is: its name first, what it is last.
pub(crate) fn run(arguments: &List) -> Exit {
    let text = match arguments.what {
        Listing::Targets => table(&targets()),
        Listing::Formats => table(&formats()),
        Listing::Pipelines => pipelines::list(),
        Listing::Modifiers => table(&modifiers()),
        Listing::Codes => codes(),
    };
    match Output::Stdout.write("", &text) {
        Ok(()) => Exit::Fine,
        Err(_) => Exit::Usage,
    }
}

/// Name, default pipeline, language, and what the queries take for granted.
fn targets() -> Vec<Row> {
    let rows = TARGETS.iter().map(|backend| {
        let pipeline = format!("pipeline {}", backend.default_pipeline());
        let titles: Vec<&str> = backend.languages().iter().map(|it| title_of(it)).collect();
        let title = match &*titles {
            [] => backend.title().to_owned(),
            titles => {
                format!("{}: for each rule the better of {}", backend.title(), titles.join(" and "))
            }
        };
        let about = format!("{title}; assumes {}", backend.assumes().join("; "));
        row([backend.name(), &pipeline, &about])
    });
    rows.collect()
}

/// Target, name and what it is.
fn formats() -> Vec<Row> {
    let own = TARGETS.iter().flat_map(|backend| {
        backend.formats().iter().map(|it| row([backend.name(), it.name, it.summary]))
    });
    own.chain([row(["all", "json", "one object with queries, losses and findings"])]).collect()
}

/// Name, what it works on, and what it does.
fn modifiers() -> Vec<Row> {
    MODIFIERS.iter().map(|it| row([it.name, it.input, it.summary])).collect()
}

/// The ranges with their codes: code, severity, for a loss its kind, and title.
fn codes() -> String {
    let parts = RANGES.iter().map(|(start, about)| {
        let codes = Code::ALL.iter().filter(|code| code.as_str().starts_with(start));
        let rows: Vec<Row> = codes.map(|code| describe_code(*code)).collect();
        format!("{start}xx: {about}\n{}", table(&rows))
    });
    parts.collect::<Vec<_>>().join("\n")
}

fn describe_code(code: Code) -> Row {
    let (text, severity) = (code.as_str(), code.severity().as_str());
    match LossKind::ALL.iter().find(|kind| kind.code() == code) {
        Some(kind) => row([text, severity, kind.as_str(), code.title()]),
        None => row([text, severity, code.title()]),
    }
}

fn row<const N: usize>(columns: [&str; N]) -> Row {
    columns.map(str::to_owned).to_vec()
}

/// Columns as wide as their widest entry; the last one ends the line.
fn table(rows: &[Row]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    });
    lines.collect()
}
