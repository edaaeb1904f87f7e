//! What a platform writes on an event by itself: its source, its category, its code.
//!
//! A scope finds events by these fields. They are written from the log source of the event and never
//! from that of a rule, so that a wrong scope shows as a query that does not find its events.

use serde_json::Value;

use super::Pipelines;
use super::condition::parse_logsource;
use super::transformation::Fields;
use super::variable::{When, parse_when};
use crate::ast::Logsource;
use crate::diagnostic::{Code, Diagnostics};
use crate::ir::{Event, Sigma};
use crate::parse::Fields as Settings;

const CODE: Code = Code::InvalidPipeline;

/// Fields of the events of one log source.
#[derive(Debug)]
pub(super) struct Stamp {
    logsource: Logsource,
    /// Field of the target, and its values; `{Name}` in a value stands for a field of the event.
    fields: Vec<(String, Vec<String>)>,
    /// The choices that it holds for.
    pub(super) when: When,
}

/// Reads `events`.
pub(super) fn parse_stamps(section: &Settings, diagnostics: &mut Diagnostics) -> Vec<Stamp> {
    let entries = section.maps("events", diagnostics);
    entries.iter().filter_map(|it| parse_stamp(it, diagnostics)).collect()
}

fn parse_stamp(entry: &Settings, diagnostics: &mut Diagnostics) -> Option<Stamp> {
    entry.refuse_others(&["logsource", "when", "fields"], CODE, diagnostics);
    let (Some(logsource), Some(fields)) = (entry.node("logsource"), entry.node("fields")) else {
        entry.missing("logsource` or `fields", "an entry has both", diagnostics);
        return None;
    };
    let logsource = Settings::of(logsource, CODE, diagnostics)?;
    logsource.refuse_others(&["category", "product", "service"], CODE, diagnostics);
    let fields = Settings::of(fields, CODE, diagnostics)?;
    let names = fields.entries().iter().filter_map(|(key, _)| key.as_text());
    let fields = names.map(|name| {
        let texts = fields.texts(name, diagnostics);
        (name.to_owned(), texts.into_iter().map(|it| it.value).collect())
    });
    let fields = fields.collect();
    let when = parse_when(entry, diagnostics);
    Some(Stamp { logsource: parse_logsource(&logsource, diagnostics), fields, when })
}

impl Pipelines {
    /// Writes the platform's own fields. An earlier entry wins, and what the event has already wins over
    /// all of them.
    pub(super) fn stamp(&self, event: &Event<Sigma>, fields: &mut Fields) {
        let stamps = self.list.iter().flat_map(|pipeline| &pipeline.extension.stamps);
        let fitting = stamps
            .filter(|stamp| stamp.when.holds(&self.choices))
            .filter(|stamp| event.logsources.iter().any(|mine| stamp.logsource.contains(mine)));
        for (name, templates) in fitting.flat_map(|stamp| &stamp.fields) {
            if fields.contains_key(name) {
                continue;
            }
            let texts: Option<Vec<Value>> =
                templates.iter().map(|it| fill(it, event).map(Value::from)).collect();
            match texts {
                Some(mut texts) if texts.len() == 1 => {
                    fields.insert(name.clone(), texts.pop().unwrap_or_default());
                }
                Some(texts) => {
                    fields.insert(name.clone(), Value::Array(texts));
                }
                // The event has no such field, so there is nothing to write.
                None => {}
            }
        }
    }
}

/// The text of a template; `None` if the event lacks a field that it names.
fn fill(template: &str, event: &Event<Sigma>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, name, after)) = next_name(rest) {
        filled.push_str(before);
        filled.push_str(event.values(name).first()?.text());
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// What stands before the first `{Name}`, the name, and what stands after.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_take_fields_of_the_event() {
        let event = Event::new(serde_json::from_str(r#"{"Channel": "Security"}"#).unwrap());
        assert_eq!(fill("Xml:{Channel}", &event).as_deref(), Some("Xml:Security"));
        assert_eq!(fill("plain", &event).as_deref(), Some("plain"));
        assert_eq!(fill("{EventID}", &event), None);
    }
}
