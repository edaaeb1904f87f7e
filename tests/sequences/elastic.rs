//! Sequences of EQL for another evaluator.

use std::path::Path;

use serde_json::{Value, json};

use super::sequences::Drop;

/// Writes a sequence with its events, and which of them complete it. Elasticsearch keeps times in
/// milliseconds, so events with finer ones are not written.
pub(crate) fn elastic_job(
    folder: &Path,
    name: &str,
    query: &str,
    events: &[Drop],
    expected: &[usize],
) {
    let Some(rows) = events.iter().map(row).collect::<Option<Vec<Value>>>() else { return };
    let folder = folder.join("eql");
    std::fs::create_dir_all(&folder).expect("a folder");
    let job = json!({
        "target": "eql", "name": name, "query": query, "types": {}, "exact": false, "events": rows,
        "expected": expected,
    });
    std::fs::write(folder.join(format!("{name}.jsonl")), format!("{job}\n")).expect("a file");
}

fn row(event: &Drop) -> Option<Value> {
    let mut fields = event.mapped.clone();
    if let Some(time) = event.time {
        if time % 1_000_000 != 0 {
            return None;
        }
        fields.insert("@timestamp".to_owned(), json!((time / 1_000_000).to_string()));
    }
    Some(Value::Object(fields))
}
