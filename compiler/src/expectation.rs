//! Expectations: a file beside the rules that says which events a rule finds.
//!
//! ```yaml
//! rule: service_install.yml          # from this file; or an id; absent: the rule with the file's name
//! logsource: {product: windows, service: system}
//! via: [ir, spl]                     # absent: ir, the rule itself
//! events:
//!     - name: the service is installed
//!       match: true
//!       event: {EventID: 7045, ServiceName: Client32}
//!     - file: events.json
//!       matches: [0, 2]
//! ```

use serde_json::{Number, Value};

use crate::ast::Logsource;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::events;
use crate::parse::Fields;
use crate::source::{SourceId, Span, Spanned};
use crate::yaml::{self, Node, Resolved, parse_yaml};

const CODE: Code = Code::InvalidExpectation;

/// What one document of a file of expectations states about one rule.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// The document's first key.
    pub span: Span,
    /// The path of the rule from this file, or its id; `None` is the rule with the name of the file.
    pub rule: Option<Spanned<String>>,
    /// The log source of the events.
    pub logsource: Option<Logsource>,
    /// What is to answer: `ir` or a target. Empty is `ir`.
    pub via: Vec<Spanned<String>>,
    /// The events, in order.
    pub events: Vec<Expected>,
}

/// Events, and which of them are to be found.
#[derive(Debug, Clone)]
pub struct Expected {
    /// What it is about, for reports.
    pub name: Option<String>,
    /// The events.
    pub given: Given,
    /// Which of them.
    pub wanted: Wanted,
    /// Where that is said.
    pub span: Span,
}

/// Events of an expectation.
#[derive(Debug, Clone)]
pub enum Given {
    /// One, written out.
    Event(events::Fields),
    /// Those of a file, its path from the file of expectations.
    File(Spanned<String>),
}

/// Which events are to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    All,
    /// None of them.
    None,
    /// Those at these places, from 0.
    Places(Vec<usize>),
}

impl Wanted {
    /// True if the event at this place is to be found.
    pub fn contains(&self, place: usize) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Places(places) => places.contains(&place),
        }
    }
}

/// Reads a file of expectations. What is wrong is reported, and the rest is read.
pub fn parse_expectations(
    source: SourceId,
    text: &str,
    diagnostics: &mut Diagnostics,
) -> Vec<Expectation> {
    let nodes = parse_yaml(source, text, diagnostics);
    let whole = nodes.iter().filter(|node| !node.is_null());
    whole.filter_map(|node| parse_expectation(node, diagnostics)).collect()
}

fn parse_expectation(node: &Node, diagnostics: &mut Diagnostics) -> Option<Expectation> {
    let fields = Fields::of(node, CODE, diagnostics)?;
    fields.refuse_others(&["rule", "logsource", "via", "events"], CODE, diagnostics);
    let entries = fields.maps("events", diagnostics);
    if entries.is_empty() {
        let message = "no event is listed under `events`";
        let help = "write `events: [{match: true, event: {Image: 'C:\\a.exe'}}]`";
        diagnostics.push(Diagnostic::new(CODE, start_of(&fields), message).with_help(help));
    }
    let logsource = fields.node("logsource").and_then(|it| Fields::of(it, CODE, diagnostics));
    Some(Expectation {
        span: start_of(&fields),
        rule: fields.text("rule", diagnostics),
        logsource: logsource.map(|it| parse_logsource(&it, diagnostics)),
        via: fields.texts("via", diagnostics),
        events: entries.iter().filter_map(|it| parse_expected(it, diagnostics)).collect(),
    })
}

fn start_of(fields: &Fields) -> Span {
    fields.entries().first().map_or(fields.span(), |(key, _)| key.span)
}

fn parse_logsource(fields: &Fields, diagnostics: &mut Diagnostics) -> Logsource {
    fields.refuse_others(&["category", "product", "service"], CODE, diagnostics);
    let mut text = |key: &str| fields.text(key, diagnostics).map(|it| it.value);
    Logsource { category: text("category"), product: text("product"), service: text("service") }
}

fn parse_expected(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<Expected> {
    fields.refuse_others(&["name", "match", "matches", "event", "file"], CODE, diagnostics);
    let name = fields.text("name", diagnostics).map(|it| it.value);
    let given = parse_given(fields, diagnostics);
    let (wanted, span) = parse_wanted(fields, diagnostics)?;
    Some(Expected { name, given: given?, wanted, span })
}

fn parse_given(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<Given> {
    match (fields.node("event"), fields.text("file", diagnostics)) {
        (Some(event), None) => {
            let Value::Object(fields) = to_json(event) else {
                Fields::of(event, CODE, diagnostics)?;
                return None;
            };
            Some(Given::Event(fields))
        }
        (None, Some(file)) => Some(Given::File(file)),
        (_, _) => {
            let message = "an entry has either `event` or `file`";
            let help = "write `event: {Image: 'C:\\a.exe'}`, or `file: events.json`";
            diagnostics.push(Diagnostic::new(CODE, start_of(fields), message).with_help(help));
            None
        }
    }
}

fn parse_wanted(fields: &Fields, diagnostics: &mut Diagnostics) -> Option<(Wanted, Span)> {
    match (fields.entry("match"), fields.entry("matches")) {
        (Some((_, node)), None) => {
            let wanted = fields.word("match", &[("true", true), ("false", false)], diagnostics)?;
            Some((if wanted { Wanted::All } else { Wanted::None }, node.span))
        }
        (None, Some((_, node))) => Some((parse_places(node, diagnostics)?, node.span)),
        (_, _) => {
            let message = "an entry has either `match` or `matches`";
            let help = "write `match: true`, or `matches: [0, 2]` for events of a file";
            diagnostics.push(Diagnostic::new(CODE, start_of(fields), message).with_help(help));
            None
        }
    }
}

fn parse_places(node: &Node, diagnostics: &mut Diagnostics) -> Option<Wanted> {
    let before = diagnostics.len();
    let places = node.elements().iter().filter_map(|element| {
        let place = element.as_text().and_then(|text| text.parse().ok());
        if place.is_none() {
            let message = "events are numbered in their file from 0";
            diagnostics.push(Diagnostic::new(CODE, element.span, message));
        }
        place
    });
    let places: Vec<usize> = places.collect();
    (diagnostics.len() == before).then_some(Wanted::Places(places))
}

/// YAML as JSON; a number that JSON cannot write stays the text that it is.
fn to_json(node: &Node) -> Value {
    match &node.value {
        yaml::Value::Scalar(scalar) => match scalar.resolve() {
            Resolved::Null => Value::Null,
            Resolved::Bool(value) => Value::Bool(value),
            Resolved::Number(text) => {
                text.parse::<Number>().map_or_else(|_| Value::from(text), Value::Number)
            }
            Resolved::Text(text) => Value::from(text),
        },
        yaml::Value::Sequence(elements) => elements.iter().map(to_json).collect(),
        yaml::Value::Mapping(entries) => {
            let text = |key: &Node| key.as_scalar().map(|it| it.text.to_string());
            let pairs = entries.iter();
            Value::Object(
                pairs.filter_map(|(key, value)| Some((text(key)?, to_json(value)))).collect(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn read(text: &str) -> (Vec<Expectation>, Vec<String>) {
        let source = SourceMap::new().add("a.test.yml", text);
        let mut diagnostics = Vec::new();
        let read = parse_expectations(source, text, &mut diagnostics);
        (read, diagnostics.into_iter().map(|it| it.message).collect())
    }

    #[test]
    fn everything_that_can_be_said() {
        let text = "rule: a.yml\nlogsource: {product: windows}\nvia: [ir, spl]\nevents:\n  - name: n\n    match: true\n    event: {A: 1.50, B: [x, null], C.D: '01', E: 010}\n  - {file: e.json, matches: [0, 2]}\n";
        let (read, messages) = read(text);
        assert_eq!(messages, [""; 0]);
        let [first, second] = &*read[0].events else { panic!("{read:?}") };
        let Given::Event(fields) = &first.given else { panic!("{first:?}") };
        let wanted = r#"{"A":1.50,"B":["x",null],"C.D":"01","E":"010"}"#;
        assert_eq!(Value::Object(fields.clone()).to_string(), wanted);
        assert!(
            first.wanted.contains(0) && second.wanted.contains(2) && !second.wanted.contains(1)
        );
    }

    #[test]
    fn what_is_wrong_is_said_and_the_rest_is_read() {
        let (read, messages) = read(
            "events:\n  - {match: true}\n  - {event: {A: 1}}\n  - {match: maybe, event: {A: 1}}\n  - {matches: [-1], file: a}\n  - {match: true, event: 5}\n  - {match: false, event: {}}\n",
        );
        assert_eq!(read[0].events.len(), 1);
        assert_eq!(
            messages,
            [
                "an entry has either `event` or `file`",
                "an entry has either `match` or `matches`",
                "`maybe` is no match",
                "events are numbered in their file from 0",
                "a map is expected here, not a number",
            ]
        );
    }
}
