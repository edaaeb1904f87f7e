//! A pipeline does to an event what it does to a rule: a mapped rule gives the mapped event the answer
//! that the rule gave the event.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use isogloss_compiler::ast::Logsource;
use isogloss_compiler::ir::{Event, Sigma, evaluate};
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

fn check(rule: &str, event: &Event<Sigma>, pipeline: &str) -> Result<(), TestCaseError> {
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
    let pipelines = built_in(pipeline);
    let processed = pipelines.apply(lowered);
    let mapped_event = pipelines.map_event(&processed.applied, event);
    let after = run_passes(pipelines.link(processed).expect("no placeholders"));
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
        check(&rule, &event, "ecs")?;
    }

    #[test]
    fn splunk(rule in rule(), event in event()) {
        check(&rule, &event, "splunk")?;
    }
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
