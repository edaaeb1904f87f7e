//! Strategies for hostile text, rules and events.

#![allow(
    dead_code,
    clippy::expect_used,
    reason = "each test binary uses a part of it; a test that cannot go on fails"
)]

use std::sync::Arc;

use isogloss_compiler::ast::{Logsource, Metadata};
use isogloss_compiler::ir::{
    Anchor, Comparison, Decimal, Event, Expr, Field, FieldFacts, FieldKind, Item, Link, Linked,
    Mapped, Number, Origin, Origins, Part, Pattern, Predicate, Regex, RegexFlags, Rule, Scope,
    Test, TimePart,
};
use isogloss_compiler::value::parse_regex;
use proptest::prelude::*;
use proptest::sample::select;

/// At least so many cases; `PROPTEST_CASES` asks for more. What failed becomes a case of its own, in
/// the open, so nothing is kept in hidden files.
pub(crate) fn config(least: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(least), failure_persistence: None, ..default }
}

/// Pieces that a printer or a parser could stumble over.
const PIECES: &[&str] = &[
    "a",
    "A",
    "k",
    "\u{212a}",
    "s",
    "\u{17f}",
    "ä",
    "Ä",
    "ς",
    "Σ",
    "😀",
    "7",
    "-",
    "_",
    ".",
    " ",
    "  ",
    "\"",
    "'",
    "`",
    "```",
    "\\",
    "\\\\",
    "\\n",
    "*",
    "?",
    "%",
    "$",
    "$f$",
    "|",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    ":",
    "=",
    ",",
    ";",
    "/",
    "//",
    "/*",
    "*/",
    "#",
    "&",
    "~",
    "@",
    "^",
    "+",
    "!",
    "\n",
    "\r",
    "\t",
    "\u{1}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{202e}",
    "\u{e0041}",
    "and",
    "or",
    "not",
    "AND",
    "OR",
    "NOT",
    "IN",
    "null",
    "true",
    "10.0.0.0/8",
    "where",
    " or ",
    " and ",
];

/// Text made of pieces that are known for trouble.
pub(crate) fn hostile() -> impl Strategy<Value = String> + Clone {
    prop::collection::vec(select(PIECES), 0..6).prop_map(|pieces| pieces.concat())
}

/// Text over few characters, so that patterns and values often meet.
fn short() -> impl Strategy<Value = String> + Clone {
    let characters =
        select(vec!['a', 'A', 'k', '\u{212a}', 'ä', 'Ä', '\\', '*', '?', '"', '\n', ' ', '7', '/']);
    prop::collection::vec(characters, 0..4).prop_map(|characters| characters.into_iter().collect())
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let part = prop_oneof![
        3 => short().prop_map(Part::Text),
        2 => Just(Part::AnyRun),
        1 => Just(Part::AnyChar),
    ];
    let pattern = (prop::collection::vec(part, 0..4), prop::bool::weighted(0.2));
    prop_oneof![
        3 => pattern.prop_map(|(parts, cased)| {
            let pattern = Pattern::new(parts);
            if cased { pattern.cased() } else { pattern }
        }),
        1 => hostile().prop_map(Pattern::text),
        1 => hostile().prop_map(|text| Pattern::text(text).open(true, true)),
    ]
}

fn regex() -> impl Strategy<Value = Regex> {
    let atoms = vec![
        "a",
        "k",
        "(?i)k",
        "ä",
        ".",
        "(?s).",
        "[ak]",
        "[^a]",
        "\\d",
        "\\s",
        "\\w",
        "\\*",
        "\\\\",
        "\"",
        " ",
        "a*",
        "7+",
        "(a|k)",
        "(?:A|7){1,2}",
        "^",
        "$",
        "a|",
        "|k",
        "(?m)^",
        "(?m)$",
        "(?:^|a)",
        "\\b",
        "\\B",
        "(?:\\ba?)*",
        "x?",
        "[\\]\\-\"]",
        "\\n",
        "/",
        "@",
        "#",
    ];
    prop::collection::vec(select(atoms), 1..4).prop_filter_map(
        "not a regular expression",
        |atoms| {
            let text = atoms.concat();
            parse_regex(&text, RegexFlags::default()).ok()
        },
    )
}

fn number() -> impl Strategy<Value = Number> {
    select(vec!["7", "0", "-7", "77", "4624"])
        .prop_map(|text| Number::canonical(text).expect("canonical"))
}

fn test() -> impl Strategy<Value = Test<Mapped>> {
    prop_oneof![
        8 => pattern().prop_map(Test::Like),
        1 => number().prop_map(Test::Number),
        1 => any::<bool>().prop_map(Test::Bool),
        1 => Just(Test::Null),
        2 => regex().prop_map(Test::Regex),
    ]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    select(Comparison::ALL.iter().map(|(_, comparison)| *comparison).collect::<Vec<_>>())
}

/// A comparison of numbers.
fn compare() -> impl Strategy<Value = Test<Mapped>> {
    let decimals =
        vec!["7", "0", "-7.5", "77", "7.05", "0.25", "123456789012345", "1234567890123456"];
    let decimal = select(decimals).prop_map(|text| Decimal::parse(text).expect("a decimal"));
    (comparison(), decimal).prop_map(|(order, number)| Test::Compare(order, number))
}

/// What is asked of numbers, also what no number is.
fn rare_number() -> impl Strategy<Value = Test<Mapped>> {
    let beyond =
        select(vec!["99999999999999999999", "-99999999999999999999", "7.1234567890123456"])
            .prop_map(|text| Decimal::parse(text).expect("a decimal"));
    prop_oneof![
        4 => compare(),
        1 => (comparison(), beyond).prop_map(|(order, number)| Test::Compare(order, number)),
        2 => select(vec!["7", "07", "7.5", "abc", "99999999999999999999"])
            .prop_map(|it| Test::Like(Pattern::text(it))),
        1 => select(vec!["a", "7"]).prop_map(|it| Test::Like(Pattern::text(it).open(false, true))),
        1 => any::<bool>().prop_map(Test::Bool),
    ]
}

/// What is asked of addresses, also what no address is.
fn rare_address() -> impl Strategy<Value = Test<Mapped>> {
    let start = select(vec!["10.", "10", "192.0.", "fe80:", "FE80", "fd", "2001:db8:", "-"]);
    let whole = select(vec!["010.1.2.3", "FE80::1", "fe80:0::1", "abc", "7"]);
    prop_oneof![
        2 => network(),
        2 => start.prop_map(|it| Test::Like(Pattern::text(it).open(false, true))),
        1 => whole.prop_map(|it| Test::Like(Pattern::text(it))),
    ]
}

fn network() -> impl Strategy<Value = Test<Mapped>> {
    let networks = vec![
        "10.0.0.0/8",
        "10.0.0.0/14",
        "192.0.2.1/32",
        "0.0.0.0/0",
        "fe80::/10",
        "::/0",
        "::ffff:10.0.0.0/104",
    ];
    select(networks).prop_map(|text| Test::Cidr(text.parse().expect("a network")))
}

/// Tests that only some targets can say.
fn rare_test() -> impl Strategy<Value = Test<Mapped>> {
    let anchor = select(vec![Anchor::Whole, Anchor::Start, Anchor::End, Anchor::Anywhere]);
    let parts = TimePart::ALL.iter().map(|(_, part)| *part).collect::<Vec<_>>();
    let number = select(vec![0, 3, 4, 5, 7, 29, 31, 2024, 2026]);
    prop_oneof![
        compare(),
        network(),
        (select(fields()), anchor).prop_map(|(field, anchor)| Test::FieldRef { field, anchor }),
        (select(parts), prop::option::of(comparison()), number)
            .prop_map(|(part, comparison, number)| Test::Time { part, comparison, number }),
    ]
}

/// Values that such tests are about.
const RARE_VALUES: &[&str] = &[
    "-7.5",
    "-7.50",
    "007",
    "76.9",
    "7.0",
    "7.049",
    "7.050",
    "7.1",
    "-0.00",
    "0.2500",
    "0.2",
    "0123456789012346",
    "+7",
    "7e1",
    " 7",
    "abc",
    "12345678901234",
    "10.1.2.3",
    "10.0.0.0/8",
    "10.0.0.0",
    "10.3.255.255",
    "10.4.0.0",
    "10.1.2.256",
    "192.0.2.1",
    "010.1.2.3",
    "FEBF::1",
    "::ffff:10.1.2.3",
    "2026-03-04T05:07:09Z",
    "2026-03-04 05:07:09",
    "2026-03-04T05:07:09.1234567+00:00",
    "2026-03-04T05:07:09+02:00",
    "2024-02-29T00:00:00Z",
    "2026-02-29T05:07:09Z",
    "2026-04-31 05:07:09",
    "2026-03-04T05:07",
    "2026-03-04",
    "1772600829",
    "2026-03-04T25:07:09Z",
    "9999-12-31T23:59:59Z",
    "2026-03-04T05:07:09Z\n",
];

/// Addresses as fields of their type hold them.
const ADDRESSES: &[&str] = &[
    "10.1.2.3",
    "10.5.0.0",
    "192.0.2.1",
    "fe80::1",
    "2001:db8::",
    "100.1.2.3",
    "fd12::1",
    "fd::1",
];

fn field(name: &str, kind: FieldKind, optional: bool) -> Field {
    let facts = FieldFacts { kind, optional, ..FieldFacts::default() };
    Field { name: name.to_owned(), facts: Arc::new(facts) }
}

/// The fields of generated rules with text: every kind of it, some of them in no index.
fn fields() -> Vec<Field> {
    vec![
        field("f", FieldKind::Keyword, false),
        field("process.name", FieldKind::Keyword, false),
        field("my field", FieldKind::Keyword, true),
        field("g", FieldKind::Keyword, true),
        field("w", FieldKind::Wildcard, true),
    ]
}

/// `rare` is the share of tests that only some targets can say.
fn item(rare: f64) -> impl Strategy<Value = Expr<Mapped>> {
    let test = prop::bool::weighted(rare)
        .prop_flat_map(|rare| if rare { rare_test().boxed() } else { test().boxed() });
    let on_field = (select(fields()), prop::collection::vec(test, 1..4))
        .prop_map(|(field, tests)| (Some(field), tests));
    let long = prop::bool::weighted(rare).prop_flat_map(|rare| {
        if rare { rare_number().boxed() } else { number().prop_map(Test::Number).boxed() }
    });
    let long = prop::collection::vec(long, 1..3)
        .prop_map(|tests| (Some(field("n", FieldKind::Long, true)), tests));
    let address = select(ADDRESSES).prop_map(|it| Test::Like(Pattern::text(it.to_owned())));
    let address = prop::bool::weighted(rare).prop_flat_map(move |rare| {
        if rare { rare_address().boxed() } else { address.clone().boxed() }
    });
    let address = prop::collection::vec(address, 1..3)
        .prop_map(|tests| (Some(field("ip", FieldKind::Ip, true)), tests));
    let keyword = prop_oneof![
        pattern().prop_map(|it| Test::Like(it.open(true, true))),
        regex().prop_map(Test::Regex)
    ];
    let keyword = prop::collection::vec(keyword, 1..3).prop_map(|tests| (None, tests));
    let subject = prop_oneof![8 => on_field, 1 => long, 1 => address, 1 => keyword];
    (subject, any::<bool>(), prop::bool::weighted(0.1)).prop_map(
        |((field, tests), all, negated)| {
            let predicate = |test| Predicate { test, origin: Origin::default() };
            let link = if all && tests.len() > 1 { Link::All } else { Link::Any };
            let predicates = tests.into_iter().map(predicate).collect();
            Expr::Item(Item { field, link, negated, predicates, origin: Origin::default() })
        },
    )
}

fn expr(rare: f64) -> impl Strategy<Value = Expr<Mapped>> {
    item(rare).prop_recursive(4, 16, 3, |inner| {
        let operands = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            operands().prop_map(|it| Expr::all(it).expect("not empty")),
            operands().prop_map(|it| Expr::any(it).expect("not empty")),
            inner.clone().prop_map(Expr::negate),
        ]
    })
}

/// A rule with a generated condition, and often a generated scope.
fn rule(rare: f64) -> impl Strategy<Value = Rule<Mapped>> {
    let category = prop::option::of(select(vec!["process", "file", "any"]));
    let scope = prop::option::weighted(0.3, expr(rare));
    (expr(rare), scope, category).prop_map(|(condition, terms, category)| Rule {
        metadata: Arc::new(Metadata::default()),
        logsource: Logsource::default(),
        logsource_origin: Origin::default(),
        origins: Origins::default(),
        body: Linked {
            scope: Scope {
                category: category.map(str::to_owned),
                condition: terms,
                ..Scope::default()
            },
            conditions: vec![condition],
            fields: Vec::new(),
            losses: Vec::new(),
            coverage: isogloss_compiler::ir::Coverage::default(),
            unverified: false,
        },
    })
}

fn value() -> impl Strategy<Value = serde_json::Value> + Clone {
    prop_oneof![
        4 => short().prop_map(serde_json::Value::from),
        1 => hostile().prop_map(serde_json::Value::from),
        1 => select(vec![0, 7, -7, 77, 4624]).prop_map(serde_json::Value::from),
        1 => any::<bool>().prop_map(serde_json::Value::from),
    ]
}

/// A value that a pattern of the rule matches, or nearly: runs and single characters are filled in, and
/// the case is changed.
fn instances(rule: &Rule<Mapped>) -> Vec<String> {
    let exprs = rule.body.conditions.iter().chain(&rule.body.scope.condition);
    let items = exprs.flat_map(Expr::items);
    let tests = items.flat_map(|item| item.predicates.iter().map(|it| &it.test));
    let fillings = [("", "x"), ("a", "\n"), ("\nä", "")];
    let mut instances = Vec::new();
    for test in tests {
        for (run, single) in fillings {
            match test {
                Test::Like(pattern) => {
                    let filled = pattern.parts().iter().map(|part| match part {
                        Part::Text(text) => text.as_str(),
                        Part::AnyRun => run,
                        Part::AnyChar => single,
                    });
                    instances.push(filled.collect());
                }
                Test::Number(number) => instances.push(number.as_str().to_owned()),
                Test::Bool(value) => instances.push(value.to_string()),
                Test::Regex(regex) => instances.push(regex.text.replace(['^', '$', '\\'], "")),
                Test::Compare(_, number) => {
                    instances.push(number.to_string());
                    instances.extend(RARE_VALUES.iter().map(|it| (*it).to_owned()));
                }
                Test::Cidr(_) | Test::Time { .. } => {
                    instances.extend(RARE_VALUES.iter().map(|it| (*it).to_owned()));
                }
                Test::Null | Test::FieldRef { .. } | Test::Query { .. } => {}
                Test::Open(open) => match *open {},
            }
        }
    }
    let swapped: Vec<String> = instances.iter().map(|it| swap_case(it)).collect();
    instances.extend(swapped);
    instances
}

fn swap_case(text: &str) -> String {
    let swap = |it: char| {
        if it.is_lowercase() { it.to_uppercase().next() } else { it.to_lowercase().next() }
    };
    text.chars().filter_map(swap).collect()
}

/// A rule and an event that often nearly matches it.
pub(crate) fn rule_and_event() -> impl Strategy<Value = (Rule<Mapped>, Event<Mapped>)> {
    rule_and_event_with(0.0)
}

/// The same, with a share of tests that only some targets can say.
pub(crate) fn rule_and_event_with(
    rare: f64,
) -> impl Strategy<Value = (Rule<Mapped>, Event<Mapped>)> {
    rule(rare).prop_flat_map(|rule| {
        let mut pool = instances(&rule);
        pool.push(String::new());
        (Just(rule), event(pool))
    })
}

/// An event whose fields have no, one or several values; many of them from `pool`.
fn event(pool: Vec<String>) -> impl Strategy<Value = Event<Mapped>> {
    let one =
        prop_oneof![3 => select(pool.clone()).prop_map(serde_json::Value::from), 1 => value()];
    let values = || prop::collection::vec(one.clone(), 0..3).prop_map(serde_json::Value::from);
    let numbers = prop::collection::vec(select(vec![-8, -7, 0, 7, 8, 77, 4624]), 0..3);
    let numbers = numbers.prop_map(serde_json::Value::from);
    let addresses = prop::collection::vec(select(ADDRESSES), 0..3);
    let addresses = addresses.prop_map(serde_json::Value::from);
    let raw = prop_oneof![select(pool), short(), hostile()].prop_map(serde_json::Value::from);
    let category = prop::collection::vec(select(vec!["process", "file"]), 0..2);
    let category = category.prop_map(serde_json::Value::from);
    (values(), values(), values(), values(), values(), (numbers, addresses), raw, category)
        .prop_map(|(f, name, my, g, w, (n, ip), raw, category)| {
            let pairs = [
                ("event.category", category),
                ("f", f),
                ("process.name", name),
                ("my field", my),
                ("g", g),
                ("w", w),
                ("n", n),
                ("ip", ip),
                ("_raw", raw),
            ];
            Event::new(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        })
}
