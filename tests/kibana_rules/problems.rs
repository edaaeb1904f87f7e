//! What keeps a rule from being one of Kibana, and what is only probably wrong.

use isogloss_backends::content::elastic::{RuleType, Settings, Stack, check, rule_type, toml};
use isogloss_compiler::ast::attributes::{Elastic, Suppression};
use serde_json::json;

use super::rules::{Built, Compiler, settings};

type Change = fn(&mut Built);

/// A change to the rule with every setting, whether it is an error, and how the message begins.
const PROBLEMS: &[(Change, bool, &str)] = &[
    (|it| it.id = it.id.to_uppercase(), true, "`7C9A2F61-2A77-4B0B-9F4D-0A6F7F0B2D3C` is no UUID"),
    (|it| it.id.truncate(1), true, "`7` is no UUID"),
    (|it| elastic(it).name = Some(" ".to_owned()), true, "the rule has no name"),
    (|it| elastic(it).name = Some("Ends in a point.".to_owned()), false, "Elastic's own checks"),
    (|it| elastic(it).name = Some("Öffnet alles".to_owned()), false, "Elastic's own checks"),
    (|it| it.query.printed.text.clear(), true, "the query is empty"),
    (|it| elastic(it).data_view_id = Some(String::new()), true, "the id of the data view is empty"),
    (|it| elastic(it).index = vec!["logs-*".to_owned()], false, "`index` is not used"),
    (
        |it| {
            elastic(it).data_view_id = None;
            it.facts.index.clear();
        },
        true,
        "no index pattern is known",
    ),
    (|it| elastic(it).interval = Some("5".to_owned()), true, "`interval`: `5` is no time"),
    (|it| elastic(it).interval = Some("0m".to_owned()), true, "`interval`: a rule cannot run"),
    (|it| elastic(it).lookback = Some("-1m".to_owned()), true, "`lookback`: `-1m` is no time"),
    (|it| elastic(it).max_signals = Some(0), true, "`max_signals`"),
    (
        |it| {
            it.metadata.date = None;
            it.metadata.modified = None;
        },
        false,
        "the rule has no date",
    ),
    (
        |it| suppression(it).fields.clear(),
        true,
        "`suppression`: one to 3 fields are expected, not 0",
    ),
    (
        |it| suppression(it).fields = ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
        true,
        "`suppression`: one to 3 fields are expected, not 4",
    ),
    (|it| suppression(it).duration = Some("5w".to_owned()), true, "`suppression`: `5w` is no time"),
    (|it| suppression(it).duration = Some("0s".to_owned()), true, "`suppression`: the duration"),
    (|it| extra(it, "enabled"), true, "`extra`: `enabled` is written already"),
    (|it| extra(it, "query"), true, "`extra`: `query` is written already"),
    (|it| extra(it, "custom"), false, "`extra`: Kibana knows no key `custom`"),
];

fn elastic(built: &mut Built) -> &mut Elastic {
    &mut built.attributes.elastic
}

fn suppression(built: &mut Built) -> &mut Suppression {
    elastic(built).suppression.as_mut().expect("suppression")
}

fn extra(built: &mut Built, key: &str) {
    elastic(built).extra.insert(key.to_owned(), json!(1));
}

fn case(name: &str) -> Built {
    let built = Compiler::new().folder(&crate::root().join("tests/kibana_rules/cases"));
    built.into_iter().find(|it| it.path.ends_with(&format!("{name}.yml"))).expect("a case")
}

#[test]
fn problems_are_named() {
    let full = case("full");
    assert_eq!(check(&full.entry(), &settings()), []);
    for (change, is_error, wanted) in PROBLEMS {
        let mut built = full.clone();
        change(&mut built);
        // What belongs to another id is a further query of the rule.
        built.metadata.id = Some(built.id.clone());
        let problems = check(&built.entry(), &settings());
        assert_eq!(problems.len(), 1, "{wanted}: {problems:?}");
        assert_eq!(problems[0].is_error, *is_error, "{wanted}");
        assert!(problems[0].message.starts_with(wanted), "{problems:?}");
    }
}

/// What an old stack does not know is left out, or the rule is refused.
#[test]
fn the_stack_decides() {
    let full = case("full");
    for (stack, wanted) in [
        (Stack::of(8, 14), vec![]),
        (Stack::of(8, 13), vec!["alerts of such a rule"]),
        (Stack::of(8, 10), vec!["alerts of such a rule", "`investigation_fields` are there since"]),
    ] {
        let settings = Settings { min_stack: stack, ..settings() };
        let problems = check(&full.entry(), &settings);
        let messages = problems.iter().map(|it| it.message.as_str());
        assert!(messages.zip(&wanted).all(|(it, wanted)| it.starts_with(wanted)), "{problems:?}");
        assert_eq!(problems.len(), wanted.len(), "{problems:?}");
    }
    let mut many = case("threshold");
    assert_eq!(rule_type(&many.entry()), RuleType::Threshold);
    let groups = &mut many.facts.correlation.as_mut().expect("a correlation").group_by;
    *groups = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let problems = check(&many.entry(), &settings());
    assert!(problems[0].is_error && problems[0].message.contains("since 9.2.0"), "{problems:?}");
    let settings = Settings { min_stack: Stack::of(9, 2), ..settings() };
    assert_eq!(check(&many.entry(), &settings), []);
}

#[test]
fn a_threshold_rule_suppresses_for_a_time() {
    let mut built = case("threshold");
    suppression(&mut built).duration = None;
    let problems = check(&built.entry(), &settings());
    assert!(problems[0].is_error && problems[0].message.contains("duration"), "{problems:?}");
}

/// Each query of a rule is a rule, with a name and a file of its own.
#[test]
fn several_queries_are_several_rules() {
    let text = "title: Two\nid: 7c9a2f61-2a77-4b0b-9f4d-0a6f7f0b2d3c\nstatus: test\ndate: 2026-01-01\n\
                logsource: {category: process_creation, product: windows}\ndetection:\n  \
                a: {Image: a}\n  b: {Image: b}\n  condition: [a, b]\n";
    let built = Compiler::new().text(text);
    let entries: Vec<_> = built.iter().map(Built::entry).collect();
    crate::judge(&entries, &crate::validator());
    let rules = crate::lines(&crate::text(&crate::files(&entries), "rules.ndjson"));
    assert_eq!([&rules[0]["name"], &rules[1]["name"]], ["Two", "Two (2)"]);
}

#[test]
fn a_name_stands_for_one_rule() {
    let (one, mut other) = (case("query"), case("query"));
    other.id = other.id.replace('0', "1");
    other.metadata.id = Some(other.id.clone());
    other.path = "other.yml".to_owned();
    let error = toml(&[one.entry(), other.entry()], None, &settings()).expect_err("the same name");
    assert!(error.starts_with("other.yml: ") && error.contains("query.yml"), "{error}");
}
