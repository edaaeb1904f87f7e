//! Regular expressions are asked about texts as Lucene would answer, by a matcher that is written from
//! Elastic's documentation and shares nothing with the code that writes them.

mod matcher;

use isogloss_compiler::ir::{CharSet, Pattern, RegexFlags, RegexNode};
use isogloss_compiler::value::parse_regex;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use matcher::{Lucene, Version};

fn parse(text: &str) -> RegexNode {
    parse_regex(text, RegexFlags::default()).unwrap().tree
}

/// What is written for a regular expression, alternatives joined, and whether something was left out.
fn translated(text: &str) -> (String, bool) {
    match from_regex(&parse(text)) {
        None => ("refused".to_owned(), false),
        Some(Translation::Never) => ("never".to_owned(), false),
        Some(Translation::Always) => ("always".to_owned(), false),
        Some(Translation::Programs { programs, left_out }) => {
            let mark = |it: &Program| if it.folded { "~" } else { "" };
            let texts: Vec<String> =
                programs.iter().map(|it| format!("{}{}", mark(it), it.text)).collect();
            (texts.join(" or "), left_out.is_some())
        }
    }
}

fn lucene_finds(translation: &Translation, text: &str) -> bool {
    match translation {
        Translation::Never => false,
        Translation::Always => true,
        Translation::Programs { programs, .. } => {
            programs.iter().any(|it| lucene_matches(&it.text, it.folded, text))
        }
    }
}

/// All versions have to agree.
fn lucene_matches(program: &str, folded: bool, text: &str) -> bool {
    let answers = [Version::Eight, Version::Nine].map(|version| {
        let read = Lucene::parse(program, folded, version);
        read.unwrap_or_else(|| panic!("not read: {program}")).matches(text)
    });
    assert_eq!(answers[0], answers[1], "{program} on {text:?}");
    answers[0]
}

/// The author's regular expression as the `regex` crate reads it: ASCII classes, `$` at the very end.
fn author_finds(regex: &str, text: &str) -> bool {
    let unicode = regex.replace(r"\b", r"(?-u:\b)").replace(r"\B", r"(?-u:\B)");
    regex::Regex::new(&unicode)
        .unwrap_or_else(|error| panic!("{regex}: {error}"))
        .find(text)
        .is_some()
}

/// A text as Lucene reads it, and what is written instead.
struct Row {
    raw: &'static str,
    /// What Lucene matches with the raw text, and what it does not; nothing if it refuses the text.
    lucene: Option<(&'static [&'static str], &'static [&'static str])>,
    ours: &'static str,
    found: &'static [&'static str],
    missed: &'static [&'static str],
}

const ROWS: &[Row] = &[
    Row {
        raw: "(?i)abc",
        lucene: Some((&["?iabc"], &["abc", "ABC"])),
        ours: "~.*abc.*",
        found: &["xABCx"],
        missed: &["?iab"],
    },
    Row {
        raw: "^abc$",
        lucene: Some((&["^abc$"], &["abc"])),
        ours: "abc",
        found: &["abc"],
        missed: &["^abc$", "xabc"],
    },
    Row {
        raw: r"a\d+",
        lucene: Some((&["ad", "add"], &["a1"])),
        ours: ".*a[0-9]+.*",
        found: &["xa12"],
        missed: &["ad"],
    },
    Row {
        raw: r"\bfoo\b",
        lucene: Some((&["bfoob"], &["foo"])),
        ours: r"(.*[^0-9A-Z\_a-z])?foo([^0-9A-Z\_a-z].*)?",
        found: &["foo", "a foo."],
        missed: &["foob", "bfoob", "_foo"],
    },
    Row {
        raw: r"\t",
        lucene: Some((&["t"], &["\t"])),
        ours: ".*\t.*",
        found: &["a\tb"],
        missed: &["t"],
    },
    Row {
        raw: r"\x41",
        lucene: Some((&["x41"], &["A"])),
        ours: ".*A.*",
        found: &["A"],
        missed: &["x41"],
    },
    Row {
        raw: "a(?:b|c)",
        lucene: Some((&["a?:b", "ac"], &["ab"])),
        ours: ".*a(b|c).*",
        found: &["ab", "xac"],
        missed: &["a?:b"],
    },
    Row {
        raw: "a+?b",
        lucene: Some((&["b", "ab", "aab"], &["a"])),
        ours: ".*a+b.*",
        found: &["aab"],
        missed: &["b"],
    },
    Row {
        raw: "a\"b\"c",
        lucene: Some((&["abc"], &["a\"b\"c"])),
        ours: r#".*a\"b\"c.*"#,
        found: &["a\"b\"c"],
        missed: &["abc"],
    },
    Row {
        raw: "a@b",
        lucene: Some((&["aXXb", "ab"], &["a"])),
        ours: r".*a\@b.*",
        found: &["a@b"],
        missed: &["aXXb"],
    },
    Row {
        raw: "a~b",
        lucene: Some((&["axx", "a"], &["ab"])),
        ours: r".*a\~b.*",
        found: &["a~b"],
        missed: &["axx"],
    },
    Row {
        raw: "a#b",
        lucene: Some((&[], &["ab", "a#b"])),
        ours: r".*a\#b.*",
        found: &["a#b"],
        missed: &["ab"],
    },
    Row {
        raw: "a&b",
        lucene: Some((&[], &["ab", "a&b"])),
        ours: r".*a\&b.*",
        found: &["a&b"],
        missed: &["ab"],
    },
    Row { raw: "a<b", lucene: None, ours: r".*a\<b.*", found: &["a<b"], missed: &["ab"] },
    Row {
        raw: r"[\w.-]+",
        lucene: None,
        ours: r".*[\--\.0-9A-Z\_a-z]+.*",
        found: &["a-b"],
        missed: &["/"],
    },
    Row {
        raw: "a{2,}",
        lucene: Some((&["aa", "aaa"], &["a"])),
        ours: ".*a{2,}.*",
        found: &["baab"],
        missed: &["aba"],
    },
    Row {
        raw: "a.c",
        lucene: Some((&["a\nc"], &["ac"])),
        ours: ".*a[^\n]c.*",
        found: &["abc"],
        missed: &["a\nc"],
    },
    Row {
        raw: "(?i)[a-c]+x",
        lucene: Some((&["?iax"], &["ABCX"])),
        ours: "~.*[A-Ca-c]+x.*",
        found: &["ABCX"],
        missed: &["x"],
    },
];

/// What Lucene does with texts that mean something else elsewhere, and what is written instead.
#[test]
fn texts_that_lucene_reads_otherwise() {
    for Row { raw, lucene, ours, found, missed } in ROWS {
        let program = Lucene::parse(raw, false, Version::Eight);
        assert_eq!(program.is_some(), lucene.is_some(), "{raw}");
        for (program, (matched, others)) in program.iter().zip(*lucene) {
            let finds =
                |texts: &[&str]| texts.iter().map(|it| program.matches(it)).collect::<Vec<_>>();
            assert_eq!(finds(matched), vec![true; matched.len()], "{raw}");
            assert_eq!(finds(others), vec![false; others.len()], "{raw}");
        }
        assert_eq!(translated(raw), ((*ours).to_owned(), false), "{raw}");
        let translation = from_regex(&parse(raw)).unwrap();
        assert!(found.iter().all(|text| lucene_finds(&translation, text)), "{raw}");
        assert!(!missed.iter().any(|text| lucene_finds(&translation, text)), "{raw}");
    }
    assert!(lucene_matches("[a-c]+x", true, "abX") && !lucene_matches("[a-c]+x", true, "ABCX"));
}

#[test]
fn assertions_go_into_what_stands_around_them() {
    for (regex, wanted) in [
        ("^a", "a.*"),
        ("a$", ".*a"),
        ("^$", "()"),
        ("^", "always"),
        ("a*", "always"),
        (r"\b", r".*[0-9A-Z\_a-z]([^0-9A-Z\_a-z].*)?|(.*[^0-9A-Z\_a-z])?[0-9A-Z\_a-z].*"),
        ("a^b", "never"),
        ("a$b", "never"),
        ("(?:a|$b)c", ".*ac.*"),
        ("a*^b", "b.*"),
        (r"(?:^|\s)foobar(?:\s|$)", "(.*[\t-\r ])?foobar([\t-\r ].*)?"),
        (r"x\bfoo", "never"),
        (r"\.\bfoo", r".*\.foo.*"),
        (r"foo\B", r".*foo[0-9A-Z\_a-z].*"),
        (r"\w+\b", r".*[0-9A-Z\_a-z]+([^0-9A-Z\_a-z].*)?"),
        (r"^(?:a|-)+\b$", "(a|-)*a"),
        ("(?m)^a", "(.*\n)?a.*"),
        ("(?m)a$", ".*a(\n.*)?"),
        ("(?:^a)+", "a.*"),
        (r"(?:\bab\b ?)+c", r"(.*[^0-9A-Z\_a-z])?(ab |ab ab (ab )*)c.*"),
    ] {
        assert_eq!(translated(regex), (wanted.to_owned(), false), "{regex}");
    }
}

#[test]
fn the_shorter_of_two_operators_is_taken() {
    for (regex, wanted) in [
        ("(?i)abc", "~.*abc.*"),
        ("(?i)a[^k]", "~.*a[^Kk].*"),
        ("(?i:ab)c", ".*[Aa][Bb]c.*"),
        ("(?i:b)[a-z]", ".*[Bb][a-z].*"),
        ("(?i)1", ".*1.*"),
        ("(?i)äb", "~.*[Ää]b.*"),
        ("äb", ".*äb.*"),
        ("[a-z]", ".*[a-z].*"),
    ] {
        assert_eq!(translated(regex), (wanted.to_owned(), false), "{regex}");
    }
}

#[test]
fn what_is_too_much_for_elasticsearch() {
    let long = "x".repeat(997);
    assert_eq!(translated(&long), ("refused".to_owned(), false));
    // Alternatives are asked one by one.
    let one: String = (100..300).map(|it| it.to_string()).collect();
    let (text, left_out) = translated(&format!("{one}|{}", one.replace('2', "z")));
    assert!(text.contains(&one) && text.contains(&one.replace('2', "z")) && !left_out);
    assert_eq!(translated("a.{1,300}b"), (".*a[^\n]+b.*".to_owned(), true));
    assert_eq!(translated("a.{9}b"), (".*a[^\n]{9}b.*".to_owned(), false));
    // The boundary would be asked at too many places.
    assert_eq!(
        translated(r"a(?:x\b.?){9}b"),
        (
            r".*ax[^\n0-9A-Z\_a-z](x[^\n0-9A-Z\_a-z](x[^\n0-9A-Z\_a-z])*)?b.*".replace(r"\n", "\n"),
            true
        )
    );
}

#[test]
fn classes_are_read_as_they_are_written() {
    for (ranges, wanted) in [
        (vec![('\0', '\t'), ('\u{b}', char::MAX)], ".*[^\n].*"),
        (vec![('-', '-'), (']', ']')], r".*[\-\]].*"),
        (vec![('\\', 'a')], r".*[\\\]-a].*"),
        (vec![('\\', '\\'), ('^', '^')], r".*[\\\^].*"),
        (vec![('Z', '\\')], r".*[Z-\\].*"),
        (vec![], "never"),
    ] {
        let node = RegexNode::Set(CharSet(ranges.clone()));
        let Some(translation) = from_regex(&node) else { panic!("{wanted}") };
        let text = match &translation {
            Translation::Programs { programs, .. } => programs[0].text.clone(),
            Translation::Never => "never".to_owned(),
            Translation::Always => "always".to_owned(),
        };
        assert_eq!(text, wanted);
        for character in ['\n', '-', ']', '\\', '^', '_', '`', 'a', 'b', 'Z', '[', 'Y'] {
            let inside = ranges.iter().any(|(start, end)| (*start..=*end).contains(&character));
            assert_eq!(lucene_finds(&translation, &character.to_string()), inside, "{wanted}");
        }
    }
}

#[test]
fn patterns_spell_letters_beyond_ascii_out() {
    let pattern = Pattern::new([Part::AnyRun, Part::Text("Äkσ?".to_owned())]);
    assert_eq!(from_pattern(&pattern).unwrap().text, ".*[Ää]k[Σςσ]\\?");
    assert!(from_pattern(&Pattern::text("*".repeat(501))).is_none());
}

const ATOMS: &[&str] = &[
    "a",
    "A",
    "k",
    "_",
    "7",
    " ",
    "-",
    "/",
    "ä",
    "😀",
    "\"",
    "@",
    "#",
    "~",
    "&",
    "<",
    ">",
    r"\*",
    r"\\",
    r"\n",
    ".",
    "(?s:.)",
    "(?i:k)",
    "(?i:ä)",
    "[ak]",
    "[^a]",
    r"[\\-a]",
    r"[^\]^-]",
    "[a-z]",
    "(?i:[a-c])",
    r"\x41",
];
const ASSERTIONS: &[&str] = &["^", "$", r"\b", r"\B", "(?m:^)", "(?m:$)", r"\A", r"\z"];
const COUNTS_OF: &[&str] =
    &["", "", "", "*", "+", "?", "*?", "+?", "{2}", "{1,2}", "{0,3}", "{2,}"];

fn regex_text() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        6 => select(ATOMS).prop_map(str::to_owned),
        2 => select(ASSERTIONS).prop_map(str::to_owned),
        1 => Just(String::new()),
    ];
    atom.prop_recursive(3, 12, 4, |inner| {
        let counted = (inner.clone(), select(COUNTS_OF))
            .prop_map(|(inner, count)| format!("(?:{inner}){count}"));
        let row = prop::collection::vec(inner.clone(), 1..4).prop_map(|it| it.concat());
        let choice =
            prop::collection::vec(inner, 1..4).prop_map(|it| format!("(?:{})", it.join("|")));
        prop_oneof![2 => counted, 4 => row, 2 => choice]
    })
}

fn text() -> impl Strategy<Value = String> {
    let characters = vec![
        'a', 'a', 'A', 'k', 'K', '_', '7', ' ', '-', '/', 'ä', 'Ä', '😀', '"', '@', '#', '~', '&',
        '<', '>', '*', '\\', '\n', '^', ']', 'z', '\u{212a}',
    ];
    prop::collection::vec(select(characters), 0..7).prop_map(|it| it.into_iter().collect())
}

/// The regular expression as the evaluator of rules reads it, which has its own rule of case.
fn wanted(regex: &str, text: &str) -> bool {
    let folds =
        regex.replace("(?i:k)", "[kK]").replace("(?i:ä)", "[äÄ]").replace("(?i:[a-c])", "[a-cA-C]");
    author_finds(&folds, text)
}

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(3000), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    /// Lucene finds what the author's regular expression finds, or more where something was left out.
    #[test]
    fn lucene_answers_as_the_author_means(regex in regex_text(), texts in prop::collection::vec(text(), 8)) {
        let Ok(parsed) = parse_regex(&regex, RegexFlags::default()) else { return Ok(()) };
        let Some(translation) = from_regex(&parsed.tree) else { return Ok(()) };
        let wider = matches!(translation, Translation::Programs { left_out: Some(_), .. });
        for text in &texts {
            let wanted = wanted(&regex, text);
            let found = lucene_finds(&translation, text);
            prop_assert!(found == wanted || wider && found, "{regex} on {text:?}: {found}\n{translation:?}");
        }
    }
}
