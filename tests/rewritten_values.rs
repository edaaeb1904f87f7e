//! Transformations of values do to an event what they do to a rule: for events of the shape that each
//! asks for, the mapped rule answers like the rule, or differs in the direction of its losses.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use isogloss_compiler::ir::print::print_expr;
use isogloss_compiler::ir::{Direction, Event, LossKind, Rule, Sigma, evaluate};
use isogloss_compiler::pass::run_passes;
use isogloss_compiler::pipeline::{Pipelines, parse_pipeline};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

fn pipeline(text: &str) -> Pipelines {
    let mut sources = SourceMap::new();
    let source = sources.add("pipeline", text);
    let mut diagnostics = Vec::new();
    let read = parse_pipeline(source, text, &|_| Err(String::new()), &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    Pipelines::new([Arc::new(read.expect("a pipeline"))])
}

/// A pipeline with one transformation of our own.
fn transformation(text: &str) -> Pipelines {
    pipeline(&format!(
        "name: t\nisogloss:\n    version: 1\n    transformations:\n        - {{{text}}}\n"
    ))
}

fn lower(rule: &str) -> Rule<Sigma> {
    let mut sources = SourceMap::new();
    let source = sources.add("rule", rule);
    let index = Index::new(vec![File::read(source, rule)]);
    let (id, ..) = index.rules().next().expect("a rule");
    let lowered = index.lower(id, &mut Vec::new()).expect(rule);
    lowered.detection().expect("a detection").clone()
}

/// The answers before and after, and the directions of the losses.
fn answers(
    rule: &str,
    event: &Event<Sigma>,
    pipelines: &Pipelines,
) -> (bool, bool, Vec<Direction>) {
    answers_for(rule, event, event, pipelines)
}

/// The same, where the platform has stored the event in another form than the pipeline gives it.
fn answers_for(
    rule: &str,
    event: &Event<Sigma>,
    stored: &Event<Sigma>,
    pipelines: &Pipelines,
) -> (bool, bool, Vec<Direction>) {
    let lowered = lower(rule);
    let plain = Pipelines::default();
    let before = plain.link(plain.apply(lowered.clone())).expect("no placeholders");
    let untouched = plain.map_event(&plain.apply(lowered.clone()).applied, event);
    let processed = pipelines.apply(lowered);
    let mapped = pipelines.map_event(&processed.applied, stored);
    let after = run_passes(pipelines.link(processed).expect("no placeholders"));
    let losses = after.body.losses.iter().filter(|it| it.kind == LossKind::Mapping);
    let directions = losses.map(|it| it.direction).collect();
    let answer = |conditions: &[bool]| conditions.contains(&true);
    let wanted: Vec<bool> =
        before.body.conditions.iter().map(|it| evaluate(it, &untouched)).collect();
    let found: Vec<bool> = after.body.conditions.iter().map(|it| evaluate(it, &mapped)).collect();
    (answer(&wanted), answer(&found), directions)
}

fn check(rule: &str, event: &Event<Sigma>, pipelines: &Pipelines) -> Result<(), TestCaseError> {
    check_stored(rule, event, event, pipelines)
}

fn check_stored(
    rule: &str,
    event: &Event<Sigma>,
    stored: &Event<Sigma>,
    pipelines: &Pipelines,
) -> Result<(), TestCaseError> {
    let (wanted, found, directions) = answers_for(rule, event, stored, pipelines);
    let may = |direction| directions.iter().any(|it| [direction, Direction::Mixed].contains(it));
    let fits =
        wanted == found || found && may(Direction::Wider) || wanted && may(Direction::Narrower);
    prop_assert!(fits, "{}\n{:?}\n{} {} {:?}", rule, stored.fields(), wanted, found, directions);
    Ok(())
}

/// The event with its values in another form.
fn stored(event: &Event<Sigma>, form: impl Fn(&str) -> String) -> Event<Sigma> {
    let fields = event.fields().iter().map(|(name, value)| {
        let text = value.as_str().expect("a text");
        (name.clone(), Value::from(form(text)))
    });
    Event::new(fields.collect())
}

/// The directions of the losses of a rule with one item.
fn losses(item: &str, transformation: &str) -> Vec<Direction> {
    let rule = format!(
        "title: t\nlogsource: {{category: test}}\ndetection:\n  a: {{{item}}}\n  condition: a\n"
    );
    let event = Event::new(serde_json::Map::new());
    answers(&rule, &event, &self::transformation(transformation)).2
}

/// Values of rules, from pieces: some are patterns.
fn values(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(select(pieces.to_vec()), 0..5).prop_map(|pieces| pieces.concat())
}

fn item(field: &'static str, values: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let modifiers =
        ["", "", "|endswith", "|contains", "|startswith", "|contains|all", "|cased", "|re"];
    let value = prop_oneof![
        8 => values.prop_map(|it| format!("'{}'", it.replace('\'', "''"))),
        1 => Just("null".to_owned()),
        1 => Just("10".to_owned()),
    ];
    let list = (select(modifiers.to_vec()), prop::collection::vec(value, 1..4));
    list.prop_map(move |(modifier, values)| {
        let usable = |value: &String| {
            let plain = modifier.is_empty() || modifier == "|cased";
            (plain || value.starts_with('\'')) && (modifier != "|cased" || value.starts_with('\''))
        };
        let mut values: Vec<String> = values.into_iter().filter(usable).collect();
        if modifier == "|re" {
            let escape = |it: String| it.replace('\\', r"\\").replace(['*', '?', '(', ')'], ".");
            values = values.into_iter().map(escape).collect();
        }
        // A list under `all` has several values.
        while values.is_empty() || modifier.ends_with("|all") && values.len() < 2 {
            values.push("'a'".to_owned());
        }
        format!("{{'{field}{modifier}': [{}]}}", values.join(", "))
    })
}

fn rule(field: &'static str, values: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let condition = select(vec!["a and b", "a and not b", "not (a or b)", "a or b"]);
    (item(field, values.clone()), item(field, values), condition).prop_map(|(a, b, condition)| {
        format!(
            "title: t\nlogsource: {{category: test}}\ndetection:\n  a: {a}\n  b: {b}\n  condition: {condition}\n"
        )
    })
}

fn event(
    field: &'static str,
    value: impl Strategy<Value = String>,
) -> impl Strategy<Value = Event<Sigma>> {
    prop::option::weighted(0.9, value).prop_map(move |value| {
        let field = value.map(|it| (field.to_owned(), Value::from(it)));
        Event::new(field.into_iter().collect())
    })
}

const USERS: &[&str] = &["*", "?", r"\", r"\", "a", "A", "NT", " b"];
const SPLIT: &str =
    r"type: split_field, field: User, separator: '\', into: [user.domain, user.name]";

fn user() -> impl Strategy<Value = String> {
    let side = prop::collection::vec(select(vec!["a", "A", "NT", " b"]), 0..3);
    (side.clone(), any::<bool>(), side).prop_map(|(left, split, right)| {
        format!("{}{}{}", left.concat(), if split { r"\" } else { "" }, right.concat())
    })
}

const HASHES: &[&str] =
    &["*", "MD5=", "SHA1=", "md5=", "a", "b1", "B", ",", "0", "?", "AABB", "d5", "a*"];
const HASH_LIST: &str = "type: hash_list, field: Hashes, algorithms: {MD5: hash.md5, SHA1: hash.sha1}, any: related.hash";

fn hashes() -> impl Strategy<Value = String> {
    let hash = prop::collection::vec(select(vec!["a", "b1", "B", "0", "AABB", "d5"]), 1..4);
    let hash = move |name: &'static str| {
        prop::option::of(hash.clone().prop_map(move |it| format!("{name}={}", it.concat())))
    };
    (hash("MD5"), hash("SHA1"), any::<bool>())
        .prop_map(|(one, other, turned)| {
            let list: Vec<String> = [one, other].into_iter().flatten().collect();
            if turned { list.into_iter().rev().collect() } else { list }
        })
        .prop_filter_map("no hash", |list| (!list.is_empty()).then(|| list.join(",")))
}

const PIPES: &[&str] = &["*", "?", r"\", r"\", "a", "A", "pipe"];
const STRIP: &str = r"type: strip_prefix, fields: [Pipe], prefix: '\'";

const KEYS: &[&str] = &["*", "?", r"HKLM\", "hk", r"LM\", "a", r"\", r"Run\"];
const KEY_PREFIXES: &str =
    r"type: prefix_alternatives, fields: [Key], prefixes: {'HKLM\': ['\REGISTRY\MACHINE\', '\R\']}";

const WORDS: &[&str] = &["*", "?", "true", "false", "t", "fal", "se", "egress", "in"];
const WORD_MAP: &str = "type: map_values, fields: [Out], values: {'true': [egress, outgoing], 'false': [ingress], '10': [ten]}";

const DETAILS: &[&str] = &[
    "*",
    "?",
    "DWORD (0x",
    "DWORD (0x0000000a)",
    "0000abcd",
    "QWORD (0x",
    "0000000a",
    "00000000",
    "00000001",
    "-0x",
    ")",
    "1",
    "C:",
    "DWORD",
];
const NUMBERS: &str = "type: registry_numbers, fields: [Details]";

fn details() -> impl Strategy<Value = String> {
    let half = || select(vec!["0000000a", "00000000", "00000001", "0000000f", "00000010"]);
    prop_oneof![
        half().prop_map(|it| format!("DWORD (0x{it})")),
        (half(), select(vec!["0000abcd", "ffffffff"]))
            .prop_map(|(high, low)| format!("QWORD (0x{high}-0x{low})")),
        select(vec!["C:1", "DWORD", "C:", "", "DWORD (00000001)"]).prop_map(str::to_owned),
    ]
}

const MARKUP: &[&str] =
    &["*", "?", "??", "&", "<", ">", "a", "x", "2>&1", "\"", "amp", "&l", "t;", ";"];

const QUOTES: &[&str] = &["*", "?", "'", "a", "A", "4", "10", "true"];
const QUOTED: &str = "type: quoted, fields: [f]";

const DASHES: &[&str] = &["*", "?", "-", "a", "", "n/a"];
const ABSENT: &str =
    "name: t\nisogloss:\n    version: 1\n    fields:\n        f: {absent: ['', '-', N/A]}\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn split_field(rule in rule("User", values(USERS).boxed()), event in event("User", user())) {
        check(&rule, &event, &transformation(SPLIT))?;
    }

    #[test]
    fn hash_list(rule in rule("Hashes", values(HASHES).boxed()), event in event("Hashes", hashes())) {
        check(&rule, &event, &transformation(HASH_LIST))?;
    }

    #[test]
    fn strip_prefix(
        rule in rule("Pipe", values(PIPES).boxed()),
        event in event("Pipe", values(&["a", "A", "pipe", r"\"]).prop_map(|it| format!(r"\{it}"))),
    ) {
        check(&rule, &event, &transformation(STRIP))?;
    }

    #[test]
    fn prefix_alternatives(
        rule in rule("Key", values(KEYS).boxed()),
        event in event("Key", (select(vec![r"HKLM\", r"hklm\", "HKU"]), values(&["a", r"Run\", r"LM\", "hk"]))
            .prop_map(|(head, rest)| format!("{head}{rest}"))),
    ) {
        check(&rule, &event, &transformation(KEY_PREFIXES))?;
    }

    #[test]
    fn map_values(
        rule in rule("Out", values(WORDS).boxed()),
        event in event("Out", select(vec!["true", "false", "10"]).prop_map(str::to_owned)),
    ) {
        check(&rule, &event, &transformation(WORD_MAP))?;
    }

    #[test]
    fn registry_numbers(
        rule in rule("Details", values(DETAILS).boxed()),
        event in event("Details", details()),
    ) {
        check(&rule, &event, &transformation(NUMBERS))?;
    }

    #[test]
    fn xml_entities(
        rule in rule("f", values(MARKUP).boxed()),
        event in event("f", values(&["&", "<", ">", "a", "2>&1", "\"", "amp"])),
    ) {
        check(&rule, &event, &transformation("type: xml_entities"))?;
    }

    #[test]
    fn entities_are_found(
        rule in rule("f", values(MARKUP).boxed()),
        event in event("f", values(&["&", "<", ">", "a", "x", "2>&1", "\"", "amp", "t", ";"])),
    ) {
        // Regular expressions are only looked at for the characters themselves.
        prop_assume!(!rule.contains("|re"));
        let entities = |text: &str| {
            text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
        };
        let stored = stored(&event, entities);
        check_stored(&rule, &event, &stored, &transformation("type: xml_entities"))?;
    }

    #[test]
    fn quoted(
        rule in rule("f", values(QUOTES).boxed()),
        event in event("f", values(&["a", "A", "4", "10", "true"])),
    ) {
        let pipelines = transformation(QUOTED);
        check(&rule, &event, &pipelines)?;
        check_stored(&rule, &event, &stored(&event, |text| format!("'{text}'")), &pipelines)?;
    }

    #[test]
    fn absent_values(
        rule in rule("f", values(DASHES).boxed()),
        event in event("f", select(vec!["", "-", "a", "n/a", "--", "-a"]).prop_map(str::to_owned)),
    ) {
        check(&rule, &event, &pipeline(ABSENT))?;
    }
}

#[test]
fn what_rules_usually_ask_is_exact() {
    for (item, transformation) in [
        (r"User: 'NT AUTHORITY\SYSTEM'", SPLIT),
        (r"User|endswith: '\SYSTEM'", SPLIT),
        ("User|contains: [AUTHORI, AUTORI]", SPLIT),
        ("User: SYSTEM", SPLIT),
        ("User: null", SPLIT),
        ("Hashes|contains: ['MD5=ab', 'sha1=CD']", HASH_LIST),
        ("Hashes|contains: 'aabbccdd'", HASH_LIST),
        (r"Pipe|startswith: '\x'", STRIP),
        (r"Key|startswith: 'HKLM\SOFTWARE\'", KEY_PREFIXES),
        (r"Key|re: 'a'", "type: xml_entities"),
        ("Out: true", WORD_MAP),
        ("Out: ['t*', null]", WORD_MAP),
        ("Details|endswith: '.exe'", NUMBERS),
        ("Details: ['(Empty)', null]", NUMBERS),
        ("f|contains: '2>&1'", "type: xml_entities"),
        ("f: ['x?*', '*?', '*?y', '*&&*', '; *', '*&']", "type: xml_entities"),
        ("f: ['4', 4, true, null, 'a*', '*', '']", QUOTED),
        ("f|contains: 'a'", QUOTED),
        ("Other|re: '^4$'", QUOTED),
    ] {
        assert_eq!(losses(item, transformation), [], "{item}");
    }
}

#[test]
fn what_is_lost_has_its_direction() {
    use Direction::{Mixed, Narrower, Wider};
    for (item, transformation, direction) in [
        ("User|re: 'a.*b'", SPLIT, Mixed),
        (r"User: 'a\b\c'", SPLIT, Mixed),
        ("Other|fieldref: User", SPLIT, Mixed),
        ("Hashes|startswith: 'MD5=ab'", HASH_LIST, Wider),
        ("Hashes|contains: 'SHA256=ab'", HASH_LIST, Narrower),
        ("Hashes|contains: '5'", HASH_LIST, Narrower),
        ("Pipe: 'x'", STRIP, Wider),
        ("Pipe|re: 'x'", STRIP, Mixed),
        ("Key|re: 'x'", KEY_PREFIXES, Narrower),
        ("Out: maybe", WORD_MAP, Narrower),
        ("Out: egress", WORD_MAP, Mixed),
        ("Details|startswith: 'DWORD'", NUMBERS, Narrower),
        ("Details: '1'", NUMBERS, Wider),
        ("Details: 'DWORD (0x00000001)'", NUMBERS, Wider),
        ("Details|contains: '1'", NUMBERS, Mixed),
        ("f|re: 'a&b'", "type: xml_entities", Mixed),
        ("f|contains: '; '", "type: xml_entities", Wider),
        ("f|contains: ['&', lt]", "type: xml_entities", Wider),
        ("f: 'a?b*'", "type: xml_entities", Narrower),
        ("f: 'a??*'", "type: xml_entities", Wider),
        ("f: 'a????'", "type: xml_entities", Mixed),
        ("f|re: '^4$'", QUOTED, Mixed),
        ("f|gte: 4", QUOTED, Narrower),
        ("f|cidr: 10.0.0.0/8", QUOTED, Narrower),
        ("f|hour: 4", QUOTED, Narrower),
        ("f|fieldref: Other", QUOTED, Mixed),
        ("Other|fieldref: f", QUOTED, Mixed),
        ("f: '?a?'", QUOTED, Wider),
        (r#"f|contains: "'""#, QUOTED, Wider),
    ] {
        assert_eq!(losses(item, transformation), [direction], "{item}");
    }
}

/// The detection of a rule with one item, after a transformation, as text.
fn rewritten(item: &str, pipelines: &Pipelines) -> (String, Vec<String>) {
    let rule = format!(
        "title: t\nlogsource: {{category: test}}\ndetection:\n  a: {{{item}}}\n  condition: a\n"
    );
    let linked = pipelines.link(pipelines.apply(lower(&rule))).expect("no placeholders");
    let expr = linked.body.conditions.first().expect("a condition");
    let losses = linked.body.losses.iter().filter(|it| it.kind != LossKind::UnscopedLogsource);
    (print_expr(expr), losses.map(|it| it.message.clone()).collect())
}

/// An item, a transformation, and what becomes of the item.
const CASES: &[(&str, &str, &str)] = &[
    (
        r"User: 'NT AUTHORITY\SYSTEM'",
        SPLIT,
        r#"all(user.domain like "NT AUTHORITY", user.name like "SYSTEM")"#,
    ),
    (r"User|endswith: '\SYSTEM'", SPLIT, r#"all(user.domain like *, user.name like "SYSTEM")"#),
    (
        "User|contains: [AUTHORI, AUTORI]",
        SPLIT,
        r#"any(user.name any(like *"AUTHORI"*, like *"AUTORI"*), user.domain any(like *"AUTHORI"*, like *"AUTORI"*))"#,
    ),
    ("User|endswith: 'SYSTEM'", SPLIT, r#"user.name like *"SYSTEM""#),
    ("User: SYSTEM", SPLIT, r#"all(user.domain null, user.name like "SYSTEM")"#),
    ("User: null", SPLIT, "all(user.domain null, user.name null)"),
    ("User|exists: true", SPLIT, "not(all(user.domain null, user.name null))"),
    (
        "Hashes|contains: ['MD5=ab', 'MD5=cd', 'sha1=CD', aabbccdd]",
        HASH_LIST,
        r#"any(hash.md5 any(like "ab"*, like "cd"*), hash.sha1 like "CD"*, related.hash like *"aabbccdd"*)"#,
    ),
    (r"Pipe: ['\x', '\\*y', '*z']", STRIP, r#"Pipe any(like "x", like *"y", like *"z")"#),
    (
        r"Key|startswith: 'HKLM\A'",
        KEY_PREFIXES,
        r#"Key any(like "HKLM\\A"*, like "\\REGISTRY\\MACHINE\\A"*, like "\\R\\A"*)"#,
    ),
    (r"Key|contains: '\A'", KEY_PREFIXES, r#"Key like *"\\A"*"#),
    (
        r"Key|endswith: 'LM\A'",
        KEY_PREFIXES,
        r#"Key any(like *"LM\\A", like "\\REGISTRY\\MACHINE\\A", like "\\R\\A")"#,
    ),
    ("Out: ['t*', null]", WORD_MAP, r#"Out any(like "egress", like "outgoing", null)"#),
    ("Out|lt: 11", WORD_MAP, r#"Out like "ten""#),
    ("Details: 'DWORD (0x0000000a)'", NUMBERS, r#"Details any(like "10", like "0x0000000a")"#),
    (
        "Details|contains: '(0x00000001)'",
        NUMBERS,
        r#"Details any(like *"(0x00000001)"*, like "1", like "0x00000001")"#,
    ),
    (
        "Details: 'QWORD (0x00000000-0x00000002)'",
        NUMBERS,
        r#"Details any(like "2", like "0x0000000000000002")"#,
    ),
    (
        "f|contains|all: ['2>&1', a]",
        "type: xml_entities",
        r#"all(f like *"a"*, f any(like *"2>&1"*, like *"2&gt;&amp;1"*))"#,
    ),
    ("f: 4", QUOTED, r#"f any(number 4, like "'4'")"#),
    ("f: [true, null]", QUOTED, r#"f any(bool true, like "'true'", null)"#),
    ("f|startswith: [a, b]", QUOTED, r#"f any(like "a"*, like "'a"*, like "b"*, like "'b"*)"#),
    ("f|contains: a", QUOTED, r#"f like *"a"*"#),
    (
        "'|all': ['<a>', b]",
        "type: xml_entities",
        r#"all(keyword like *"b"*, keyword any(like *"<a>"*, like *"&lt;a&gt;"*))"#,
    ),
];

#[test]
fn queries_stay_short() {
    for (item, transformation, wanted) in CASES {
        let (found, _) = rewritten(item, &self::transformation(transformation));
        assert_eq!(found, *wanted, "{item}");
    }
}

#[test]
fn conditions_on_field_names_are_regarded() {
    let excluded = "type: strip_prefix, fields: [Pipe, Other], prefix: a, \
                    field_name_conditions: [{type: exclude_fields, fields: [Pipe]}]";
    let pipelines = transformation(excluded);
    assert_eq!(rewritten("Pipe: ab", &pipelines).0, rewritten("Pipe: ab", &Pipelines::default()).0);
    assert_eq!(
        rewritten("Other: ab", &pipelines).0,
        rewritten("Other: b", &Pipelines::default()).0
    );
    let event = Event::new(
        [("Pipe", "ab"), ("Other", "ab")]
            .map(|(k, v)| (k.to_owned(), v.into()))
            .into_iter()
            .collect(),
    );
    let applied = pipelines
        .apply(lower(
            "title: t\nlogsource: {category: test}\ndetection:\n  a: {Pipe: x}\n  condition: a\n",
        ))
        .applied;
    let mapped = pipelines.map_event(&applied, &event);
    assert_eq!(
        Value::Object(mapped.fields().clone()),
        serde_json::json!({"Pipe": "ab", "Other": "b"})
    );
}

#[test]
fn what_is_absent_on_the_platform_is_said() {
    for (item, directions) in [
        ("f: a", vec![]),
        ("f: [null, '', '-', N/A]", vec![]),
        ("f: '-'", vec![Direction::Wider]),
        ("f: null", vec![Direction::Wider]),
        ("f|contains: '-'", vec![Direction::Narrower]),
        ("f|exists: true", vec![Direction::Narrower]),
        ("f|exists: false", vec![Direction::Wider]),
    ] {
        let rule = format!(
            "title: t\nlogsource: {{category: test}}\ndetection:\n  a: {{{item}}}\n  condition: a\n"
        );
        let found = answers(&rule, &Event::new(serde_json::Map::new()), &pipeline(ABSENT)).2;
        assert_eq!(found, directions, "{item}");
    }
}

#[test]
fn a_field_that_is_not_known_may_be_meant_as_another() {
    let known = "name: t\ntransformations:\n    - {type: field_name_mapping, mapping: {CommandLine: cmd}}\n\
                 isogloss:\n    version: 1\n    unmapped: warn\n    fields: {cmd: {}, process.name: {}}\n";
    for (field, wanted) in [
        (
            "commandline",
            "the pipeline knows no field for `commandline`; did you mean `CommandLine`?",
        ),
        ("CommandLin", "the pipeline knows no field for `CommandLin`; did you mean `CommandLine`?"),
        (
            "process.nam",
            "the pipeline knows no field for `process.nam`; did you mean `process.name`?",
        ),
        ("Something", "the pipeline knows no field for `Something`"),
    ] {
        let (_, losses) = rewritten(&format!("{field}: x"), &pipeline(known));
        assert_eq!(losses, [wanted]);
    }
}
