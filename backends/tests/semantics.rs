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
        ("any where n < 9007199254740993", r#"{"n": 9007199254740992}"#, true),
        ("any where n < 5", "{}", false),
        ("any where not n < 5", "{}", true),
        ("any where not ?n < 5", "{}", false),
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
fn eql_functions() {
    for (query, fields, found) in [
        (r#"any where cidrMatch(f, "10.0.0.0/8", "fe80::/10")"#, r#"{"f": "10.1.2.3"}"#, true),
        (r#"any where cidrMatch(f, "10.0.0.0/8", "fe80::/10")"#, r#"{"f": "febf::1"}"#, true),
        (r#"any where cidrMatch(f, "10.0.0.0/8")"#, r#"{"f": ["11.0.0.1", "10.0.0.1"]}"#, true),
        (r#"any where cidrMatch(f, "10.0.0.0/8")"#, r#"{"f": "11.0.0.1"}"#, false),
        (r#"any where cidrMatch(f, "::/0")"#, r#"{"f": "11.0.0.1"}"#, true),
        (r#"any where cidrMatch(f, "0.0.0.0/0")"#, r#"{"f": "::1"}"#, false),
        (r#"any where not cidrMatch(f, "10.0.0.0/8")"#, "{}", true),
        (r#"any where not cidrMatch(?f, "10.0.0.0/8")"#, "{}", false),
        // With `~` case does not matter; the part can be a field.
        (r#"any where startsWith(f, "reg")"#, r#"{"f": "regsvr32.exe"}"#, true),
        (r#"any where startsWith(f, "Reg")"#, r#"{"f": "regsvr32.exe"}"#, false),
        (r#"any where startsWith~(f, "Reg")"#, r#"{"f": "regsvr32.exe"}"#, true),
        (r#"any where startsWith("regsvr32.exe", f)"#, r#"{"f": "regsvr32"}"#, true),
        ("any where endsWith~(f, g)", r#"{"f": "a.EXE", "g": ".exe"}"#, true),
        ("any where endsWith(f, g)", r#"{"f": "a.EXE", "g": ".exe"}"#, false),
        ("any where stringContains(f, g)", r#"{"f": "start a.exe", "g": "a.exe"}"#, true),
        ("any where stringContains(f, g)", r#"{"f": "start", "g": ""}"#, false),
        ("any where startsWith(f, g)", r#"{"f": "start", "g": ""}"#, true),
        // Given texts are searched on any value, fields on the first one.
        (r#"any where endsWith(f, "b")"#, r#"{"f": ["a", "ab"]}"#, true),
        (r#"any where stringContains~(f, "B")"#, r#"{"f": ["a", "abc"]}"#, true),
        (r#"any where startsWith~(f, "B")"#, r#"{"f": ["a", "bc"]}"#, true),
        ("any where endsWith(f, g)", r#"{"f": ["a", "ab"], "g": "b"}"#, false),
        ("any where startsWith(f, g)", r#"{"f": ["ab", "c"], "g": ["a", "c"]}"#, true),
        // Of a given text, wildcards and backslashes keep their meaning.
        (r#"any where endsWith(f, "a*c")"#, r#"{"f": "abc"}"#, true),
        (r#"any where stringContains(f, "a?c")"#, r#"{"f": "xabcx"}"#, true),
        (r#"any where endsWith(f, "\\n")"#, r#"{"f": "xn"}"#, true),
        (r#"any where endsWith(f, "\\n")"#, r#"{"f": "x\\n"}"#, true),
        (r#"any where endsWith(f, "\\n")"#, r#"{"f": "x\\"}"#, false),
        (r#"any where endsWith(f, "\\*")"#, r#"{"f": "ab"}"#, false),
        (r#"any where startsWith(f, "a*")"#, r#"{"f": "abc"}"#, false),
        (r#"any where endsWith~(f, "BC")"#, r#"{"f": "abc"}"#, true),
        (r#"any where endsWith(f, "BC")"#, r#"{"f": "abc"}"#, false),
        (r#"any where endsWith(f, "")"#, r#"{"f": "abc"}"#, true),
        // A document that lacks the field satisfies `not`; a field of no index is null.
        (r#"any where not startsWith(f, "a")"#, "{}", true),
        (r#"any where not startsWith(?f, "a")"#, "{}", false),
        // Null stays null.
        ("any where not startsWith(f, g)", r#"{"f": "a"}"#, false),
        ("any where not (g != null and startsWith(f, g))", r#"{"f": "a"}"#, true),
    ] {
        let parsed = eql::parse::parse(query).expect(query);
        let answer = eql::evaluate::evaluate(&parsed, &event(fields), true);
        assert_eq!(answer, found, "{query} {fields}");
    }
    for query in
        ["any where f(g)", "any where startsWith f", "any where startsWith()", "any where a ~ b"]
    {
        assert!(eql::parse::parse(query).is_err(), "{query}");
    }
}

#[test]
fn eql_computed() {
    for (query, fields, found) in [
        // The examples of the function reference.
        (r#"any where between(f, "System32\\", ".exe") == "cmd""#, PATH, true),
        (r#"any where between(f, "system32\\", ".exe") == """#, PATH, true),
        (r#"any where between~(f, "system32\\", ".exe") == "cmd""#, PATH, true),
        (r#"any where between(f, "\\", "\\", false) == "Windows""#, PATH, true),
        (r#"any where between(f, "\\", "\\", true) == "Windows\\System32""#, PATH, true),
        (r#"any where between(f, "\\", "\\") == "Windows""#, PATH, true),
        (r#"any where between("", "", "") == """#, "{}", true),
        (r#"any where concat("a", " ", 42.5, true) == "a 42.5true""#, "{}", true),
        ("any where divide(4, 3) == 1 and 4 / f == 1", r#"{"f": 3}"#, true),
        ("any where 4.0 / f == 1", r#"{"f": 3}"#, false),
        ("any where divide(-4, 3) == -1 and divide(4, 0.5) == 8", "{}", true),
        (r#"any where indexOf(f, "d") == 3 and indexOf(f, ".") == 9"#, DOMAIN, true),
        (r#"any where indexOf(f, ".", 10) == 17 and indexOf(f, ".", -6) == 9"#, DOMAIN, true),
        (r#"any where indexOf(f, "D") == null and indexOf~(f, "D") == 3"#, DOMAIN, true),
        (r#"any where indexOf(f, "") == 0 and indexOf(f, "", 9) == 9"#, DOMAIN, true),
        (r#"any where indexOf(f, ".", 30) == null"#, DOMAIN, true),
        ("any where length(f) == 21 and length(\"\") == 0", DOMAIN, true),
        (
            "any where modulo(10, 6) == 4 and modulo(10, -6) == 4 and modulo(-10, -6) == -4",
            "{}",
            true,
        ),
        ("any where multiply(0.25, 2) == 0.5 and subtract(10.5, 0.5) == 10", "{}", true),
        ("any where add(f, 5) == 9 and f + 0.5 == 4.5", r#"{"f": 4}"#, true),
        (r#"any where number("1337") == 1337 and number(" 42.5 ") == 42.5"#, "{}", true),
        (r#"any where number("deadbeef", 16) == 3735928559"#, "{}", true),
        (r#"any where number("0xdeadbeef") == 3735928559"#, "{}", true),
        (r#"any where number("-1337", null) == -1337 and number("+4") == 4"#, "{}", true),
        (r#"any where string(42) == "42" and string(f) == "4""#, r#"{"f": 4}"#, true),
        (r#"any where substring(f, 6) == "regsvr32.exe""#, START, true),
        (r#"any where substring(f, 0, 5) == "start""#, START, true),
        (r#"any where substring(f, -4) == ".exe" and substring(f, -4, -1) == ".ex""#, START, true),
        (r#"any where substring(f, 9, 4) == "" and substring(f, 99) == """#, START, true),
    ] {
        check_eql(query, fields, found);
    }
}

fn check_eql(query: &str, fields: &str, found: bool) {
    let parsed = eql::parse::parse(query).expect(query);
    let answer = eql::evaluate::evaluate(&parsed, &event(fields), true);
    assert_eq!(answer, found, "{query} {fields}");
}

#[test]
fn eql_null_and_signs() {
    for (query, fields, found) in [
        // Null goes through everything, also through `not`.
        ("any where length(f) > 3", "{}", false),
        ("any where not length(f) > 3", "{}", false),
        ("any where length(f) == null and f + 1 == null", "{}", true),
        ("any where length(f) != null", r#"{"f": "a"}"#, true),
        ("any where 1 / f == null", r#"{"f": 0}"#, true),
        ("any where f < null or not f < null or f in (null)", r#"{"f": 1}"#, false),
        ("any where f in (1, null)", r#"{"f": 1}"#, true),
        // The first value of a list.
        ("any where length(f) == 1", r#"{"f": ["a", "bb"]}"#, true),
        ("any where length(f) == 2", r#"{"f": ["a", "bb"]}"#, false),
        // Signs: products bind stronger, series go from left to right.
        ("any where 2 + 3 * 4 - 1 == 13 and 8 / 4 / 2 == 1 and 8 - 4 - 2 == 2", "{}", true),
        ("any where (2 + 3) * 4 == 20 and -(f) == -4 and 7 % 4 == 3", r#"{"f": 4}"#, true),
        ("any where 4 == f and 5 > f and 4 >= f and not 4 < f", r#"{"f": 4}"#, true),
        // Texts that are computed.
        (r#"any where concat(f, "x") : "A?*""#, r#"{"f": "ab"}"#, true),
        (r#"any where concat(f, "x") like "A?*""#, r#"{"f": "ab"}"#, false),
        (
            r#"any where concat(f, "x") regex "a.x" and concat(f) in~ ("AB")"#,
            r#"{"f": "ab"}"#,
            true,
        ),
        (r#"any where concat(f) > "aa" and concat(f) < "b""#, r#"{"f": "ab"}"#, true),
        (r#"any where startsWith(f, "a") == true"#, r#"{"f": "ab"}"#, true),
        ("any where length(f) in (1, 2) and length(f) not in (3)", r#"{"f": "ab"}"#, true),
        // Numbers by value, texts by their letters.
        ("any where f == 1e3 and f == 1000.0", r#"{"f": 1000}"#, true),
        ("any where f == 9007199254740993", r#"{"f": 9007199254740992}"#, false),
        (r#"any where f >= "B""#, r#"{"f": "a"}"#, true),
        (r#"any where f >= "b""#, r#"{"f": "a"}"#, false),
    ] {
        check_eql(query, fields, found);
    }
}

const PATH: &str = r#"{"f": "C:\\Windows\\System32\\cmd.exe"}"#;
const DOMAIN: &str = r#"{"f": "subdomain.example.com"}"#;
const START: &str = r#"{"f": "start regsvr32.exe"}"#;

#[test]
fn kql_networks() {
    for (value, found) in
        [("10.1.2.3", true), ("11.1.2.3", false), ("10.0.0.0/8", false), ("::1", false)]
    {
        let parsed = kql::parse::parse(r#"f: "10.0.0.0/8""#).expect("it is KQL");
        let kinds = std::iter::once(("f".to_owned(), kql::ast::Kind::Ip)).collect();
        let query = kql::ast::Query { kinds, ..parsed };
        let event = event(&format!(r#"{{"f": "{value}"}}"#));
        assert_eq!(kql::evaluate::evaluate(&query, &event, true), found, "{value}");
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
    for query in ["f: *cannot open*", "f: (a or", "f: \"a", "f:", r"f: a\qb", "(f: a"] {
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
        // A term finds whole tokens of the raw text.
        ("open", r#"{"_raw": "cannot OPEN: file"}"#, true),
        ("open", r#"{"_raw": "reopened"}"#, false),
        ("*open*", r#"{"_raw": "reopened"}"#, true),
        ("open*", r#"{"_raw": "reopened"}"#, false),
        ("cannot file", r#"{"_raw": "cannot open: file"}"#, true),
        (r#""cannot open""#, r#"{"_raw": "we cannot open: file"}"#, true),
        (r#""not open""#, r#"{"_raw": "we cannot open: file"}"#, false),
        ("open", r#"{"_raw": "is-open"}"#, true),
        ("b", r#"{"_raw": "a%21b"}"#, true),
        ("21b", r#"{"_raw": "a%21b"}"#, false),
        // `stats by` drops a row that lacks a field; `fillnull` with fields creates them.
        ("* | stats count by F", "{}", false),
        (r#"* | fillnull value="unknown" F | stats count by F"#, "{}", true),
        ("* | fillnull | stats count by F", "{}", false),
        // A macro is what its definition says.
        (r#"`scope` F="a""#, r#"{"F": "a", "source": "s"}"#, true),
        (r#"`scope` F="a""#, r#"{"F": "a", "source": "t"}"#, false),
    ] {
        check_spl(query, fields, found);
    }
}

#[test]
fn spl_numbers_and_networks() {
    for (query, fields, found) in [
        // A subnet finds its addresses; so does `cidrmatch`, and nothing that is no address.
        (r#"F="10.0.0.0/8""#, r#"{"F": "10.1.2.3"}"#, true),
        (r#"F="10.0.0.0/8""#, r#"{"F": "10.0.0.0/8"}"#, true),
        (r#"F="10.0.0.0/8""#, r#"{"F": "11.1.2.3"}"#, false),
        (r#"F="fe80::/10""#, r#"{"F": "FEBF::1"}"#, true),
        (r#"* | where cidrmatch("10.0.0.0/8", 'F')"#, r#"{"F": "10.1.2.3"}"#, true),
        (r#"* | where cidrmatch("10.0.0.0/8", 'F')"#, r#"{"F": "10.0.0.0/8"}"#, false),
        (r#"* | where cidrmatch("0.0.0.0/0", 'F')"#, r#"{"F": "x"}"#, false),
        // Numbers are compared as numbers, other values as texts.
        ("F<10", r#"{"F": 9}"#, true),
        ("F<10", r#"{"F": ["11", "9"]}"#, true),
        ("F>10", r#"{"F": "abc"}"#, true),
        ("* | where tonumber('F')<10", r#"{"F": "9"}"#, true),
        ("* | where tonumber('F')<10", r#"{"F": "abc"}"#, false),
        ("* | where NOT tonumber('F')<10", r#"{"F": "abc"}"#, false),
        ("* | where NOT tonumber('F')<10", r#"{"F": "11"}"#, true),
        ("* | where lower('F')=lower('G')", r#"{"F": "aB", "G": "Ab"}"#, true),
        ("* | where 'F'='G'", r#"{"F": "aB", "G": "Ab"}"#, false),
        ("* | where lower('F')=lower('G')", r#"{"F": ["a", "b"], "G": "a"}"#, false),
        ("* | where mvcount('F')=2", r#"{"F": ["a", "b"]}"#, true),
        ("* | where mvcount('F')=1", "{}", false),
        (r#"* | where substr('F', 2, 2)="bc""#, r#"{"F": "abcd"}"#, true),
        (r#"* | where substr('F', 0-2)="cd""#, r#"{"F": "abcd"}"#, true),
        (r#"* | where len('F')>=4 AND mvcount(split('F', "b"))>1"#, r#"{"F": "abcd"}"#, true),
        (r#"* | where mvcount(split('F', "x"))>1"#, r#"{"F": "abcd"}"#, false),
    ] {
        check_spl(query, fields, found);
    }
}

fn check_spl(query: &str, fields: &str, found: bool) {
    let parsed = spl::parse::parse(query).expect(query);
    let macros = [Macro { name: "scope".to_owned(), definition: "(source=\"s\")".to_owned() }];
    let answer = spl::evaluate::evaluate(&parsed, &macros, &event(fields), true);
    assert_eq!(answer, found, "{query} {fields}");
}
