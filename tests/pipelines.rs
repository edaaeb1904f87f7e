//! A pipeline does to an event what it does to a rule: a mapped rule gives the mapped event the answer
//! that the rule gave the event.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod built_in;

use std::sync::{Arc, LazyLock};

use built_in::built_in;
use isogloss_compiler::ast::Logsource;
use isogloss_compiler::ir::{Direction, Event, LossKind, Mapped, Rule, Sigma, evaluate};
use isogloss_compiler::pass::run_passes;
use isogloss_compiler::pipeline::{Pipelines, Processed, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index};
use proptest::prelude::*;
use proptest::sample::select;

/// The default pipelines, read once.
static ECS: LazyLock<Pipelines> = LazyLock::new(|| built_in("ecs", &mut SourceMap::new()));
static SPLUNK: LazyLock<Pipelines> = LazyLock::new(|| built_in("splunk", &mut SourceMap::new()));

/// A pipeline of these transformations.
fn written(transformations: &str) -> Pipelines {
    let text = format!("name: written\npriority: 1\ntransformations:\n{transformations}");
    let mut sources = SourceMap::new();
    let source = sources.add("pipeline", text.as_str());
    let mut diagnostics = Vec::new();
    let read_file = |_: &str| Err(String::new());
    let pipeline = parse_pipeline(source, &text, &read_file, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    Pipelines::new([Arc::new(pipeline.expect("a pipeline"))])
}

/// The rule of a text.
fn lower(rule: &str) -> Rule<Sigma> {
    let mut sources = SourceMap::new();
    let source = sources.add("rule", rule);
    let index = Index::new(vec![File::read(source, rule)]);
    let (id, ..) = index.rules().next().expect("a rule");
    let lowered = index.lower(id, &mut Vec::new()).expect(rule);
    lowered.detection().expect("a detection").clone()
}

/// The answers of a rule before and after its pipelines, on the event before and after them.
fn answers(
    rule: &Rule<Sigma>,
    event: &Event<Sigma>,
    processed: &Processed,
    after: &Rule<Mapped>,
    pipelines: &Pipelines,
) -> Vec<(bool, bool)> {
    // Without a pipeline, a rule is linked as it is.
    let plain = Pipelines::default();
    let before = plain.link(plain.apply(rule.clone())).expect("no placeholders");
    let untouched = plain.map_event(&plain.apply(rule.clone()).applied, event);
    let mapped_event = pipelines.map_event(&processed.applied, event);
    let conditions = before.body.conditions.iter().zip(&after.body.conditions);
    conditions
        .map(|(before, after)| (evaluate(before, &untouched), evaluate(after, &mapped_event)))
        .collect()
}

/// Compares the answers, unless the pipeline says that they may differ.
fn check(rule: &str, event: &Event<Sigma>, pipelines: &Pipelines) -> Result<(), TestCaseError> {
    let lowered = lower(rule);
    let processed = pipelines.apply(lowered.clone());
    prop_assert!(pipelines.check_replay(&processed.applied).is_ok());
    let after = run_passes(pipelines.link(processed.clone()).expect("no placeholders"));
    if after.body.losses.iter().any(|it| may_differ(it.kind)) {
        return Ok(());
    }
    let mapped_event = pipelines.map_event(&processed.applied, event);
    for (wanted, found) in answers(&lowered, event, &processed, &after, pipelines) {
        let (event, mapped) = (event.fields(), mapped_event.fields());
        prop_assert_eq!(wanted, found, "{}\n{:?}\n{:?}", rule, event, mapped);
    }
    Ok(())
}

/// Losses of names and values, which the direct answer knows nothing of.
fn may_differ(kind: LossKind) -> bool {
    matches!(kind, LossKind::Mapping | LossKind::UnmappedField | LossKind::Case)
}

/// What is left out makes a rule find more only if the loss says so, and the same for less.
fn check_direction(rule: &str, event: &Event<Sigma>) -> Result<(), TestCaseError> {
    let pipelines = written(DROPS);
    let lowered = lower(rule);
    let processed = pipelines.apply(lowered.clone());
    let Ok(after) = pipelines.link(processed.clone()) else { return Ok(()) };
    let losses = after.body.losses.iter().filter(|it| it.kind == LossKind::Mapping);
    let direction = losses.map(|it| it.direction).reduce(Direction::and);
    for (before, found) in answers(&lowered, event, &processed, &after, &pipelines) {
        let fits = match direction {
            None => before == found,
            Some(Direction::Wider) => found || !before,
            Some(Direction::Narrower) => before || !found,
            Some(Direction::Mixed) => true,
        };
        prop_assert!(fits, "{} {:?} {:?}", rule, event.fields(), direction);
    }
    Ok(())
}

/// Leaves out what is about these fields.
const DROPS: &str = r"
  - type: drop_detection_item
    field_name_conditions: [{type: include_fields, fields: [Image, EventID, Foo]}]
  - {type: field_name_mapping, mapping: {ParentImage: []}}
";

const FIELDS: &[&str] = &[
    "Image",
    "ParentImage",
    "CommandLine",
    "OriginalFileName",
    "ImageLoaded",
    "EventID",
    "Foo",
    "Provider_Name",
];

fn path() -> impl Strategy<Value = String> {
    let pieces = select(vec!["C:", "\\", "\\\\", "a", "A", "cmd.exe", "/", "b\\c", " ", "é"]);
    prop::collection::vec(pieces, 0..4).prop_map(|pieces| pieces.concat())
}

fn item() -> impl Strategy<Value = String> {
    let modifier = select(vec![
        "",
        "|endswith",
        "|contains",
        "|startswith",
        "|endswith|cased",
        "|endswith|all",
        "|re",
    ]);
    (select(FIELDS.to_vec()), modifier, prop::collection::vec(path(), 1..4)).prop_map(
        |(field, modifier, values)| {
            let escape = |value: &String| match modifier {
                "|re" => value.replace('\\', r"\\").replace('.', r"\."),
                _ => value.clone(),
            };
            let values = values.iter().map(|value| format!("'{}'", escape(value)));
            let values: Vec<String> = values.collect();
            format!("{{'{field}{modifier}': [{}]}}", values.join(", "))
        },
    )
}

fn rule() -> impl Strategy<Value = String> {
    let logsource = select(vec![
        "{category: process_creation, product: windows}",
        "{category: image_load, product: windows}",
        "{product: windows, service: security}",
        "{product: linux}",
    ]);
    let condition = select(vec!["a and b", "a and not b", "not (a or b)", "a or b"]);
    (item(), item(), logsource, condition).prop_map(|(a, b, logsource, condition)| {
        format!("title: t\nlogsource: {logsource}\ndetection:\n  a: {a}\n  b: {b}\n  condition: {condition}\n")
    })
}

/// Maps in lists, and conditions in conditions.
fn deep_rule() -> impl Strategy<Value = String> {
    let map = || (item(), item()).prop_map(|(a, b)| merge(&a, &b));
    let list = || (map(), item()).prop_map(|(a, b)| format!("[{a}, {b}]"));
    let condition = select(vec![
        "a and b and c",
        "a and not b or c",
        "not (a or b) and c",
        "a or not (b and c)",
        "(a or b) and not (a and c)",
        "not a",
    ]);
    (map(), list(), list(), condition).prop_map(|(a, b, c, condition)| {
        format!("title: t\nlogsource: {{product: linux}}\ndetection:\n  a: {a}\n  b: {b}\n  c: {c}\n  condition: {condition}\n")
    })
}

/// One map of two maps; if both have the same key, the first.
fn merge(a: &str, b: &str) -> String {
    let key = |text: &str| text.split(':').next().unwrap_or_default().to_owned();
    if key(a) == key(b) {
        return a.to_owned();
    }
    format!("{}, {}", a.trim_end_matches('}'), b.trim_start_matches('{'))
}

fn event() -> impl Strategy<Value = Event<Sigma>> {
    let field = (select(FIELDS.to_vec()), prop::collection::vec(path(), 0..3));
    prop::collection::vec(field, 0..6).prop_map(|fields| {
        Event::new(
            fields.into_iter().map(|(name, values)| (name.to_owned(), values.into())).collect(),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ecs(rule in rule(), event in event()) {
        check(&rule, &event, &ECS)?;
    }

    #[test]
    fn splunk(rule in rule(), event in event()) {
        check(&rule, &event, &SPLUNK)?;
    }

    #[test]
    fn names(rule in prop_oneof![rule(), reference()], event in event()) {
        check(&rule, &event, &written(NAMES))?;
    }

    #[test]
    fn values(rule in rule(), event in event()) {
        check(&rule, &event, &written(VALUES))?;
    }

    #[test]
    fn what_is_left_out_has_a_direction(rule in deep_rule(), event in event()) {
        check_direction(&rule, &event)?;
    }

    #[test]
    fn parts_of_values((rule, event) in parts()) {
        check(&rule, &event, &written(PARTS))?;
    }
}

/// Fields get one name, several, a prefix, a suffix.
const NAMES: &str = r"
  - {type: field_name_prefix_mapping, mapping: {Parent: [p., q.], Original: o}}
  - {type: field_name_mapping, mapping: {Image: [a, b, Image], CommandLine: c}}
  - type: field_name_prefix
    prefix: x.
    field_name_conditions: [{type: include_fields, fields: [c, EventID]}]
  - type: field_name_suffix
    suffix: .y
    field_name_conditions: [{type: exclude_fields, fields: [a, b]}]
";

/// What becomes of values.
const VALUES: &str = r"
  - {type: convert_type, target_type: str}
  - {type: case, field_name_conditions: [{type: include_fields, fields: [Image, ParentImage]}]}
  - {type: case, method: upper, field_name_conditions: [{type: include_fields, fields: [ImageLoaded]}]}
  - {type: regex, field_name_conditions: [{type: include_fields, fields: [Image, CommandLine]}]}
  - type: regex
    method: ignore_case_flag
    field_name_conditions: [{type: include_fields, fields: [OriginalFileName]}]
  - {type: regex, method: plain, field_name_conditions: [{type: include_fields, fields: [ParentImage]}]}
  - type: map_string
    mapping: {a: [yes, indeed], cmd.exe: z, 'a*': never}
    field_name_conditions: [{type: include_fields, fields: [Foo, Provider_Name]}]
  - {type: add_field, field: host}
  - {type: set_field, fields: [host]}
  - {type: remove_field, field: host}
  - {type: set_custom_attribute, attribute: a, value: [1]}
  - {type: change_logsource, category: a}
";

/// Values whose parts get fields of their own.
const PARTS: &str = r"
  - {type: hashes_fields, valid_hash_algos: [MD5, SHA1, SHA256, IMPHASH], field_prefix: hash.}
  - type: extract_fields
    regex: '(?P<type>[A-Za-z]+):(?P<number>\d+)'
    field_prefix: details
    field_name_conditions: [{type: include_fields, fields: [Details]}]
";

/// A rule in which one field refers to another.
fn reference() -> impl Strategy<Value = String> {
    let modifier = select(vec!["", "|contains", "|endswith", "|all", "|neq"]);
    let fields = prop::collection::vec(select(FIELDS.to_vec()), 1..3);
    (select(FIELDS.to_vec()), modifier, fields).prop_map(|(field, modifier, fields)| {
        let fields = fields.join(", ");
        format!("title: t\nlogsource: {{product: linux}}\ndetection:\n  a: {{'{field}|fieldref{modifier}': [{fields}]}}\n  condition: a\n")
    })
}

fn hash() -> impl Strategy<Value = String> {
    let algorithm = select(vec![("MD5", 32), ("SHA1", 40), ("SHA256", 64), ("IMPHASH", 32)]);
    (algorithm, select(vec!["a", "b", "0"]))
        .prop_map(|((algorithm, length), digit)| // No hash is a part of a longer one.
        format!("{algorithm}={}{length:03}", digit.repeat(length - 3)))
}

/// A rule about hashes and parts of text, and an event.
fn parts() -> impl Strategy<Value = (String, Event<Sigma>)> {
    let details = || select(vec!["Dword:7", "dword:8", "Qword:7", "text"]);
    let list = || prop::collection::btree_map(select(vec!["a", "b"]), hash(), 1..3);
    let hashes = (list(), any::<bool>(), any::<bool>(), prop::collection::vec(details(), 1..3));
    let event = (prop::collection::vec(hash(), 0..4), prop::option::of(details()));
    (hashes, event).prop_map(|((hashes, all, bare, details), (found, detail))| {
        let of = |it: &String| match it.split_once('=') {
            Some((_, hash)) if bare => hash.to_owned(),
            _ => it.clone(),
        };
        let hashes: Vec<String> = hashes.values().map(of).collect();
        let rule = format!(
            "title: t\nlogsource: {{product: linux}}\ndetection:\n  a: {{'Hashes|contains{}': [{}]}}\n  b: {{Details: ['{}']}}\n  condition: a or not b\n",
            if all { "|all" } else { "" },
            hashes.join(", "),
            details.join("', '")
        );
        let mut fields = serde_json::Map::new();
        fields.insert("Hashes".to_owned(), found.join(",").into());
        fields.extend(detail.map(|it| ("Details".to_owned(), it.into())));
        (rule, Event::new(fields))
    })
}

#[test]
fn the_most_specific_scope_is_taken() {
    let rule = "title: t\nlogsource: {category: process_creation, product: windows, service: sysmon}\ndetection:\n  a: {Image: x}\n  condition: a\n";
    let lowered = lower(rule);
    assert_eq!(
        lowered.logsource,
        Logsource {
            category: Some("process_creation".to_owned()),
            product: Some("windows".to_owned()),
            service: Some("sysmon".to_owned()),
        }
    );
    let pipelines = &*ECS;
    let linked = pipelines.link(pipelines.apply(lowered)).expect("no placeholders");
    assert_eq!(linked.body.scope.category.as_deref(), Some("process"));
    assert!(linked.body.losses.is_empty());
}

#[test]
fn leaving_items_out_has_a_direction() {
    let one = "{Image: x, CommandLine: y}";
    let list = "[{Image: x}, {CommandLine: y}]";
    for (a, b, condition, wanted) in [
        (one, "{CommandLine: z}", "a and b", Some(Direction::Wider)),
        (list, "{CommandLine: z}", "a and b", Some(Direction::Narrower)),
        (one, "{CommandLine: z}", "b and not a", Some(Direction::Narrower)),
        ("{Image: x}", "{CommandLine: z}", "a and b", Some(Direction::Wider)),
        ("{Image: x}", "{CommandLine: z}", "a or b", Some(Direction::Narrower)),
        ("{Image: x}", "{CommandLine: z}", "b and not a", Some(Direction::Wider)),
        ("{Image: x}", "{CommandLine: z}", "not (a or b)", Some(Direction::Wider)),
        ("{Image: x}", "{CommandLine: z}", "(a and b) or (b and not a)", Some(Direction::Wider)),
        ("{Image: x}", "{CommandLine: z}", "(a or b) and (b and a)", Some(Direction::Mixed)),
        ("{Image: x}", "{Image: z}", "a or not b", None),
    ] {
        let rule = format!(
            "title: t\nlogsource: {{product: linux}}\ndetection:\n  a: {a}\n  b: {b}\n  condition: {condition}\n"
        );
        let pipelines = written(DROPS);
        let linked = pipelines.link(pipelines.apply(lower(&rule)));
        let found = linked.ok().map(|linked| {
            let losses = linked.body.losses.iter().filter(|it| it.kind == LossKind::Mapping);
            losses.map(|it| it.direction).reduce(Direction::and).expect("a loss")
        });
        assert_eq!(found, wanted, "{rule}");
    }
}
