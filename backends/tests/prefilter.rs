//! What stands before a regular expression or a keyword in a search lets every match through.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Arc;

use isogloss_backends::required::required;
use isogloss_backends::spl;
use isogloss_compiler::ast::{Logsource, Metadata};
use isogloss_compiler::ir::{
    Event, Expr, Item, Link, Linked, Mapped, Origin, Origins, Part, Pattern, Predicate, RegexFlags,
    Rule, Scope, Test, evaluate_rule, fold,
};
use isogloss_compiler::value::parse_regex;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;

/// A rule of one keyword.
fn rule(test: Test<Mapped>) -> Rule<Mapped> {
    let predicates = vec![Predicate { test, origin: Origin::default() }];
    let item = Item {
        field: None,
        link: Link::Any,
        negated: false,
        predicates,
        origin: Origin::default(),
    };
    Rule {
        metadata: Arc::new(Metadata::default()),
        logsource: Logsource::default(),
        logsource_origin: Origin::default(),
        origins: Origins::default(),
        body: Linked {
            scope: Scope::default(),
            conditions: vec![Expr::Item(item)],
            fields: Vec::new(),
            losses: Vec::new(),
            coverage: isogloss_compiler::ir::Coverage::default(),
            unverified: false,
        },
    }
}

/// Pieces of raw text: parts of words, breakers, parts of escapes, letters that may be either.
fn text() -> impl Strategy<Value = String> {
    let pieces = vec![
        "abc", "Failed", "x", "21b", "21", "26xyz", "2520", "520", "5Cabc", "0aab", "%", "%25",
        "%2", "-", "--", " ", ".", "\\", "\"", "/", "=", "_", "\n", "ä", "\u{212a}", "k", "~",
        "\u{a0}", "*", "and", "4625", "252", "dir", "nc", "l",
    ];
    prop::collection::vec(select(pieces), 0..5).prop_map(|pieces| pieces.concat())
}

fn keyword() -> impl Strategy<Value = (Pattern, String)> {
    let part = prop_oneof![
        4 => text().prop_map(|text| (Part::Text(text.clone()), text)),
        1 => text().prop_map(|text| (Part::AnyRun, text)),
        1 => select(vec!["x", " ", "%", "b"]).prop_map(|text| (Part::AnyChar, text.to_owned())),
    ];
    prop::collection::vec(part, 1..4).prop_map(|parts| {
        let (parts, texts): (Vec<Part>, Vec<String>) = parts.into_iter().unzip();
        (Pattern::new(parts).open(true, true), texts.concat())
    })
}

/// A regular expression and a text that it matches.
fn regex() -> impl Strategy<Value = (String, String)> {
    let atoms = select(vec![
        "abc",
        "a",
        "(?i:cmd)",
        "[Kk]",
        "[0-3]",
        ".",
        "\\\\",
        "\\*",
        "x*",
        "ab?",
        "(?:ab){2}",
        "(?:abc){2,3}",
        "(?:power|shell)",
        "(?:power.*|cmd)",
        "(?:a|bc|)",
        "\\.exe",
        "ä",
        "[äÄ]",
        "%21",
        "b{0,2}",
        "[5-7]",
        " ",
        "(?:(?:ab|c)d){1,2}",
        "\\x41",
        "\\n",
    ]);
    prop::collection::vec(atoms, 1..5).prop_flat_map(|atoms| {
        let text = atoms.concat();
        let matched = string_regex(&text).expect("a regular expression");
        (Just(text), matched)
    })
}

proptest! {
    #![proptest_config(common::config(3000))]

    #[test]
    fn keywords((pattern, filled) in keyword(), before in text(), after in text()) {
        let raw = format!("{before}{filled}{after}");
        check(&rule(Test::Like(pattern)), &raw)?;
    }

    #[test]
    fn regular_expressions((text, matched) in regex(), before in text(), after in text()) {
        let regex = parse_regex(&text, RegexFlags::default()).expect("a regular expression");
        let raw = format!("{before}{matched}{after}");
        if let Some(texts) = required(&regex.tree) {
            let small = |text: &str| text.chars().map(fold).collect::<String>();
            let found = texts.iter().any(|it| small(&raw).contains(&small(it)));
            prop_assert!(found, "{raw:?} has none of {texts:?}, {text}");
        }
        check(&rule(Test::Regex(regex)), &raw)?;
    }
}

/// The query of a rule and the rule give the same answer, and the search before it agrees.
fn check(rule: &Rule<Mapped>, raw: &str) -> Result<(), TestCaseError> {
    let fields = [("_raw".to_owned(), raw.into())].into_iter().collect();
    let event = Event::new(fields);
    let (query, losses) = spl::lower::lower(rule).expect("a query").remove(0);
    prop_assert!(losses.is_empty());
    let printed = spl::print::print(&query, None).text;
    let found = spl::evaluate::evaluate(&query, &[], &event, true);
    prop_assert_eq!(vec![found], evaluate_rule(rule, &event), "{} {:?}", printed, raw);
    Ok(())
}
