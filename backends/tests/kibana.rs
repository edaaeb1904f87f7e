//! The grammar of KQL on texts in the style of Kibana's documentation: what it reads and as what, and where it
//! says that a text is no KQL. Kibana's own parser gives the same answers.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "the texts are files")]

use std::path::Path;
use std::time::{Duration, Instant};

use isogloss_backends::kql::{parse::parse, print::print};

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
