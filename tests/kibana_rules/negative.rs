//! What the schema must refuse: a judge that takes everything judges nothing.

use serde_json::{Map, Value, json};

use super::rules::{Built, Compiler};

type Change = (&'static str, fn(&mut Map<String, Value>));

const FAULTS: &[Change] = &[
    ("another severity", |rule| set(rule, "severity", json!("informational"))),
    ("a risk score above 100", |rule| set(rule, "risk_score", json!(101))),
    ("a risk score that is text", |rule| set(rule, "risk_score", json!("73"))),
    ("an id in capitals", |rule| {
        set(rule, "rule_id", json!("F98FFFAC-F19A-4E15-93A0-BAEA7F73F40E"));
    }),
    ("no version", |rule| set(rule, "version", json!(0))),
    ("an empty name", |rule| set(rule, "name", json!(" "))),
    ("an empty description", |rule| set(rule, "description", json!(""))),
    ("an unknown key", |rule| set(rule, "severty", json!("high"))),
    ("no language", |rule| drop(rule.remove("language"))),
    ("the language of another type", |rule| set(rule, "language", json!("kuery"))),
    ("another type", |rule| set(rule, "type", json!("query"))),
    ("a threshold without its numbers", |rule| {
        set(rule, "type", json!("threshold"));
        set(rule, "language", json!("kuery"));
    }),
    ("nowhere to search", |rule| drop(rule.remove("index"))),
    ("two places to search", |rule| set(rule, "data_view_id", json!("a"))),
    ("no index pattern", |rule| set(rule, "index", json!([]))),
    ("an interval without a unit", |rule| set(rule, "interval", json!("5"))),
    ("an interval of nothing", |rule| set(rule, "interval", json!("0m"))),
    ("a start in the future", |rule| set(rule, "from", json!("now+5m"))),
    ("a tag twice", |rule| set(rule, "tags", json!(["a", "a"]))),
    ("a page without its slash", |rule| {
        set(
            &mut threat(rule)["tactic"],
            "reference",
            json!("https://attack.mitre.org/tactics/TA0011"),
        );
    }),
    ("a technique as a tactic", |rule| set(&mut threat(rule)["tactic"], "id", json!("T1219"))),
    ("a sub-technique as a technique", |rule| {
        set(&mut threat(rule)["technique"][0], "id", json!("T1059.001"));
    }),
    ("a technique without a tactic", |rule| {
        threat(rule).as_object_mut().expect("an object").remove("tactic");
    }),
    ("another framework", |rule| set(threat(rule), "framework", json!("ATT&CK"))),
    ("four fields of suppression", |rule| {
        set(rule, "alert_suppression", json!({ "group_by": ["a", "b", "c", "d"] }));
    }),
    ("suppression in days", |rule| {
        let duration = json!({ "value": 1, "unit": "d" });
        set(rule, "alert_suppression", json!({ "group_by": ["a"], "duration": duration }));
    }),
    ("a timeline without a title", |rule| set(rule, "timeline_id", json!("a"))),
    ("a field without a type", |rule| set(rule, "required_fields", json!([{ "name": "a" }]))),
    ("an integration without a version", |rule| {
        set(rule, "related_integrations", json!([{ "package": "endpoint" }]));
    }),
];

/// Objects and maps alike.
trait Settable {
    fn set(&mut self, key: &str, value: Value);
}

impl Settable for Map<String, Value> {
    fn set(&mut self, key: &str, value: Value) {
        self.insert(key.to_owned(), value);
    }
}

impl Settable for Value {
    fn set(&mut self, key: &str, value: Value) {
        self[key] = value;
    }
}

fn set(place: &mut impl Settable, key: &str, value: Value) {
    place.set(key, value);
}

fn threat(rule: &mut Map<String, Value>) -> &mut Value {
    &mut rule["threat"][0]
}

#[test]
fn the_schema_refuses_faults() {
    let built = Compiler::new().folder(&crate::root().join("rules/netsupport"));
    let wanted = |it: &&Built| it.path.ends_with("execution_from_an_unusual_path.yml");
    let entry = built.iter().find(wanted).expect("the documented rule").entry();
    let rules = crate::text(&crate::files(&[entry]), "rules.ndjson");
    let rule = crate::lines(&rules).remove(0);
    let validator = crate::validator();
    assert!(validator.is_valid(&Value::Object(rule.clone())));
    for (fault, change) in FAULTS {
        let mut rule = rule.clone();
        change(&mut rule);
        assert!(!validator.is_valid(&Value::Object(rule)), "{fault} is taken");
    }
}
