//! KQL on texts in the style of Kibana's documentation: what its grammar reads and as what, where it says that
//! a text is no KQL, and what its queries find. Kibana's own parser gives the same answers, and the same
//! places; but it reads half of a pair of `\u`, which is no character.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "the texts are files")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use isogloss_backends::kql::ast::{Analyzer, Kind, Query};
use isogloss_backends::kql::{evaluate::evaluate, parse::parse, print::print};
use isogloss_compiler::ir::{Event, Mapped};

const WIDTHS: [Option<usize>; 3] = [None, Some(100), Some(1)];

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kibana").join(name);
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Below each text, `= ` and what is printed of it. Texts stand between empty lines.
#[test]
fn reads_what_kibana_reads() {
    let mut count = 0;
    for pair in read("accepted.txt").split("\n\n") {
        let Some((text, printed)) = pair.trim_matches('\n').split_once("\n= ") else {
            panic!("{pair} has nothing below");
        };
        let query = parse(text).unwrap_or_else(|at| {
            panic!("{text}\nat: {}", text.get(at..).unwrap_or_default());
        });
        assert_eq!(print(&query, None).text, printed, "{text}");
        for width in WIDTHS {
            let again = print(&query, width).text;
            assert_eq!(parse(&again).as_ref(), Ok(&query), "{again}");
        }
        count += 1;
    }
    assert!(count >= 60, "{count} texts");
}

/// The empty query finds everything.
#[test]
fn nothing_is_everything() {
    for text in ["", "  ", "\n"] {
        assert_eq!(parse(text), parse("*"), "{text:?}");
    }
}

/// Below each text, `^` stands under the byte at which it is no longer KQL.
#[test]
fn refuses_what_is_no_kql() {
    let mut count = 0;
    let texts = read("refused.txt");
    let lines: Vec<&str> = texts.lines().filter(|it| !it.is_empty()).collect();
    for pair in lines.chunks(2) {
        let [text, mark] = pair else { panic!("a text without mark") };
        let found = parse(text).map_err(|at| format!("{}^", " ".repeat(at)));
        assert_eq!(found.err().as_deref(), Some(*mark), "\n{text}");
        count += 1;
    }
    assert!(count >= 50, "{count} texts");
}

/// Hostile texts take no longer than others, and do not overflow the stack.
#[test]
fn long_and_deep_texts() {
    let deep = 10_000;
    let start = Instant::now();
    for piece in ["(", "not (", "a: (", "a: (not (", "a: {", "a: { b: (", "a: b and (", "(a or "] {
        assert!(parse(&piece.repeat(deep)).is_err(), "{piece}");
    }
    let long = [
        vec!["a: b"; deep].join(" or "),
        format!("a: ({})", vec!["b"; deep].join(" and ")),
        "a ".repeat(deep),
        format!("a{}b", " ".repeat(deep)),
        format!("a: {}", "\\u0041".repeat(deep)),
        "*a".repeat(deep),
        "no t".repeat(deep),
    ];
    for text in long {
        let query = parse(&text).expect("it is KQL");
        assert_eq!(parse(&print(&query, None).text), Ok(query));
    }
    assert!(start.elapsed() < Duration::from_secs(60));
}

fn event(text: &str) -> Event<Mapped> {
    Event::new(serde_json::from_str(text).expect("a JSON object"))
}

/// The fields of the questions, and what they are.
fn kinds() -> BTreeMap<String, Kind> {
    let kinds = [
        ("k", Kind::Keyword),
        ("w", Kind::Wildcard),
        ("t", Kind::Words(Analyzer::Standard)),
        ("p", Kind::Words(Analyzer::PowerShell)),
        ("n", Kind::Long),
        ("i", Kind::Ip),
        ("b", Kind::Boolean),
        ("d", Kind::Date),
        ("o.z", Kind::Long),
    ];
    kinds.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect()
}

fn ask(cases: &[(&str, &str, bool)]) {
    for (text, fields, found) in cases {
        let query = Query { kinds: kinds(), ..parse(text).expect(text) };
        assert_eq!(evaluate(&query, &event(fields), true), *found, "{text} {fields}");
    }
}

/// Exact text: with case, as a whole; a pattern is cut at spaces unless the field is a keyword.
#[test]
fn exact_text() {
    ask(&[
        (r#"k: "a b""#, r#"{"k": "a b"}"#, true),
        (r#"k: "a b""#, r#"{"k": "A b"}"#, false),
        (r#"k: "a b""#, r#"{"k": "a b c"}"#, false),
        ("k: a b", r#"{"k": "a b"}"#, true),
        ("k: *a b*", r#"{"k": "xa by"}"#, true),
        ("k: *a b*", r#"{"k": "a"}"#, false),
        ("w: *a b*", r#"{"w": "xa"}"#, true),
        ("w: *a b*", r#"{"w": "by"}"#, true),
        ("w: *a b*", r#"{"w": "ab"}"#, false),
        ("w: *a b c*", r#"{"w": "b"}"#, true),
        ("w: *x ab", r#"{"w": "abc"}"#, false),
        ("w: *a*b*", r#"{"w": "xa by"}"#, true),
        ("w: a b", r#"{"w": "a b"}"#, true),
        ("w: a b", r#"{"w": "a"}"#, false),
        ("u: *a b*", r#"{"u": "a"}"#, false),
        ("k > b", r#"{"k": "c"}"#, true),
        ("k > 10", r#"{"k": "9"}"#, true),
        ("k: null", r#"{"k": "x"}"#, false),
        ("b: true", r#"{"b": true}"#, true),
        ("b: true", r#"{"b": false}"#, false),
        (r#"d >= "2026-01-01""#, r#"{"d": "2026-03-01"}"#, true),
        (r#"d < "2026-01-01""#, r#"{"d": "2026-03-01"}"#, false),
    ]);
}

/// Numbers by value, addresses in all their spellings.
#[test]
fn numbers_and_addresses() {
    ask(&[
        ("n: 7", r#"{"n": 7}"#, true),
        ("n: 7", r#"{"n": "7"}"#, true),
        ("n: 7", r#"{"n": 70}"#, false),
        (r#"n: "7""#, r#"{"n": [1, 7]}"#, true),
        ("n: 7*", r#"{"n": 7}"#, false),
        ("n: *", r#"{"n": 7}"#, true),
        ("n > 9", r#"{"n": 10}"#, true),
        ("n > 9", r#"{"n": 9}"#, false),
        ("n >= 9", r#"{"n": 9}"#, true),
        ("n < 9", r#"{"n": 9}"#, false),
        ("n <= 9", r#"{"n": 9}"#, true),
        ("n < 9.5", r#"{"n": 9}"#, true),
        ("n < 9", r#"{"n": "abc"}"#, false),
        ("n < inf", r#"{"n": 9}"#, true),
        ("n < 9007199254740993", r#"{"n": 9007199254740992}"#, true),
        ("not n < 9", "{}", true),
        (r#"i: "fe80::1""#, r#"{"i": "FE80:0:0:0:0:0:0:1"}"#, true),
        (r#"i: "192.0.2.1""#, r#"{"i": "::ffff:192.0.2.1"}"#, true),
        (r#"i: "192.0.2.1""#, r#"{"i": "192.0.2.10"}"#, false),
        ("i: 10.0.0.0/8", r#"{"i": "10.9.9.9"}"#, true),
        ("i: 10.0.0.0/8", r#"{"i": "11.0.0.1"}"#, false),
        ("i: 10.*", r#"{"i": "10.9.9.9"}"#, false),
        (r#"i: "fe80::/10""#, r#"{"i": "febf::1"}"#, true),
        (r#"i: "::/0""#, r#"{"i": "10.9.9.9"}"#, true),
        (r#"i > "10.0.0.9""#, r#"{"i": "10.0.0.10"}"#, true),
        (r#"i > "10.0.0.9""#, r#"{"i": "9.255.0.0"}"#, false),
        ("k: 10.0.0.0/8", r#"{"k": "10.9.9.9"}"#, false),
        ("u > 9", r#"{"u": 10}"#, true),
        ("u > b", r#"{"u": "c"}"#, true),
    ]);
}

/// Analysed text: words in lower case, and a phrase is a row of them.
#[test]
fn words() {
    ask(&[
        (r#"t: "Failed password""#, r#"{"t": "sshd: FAILED password for root"}"#, true),
        (r#"t: "Failed password""#, r#"{"t": "password failed"}"#, false),
        (r#"t: "Failed password""#, r#"{"t": "failed the password"}"#, false),
        (r#"t: "password""#, r#"{"t": "passwords"}"#, false),
        (r#"t: "failed, (password)""#, r#"{"t": "failed-password"}"#, true),
        (r#"t: "a b""#, r#"{"t": ["a", "b"]}"#, false),
        (r#"t: "--""#, r#"{"t": "--"}"#, false),
        (r#"t: "_""#, r#"{"t": "a _ b"}"#, false),
        ("t: failed password", r#"{"t": "password"}"#, true),
        ("t: failed password", r#"{"t": "pass"}"#, false),
        ("t: pass*", r#"{"t": "the Passwords"}"#, true),
        ("t: Pass*", r#"{"t": "the passwords"}"#, true),
        ("t: *fail* pass", r#"{"t": "pass"}"#, true),
        ("t: *d pass*", r#"{"t": "failed pass"}"#, true),
        ("t: *d*p*", r#"{"t": "failed pass"}"#, false),
        ("t: *", r#"{"t": "--"}"#, true),
        // A point or a quote between letters is part of a word, between others it is not.
        (r#"t: "exe""#, r#"{"t": "cmd.exe"}"#, false),
        (r#"t: "cmd.exe""#, r#"{"t": "x cmd.exe, y"}"#, true),
        (r#"t: "cmd""#, r#"{"t": "the end of cmd."}"#, true),
        (r#"t: "don't""#, r#"{"t": "I don't"}"#, true),
        (r#"t: "a:b""#, r#"{"t": "a:b"}"#, true),
        (r#"t: "b""#, r#"{"t": "a:b"}"#, false),
        (r#"t: "users""#, r#"{"t": "c:\\users\\x"}"#, true),
        (r#"t: "1""#, r#"{"t": "1:2 a.1"}"#, true),
        (r#"t: "2""#, r#"{"t": "1.2 1,2 3;2"}"#, false),
        (r#"t: "Ärger""#, r#"{"t": "der ärger ist"}"#, true),
        // Scripts keep `-`, and know ASCII only.
        (r#"p: "Invoke-Mimikatz""#, r#"{"p": "x;invoke-mimikatz -a"}"#, true),
        (r#"p: "Mimikatz""#, r#"{"p": "Invoke-Mimikatz"}"#, false),
        (r#"t: "Mimikatz""#, r#"{"t": "Invoke-Mimikatz"}"#, true),
        (r#"p: "exe""#, r#"{"p": "cmd.exe"}"#, true),
        (r#"p: "-a_b""#, r#"{"p": "x -A_b"}"#, true),
        (r#"p: "rger""#, r#"{"p": "Ärger"}"#, true),
    ]);
}

/// A value without a field is searched in all fields: as words where nobody has said what they are.
#[test]
fn anywhere() {
    ask(&[
        (r#""foo bar""#, r#"{"x": {"y": ["a", "the FOO bar"]}}"#, true),
        (r#""foo bar""#, r#"{"x": "foo", "y": "bar"}"#, false),
        (r#""foo""#, r#"{"k": "the foo"}"#, false),
        (r#""foo""#, r#"{"k": "foo"}"#, true),
        (r#""--""#, r#"{"x": "--"}"#, true),
        (r#""7""#, r#"{"n": 7}"#, true),
        ("foo bar", r#"{"x": "bar"}"#, true),
        ("fo*", r#"{"x": "the food"}"#, true),
        ("*", "{}", true),
        (r#"not "foo""#, r#"{"x": "bar"}"#, true),
        (r#""a" and "b""#, r#"{"x": "a", "y": "b"}"#, true),
    ]);
}

/// Groups of values, names with wildcards, objects in lists.
#[test]
fn groups_names_and_objects() {
    ask(&[
        ("k: (a or b and not c)", r#"{"k": "a"}"#, true),
        ("k: (a or b and not c)", r#"{"k": ["b", "c"]}"#, false),
        ("k: (a and b)", r#"{"k": ["a", "b"]}"#, true),
        ("k: (not a)", "{}", true),
        ("k: (not a)", r#"{"k": ["a", "b"]}"#, false),
        ("x.*: a", r#"{"x": {"y": "a"}}"#, true),
        ("x.*: a", r#"{"y": "a"}"#, false),
        ("x.*: (a and b)", r#"{"x.y": "a", "x.z": "b"}"#, true),
        ("x*: *", r#"{"y": 1}"#, false),
        ("x* > 5", r#"{"x1": 4, "x2": 6}"#, true),
        ("not x*: a", "{}", true),
        ("*: a", r#"{"k": "a"}"#, true),
        ("o: { k: a and n > 5 }", r#"{"o": [{"k": "a", "n": 6}, {"k": "b", "n": 1}]}"#, true),
        ("o: { k: a and n > 5 }", r#"{"o": [{"k": "a", "n": 1}, {"k": "b", "n": 6}]}"#, false),
        ("o: { z: 7 }", r#"{"o": {"z": "7.0"}}"#, true),
        ("o: { not k: a }", r#"{"o": [{"k": "a"}, {"k": "b"}]}"#, true),
        ("not o: { k: a }", "{}", true),
        ("a.o: { p: { k: x } }", r#"{"a": {"o": [{"p": [{"k": "x"}]}]}}"#, true),
        ("a.o: { p: { k: x } }", r#"{"a": {"o": {"p": {"k": "y"}}}}"#, false),
    ]);
}
