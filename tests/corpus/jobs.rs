//! Searches with their events and our answers, for another evaluator of SPL (`conformance/spl_agree.py`).

use std::path::Path;

use isogloss_backends::backend::{Options, QUERY};
use isogloss_backends::spl::ast::{Query, Search};
use isogloss_backends::spl::evaluate::Ready;
use isogloss_backends::spl::{Spl, lower, print};
use isogloss_backends::{Backend, Trial};
use isogloss_compiler::ir::{Event, Macro, Mapped, Rule};
use serde_json::{Map, Value, json};

/// Writes the jobs of a rule, one a line: each of its searches on the events of its log source, and
/// without the scope on the events of which it is not known.
pub(crate) fn write(
    folder: &Path,
    number: usize,
    path: &str,
    rule: &Rule<Mapped>,
    trials: &[Trial],
) {
    let options = Options { format: QUERY.name, width: None, inline_macros: false };
    let (Ok(queries), Ok(printed)) = (lower::lower(rule), Spl.translate(rule, &options)) else {
        return;
    };
    let (known, unknown): (Vec<_>, Vec<_>) =
        trials.iter().map(|it| (it.event, it.scoped)).partition(|(_, scoped)| *scoped);
    let jobs = queries.iter().zip(&printed).flat_map(|((query, _), printed)| {
        let all = job(path, query, &printed.macros, &known, true);
        let rest = job(path, &without_scope(query), &printed.macros, &unknown, false);
        [all, rest]
    });
    let lines: String = jobs.map(|job| format!("{job}\n")).collect();
    std::fs::create_dir_all(folder).expect("a folder");
    std::fs::write(folder.join(format!("{number:05}.jsonl")), lines).expect("a file");
}

fn job(
    name: &str,
    query: &Query,
    macros: &[Macro],
    events: &[(&Event<Mapped>, bool)],
    scoped: bool,
) -> Value {
    let text = print::print(query, None).text;
    let ready = Ready::new(query, macros);
    let found = events.iter().enumerate().filter(|(_, (event, _))| ready.finds(event, scoped));
    let found: Vec<usize> = found.map(|(place, _)| place).collect();
    let raw = text.contains("_raw");
    let events: Vec<Value> = events.iter().map(|(event, _)| row(event, raw)).collect();
    let macros: Map<String, Value> =
        macros.iter().map(|it| (it.name.clone(), Value::from(it.definition.as_str()))).collect();
    json!({"name": name, "query": text, "macros": macros, "events": events, "expected": found})
}

/// The search that is asked where the log source of an event is not known.
fn without_scope(query: &Query) -> Query {
    let condition = query.condition.clone().or(Some(Search::Everything));
    Query { scope: None, condition, commands: query.commands.clone() }
}

/// An event as Splunk has it: every value is text, and a field may have several.
fn row(event: &Event<Mapped>, raw: bool) -> Value {
    let mut fields = Map::new();
    for name in event.fields().keys() {
        match event.values(name).as_slice() {
            [] => {}
            [value] => drop(fields.insert(name.clone(), value.text().into())),
            values => {
                let values: Vec<&str> = values.iter().map(|it| it.text()).collect();
                fields.insert(name.clone(), json!({"$mv": values}));
            }
        }
    }
    if raw {
        fields.insert("_raw".to_owned(), event.text().into());
    }
    Value::Object(fields)
}
