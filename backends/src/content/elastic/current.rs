//! What Kibana has now: an export of its rules.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What an export says is there, by rule id. Exception lists, connectors and the summary are passed over.
#[derive(Debug, Clone, Default)]
pub struct Current {
    rules: BTreeMap<String, Map<String, Value>>,
}

/// The keys that belong to those who run the rules, not to those who write them.
pub(super) const OPERATOR: &[&str] = &["enabled", "exceptions_list", "actions", "throttle"];

impl Current {
    /// Reads an export: one object a line. The error is for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rules = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim().trim_start_matches('\u{feff}');
            if line.is_empty() {
                continue;
            }
            let place = |what: &str| format!("line {}: {what}", number + 1);
            let value: Value =
                serde_json::from_str(line).map_err(|error| place(&error.to_string()))?;
            let Value::Object(object) = value else {
                return Err(place("an object is expected, as Kibana exports them"));
            };
            let Some(id) = object.get("rule_id").and_then(Value::as_str).map(str::to_owned) else {
                continue;
            };
            if rules.insert(id.clone(), object).is_some() {
                return Err(place(&format!("the rule `{id}` is there twice")));
            }
        }
        Ok(Self { rules })
    }

    /// True if there is a rule of this id.
    pub fn contains(&self, id: &str) -> bool {
        self.rules.contains_key(id)
    }

    /// The type of a rule that is there.
    pub(super) fn type_of(&self, id: &str) -> Option<&str> {
        self.rules.get(id)?.get("type")?.as_str()
    }

    /// True if the rule is there and has every value of `body`. Who runs rules may have changed the rest; the
    /// version is counted by Kibana too.
    pub(super) fn has(&self, id: &str, body: &Map<String, Value>) -> bool {
        let Some(there) = self.rules.get(id) else { return false };
        let is_same = |(key, value): (&String, &Value)| {
            key == "version"
                || simplify(value, key) == there.get(key).and_then(|it| simplify(it, key))
        };
        body.iter().all(is_same)
    }

    /// Puts what belongs to those who run a rule into it.
    pub(super) fn carry_over(&self, id: &str, rule: &mut Map<String, Value>) {
        let Some(there) = self.rules.get(id) else { return };
        for key in OPERATOR {
            if let Some(value) = there.get(*key) {
                rule.insert((*key).to_owned(), value.clone());
            }
        }
    }
}

/// A value without what Kibana adds or leaves out: what is empty is nothing, and which fields are of the
/// Elastic Common Schema is Kibana's to say.
fn simplify(value: &Value, key: &str) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then(|| value.clone()),
        Value::Array(list) => {
            let list: Vec<Value> = list.iter().filter_map(|it| simplify(it, key)).collect();
            (!list.is_empty()).then_some(Value::Array(list))
        }
        Value::Object(object) => {
            let is_kept = |name: &str| key != "required_fields" || name != "ecs";
            let entries = object.iter().filter(|(name, _)| is_kept(name));
            let object: BTreeMap<String, Value> = entries
                .filter_map(|(name, value)| Some((name.clone(), simplify(value, name)?)))
                .collect();
            (!object.is_empty()).then(|| Value::Object(object.into_iter().collect()))
        }
        Value::Bool(_) | Value::Number(_) => Some(value.clone()),
    }
}
