//! Windows events in JSON, flattened to the field names of Sigma's taxonomy.
//!
//! Tools turn the XML of an event into JSON in their own ways: attributes stand under `#attributes`
//! (`evtx_dump`), beside the element as `Name_attributes` (`evtx_dump` with separate attributes), or with
//! an `@` before their names (XML libraries). The text of an element that has attributes is `#text`.
//!
//! Under `System`, names of attributes join those of their elements: `Provider_Name`,
//! `Execution_ProcessID`. Fields of `EventData` and `UserData` have their own names, without spaces.
//! Two values under one name become a list.

use serde_json::{Map, Value};

const ATTRIBUTES: &str = "#attributes";
const TEXT: &str = "#text";
/// The suffix of separate attributes.
const SEPARATE: &str = "_attributes";
/// Belongs to the XML, not to the event.
const NAMESPACE: &str = "xmlns";

/// The fields of a Windows event; `None` if it is not one.
///
/// It is one if it has a map `System`, at the top or under `Event`.
pub fn flatten(event: &Map<String, Value>) -> Option<Map<String, Value>> {
    let root = event.get("Event").and_then(Value::as_object).unwrap_or(event);
    let system = root.get("System")?.as_object()?;
    let mut fields = Map::new();
    for (name, value) in system {
        add_system(name, value, &mut fields);
    }
    for section in ["EventData", "UserData"] {
        match root.get(section) {
            Some(Value::Object(data)) if section == "UserData" => add_user_data(data, &mut fields),
            Some(data) => add_data(section, data, &mut fields),
            None => {}
        }
    }
    Some(fields)
}

/// An element of `System`. The time is there under the name of its element too.
fn add_system(name: &str, value: &Value, fields: &mut Map<String, Value>) {
    let name = name.strip_suffix(SEPARATE).unwrap_or(name);
    let Value::Object(parts) = value else { return add(name, value, fields) };
    for (key, value) in parts {
        match (key.as_str(), value) {
            (ATTRIBUTES, Value::Object(attributes)) => {
                add_system(name, &attributes.clone().into(), fields);
            }
            (TEXT, value) => add(name, value, fields),
            (key, value) => {
                let attribute = key.trim_start_matches('@');
                if (name, attribute) == ("TimeCreated", "SystemTime") {
                    add(name, value, fields);
                }
                if attribute != NAMESPACE {
                    add(&format!("{name}_{attribute}"), value, fields);
                }
            }
        }
    }
}

/// The one element below `UserData` is a wrapper: its children are the fields.
fn add_user_data(data: &Map<String, Value>, fields: &mut Map<String, Value>) {
    for (name, value) in data.iter().filter(|(name, _)| !is_attributes(name)) {
        if let Value::Object(children) = value {
            add_children(children, fields);
        } else {
            add_data(name, value, fields);
        }
    }
}

fn add_children(children: &Map<String, Value>, fields: &mut Map<String, Value>) {
    for (name, value) in children.iter().filter(|(name, _)| !is_attributes(name)) {
        add_data(name, value, fields);
    }
}

/// An element of data, named by its attribute `Name` or else by itself.
fn add_data(name: &str, value: &Value, fields: &mut Map<String, Value>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|it| add_data(name, it, fields)),
        Value::Object(parts) => {
            if let Some(text) = parts.get(TEXT) {
                return add_data(attribute_name(parts).unwrap_or(name), text, fields);
            }
            match attribute_name(parts) {
                // An element without text has no value.
                Some(_) if name == "Data" => {}
                Some(section) => {
                    add(&format!("{name}_Name"), &section.into(), fields);
                    add_children(parts, fields);
                }
                None => add_children(parts, fields),
            }
        }
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            add(name, scalar, fields);
        }
    }
}

fn is_attributes(name: &str) -> bool {
    name == ATTRIBUTES || name.starts_with('@') || name.ends_with(SEPARATE)
}

fn attribute_name(parts: &Map<String, Value>) -> Option<&str> {
    let attributes = parts.get(ATTRIBUTES).and_then(|it| it.get("Name"));
    attributes.or_else(|| parts.get("@Name"))?.as_str()
}

fn add(name: &str, value: &Value, fields: &mut Map<String, Value>) {
    let name: String = name.chars().filter(|it| !it.is_whitespace()).collect();
    if value.is_null() {
        return;
    }
    match fields.get_mut(&name) {
        Some(Value::Array(values)) => values.push(value.clone()),
        Some(first) => *first = Value::Array(vec![first.take(), value.clone()]),
        None => {
            fields.insert(name, value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> Option<String> {
        let event: Map<String, Value> = serde_json::from_str(text).unwrap();
        flatten(&event).map(|fields| Value::Object(fields).to_string())
    }

    #[test]
    fn attributes_join_their_elements() {
        let event = r##"{"Event": {"#attributes": {"xmlns": "x"}, "System": {
            "Provider": {"#attributes": {"Name": "P", "Guid": "G"}}, "EventID": {"#attributes": {"Qualifiers": 16384}, "#text": 7036},
            "TimeCreated": {"#attributes": {"SystemTime": "2026-01-01T00:00:00Z"}}, "Execution": {"#attributes": {"ProcessID": 4}},
            "Correlation": null, "Security": null, "Channel": "System"}, "EventData": null}}"##;
        let wanted = r#"{"Provider_Name":"P","Provider_Guid":"G","EventID_Qualifiers":16384,"EventID":7036,"TimeCreated":"2026-01-01T00:00:00Z","TimeCreated_SystemTime":"2026-01-01T00:00:00Z","Execution_ProcessID":4,"Channel":"System"}"#;
        assert_eq!(flat(event).as_deref(), Some(wanted));
    }

    #[test]
    fn other_ways_to_write_attributes() {
        let wanted = Some(r#"{"EventID":1,"Provider_Name":"P","Image":"a"}"#);
        let separate = r#"{"Event": {"System": {"EventID": 1, "Provider_attributes": {"Name": "P"}}, "EventData": {"Image": "a"}}}"#;
        assert_eq!(flat(separate).as_deref(), wanted);
        let at = r##"{"Event": {"System": {"EventID": 1, "Provider": {"@Name": "P"}}, "EventData": {"Data": [{"@Name": "Image", "#text": "a"}, {"@Name": "User"}]}}}"##;
        assert_eq!(flat(at).as_deref(), wanted);
        let bare = r##"{"System": {"EventID": 1, "Provider": {"#attributes": {"Name": "P"}}}, "EventData": {"Data": {"#attributes": {"Name": "Image"}, "#text": "a"}}}"##;
        assert_eq!(flat(bare).as_deref(), wanted);
    }

    #[test]
    fn names_lose_their_spaces_and_values_without_names_are_data() {
        let spaces = r#"{"Event": {"System": {"EventID": 1}, "EventData": {"Threat Name": "x", "Empty": null}}}"#;
        assert_eq!(flat(spaces).as_deref(), Some(r#"{"EventID":1,"ThreatName":"x"}"#));
        let unnamed =
            r#"{"Event": {"System": {}, "EventData": {"Data": ["a", "b"], "Binary": "00"}}}"#;
        assert_eq!(flat(unnamed).as_deref(), Some(r#"{"Data":["a","b"],"Binary":"00"}"#));
        let list = r##"{"Event": {"System": {}, "EventData": {"Data": {"#text": ["a", "b"]}}}}"##;
        assert_eq!(flat(list).as_deref(), Some(r#"{"Data":["a","b"]}"#));
        let one = r#"{"Event": {"System": {}, "EventData": {"Data": "a"}}}"#;
        assert_eq!(flat(one).as_deref(), Some(r#"{"Data":"a"}"#));
    }

    #[test]
    fn user_data_has_a_wrapper() {
        let event = r##"{"Event": {"System": {}, "UserData": {"Operation_ClientFailure": {"#attributes": {"xmlns": "m"}, "User": "a", "Inner": {"Code": 5}}}}}"##;
        assert_eq!(flat(event).as_deref(), Some(r#"{"User":"a","Code":5}"#));
        let section = r##"{"Event": {"System": {}, "EventData": {"#attributes": {"Name": "TaskDisabled"}, "TaskName": "t"}}}"##;
        assert_eq!(
            flat(section).as_deref(),
            Some(r#"{"EventData_Name":"TaskDisabled","TaskName":"t"}"#)
        );
    }

    #[test]
    fn other_events_are_left_alone() {
        assert_eq!(flat(r#"{"Image": "a", "System": "x"}"#), None);
        assert_eq!(flat(r#"{"Event": {"EventData": {}}}"#), None);
    }
}
