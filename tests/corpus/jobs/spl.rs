//! Searches of SPL (`conformance/spl_eval.py`).

use isogloss_backends::Backend;
use isogloss_backends::backend::Options;
use isogloss_backends::spl::ast::{Query, Search};
use isogloss_backends::spl::evaluate::Ready;
use isogloss_backends::spl::{Spl, lower, print};
use isogloss_compiler::ir::{Event, LossKind, Macro, Mapped};
use serde_json::{Map, Value, json};

use super::{Judged, Part, places};

pub(super) fn jobs(judged: &Judged) -> Vec<Value> {
    let options = Options::query(None);
    let rule = judged.rule;
    let (Ok(queries), Ok(printed)) = (lower::lower(rule), Spl.translate(rule, &options)) else {
        return Vec::new();
    };
    let mut parts = judged.parts();
    // What several values mean is documented where no loss says otherwise.
    if judged.losses.iter().any(|it| it.kind == LossKind::Multivalue) {
        parts.iter_mut().for_each(|part| part.events.retain(|event| !has_list(event)));
    }
    let queries = queries.iter().zip(&printed);
    let jobs = queries.flat_map(|((query, _), printed)| {
        parts.each_ref().map(|part| job(judged.path, query, &printed.macros, part))
    });
    jobs.collect()
}

fn has_list(event: &Event<Mapped>) -> bool {
    event.fields().values().any(Value::is_array)
}

fn job(name: &str, query: &Query, macros: &[Macro], part: &Part) -> Value {
    let query = if part.scoped { query.clone() } else { without_scope(query) };
    let text = print::print(&query, None).text;
    let ready = Ready::new(&query, macros);
    let found = places(part.events.iter().map(|event| ready.finds(event, part.scoped)));
    let raw = text.contains("_raw");
    let events: Vec<Value> = part.events.iter().map(|event| row(event, raw)).collect();
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
