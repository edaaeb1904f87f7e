//! Properties of patterns, encoders and chains of modifiers, on generated text.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::ir::{AnyRule, Event, Part, Pattern, Rule, Sigma, evaluate_conditions};
use isogloss_compiler::modifier::MODIFIERS;
use isogloss_compiler::source::SourceId;
use isogloss_compiler::value::parse_pattern;
use isogloss_compiler::{File, Index};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

/// At least so many cases; `PROPTEST_CASES` asks for more.
fn config(least: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(least), failure_persistence: None, ..default }
}

/// A rule with one item, and what was found in it.
fn lower(key: &str, values: &[String]) -> (Option<Rule<Sigma>>, Vec<Diagnostic>) {
    let text = format!(
        "title: Case\nlogsource: {{category: test}}\ndetection: {{case: {{{}: [{}]}}, condition: case}}\n",
        Value::from(key),
        values.join(", ")
    );
    let index = Index::new(vec![File::read(SourceId(0), &text)]);
    let (id, _, document) = index.rules().next().expect("a document");
    let mut found = document.diagnostics.clone();
    let rule = match index.lower(id, &mut found) {
        Some(AnyRule::Detection(rule)) => Some(rule),
        Some(AnyRule::Correlation(_)) | None => None,
    };
    (rule, found)
}

/// True if a rule with this item finds the value.
fn finds(key: &str, value: &str, text: &str) -> bool {
    let (rule, found) = lower(key, &[Value::from(value).to_string()]);
    let rule = rule.ok_or(found).expect("a rule without an error");
    let event = Event::new(Map::from_iter([("f".to_owned(), Value::from(text))]));
    evaluate_conditions(&rule, &event).contains(&true)
}

/// Backslashes and wildcards, in every order.
fn escapes() -> impl Strategy<Value = String> {
    let pieces = select(vec!["\\", "*", "?", "a", "B", "ä", " ", "\n", "%"]);
    prop::collection::vec(pieces, 0..10).prop_map(|pieces| pieces.concat())
}

/// Text that stands for itself in a rule.
fn plain() -> impl Strategy<Value = String> {
    let pieces = select(vec!["a", "b", "Z", "9", "é", "—", "😀", " ", "/", "-", ".", "_"]);
    prop::collection::vec(pieces, 1..8).prop_map(|pieces| pieces.concat())
}

/// A pattern as a rule writes it.
fn written(pattern: &Pattern) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.replace('\\', "\\\\").replace('*', "\\*").replace('?', "\\?"),
        Part::AnyRun => "*".to_owned(),
        Part::AnyChar => "?".to_owned(),
    };
    pattern.parts().iter().map(part).collect()
}

/// A text that a pattern matches: each wildcard is filled in.
fn example(pattern: &Pattern, run: &str, character: char) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::AnyRun => run.to_owned(),
        Part::AnyChar => character.to_string(),
    };
    pattern.parts().iter().map(part).collect()
}

proptest! {
    #![proptest_config(config(2000))]

    /// What is written is read as the same pattern.
    #[test]
    fn patterns_are_read_as_they_are_written(value in escapes()) {
        let pattern = parse_pattern(&value);
        prop_assert_eq!(parse_pattern(&written(&pattern)), pattern);
    }

    /// A rule finds each text that its pattern stands for, also between others under `contains`.
    #[test]
    fn a_pattern_finds_its_examples(value in escapes(), run in plain(), character in any::<char>()) {
        let text = example(&parse_pattern(&value), &run, character);
        prop_assert!(finds("f", &value, &text));
        let (behind, before) = (format!("{text}{run}"), format!("{run}{text}"));
        prop_assert!(finds("f|contains", &value, &(before.clone() + &behind)));
        prop_assert!(finds("f|startswith", &value, &behind));
        prop_assert!(finds("f|endswith", &value, &before));
    }

    /// Wherever a value stands in a text, one of the three patterns is in the base64 of the text.
    #[test]
    fn base64offset_finds_the_value_anywhere(
        value in plain().prop_filter("two bytes", |it| it.len() > 1),
        before in prop::collection::vec(any::<u8>(), 0..7),
        after in prop::collection::vec(any::<u8>(), 0..7),
    ) {
        let around = |bytes: &[u8]| STANDARD.encode([&before, bytes, &after].concat());
        prop_assert!(finds("f|base64offset|contains|cased", &value, &around(value.as_bytes())));
        let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
        prop_assert!(finds("f|wide|base64offset|contains|cased", &value, &around(&wide)));
    }

    /// `base64` is the encoding of the whole value.
    #[test]
    fn base64_is_that_of_the_value(value in plain()) {
        prop_assert!(finds("f|base64|cased", &value, &STANDARD.encode(&value)));
        let big: Vec<u8> = value.encode_utf16().flat_map(u16::to_be_bytes).collect();
        prop_assert!(finds("f|utf16be|base64|cased", &value, &STANDARD.encode(big)));
    }

    /// The spellings of a value have the same spellings.
    #[test]
    fn windash_is_closed(words in prop::collection::vec("[a-c]{1,2}", 1..4), dashes in prop::collection::vec(
        (select(vec!['-', '/', '\u{2013}', '\u{2014}', '\u{2015}']), select(vec!['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'])),
        3,
    )) {
        let spell = |side: usize| -> String {
            let dash = |pair: &(char, char)| if side == 0 { pair.0 } else { pair.1 };
            let spelled = words.iter().zip(&dashes);
            let spelled = spelled.map(|(word, pair)| format!(" {}{word}", dash(pair)));
            spelled.collect::<Vec<_>>().concat()
        };
        let (one, other) = (spell(0), spell(1));
        prop_assert!(finds("f|windash", &one, &other));
        prop_assert!(finds("f|windash", &other, &one));
        let inside = format!("x{other} y");
        prop_assert!(finds("f|windash|contains", &one, &inside));
    }

    /// Any chain on any values gives a rule or an error, never both, never neither.
    #[test]
    fn chains_give_a_rule_or_an_error(
        field in select(vec!["f", ""]),
        chain in prop::collection::vec(select(MODIFIERS.iter().map(|it| it.name).collect::<Vec<_>>()), 0..5),
        values in prop::collection::vec(
            select(vec![
                "'a'", "''", "'-a /b'", "'a*b?'", "'%x%'", "'10.0.0.0/8'", "'(a|b)+'", "'(a'", "'é😀'",
                "7", "1.5", "-3", "00042", "true", "false", "null", "'7'",
            ]),
            1..4,
        ),
        text in plain(),
    ) {
        let key = [vec![field], chain].concat().join("|");
        prop_assume!(!key.is_empty());
        let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
        let (rule, found) = lower(&key, &values);
        prop_assert_eq!(rule.is_none(), found.iter().any(Diagnostic::is_error), "{} {:?}", key, values);
        if let Some(rule) = rule {
            let event = Event::new(Map::from_iter([("f".to_owned(), Value::from(text))]));
            prop_assert_eq!(evaluate_conditions(&rule, &event).len(), 1);
        }
    }
}
