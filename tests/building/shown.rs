//! What is shown of files: as much as can be read by eye.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::building::Tree;

/// The keys that are shown of a rule of Kibana.
const KEYS: &[&str] =
    &["rule_id", "name", "version", "type", "enabled", "exceptions_list", "actions", "throttle"];

/// What a build has changed: the files, and the interesting ones in short.
pub(crate) fn changes(before: &Tree, after: &Tree) -> String {
    let mut text = String::new();
    let mut unchanged = 0;
    let mut parts = Vec::new();
    let paths: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for path in paths {
        let sign = match (before.get(path), after.get(path)) {
            (Some(old), Some(new)) if old == new => {
                unchanged += 1;
                continue;
            }
            (Some(_), Some(_)) => '~',
            (None, _) => '+',
            (Some(_), None) => '-',
        };
        let _ = writeln!(text, "{sign} {path}");
        let old = before.get(path).map(Vec::as_slice).unwrap_or_default();
        parts.extend(after.get(path).and_then(|bytes| short(path, old, bytes)));
    }
    let _ = writeln!(text, "= {unchanged} more");
    text + &parts.concat()
}

/// A file in short, if there is anything to see in it.
fn short(path: &str, old: &[u8], bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let name = path.rsplit('/').next().unwrap_or_default();
    let short = match name {
        "isogloss.lock" => lock(&String::from_utf8_lossy(old), &text),
        "savedsearches.conf" => saved_searches(&text),
        "macros.conf" => stanzas(&text).map(|(name, _)| name + "\n").collect(),
        "delete.json" => text.into_owned(),
        _ if name.ends_with(".ndjson") => text.lines().map(rule).collect(),
        _ => return None,
    };
    Some(format!("--- {path}\n{short}"))
}

/// Releases, and the names and versions of the queries that are not as before, without hashes.
fn lock(old: &str, text: &str) -> String {
    let (Ok(old), Ok(lock)) = (old.parse::<toml::Table>(), text.parse::<toml::Table>()) else {
        return text.to_owned();
    };
    let mut short = String::new();
    for (name, output) in table(lock.get("outputs")) {
        let release = table(Some(&output)).remove("release").expect("a release");
        let _ = writeln!(short, "{name}: release {release}");
    }
    let old = table(old.get("rules"));
    for (id, rule) in table(lock.get("rules")) {
        if old.get(&id) == Some(&rule) {
            let _ = writeln!(short, "{id} as before");
            continue;
        }
        let _ = writeln!(short, "{id}");
        for (key, value) in table(Some(&rule)) {
            if key != "outputs" {
                let _ = writeln!(short, "    {key} = {value}");
            }
        }
        for (output, state) in table(rule.get("outputs")) {
            let state = table(Some(&state)).into_iter().filter(|(key, _)| key != "content");
            let state: Vec<_> = state.map(|(key, value)| format!("{key} {value}")).collect();
            let _ = writeln!(short, "    {output}: {}", state.join(", "));
        }
    }
    short
}

fn table(value: Option<&toml::Value>) -> toml::Table {
    value.and_then(toml::Value::as_table).cloned().unwrap_or_default()
}

/// One line of NDJSON.
fn rule(line: &str) -> String {
    let object: Map<String, Value> = serde_json::from_str(line).expect("an object");
    let kept = KEYS.iter().filter_map(|key| Some(((*key).to_owned(), object.get(*key)?.clone())));
    Value::Object(kept.collect()).to_string() + "\n"
}

fn saved_searches(text: &str) -> String {
    let mut short = String::new();
    for (name, settings) in stanzas(text) {
        let _ = write!(short, "{name}");
        for (key, value) in settings {
            if key == "disabled" {
                let _ = write!(short, " {key}={value}");
            }
            if key == "action.correlationsearch.metadata" {
                let metadata: Map<String, Value> = serde_json::from_str(&value).expect("JSON");
                for key in ["detection_version", "deprecated"] {
                    let _ = write!(short, " {key}={}", metadata.get(key).unwrap_or(&Value::Null));
                }
            }
        }
        short.push('\n');
    }
    short
}

/// The stanzas of a conf file, with their settings on one line each.
fn stanzas(text: &str) -> impl Iterator<Item = (String, Vec<(String, String)>)> {
    let mut stanzas: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let joined = text.replace("\\\n", " ");
    for line in joined.lines() {
        if line.starts_with('[') && line.ends_with(']') {
            stanzas.push((line.to_owned(), Vec::new()));
        } else if let Some((key, value)) = line.split_once(" = ")
            && let Some((_, settings)) = stanzas.last_mut()
        {
            settings.push((key.to_owned(), value.to_owned()));
        }
    }
    stanzas.into_iter()
}

/// A file, or its lines with a word.
pub(crate) fn lines(tree: &Tree, path: &str, word: &str) -> String {
    let Some(bytes) = tree.get(path) else { return format!("--- {path}: not there\n") };
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().filter(|line| line.contains(word));
    let title = if word.is_empty() { String::new() } else { format!(": {word}") };
    lines.fold(format!("--- {path}{title}\n"), |text, line| text + line + "\n")
}
