//! The documented queries, as expectations: our translations of the rules are equal to them.
//!
//! Two queries are equal if they are once runs of white space outside quotes are one space and spaces
//! next to `( ) [ ] , =` are removed.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

fn convert(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_isogloss"))
        // The correlation among them has no query yet.
        .args(["convert", "rules/netsupport", "--warn", "unsupported"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn documented(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documented").join(name);
    std::fs::read_to_string(path).expect("the documented query")
}

/// White space outside of double quotes as the comparison asks for it.
fn normalized(query: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    let mut escaped = false;
    for character in query.trim().chars() {
        if quoted {
            out.push(character);
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character.is_whitespace() {
            let glued = out.ends_with(['(', ')', '[', ']', ',', '=', ' ']);
            out.push_str(if glued { "" } else { " " });
        } else {
            if "()[],=".contains(character) && out.ends_with(' ') {
                out.pop();
            }
            quoted = character == '"';
            out.push(character);
        }
    }
    out
}

#[test]
fn the_eql_query_is_the_documented_one() {
    let ours = normalized(&convert(&["-t", "eql"]));
    let theirs = normalized(&documented("expected.eql"));
    assert!(ours.contains(&theirs), "{theirs}\nis not in\n{ours}");
}

#[test]
fn the_spl_analytic_is_the_documented_one() {
    let ours = normalized(&convert(&["-t", "spl", "-f", "analytic"]));
    let theirs = normalized(&documented("expected.spl"));
    assert!(ours.contains(&theirs), "{theirs}\nis not in\n{ours}");
}

#[test]
fn compact_queries_are_the_documented_ones_too() {
    let ours = normalized(&convert(&["-t", "eql", "--compact"]));
    assert!(ours.contains(&normalized(&documented("expected.eql"))));
}

#[test]
fn the_comparison_sees_more_than_white_space() {
    assert_eq!(normalized("a ( \"x  y\" ,  b )\n = c"), "a(\"x  y\",b)=c");
    assert_ne!(normalized("a b"), normalized("ab"));
    assert_ne!(normalized("\"a b\""), normalized("\"a  b\""));
    assert_eq!(normalized(r#""a\" ( b" ( c"#), r#""a\" ( b"(c"#);
}

#[test]
fn the_documented_texts_are_not_in_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pieces = ["HarddiskVolume", "CryptPak", "uncommon_process_filter"];
    for folder in ["src", "compiler/src", "backends/src", "templates", "pipelines"] {
        for entry in walkdir::WalkDir::new(root.join(folder)) {
            let entry = entry.expect("readable");
            if !entry.file_type().is_file() {
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).expect("text");
            assert!(!pieces.iter().any(|piece| text.contains(piece)), "{}", entry.path().display());
        }
    }
}
