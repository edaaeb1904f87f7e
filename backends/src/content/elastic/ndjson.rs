//! The files that a space of Kibana is filled and kept up to date with. `docs/elastic.md` says which of them
//! is for what.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::artifact::Artifact;
use super::super::entry::Entry;
use super::current::{Current, OPERATOR};
use super::{Settings, blame, make};

/// The rules of a build, and what has become of them since the last one that was deployed.
#[derive(Debug, Clone)]
pub struct Parts<'e> {
    /// Every rule.
    pub all: &'e [Entry<'e>],
    /// The ids of the rules that are not deployed yet.
    pub new: BTreeSet<&'e str>,
    /// The ids of rules that are deployed and have left.
    pub gone: Vec<&'e str>,
    /// What Kibana has, if that is known; it then decides what is new and what has left.
    pub current: Option<&'e Current>,
}

impl Parts<'_> {
    fn is_new(&self, id: &str) -> bool {
        self.current.map_or_else(|| self.new.contains(id), |it| !it.contains(id))
    }

    fn is_up_to_date(&self, id: &str, body: &Map<String, Value>) -> bool {
        self.current.is_some_and(|it| it.has(id, body))
    }

    /// The ids to delete, in order: what has left, and what has to be created anew since its type changes.
    fn to_delete(&self) -> BTreeSet<&str> {
        let is_there = |id: &&str| self.current.is_none_or(|it| it.contains(id));
        let is_back = |id: &&str| self.all.iter().any(|it| it.id == **id) && !self.new.contains(id);
        self.gone.iter().copied().filter(|id| is_there(id) && !is_back(id)).collect()
    }
}

/// Every rule, those that are new, the changes of the others, and what to delete. The error is for people.
pub fn ndjson(parts: &Parts, settings: &Settings) -> Result<Vec<Artifact>, String> {
    let (mut rules, mut create, mut update, mut import) =
        <(String, String, String, String)>::default();
    for entry in parts.all {
        let object = make::make(entry, entry.version, settings).and_then(|it| it.to_object());
        let object = object.map_err(|error| blame(entry, &error))?;
        keep_type(entry, &object, parts).map_err(|error| blame(entry, &error))?;
        push(&mut rules, &object)?;
        if parts.is_new(&entry.id) {
            push(&mut create, &object)?;
        } else {
            let body = patch(&object);
            if !parts.is_up_to_date(&entry.id, &body) {
                push(&mut update, &body)?;
            }
        }
        if let Some(current) = parts.current {
            let mut object = object;
            current.carry_over(&entry.id, &mut object);
            push(&mut import, &object)?;
        }
    }
    let mut artifacts = vec![
        Artifact::text("rules.ndjson", rules),
        Artifact::text("create.ndjson", create),
        Artifact::text("update.ndjson", update),
        Artifact::text("delete.json", delete(parts)?),
    ];
    artifacts.extend(parts.current.map(|_| Artifact::text("import.ndjson", import)));
    Ok(artifacts)
}

/// A rule of another type under the same id could not be changed.
fn keep_type(entry: &Entry, object: &Map<String, Value>, parts: &Parts) -> Result<(), String> {
    let there = parts.current.and_then(|it| it.type_of(&entry.id));
    match (there, object.get("type").and_then(Value::as_str)) {
        (Some(there), Some(wanted)) if there != wanted => Err(format!(
            "Kibana has this rule with the type `{there}`, and it is `{wanted}` here; Kibana does not change the \
             type of a rule, so it needs a new id"
        )),
        (_, _) => Ok(()),
    }
}

/// The keys that are cleared where a rule says nothing: what a change leaves out stays as it is.
const TEXTS: &[&str] = &["license", "note", "setup"];
const LISTS: &[&str] = &[
    "author",
    "references",
    "false_positives",
    "tags",
    "threat",
    "required_fields",
    "related_integrations",
];

/// The body of a change: the rule without what belongs to those who run it.
fn patch(object: &Map<String, Value>) -> Map<String, Value> {
    let is_ours = |key: &str| !OPERATOR.contains(&key) && key != "id";
    let kept = object.iter().filter(|(key, _)| is_ours(key));
    let mut body: Map<String, Value> =
        kept.map(|(key, value)| (key.clone(), value.clone())).collect();
    for key in TEXTS {
        body.entry(*key).or_insert_with(|| json!(""));
    }
    for key in LISTS {
        body.entry(*key).or_insert_with(|| json!([]));
    }
    body
}

/// The ids of the rules that have left, as a list of objects.
fn delete(parts: &Parts) -> Result<String, String> {
    let ids = parts.to_delete().into_iter().map(|id| json!({ "rule_id": id }));
    let list = serde_json::to_string_pretty(&Value::Array(ids.collect()));
    list.map(|text| text + "\n").map_err(|error| error.to_string())
}

fn push(text: &mut String, object: &Map<String, Value>) -> Result<(), String> {
    text.push_str(&line(object)?);
    text.push('\n');
    Ok(())
}

/// An object on one line. Line separators of Unicode are escaped: some readers take them for ends of lines.
pub(super) fn line(object: &Map<String, Value>) -> Result<String, String> {
    let text = serde_json::to_string(object).map_err(|error| error.to_string())?;
    let separators = [('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029"), ('\u{85}', "\\u0085")];
    Ok(separators.iter().fold(text, |text, (it, escape)| text.replace(*it, escape)))
}
