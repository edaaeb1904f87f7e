//! The grammar of SPL on texts in the style of Splunk's content: what it reads, and where it says that
//! a text is no SPL.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "the texts are files")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use isogloss_backends::spl::{parse::parse, print::print};

const WIDTHS: [Option<usize>; 3] = [None, Some(100), Some(1)];

/// The files of a folder, in order, each with its path.
fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/grammar").join(folder);
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("readable").path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("text");
            (path, text)
        })
        .collect()
}

/// Texts stand between empty lines.
#[test]
fn reads_what_splunk_reads() {
    let mut count = 0;
    for (path, texts) in files("accepted") {
        for text in texts.split("\n\n").map(str::trim).filter(|it| !it.is_empty()) {
            let query = parse(text).unwrap_or_else(|at| {
                panic!("{}: {text}\nat: {}", path.display(), text.get(at..).unwrap_or_default())
            });
            for width in WIDTHS {
                let printed = print(&query, width).text;
                assert_eq!(parse(&printed).as_ref(), Ok(&query), "{printed}");
            }
            count += 1;
        }
    }
    assert!(count >= 60, "{count} texts");
}

/// Below each text, `^` stands under the byte at which it is no longer SPL.
#[test]
fn refuses_what_is_no_spl() {
    let mut count = 0;
    for (path, texts) in files("refused") {
        let lines: Vec<&str> = texts.lines().filter(|it| !it.is_empty()).collect();
        for pair in lines.chunks(2) {
            let [text, mark] = pair else { panic!("{}: a text without mark", path.display()) };
            let found = parse(text).map_err(|at| format!("{}^", " ".repeat(at)));
            assert_eq!(found.err().as_deref(), Some(*mark), "{}\n{text}", path.display());
            count += 1;
        }
    }
    assert!(count >= 60, "{count} texts");
}

/// Hostile texts take no longer than others, and do not overflow the stack.
#[test]
fn long_and_deep_texts() {
    let deep = 10_000;
    let start = Instant::now();
    let pieces = [
        "(",
        "[",
        "NOT ",
        "f(",
        "-(",
        "| append [",
        "| where (",
        "| where NOT ",
        "| eval x=f(",
        "| eval x=-",
        "| x (",
        "| x [",
        "| foreach * [ eval x=[",
        "| stats a(b(",
        "`a((",
        "| append [| multisearch [",
        "| tstats count where (",
        "| where x=[search x=[",
    ];
    for piece in pieces {
        let rest = piece.trim_start_matches("| where ").trim_start_matches("| eval x=");
        let rest = rest.trim_start_matches("| x ").trim_start_matches("| tstats count where ");
        for text in [piece.repeat(deep), format!("{piece}{}", rest.repeat(deep))] {
            assert!(parse(&text).is_err(), "{piece}");
        }
    }
    let long = [
        format!("a IN ({}0)", "1,".repeat(deep)),
        vec!["a=b"; deep].join(" OR "),
        format!("| eval x={}1", "1+".repeat(deep)),
        format!("| where {}", vec!["a=1"; deep].join(" AND ")),
        format!("| where {}", vec!["a=1"; deep].join(" XOR ")),
        format!("| table {}", "a,".repeat(deep) + "a"),
        format!("| stats {}", "count ".repeat(deep)),
        "| search a".repeat(deep),
        "a ```b``` ".repeat(deep),
        format!("| x {}", "a=b ".repeat(deep)),
    ];
    for text in long {
        let query = parse(&text).expect("it is SPL");
        assert_eq!(parse(&print(&query, None).text), Ok(query));
    }
    assert!(start.elapsed() < Duration::from_secs(60));
}
