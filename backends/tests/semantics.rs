//! The evaluators against the vendors' documents: a query, an event, the answer that is documented.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use isogloss_backends::{eql, kql, spl};
use isogloss_compiler::ir::{Event, Macro, Mapped};

fn event(text: &str) -> Event<Mapped> {
    Event::new(serde_json::from_str(text).expect("a JSON object"))
}

#[test]
fn eql() {
    for (query, fields, found) in [
        // Comparisons: `==` has case and no wildcards, `:` neither case nor exactness.
        (r#"any where f == "a*""#, r#"{"f": "abc"}"#, false),
        (r#"any where f == "a*""#, r#"{"f": "a*"}"#, true),
        (r#"any where f == "A""#, r#"{"f": "a"}"#, false),
        (r#"any where f : "A*""#, r#"{"f": "abc"}"#, true),
        (r#"any where f : "a?c""#, r#"{"f": "ac"}"#, false),
        (r#"any where f : "a?c""#, r#"{"f": "abc"}"#, true),
        (r#"any where f like "A*""#, r#"{"f": "abc"}"#, false),
        (r#"any where f like~ "A*""#, r#"{"f": "abc"}"#, true),
        (r#"any where f in ("A", "B")"#, r#"{"f": "b"}"#, false),
        (r#"any where f in~ ("A*")"#, r#"{"f": "a*"}"#, true),
        (r#"any where f in~ ("A*")"#, r#"{"f": "ab"}"#, false),
        (r#"any where f not in ("a")"#, r#"{"f": "b"}"#, true),
        // Any value of a list.
        (r#"any where f == "start""#, r#"{"f": ["start", "change"]}"#, true),
        (r#"any where f != "start""#, r#"{"f": ["start", "change"]}"#, false),
        // A missing field satisfies `not`; one that no index has is null, also under `not`.
        (r#"any where not f : "a""#, "{}", true),
        (r#"any where f != "a""#, "{}", true),
        (r#"any where not ?f : "a""#, "{}", false),
        (r#"any where ?f == null or not ?f : "a""#, "{}", true),
        (r#"any where not (?f : "a" and g : "b")"#, r#"{"g": "x"}"#, true),
        ("any where ?f == null", "{}", true),
        ("any where f != null", r#"{"f": ""}"#, true),
        // Regular expressions match the whole value; classes are not folded.
        (r#"any where f regex "b""#, r#"{"f": "abc"}"#, false),
        (r#"any where f regex ".*b.*""#, r#"{"f": "abc"}"#, true),
        (r#"any where f regex~ "A.C""#, r#"{"f": "a\nc"}"#, true),
        (r#"any where f regex~ "[a-c]+x""#, r#"{"f": "ABCX"}"#, false),
        (r#"any where f regex "a\\*b""#, r#"{"f": "a*b"}"#, true),
        // Case is folded in ASCII only.
        (r#"any where f : "ä""#, r#"{"f": "Ä"}"#, false),
        // Numbers, categories.
        ("any where n == 4 and n < 5 and n >= 4", r#"{"n": 4}"#, true),
        ("process where true", r#"{"event.category": ["file", "process"]}"#, true),
        ("process where true", r#"{"event.category": "file"}"#, false),
        ("any where true", "{}", true),
    ] {
        let parsed = eql::parse::parse(query).expect(query);
        assert_eq!(
            eql::evaluate::evaluate(&parsed, &event(fields), true),
            found,
            "{query} {fields}"
        );
    }
}

#[test]
fn kql() {
    for (query, fields, found) in [
        // Case matters; quotes hold no wildcards.
        (r#"f: "a""#, r#"{"f": "A"}"#, false),
        (r#"f: "a*""#, r#"{"f": "abc"}"#, false),
        ("f: a*", r#"{"f": "abc"}"#, true),
        ("f: A*", r#"{"f": "abc"}"#, false),
        ("f: *b*", r#"{"f": "a\nb\nc"}"#, true),
        ("f: a?c", r#"{"f": "abc"}"#, false),
        ("f: a?c", r#"{"f": "a?c"}"#, true),
        (r"f: a\*c", r#"{"f": "abc"}"#, false),
        (r"f: a\*c", r#"{"f": "a*c"}"#, true),
        // Groups, existence, complement.
        (r#"f: ("a" or "b")"#, r#"{"f": ["x", "b"]}"#, true),
        (r#"f: ("a" and "b")"#, r#"{"f": ["a", "b"]}"#, true),
        (r#"f: ("a" and "b")"#, r#"{"f": "a"}"#, false),
        ("f: *", r#"{"f": ""}"#, true),
        ("not f: *", "{}", true),
        (r#"not f: "a""#, "{}", true),
        (r#"NOT f: "a" AND g: "b" OR h: "c""#, r#"{"f": "a", "h": "c"}"#, true),
        ("n >= 4 and n < 5", r#"{"n": 4}"#, true),
        // Escapes are decoded, then white space at the ends is trimmed.
        (r"f: \u0041b", r#"{"f": "Ab"}"#, true),
        (r"f: ab\u0020", r#"{"f": "ab"}"#, true),
    ] {
        let parsed = kql::parse::parse(query).expect(query);
        assert_eq!(
            kql::evaluate::evaluate(&parsed, &event(fields), true),
            found,
            "{query} {fields}"
        );
    }
    for query in ["f: *cannot open*", "f: (a or", "f: \"a", "f:", r"f: a\qb", "(f: a", ""] {
        assert!(kql::parse::parse(query).is_err(), "{query}");
    }
}

#[test]
fn spl() {
    for (query, fields, found) in [
        // `search`: no case, `*` only, any value; `OR` binds before `AND`.
        (r#"F="A*""#, r#"{"F": "abc"}"#, true),
        (r#"F="a?c""#, r#"{"F": "abc"}"#, false),
        (r#"F="a?c""#, r#"{"F": "a?c"}"#, true),
        (r#"F="C:\\Temp\\*""#, r#"{"F": "c:\\temp\\x"}"#, true),
        (r#"F IN ("a", "b*")"#, r#"{"F": ["x", "bc"]}"#, true),
        (r#"NOT F="a""#, "{}", true),
        (r#"F!="a""#, "{}", false),
        (r#"F!="a""#, r#"{"F": ["a", "b"]}"#, true),
        (r#"NOT F="a""#, r#"{"F": ["a", "b"]}"#, false),
        ("F=*", "{}", false),
        ("NOT F=*", "{}", true),
        (r#"F="a" OR F="b" G="c""#, r#"{"F": "a"}"#, false),
        (r#"F="a" OR (F="b" G="c")"#, r#"{"F": "a"}"#, true),
        // `where`: case, null that `NOT` keeps.
        (r#"* | where match('F', "a.c")"#, r#"{"F": "xabcx"}"#, true),
        (r#"* | where match('F', "A.c")"#, r#"{"F": "xabcx"}"#, false),
        (r#"* | where NOT match('F', "a")"#, "{}", false),
        (r#"* | where NOT isnotnull(mvfilter(match('F', "a")))"#, "{}", true),
        (r#"* | where isnotnull(mvfilter(match('F', "^b$")))"#, r#"{"F": ["a", "b"]}"#, true),
        (r#"* | eval x=if(match('F', "a"), 1, 0) | search x=0"#, "{}", true),
        (
            r#"* | where match('F', "a") OR match('G', "b") AND match('H', "c")"#,
            r#"{"F": "a"}"#,
            true,
        ),
        // `stats by` drops a row that lacks a field; `fillnull` with fields creates them.
        ("* | stats count by F", "{}", false),
        (r#"* | fillnull value="unknown" F | stats count by F"#, "{}", true),
        ("* | fillnull | stats count by F", "{}", false),
        // A macro is what its definition says.
        (r#"`scope` F="a""#, r#"{"F": "a", "source": "s"}"#, true),
        (r#"`scope` F="a""#, r#"{"F": "a", "source": "t"}"#, false),
    ] {
        let parsed = spl::parse::parse(query).expect(query);
        let macros = [Macro { name: "scope".to_owned(), definition: "(source=\"s\")".to_owned() }];
        let answer = spl::evaluate::evaluate(&parsed, &macros, &event(fields), true);
        assert_eq!(answer, found, "{query} {fields}");
    }
}
