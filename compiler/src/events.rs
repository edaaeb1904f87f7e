//! Text to events: JSON, a list in JSON, objects one after the other, one a line or not.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::ast::Logsource;
use crate::ir::{Event, Sigma};
use crate::pipeline::Sources;
use crate::windows;

/// The fields of each event, as they stand in the file.
pub type Fields = Map<String, Value>;

/// Why the rest of a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where, in bytes of the text.
    pub place: Range<usize>,
}

/// Reads every event of a text, and where it stopped if something in it is wrong.
pub fn read_events(text: &str) -> (Vec<Fields>, Option<Fault>) {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let text = text.trim_start_matches('\u{feff}');
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let mut events = Vec::new();
    loop {
        let before = stream.byte_offset();
        let fault = match stream.next() {
            None => return (events, None),
            Some(Ok(value)) => take(value, &mut events).err().map(|message| {
                // The stream stands before the white space in front of the value.
                let gap = text.get(before..).unwrap_or_default();
                let before = before + gap.len() - gap.trim_start().len();
                Fault { message, place: start + before..start + before + 1 }
            }),
            Some(Err(error)) => Some(broken(text, start, &error)),
        };
        if fault.is_some() {
            return (events, fault);
        }
    }
}

/// One event, or each of a list.
fn take(value: Value, events: &mut Vec<Fields>) -> Result<(), String> {
    let Value::Array(elements) = value else {
        return push(value, events)
            .map_err(|found| format!("an event is an object, not {}", describe(&found)));
    };
    for (place, element) in elements.into_iter().enumerate() {
        push(element, events).map_err(|found| {
            let found = describe(&found);
            format!("element {place} of the list is {found}, and an event is an object")
        })?;
    }
    Ok(())
}

/// Gives the value back if it is no event.
fn push(value: Value, events: &mut Vec<Fields>) -> Result<(), Value> {
    if let Value::Object(fields) = value {
        events.push(fields);
        Ok(())
    } else {
        Err(value)
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The parser counts lines, and columns in bytes, both from 1.
fn broken(text: &str, start: usize, error: &serde_json::Error) -> Fault {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let line: usize = lines.map(str::len).sum();
    let mut at = (line + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let message = error.to_string();
    // The place is underlined, so it is not said again.
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    Fault { message, place: start + at..start + at + width }
}

/// An event with Sigma's field names. A Windows event is flattened and its log sources are inferred; any
/// other is of an unknown log source. `given` stands in place of both.
pub fn to_event(fields: Fields, sources: &Sources, given: Option<&Logsource>) -> Event<Sigma> {
    let windows = windows::flatten(&fields);
    let is_windows = windows.is_some();
    let mut event = Event::new(windows.unwrap_or(fields));
    if let Some(given) = given {
        event.logsources = vec![given.clone()];
    } else if is_windows {
        event.logsources = sources.of(&event);
        if event.logsources.is_empty() {
            let product = Some("windows".to_owned());
            event.logsources.push(Logsource { product, ..Logsource::default() });
        }
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        let (events, fault) = read_events(text);
        assert_eq!(fault, None, "{text}");
        events.len()
    }

    #[test]
    fn every_way_to_write_several_events() {
        for text in [
            r#"{"a": 1} {"a": 2}"#,
            "{\"a\": 1}\n{\"a\": 2}\n",
            "{\"a\": 1}\r\n\r\n{\"a\":\n 2}",
            r#"[{"a": 1}, {"a": 2}]"#,
            r#"{"a": 1}{"a": 2}"#,
            "\u{feff}[{\"a\": 1}]\n[{\"a\": 2}]",
        ] {
            assert_eq!(count(text), 2, "{text}");
        }
        assert_eq!(count(" \n"), 0);
        assert_eq!(count("[]"), 0);
    }

    #[test]
    fn numbers_keep_their_text() {
        let (events, _) = read_events(r#"{"a": 1.50, "b": 12345678901234567890123}"#);
        let text = Value::Object(events.into_iter().next().unwrap()).to_string();
        assert_eq!(text, r#"{"a":1.50,"b":12345678901234567890123}"#);
    }

    #[test]
    fn what_is_wrong_is_placed() {
        let fault = |text: &str| {
            let (events, fault) = read_events(text);
            let fault = fault.unwrap();
            (events.len(), fault.message, text.get(fault.place).unwrap().to_owned())
        };
        let (read, message, at) = fault("{\"a\": 1}\n{\"ä\": x}\n");
        assert_eq!((read, message.as_str(), at.as_str()), (1, "expected value", "x"));
        let (read, message, at) = fault("{\"a\": 1}\n 5");
        assert_eq!(
            (read, message.as_str(), at.as_str()),
            (1, "an event is an object, not a number", "5")
        );
        let (read, message, at) = fault("\u{feff}[{}, []]");
        let wanted = "element 1 of the list is a list, and an event is an object";
        assert_eq!((read, message.as_str(), at.as_str()), (1, wanted, "["));
        let (_, message, _) = fault("{\"a\": ");
        assert_eq!(message, "EOF while parsing a value");
    }
}
