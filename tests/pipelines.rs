//! A pipeline does to an event what it does to a rule: a mapped rule gives the mapped event the answer
//! that the rule gave the event.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use isogloss_compiler::ast::Logsource;
use isogloss_compiler::ir::{Event, LossKind, Sigma, evaluate};
use isogloss_compiler::pass::run_passes;
use isogloss_compiler::pipeline::{Pipelines, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index};
use proptest::prelude::*;
use proptest::sample::select;

/// The built-in pipeline of this name.
fn built_in(name: &str) -> Pipelines {
    let built_in = isogloss_pipelines::find(name).expect("a built-in pipeline");
    let mut sources = SourceMap::new();
    let pipelines = built_in.files.iter().map(|file| {
        let source = sources.add(file.path, file.text);
        let mut diagnostics = Vec::new();
        let read_file = |_: &str| Err(String::new());
        let pipeline = parse_pipeline(source, file.text, &read_file, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        Arc::new(pipeline.expect("a pipeline"))
    });
    Pipelines::new(pipelines)
}

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

/// Compares the answers, unless the pipeline says that they may differ.
fn check(rule: &str, event: &Event<Sigma>, pipelines: &Pipelines) -> Result<(), TestCaseError> {
    let mut sources = SourceMap::new();
    let source = sources.add("rule", rule);
    let index = Index::new(vec![File::read(source, rule)]);
    let (id, ..) = index.rules().next().expect("a rule");
    let mut diagnostics = Vec::new();
    let lowered = index.lower(id, &mut diagnostics).expect(rule);
    let lowered = lowered.detection().expect("a detection").clone();
    // Without a pipeline, a rule is linked as it is.
    let plain = Pipelines::default();
    let before = plain.link(plain.apply(lowered.clone())).expect("no placeholders");
    let untouched = plain.map_event(&plain.apply(lowered.clone()).applied, event);
    let processed = pipelines.apply(lowered);
    prop_assert!(pipelines.check_replay(&processed.applied).is_ok());
    let mapped_event = pipelines.map_event(&processed.applied, event);
    let after = run_passes(pipelines.link(processed).expect("no placeholders"));
    if after.body.losses.iter().any(|it| matches!(it.kind, LossKind::Mapping | LossKind::Case)) {
        return Ok(());
    }
    for (before, after) in before.body.conditions.iter().zip(&after.body.conditions) {
        let wanted = evaluate(before, &untouched);
        let found = evaluate(after, &mapped_event);
        prop_assert_eq!(
            wanted,
            found,
            "{}\n{:?}\n{:?}",
            rule,
            event.fields(),
            mapped_event.fields()
        );
    }
    Ok(())
}

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
    ]);
    (select(FIELDS.to_vec()), modifier, prop::collection::vec(path(), 1..4)).prop_map(
        |(field, modifier, values)| {
            let values: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
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
        check(&rule, &event, &built_in("ecs"))?;
    }

    #[test]
    fn splunk(rule in rule(), event in event()) {
        check(&rule, &event, &built_in("splunk"))?;
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
    let mut sources = SourceMap::new();
    let source = sources.add("rule", rule);
    let index = Index::new(vec![File::read(source, rule)]);
    let (id, ..) = index.rules().next().expect("a rule");
    let lowered = index.lower(id, &mut Vec::new()).expect("a rule");
    let lowered = lowered.detection().expect("a detection").clone();
    assert_eq!(
        lowered.logsource,
        Logsource {
            category: Some("process_creation".to_owned()),
            product: Some("windows".to_owned()),
            service: Some("sysmon".to_owned()),
        }
    );
    let pipelines = built_in("ecs");
    let linked = pipelines.link(pipelines.apply(lowered)).expect("no placeholders");
    assert_eq!(linked.body.scope.category.as_deref(), Some("process"));
    assert!(linked.body.losses.is_empty());
}
