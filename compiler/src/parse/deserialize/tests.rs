use proptest::prelude::*;

use super::*;
use crate::ast::attributes::WrittenAttributes;
use crate::ast::{Attributes, Elastic, Splunk};
use crate::diagnostic::Diagnostic;
use crate::source::SourceId;
use crate::yaml::parse_yaml;

fn read(text: &str) -> (Option<Attributes>, Vec<String>) {
    let mut diagnostics = Vec::new();
    let documents = parse_yaml(SourceId(0), text, &mut diagnostics);
    let read = documents.first().and_then(|node| {
        deserialize::<WrittenAttributes>(node, Code::UnknownAttribute, &mut diagnostics)
    });
    let show = |it: &Diagnostic| {
        let span = it.labels[0].span;
        let guilty = text.get(span.start as usize..span.end as usize).unwrap();
        let help = it.help.as_deref().unwrap_or_default();
        format!("{} | {guilty} | {} | {help}", it.code.as_str(), it.message)
    };
    (read.map(Into::into), diagnostics.iter().map(show).collect())
}

#[test]
fn yaml_is_read_as_toml_is() {
    let yaml = "
splunk:
  type: Anomaly
  fillnull: all
  risk: { message: m, objects: [{ field: dest, type: system, score: 30 }] }
  schedule: { cron: 0 * * * *, window: auto }
  enabled: true
  extra: { a: b }
elastic:
  risk_score: 73
  index: [a, b]
  suppression: { fields: [host.id], missing_fields: doNotSuppress }
  extra: { a: { b: [1, -2, 1.5, true, x] } }
";
    let toml = "
[splunk]
type = 'Anomaly'
fillnull = 'all'
risk = { message = 'm', objects = [{ field = 'dest', type = 'system', score = 30 }] }
schedule = { cron = '0 * * * *', window = 'auto' }
enabled = true
extra = { a = 'b' }
[elastic]
risk_score = 73
index = ['a', 'b']
suppression = { fields = ['host.id'], missing_fields = 'doNotSuppress' }
extra = { a = { b = [1, -2, 1.5, true, 'x'] } }
";
    let (read, found) = read(yaml);
    assert_eq!(found, [""; 0]);
    assert_eq!(read, Some(toml::from_str::<WrittenAttributes>(toml).unwrap().into()));
}

#[test]
fn text_is_lenient() {
    let yaml = "
splunk:
  type: ttp
  how_to_implement: 4688
  throttle: { fields: dest, period: 60 }
  risk:
elastic:
  risk_score: '73'
  severity: HIGH
  index: logs-*
  tags:
";
    let (read, found) = read(yaml);
    assert_eq!(found, [""; 0]);
    let Attributes { splunk: Splunk { kind, how_to_implement, throttle, risk, .. }, elastic } =
        read.unwrap();
    assert_eq!(kind.unwrap().as_str(), "TTP");
    assert_eq!(how_to_implement.as_deref(), Some("4688"));
    assert_eq!(throttle.unwrap().fields, ["dest"]);
    assert_eq!(risk, None);
    let Elastic { risk_score, severity, index, tags, .. } = elastic;
    assert_eq!((risk_score, severity.unwrap().as_str()), (Some(73), "high"));
    assert_eq!((index, tags), (vec!["logs-*".to_owned()], vec![]));
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    let yaml = "
versoin: 1
splunk:
  filnull: all
  type: [TTP]
  risk:
    objects:
      - { field: dest, type: sytem, score: 101 }
      - { feild: dest, type: system }
      - { type: system }
      - dest
    threat_objects: { field: a, type: b }
  throttle: 1h
  enabled: yes
  extra: [a]
elastic:
  risk_score: 173
  max_signals: -1
  note: { a: b }
  index: [{ a: b }, ~]
  language: esql
";
    let (read, found) = read(yaml);
    assert!(read.is_some());
    let wanted = [
        "E0205 | versoin | `versoin` is not known here | did you mean `version`?",
        "E0205 | filnull | `filnull` is not known here | did you mean `fillnull`?",
        "E0205 | [TTP | `type` has to be a string, not a list | write `type: TTP`",
        "E0205 | sytem | `sytem` is no type | did you mean `system`?",
        "E0205 | 101 | `score` has to be a whole number from 0 to 100 | ",
        "E0205 | feild | `feild` is not known here | did you mean `field`?",
        "E0202 | type | `field` is missing | ",
        "E0205 | dest | `objects` has to be a list of maps, not a string | ",
        "E0205 | { field: a, type: b | `threat_objects` has to be a list, not a map | ",
        "E0205 | 1h | `throttle` has to be a map, not a string | ",
        "E0205 | yes | `enabled` has to be `true` or `false`, not a string | ",
        "E0205 | [a | `extra` has to be a map, not a list | ",
        "E0205 | 173 | `risk_score` has to be a whole number from 0 to 100 | ",
        "E0205 | -1 | `max_signals` has to be a whole number from 0 to 4294967295, not -1 | ",
        "E0205 | { a: b | `note` has to be a string, not a map | ",
        "E0205 | { a: b | `index` has to be a list of strings, not a map | ",
        "E0205 | ~ | `index` has to be a list of strings, not nothing | ",
        "E0205 | esql | `esql` is no language | did you mean `eql`?",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn mistakes_have_an_end() {
    let keys: Vec<String> = (0..1000).map(|number| format!("  k{number}: 1")).collect();
    let (read, found) = read(&format!("splunk:\n{}\n", keys.join("\n")));
    assert_eq!((read, found.len()), (None, MAX_MISTAKES));
}

/// Text that is nearly an attribute.
fn attribute() -> impl Strategy<Value = String> {
    let keys = prop::sample::select(vec![
        "splunk",
        "elastic",
        "version",
        "risk",
        "objects",
        "field",
        "type",
        "score",
        "extra",
        "throttle",
        "fields",
        "period",
        "schedule",
        "cron",
        "index",
        "risk_score",
        "timeline",
        "id",
        "suppression",
        "missing_fields",
        "drilldowns",
        "name",
        "~",
        "[a]",
        "x",
    ]);
    let leaf = prop::sample::select(vec![
        "1",
        "-1",
        "1e400",
        "0x1F",
        "~",
        "''",
        "a",
        "TTP",
        "system",
        "true",
        "{}",
        "[]",
        "99999999999999999999",
        "*a",
        "&a b",
        "!!int 5",
    ]);
    let leaf = leaf.prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let entry =
            (keys.clone(), inner.clone()).prop_map(|(key, value)| format!("{key}: {value}"));
        let map = prop::collection::vec(entry, 0..5);
        prop_oneof![
            map.prop_map(|entries| format!("{{ {} }}", entries.join(", "))),
            prop::collection::vec(inner, 0..4).prop_map(|it| format!("[{}]", it.join(", "))),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics(text in attribute()) {
        read(&text);
    }

    #[test]
    fn what_is_not_read_whole_is_reported(text in attribute()) {
        let (attributes, found) = read(&text);
        prop_assert!(attributes.is_some() || !found.is_empty());
    }
}
