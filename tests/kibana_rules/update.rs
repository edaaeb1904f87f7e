//! What is new, what has changed, what is to delete: with the lock file alone, and with an export.

use std::collections::BTreeSet;

use isogloss_backends::content::Entry;
use isogloss_backends::content::elastic::{Current, Parts, digest, ndjson};
use serde_json::{Map, Value, json};

use super::rules::{Built, Compiler, settings};

const EVERY: &[&str] = &["enabled", "exceptions_list", "actions", "throttle", "id"];

/// What a change empties where a rule says nothing.
const EMPTIED: &[&str] = &[
    "author",
    "false_positives",
    "license",
    "note",
    "references",
    "related_integrations",
    "required_fields",
    "setup",
    "tags",
    "threat",
];

fn ids(text: &str) -> Vec<String> {
    let rules = crate::lines(text).into_iter();
    rules.map(|rule| rule["rule_id"].as_str().expect("an id").to_owned()).collect()
}

fn build(entries: &[Entry], new: &[&str], gone: &[&str], current: Option<&Current>) -> [String; 4] {
    let new: BTreeSet<&str> = new.iter().copied().collect();
    let parts = Parts { all: entries, new, gone: gone.to_vec(), current };
    let files = ndjson(&parts, &settings()).expect("rules");
    let import = current.map(|_| crate::text(&files, "import.ndjson")).unwrap_or_default();
    let [create, update, delete] =
        ["create.ndjson", "update.ndjson", "delete.json"].map(|path| crate::text(&files, path));
    [create, update, delete, import]
}

fn built() -> Vec<Built> {
    Compiler::new().folder(&crate::root().join("rules/netsupport"))
}

#[test]
fn new_rules_are_created_and_the_others_changed() {
    let mut built = built();
    built[0].metadata.references.clear();
    built[0].metadata.falsepositives.clear();
    built[0].metadata.author = None;
    built[0].metadata.tags.clear();
    let entries: Vec<Entry> = built.iter().map(Built::entry).collect();
    // A rule that is there again is not deleted.
    let gone = ["b", "a", entries[2].id.as_str()];
    let [create, update, delete, _] = build(&entries, &[&entries[1].id], &gone, None);
    assert_eq!(ids(&create), [entries[1].id.as_str()]);
    assert_eq!(crate::lines(&create)[0]["enabled"], json!(false));
    assert_eq!(ids(&update).len(), entries.len() - 1);
    for body in crate::lines(&update) {
        assert!(EVERY.iter().all(|key| !body.contains_key(*key)), "{body:?}");
        // What a rule does not say any more has to go.
        assert!(EMPTIED.iter().all(|key| body.contains_key(*key)), "{body:?}");
    }
    let delete: Value = serde_json::from_str(&delete).expect("JSON");
    assert_eq!(delete, json!([{ "rule_id": "a" }, { "rule_id": "b" }]));
}

/// An export of these rules, as Kibana writes one: with keys of its own, and other lines.
fn export(rules: &[Map<String, Value>], change: impl Fn(usize, &mut Map<String, Value>)) -> String {
    let mut text = String::new();
    for (place, rule) in rules.iter().enumerate() {
        let mut rule = rule.clone();
        for (key, value) in [
            ("id", json!(format!("saved-{place}"))),
            ("revision", json!(3)),
            ("immutable", json!(false)),
            ("created_at", json!("2026-01-01T00:00:00.000Z")),
            ("updated_by", json!("elastic")),
            ("output_index", json!("")),
            ("rule_source", json!({ "type": "internal" })),
            ("filters", json!([])),
            ("exceptions_list", json!([])),
            ("actions", json!([])),
            ("severity_mapping", json!([])),
            ("version", json!(17)),
        ] {
            rule.insert(key.to_owned(), value);
        }
        rule.entry("note").or_insert_with(|| json!(""));
        rule.entry("setup").or_insert_with(|| json!(""));
        change(place, &mut rule);
        text += &Value::Object(rule).to_string();
        text += "\n";
    }
    text += "{\"list_id\":\"a\",\"type\":\"detection\",\"name\":\"list\"}\n\n";
    text + "{\"exported_count\":3,\"missing_rules\":[],\"exported_rules_count\":3}\n"
}

#[test]
fn an_export_decides_what_is_there() {
    let built = built();
    let entries: Vec<Entry> = built.iter().map(Built::entry).collect();
    let all = crate::lines(&crate::text(&crate::files(&entries), "rules.ndjson"));
    // One is missing, one has another query, one was tuned by those who run it.
    let list =
        json!([{ "id": "x", "list_id": "a", "type": "detection", "namespace_type": "single" }]);
    let text = export(&all[1..], |place, rule| match place {
        0 => drop(rule.insert("query".to_owned(), json!("process where true"))),
        1 => {
            rule.insert("enabled".to_owned(), json!(true));
            rule.insert("exceptions_list".to_owned(), list.clone());
            rule.insert("actions".to_owned(), json!([{ "id": "c", "action_type_id": ".slack" }]));
            rule.insert("throttle".to_owned(), json!("1h"));
        }
        _ => {}
    });
    let current = Current::parse(&text).expect("an export");
    let gone = ["a", all[0]["rule_id"].as_str().expect("an id")];
    let [create, update, delete, import] = build(&entries, &[], &gone, Some(&current));
    assert_eq!(ids(&create), [entries[0].id.as_str()]);
    assert_eq!(ids(&update), [entries[1].id.as_str()]);
    assert_eq!(delete, "[]\n");
    let import = crate::lines(&import);
    assert_eq!(import.len(), entries.len());
    assert_eq!(
        [0, 1, 2].map(|it| import[it]["enabled"].clone()),
        [json!(false), json!(false), json!(true)]
    );
    assert_eq!(import[2]["exceptions_list"], list);
    assert_eq!(import[2]["throttle"], json!("1h"));
    assert_eq!(import[2]["actions"][0]["id"], json!("c"));
    let validator = crate::validator();
    assert!(import.into_iter().all(|rule| validator.is_valid(&Value::Object(rule))));
}

#[test]
fn what_is_gone_is_deleted_if_it_is_there() {
    let built = built();
    let entries: Vec<Entry> = built.iter().map(Built::entry).collect();
    let all = crate::lines(&crate::text(&crate::files(&entries), "rules.ndjson"));
    let current = Current::parse(&export(&all, |_, _| {})).expect("an export");
    let gone = [entries[0].id.as_str(), "not-there"];
    let [create, update, delete, _] = build(&entries[1..], &[], &gone, Some(&current));
    assert_eq!((create.as_str(), update.as_str()), ("", ""));
    let delete: Value = serde_json::from_str(&delete).expect("JSON");
    assert_eq!(delete, json!([{ "rule_id": entries[0].id }]));
}

#[test]
fn a_rule_keeps_its_type() {
    let built = built();
    let entries: Vec<Entry> = built.iter().map(Built::entry).collect();
    let all = crate::lines(&crate::text(&crate::files(&entries), "rules.ndjson"));
    let text = export(&all, |_, rule| drop(rule.insert("type".to_owned(), json!("query"))));
    let current = Current::parse(&text).expect("an export");
    let parts =
        Parts { all: &entries, new: BTreeSet::new(), gone: Vec::new(), current: Some(&current) };
    let error = ndjson(&parts, &settings()).expect_err("another type");
    assert!(error.contains("does not change the type"), "{error}");
}

#[test]
fn what_is_no_export_is_refused() {
    for (text, wanted) in [
        ("{", "line 1: "),
        ("{}\n[]", "line 2: an object"),
        ("{\"rule_id\":\"a\"}\n{\"rule_id\":\"a\"}", "line 2: the rule `a` is there twice"),
    ] {
        let error = Current::parse(text).expect_err("no export");
        assert!(error.starts_with(wanted), "{error}");
    }
    assert!(!Current::parse("").expect("nothing").contains("a"));
}

/// The version is not part of what is compared, and everything else is.
#[test]
fn a_digest_changes_with_the_rule() {
    let built = built();
    let mut entry = built[0].entry();
    let before = digest(&entry, &settings()).expect("a rule");
    entry.version = 7;
    assert_eq!(digest(&entry, &settings()).expect("a rule"), before);
    let mut other = built[0].clone();
    other.metadata.falsepositives.push("more".to_owned());
    assert_ne!(digest(&other.entry(), &settings()).expect("a rule"), before);
}
