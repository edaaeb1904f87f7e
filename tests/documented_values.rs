//! The values that the documented pages of two detections show, one by one: what is built of our rules holds
//! each of them.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "content/conf.rs"]
mod conf;

use std::path::{Path, PathBuf};
use std::process::Command;

use conf::Conf;
use serde_json::Value;

/// The rules of the repository, built in a folder of their own for the first time.
struct Built {
    folder: tempfile::TempDir,
    values: Value,
}

impl Built {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let rules = folder.path().join("rules");
        std::fs::create_dir_all(rules.join("netsupport")).expect("a folder");
        copy(&root.join("rules/isogloss.toml"), &rules.join("isogloss.toml"));
        for entry in std::fs::read_dir(root.join("rules/netsupport")).expect("the rules") {
            let path = entry.expect("readable").path();
            copy(&path, &rules.join("netsupport").join(path.file_name().expect("a name")));
        }
        let output = Command::new(env!("CARGO_BIN_EXE_isogloss"))
            .args(["build", "-q"])
            .current_dir(&rules)
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let values = read(&root.join("tests/documented/values.toml"));
        Self { folder, values: toml::from_str(&values).expect("the documented values") }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join("build").join(below)
    }

    /// The values of a page.
    fn page(&self, page: &str) -> &Value {
        self.values.get(page).expect("the page")
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("a copy");
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a file that was built")
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Each value of a page with what was built in its place.
fn compare(page: &Value, built: impl Fn(&Value) -> Option<Value>) {
    let values = page.get("value").and_then(Value::as_array).expect("values");
    for value in values {
        assert_eq!(built(value).as_ref(), value.get("is"), "{}", text(value, "says"));
    }
}

#[test]
fn the_rule_of_kibana_holds_what_the_page_of_elastic_shows() {
    let built = Built::new();
    let page = built.page("elastic");
    for file in ["rules.ndjson", "create.ndjson"] {
        let lines = read(&built.path("elastic").join(file));
        let mut rules =
            lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let rule = rules.find(|it| text(it, "rule_id") == text(page, "rule")).expect("the rule");
        compare(page, |value| rule.pointer(text(value, "at")).cloned());
    }
}

#[test]
fn the_toml_of_detection_rules_holds_what_the_page_of_elastic_shows() {
    let built = Built::new();
    let page = built.page("elastic");
    let rules = std::fs::read_dir(built.path("elastic/toml/rules")).expect("the rules");
    let rules = rules.map(|entry| read(&entry.expect("readable").path()));
    let mut rules = rules.map(|text| toml::from_str::<Value>(&text).expect("TOML"));
    let is_it = |it: &Value| it.pointer("/rule/rule_id") == page.get("rule");
    let rule = rules.find(is_it).expect("the rule");
    compare(page, |value| rule.pointer(&format!("/rule{}", text(value, "at"))).cloned());
}

#[test]
fn the_saved_search_holds_what_the_page_of_splunk_shows() {
    let built = Built::new();
    let page = built.page("splunk");
    let conf = read(&built.path("splunk/isogloss_netsupport/default/savedsearches.conf"));
    let conf = Conf::read(&conf).expect("a conf file");
    let metadata = "action.correlationsearch.metadata";
    let is_it =
        |stanza: &str| conf.get(stanza, metadata).is_some_and(|it| it.contains(text(page, "rule")));
    let stanza = conf.0.iter().map(|(name, _)| name).find(|name| is_it(name)).expect("the stanza");
    compare(page, |value| {
        let written = conf.get(stanza, text(value, "key"))?;
        match value.get("at").and_then(Value::as_str) {
            Some(at) => serde_json::from_str::<Value>(written).ok()?.pointer(at).cloned(),
            None => Some(Value::from(written)),
        }
    });
}

#[test]
fn macros_and_data_source_are_those_of_the_page_of_splunk() {
    let built = Built::new();
    let page = built.page("splunk");
    let app = read(&built.path("splunk/isogloss_netsupport/default/macros.conf"));
    let app = Conf::read(&app).expect("a conf file");
    for (name, definition) in page.get("macros").and_then(Value::as_object).expect("macros") {
        let definition = definition.as_str().expect("a definition");
        // The app defines its filters; Splunk's own macros are those of contentctl's folder.
        let beside = built.path("splunk/escu/macros").join(format!("{name}.yml"));
        match app.get(name, "definition") {
            Some(defined) => assert_eq!(defined, definition, "{name}"),
            None => assert_line(&read(&beside), "definition", definition),
        }
    }
    let source = page.get("data_source").and_then(Value::as_object).expect("a data source");
    let written = read(&built.path("splunk/escu/data_sources/sysmon_eventid_7.yml"));
    for (key, value) in source {
        assert_line(&written, key, value.as_str().expect("a value"));
    }
}

/// The file has a line with the key and the value in double quotes.
fn assert_line(yaml: &str, key: &str, value: &str) {
    let line = format!("{key}: {}", Value::from(value));
    assert!(yaml.lines().any(|it| it == line), "{line}\nis not in\n{yaml}");
}
