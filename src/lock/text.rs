//! The lock as text: sorted, one key a line, so that two branches seldom touch the same lines.

use std::fmt::Write;

use isogloss_compiler::text::is_hidden;

use super::{Lock, Row, State, VERSION};

const HEAD: &str = "\
# Written by `isogloss build`: the names, versions and types of what was built. Commit this file, and do not
# edit it. What is pinned here changes with `isogloss build --relock ID`.
";

pub(super) fn write(lock: &Lock) -> String {
    let mut text = format!("{HEAD}version = {VERSION}\n");
    for (name, release) in &lock.outputs {
        let _infallible = write!(text, "\n[outputs.{}]\nrelease = {release}\n", quoted(name));
    }
    for (id, row) in &lock.rows {
        text.push_str(&rule(id, row));
    }
    text
}

fn rule(id: &str, row: &Row) -> String {
    let table = format!("rules.{}", quoted(id));
    let mut text = format!("\n[{table}]\n");
    let mut line = |key: &str, value: String| {
        let _infallible = writeln!(text, "{key} = {value}");
    };
    line("title", quoted(&row.title));
    line("name", quoted(&row.name));
    line("file", quoted(&row.file));
    if let Some(further) = &row.further {
        line("rule", quoted(&further.rule));
        line("query", further.number.to_string());
    }
    for (output, state) in &row.outputs {
        text.push_str(&in_output(&format!("{table}.outputs.{}", quoted(output)), state));
    }
    text
}

fn in_output(table: &str, state: &State) -> String {
    let State { splunk, version, content, since, changed, kind, gone, earlier } = state;
    let mut text = format!("[{table}]\n");
    let mut line = |key: &str, value: String| {
        let _infallible = writeln!(text, "{key} = {value}");
    };
    if let Some(splunk) = splunk {
        line("stanza", quoted(&splunk.stanza));
        line("filter", quoted(&splunk.filter));
    }
    line("version", version.to_string());
    line("content", quoted(content));
    line("since", since.to_string());
    line("changed", changed.to_string());
    if let Some(kind) = kind {
        line("type", quoted(kind.as_str()));
    }
    if let Some(gone) = gone {
        line("gone", gone.to_string());
    }
    let stays: Vec<String> = earlier
        .iter()
        .map(|stay| {
            let kind = stay.kind.map(|it| format!(", type = {}", quoted(it.as_str())));
            format!(
                "{{ since = {}, gone = {}{} }}",
                stay.since,
                stay.gone,
                kind.unwrap_or_default()
            )
        })
        .collect();
    if !stays.is_empty() {
        line("earlier", format!("[{}]", stays.join(", ")));
    }
    text
}

/// A basic string of TOML, on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            it if is_hidden(it) => {
                let _infallible = write!(quoted, "\\U{:08X}", u32::from(it));
            }
            it => quoted.push(it),
        }
    }
    quoted + "\""
}
