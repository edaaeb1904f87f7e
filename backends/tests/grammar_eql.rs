//! The grammar of EQL: texts that it reads, and where it says that a text is no EQL.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "the texts are files")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use isogloss_backends::eql::parse::{parse, parse_condition, parse_statement};
use isogloss_backends::eql::print::print_statement;

const WIDTHS: [Option<usize>; 3] = [None, Some(100), Some(1)];

/// The files of a folder, in order, each with its path.
fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/grammar/eql").join(folder);
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("readable").path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("text");
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// Texts stand between empty lines.
#[test]
fn reads_what_elasticsearch_reads() {
    let mut count = 0;
    for (path, texts) in files("accepted") {
        for text in texts.split("\n\n").filter(|it| !it.trim().is_empty()) {
            let statement = parse_statement(text).unwrap_or_else(|at| {
                panic!("{}: {text}\nat: {}", path.display(), text.get(at..).unwrap_or_default())
            });
            for width in WIDTHS {
                let printed = print_statement(&statement, width).text;
                assert_eq!(parse_statement(&printed).as_ref(), Ok(&statement), "{printed}");
            }
            count += 1;
        }
    }
    assert!(count >= 60, "{count} texts");
}

/// Below each text, `^` stands under the byte at which it is no longer EQL.
#[test]
fn refuses_what_is_no_eql() {
    let mut count = 0;
    let mut mistakes = Vec::new();
    for (_, texts) in files("refused") {
        let lines: Vec<&str> = texts.lines().filter(|it| !it.is_empty()).collect();
        for pair in lines.chunks(2) {
            let [text, mark] = pair else { panic!("{pair:?}: a text without mark") };
            let found = parse_statement(text).map_err(|at| format!("{}^", " ".repeat(at)));
            if found.as_ref().err().map(String::as_str) != Some(*mark) {
                mistakes.push(format!("{text}\n{}", found.err().unwrap_or_default()));
            }
            count += 1;
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    assert!(count >= 60, "{count} texts");
}

/// A condition, and a query about one event, are no other statement.
#[test]
fn parts_of_a_text() {
    assert!(parse_condition("a == 1 and length(b) > 2").is_ok());
    assert_eq!(parse_condition("process where a == 1"), Err(8));
    assert_eq!(parse_condition("a == 1 | head 1"), Err(7));
    assert!(parse("process where a == 1").is_ok());
    assert_eq!(parse("process where a == 1 | head 1"), Err(21));
    assert_eq!(parse("sequence [a where true] [b where true]"), Err(0));
}

/// Hostile texts take no longer than others, and do not overflow the stack.
#[test]
fn long_and_deep_texts() {
    let deep = 10_000;
    let start = Instant::now();
    for piece in ["(", "not ", "-", "not (", "length(", "concat(\"x\", ", "1 + (", "-(", "a == -("]
    {
        let text = format!("any where {}", piece.repeat(deep));
        assert!(parse_statement(&text).is_err(), "{piece}");
        assert!(parse_statement(&format!("sequence [{text}")).is_err(), "{piece}");
    }
    let long = [
        format!("any where a in ({}0)", "1,".repeat(deep)),
        format!("any where {}", vec!["a == 1"; deep].join(" or ")),
        format!("any where {}", vec!["not a == 1"; deep].join(" and ")),
        format!("any where a == 1{}", " + 1".repeat(deep)),
        format!("any where concat({}\"x\") == \"y\"", "\"x\", ".repeat(deep)),
        format!("sequence {}", "[a where true] ".repeat(deep)),
        format!("sequence by {}x [a where true] [b where true]", "x, ".repeat(deep)),
        format!("any where true{}", " | head 1".repeat(deep)),
        format!("any where {} true", "/* x */ // y\n".repeat(deep)),
        format!("any where a{} == 1", ".a".repeat(deep)),
    ];
    for text in long {
        let statement = parse_statement(&text).expect("it is EQL");
        let printed = print_statement(&statement, None).text;
        assert_eq!(parse_statement(&printed), Ok(statement));
    }
    assert!(start.elapsed() < Duration::from_secs(60));
}
