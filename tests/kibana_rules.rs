//! Rules of Kibana: every line fits the schema (`conformance/kibana_rule.schema.json`), and TOML says the same.
//! Snapshots lie in `tests/kibana_rules/snapshots/`; accept with `INSTA_UPDATE=always`.
//!
//! `SIGMA_CORPUS` names the folder that holds SigmaHQ's `rules`; its process creations on Windows are built too.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod built_in;
mod entries;
mod kibana_rules {
    pub(crate) mod attack;
    pub(crate) mod hostile;
    pub(crate) mod negative;
    pub(crate) mod problems;
    pub(crate) mod rules;
    pub(crate) mod update;
}

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use isogloss_backends::content::elastic::{Parts, check, ndjson, toml};
use isogloss_backends::content::{Artifact, Entry};
use jsonschema::Validator;
use kibana_rules::rules::{Built, Compiler, settings};
use serde_json::{Map, Value};

/// What a case is built from, and the name of its snapshot.
const SNAPSHOTS: &[(&str, &str)] = &[
    ("eql", "rules/netsupport/netsupport_manager_execution_from_an_unusual_path.yml"),
    ("sequence", "rules/netsupport/netsupport_in_privileged_session_4672.yml"),
    ("query", "tests/kibana_rules/cases/query.yml"),
    ("threshold", "tests/kibana_rules/cases/threshold.yml"),
    ("full", "tests/kibana_rules/cases/full.yml"),
];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The judge of a line.
pub(crate) fn validator() -> Validator {
    let path = root().join("conformance/kibana_rule.schema.json");
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON");
    jsonschema::draft202012::options().build(&schema).expect("a schema")
}

/// The files of rules that are all new.
pub(crate) fn files(entries: &[Entry]) -> Vec<Artifact> {
    let new: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let parts = Parts { all: entries, new, gone: Vec::new(), current: None };
    ndjson(&parts, &settings()).expect("rules")
}

/// The text of one of the files.
pub(crate) fn text(artifacts: &[Artifact], path: &str) -> String {
    let artifact = artifacts.iter().find(|it| it.path == path);
    let artifact = artifact.unwrap_or_else(|| panic!("{path} is not there"));
    String::from_utf8(artifact.bytes.clone()).expect("UTF-8")
}

/// The objects of a file with one a line.
pub(crate) fn lines(text: &str) -> Vec<Map<String, Value>> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Every line is a rule to Kibana, and the TOML of the rule says what the line says.
pub(crate) fn judge(entries: &[Entry], validator: &Validator) {
    for entry in entries {
        let problems = check(entry, &settings());
        assert!(problems.iter().all(|it| !it.is_error), "{}: {problems:?}", entry.path);
    }
    let rules = lines(&text(&files(entries), "rules.ndjson"));
    assert_eq!(rules.len(), entries.len());
    let mut tables = tables(entries);
    for (entry, rule) in entries.iter().zip(rules) {
        let value = Value::Object(rule.clone());
        let errors = validator.iter_errors(&value);
        let errors: Vec<String> =
            errors.map(|it| format!("{}: {it}", it.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:?}\n{value:#}", entry.path);
        let table = tables.remove(&entry.id).expect("a file of the rule");
        same(&table, rule);
    }
}

/// The rules of the TOML files, by id.
fn tables(entries: &[Entry]) -> BTreeMap<String, Value> {
    let tree = toml(entries, None, &settings()).expect("TOML");
    let files = tree.iter().filter(|it| it.path.starts_with("toml/rules/"));
    let tables = files.map(|file| {
        let text = text(std::slice::from_ref(file), &file.path);
        let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
        let rule = serde_json::to_value(&table["rule"]).expect("JSON");
        (rule["rule_id"].as_str().expect("an id").to_owned(), rule)
    });
    tables.collect()
}

/// TOML says what the line says, but for what detection-rules makes itself.
fn same(said: &Value, mut rule: Map<String, Value>) {
    rule.remove("required_fields");
    rule.remove("related_integrations");
    assert_eq!(*said, Value::Object(rule));
}

fn read(compiler: &Compiler, path: &str) -> Vec<Built> {
    let folder = root().join(path).parent().expect("a folder").to_owned();
    let built = compiler.folder(&folder);
    built.into_iter().filter(|it| root().join(path).ends_with(&it.path)).collect()
}

#[test]
fn rules_of_the_repository_are_rules_of_kibana() {
    let compiler = Compiler::new();
    let built = ["rules/netsupport", "tests/kibana_rules/cases"]
        .map(|folder| compiler.folder(&root().join(folder)));
    let built = built.concat();
    assert!(built.len() > 15, "{}", built.len());
    let entries: Vec<Entry> = built.iter().map(Built::entry).collect();
    judge(&entries, &validator());
}

#[test]
fn snapshots() {
    let compiler = Compiler::new();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("tests/kibana_rules/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, path) in SNAPSHOTS {
            let built = read(&compiler, path);
            assert!(!built.is_empty(), "{path}");
            let entries: Vec<Entry> = built.iter().map(Built::entry).collect();
            let rules = lines(&text(&files(&entries), "rules.ndjson"));
            let pretty = serde_json::to_string_pretty(&rules).expect("JSON");
            insta::assert_snapshot!(format!("{name}.json"), pretty);
            let tree = toml(&entries, None, &kibana_rules::rules::settings()).expect("TOML");
            let of_rules = tree.iter().filter(|it| it.path.starts_with("toml/rules/"));
            let texts: Vec<String> = of_rules
                .map(|it| format!("# {}\n{}", it.path, text(std::slice::from_ref(it), &it.path)))
                .collect();
            insta::assert_snapshot!(format!("{name}.toml"), texts.join("\n"));
        }
        let tree = toml(&[], None, &kibana_rules::rules::settings()).expect("TOML");
        let files = tree
            .iter()
            .map(|it| format!("# {}\n{}", it.path, text(std::slice::from_ref(it), &it.path)));
        insta::assert_snapshot!("tree", files.collect::<Vec<_>>().join("\n"));
    });
}

/// The process creations on Windows, and everything else that can be said.
#[test]
fn rules_of_the_corpus_are_rules_of_kibana() {
    let Ok(corpus) = std::env::var("SIGMA_CORPUS") else { return };
    let compiler = Compiler::new();
    let built = compiler.folder(&Path::new(&corpus).join("rules/windows/process_creation"));
    assert!(built.len() > 1100, "{}", built.len());
    let entries: Vec<Entry> = built.iter().map(Built::entry).collect();
    judge(&entries, &validator());
    let built = compiler.folder(&Path::new(&corpus).join("rules"));
    let entries: Vec<Entry> = built.iter().map(Built::entry).collect();
    let (fine, refused): (Vec<Entry>, Vec<Entry>) = entries
        .into_iter()
        .partition(|entry| check(entry, &settings()).iter().all(|it| !it.is_error));
    for entry in &refused {
        let problems = check(entry, &settings());
        assert!(
            problems.iter().all(|it| it.message.starts_with("no index pattern")),
            "{problems:?}"
        );
    }
    judge(&fine, &validator());
    assert!(
        fine.len() > 2500 && refused.len() < fine.len() / 10,
        "{} {}",
        fine.len(),
        refused.len()
    );
}
