//! Input that is meant to harm: whatever it is, the program ends soon, within a bounded memory and a small
//! stack, says something of bounded length, and neither panics nor is killed.
//!
//! The inputs are made here, since many of them are no text or too large to keep. What they have to say is
//! asserted by code, not by snapshots.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Address space of the program, in KiB. Its threads have stacks of 2 MiB.
#[cfg(target_os = "linux")]
const MEMORY: &str = "262144";
/// The most bytes that findings may fill.
const MOST_TALK: usize = 256 << 10;
const MEBI: usize = 1 << 20;

/// Translates standard input to all targets.
fn run(input: &[u8]) -> (i32, String, String) {
    let mut command = command();
    command.args(["convert", "-", "-t", "spl,eql,kql", "-j", "2"]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    // The program may stop reading early.
    let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the program ends");
    drop(writer.join());
    let (stdout, stderr) =
        (String::from_utf8(stdout).expect("UTF-8"), String::from_utf8(stderr).expect("UTF-8"));
    assert!(status.code().is_some(), "ended by a signal: {status}, {}", start(&stderr));
    let code = status.code().unwrap_or_default();
    // 3: no document held anything.
    assert!(matches!(code, 0 | 1 | 3), "exit code {code}: {}", start(&stderr));
    assert!(stderr.len() <= MOST_TALK, "{} bytes of findings: {}", stderr.len(), start(&stderr));
    (code, stdout, stderr)
}

#[cfg(target_os = "linux")]
fn command() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v $0; exec \"$@\"", MEMORY, env!("CARGO_BIN_EXE_isogloss")]);
    // Otherwise every thread reserves 64 MiB of addresses.
    command.env("MALLOC_ARENA_MAX", "1");
    command
}

#[cfg(not(target_os = "linux"))]
fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_isogloss"))
}

fn start(text: &str) -> String {
    text.chars().take(2000).collect()
}

/// The input is refused, and this is said.
#[track_caller]
fn refused(input: impl AsRef<[u8]>, message: &str) {
    let (code, _, talk) = run(input.as_ref());
    assert_eq!(code, 1, "{}", start(&talk));
    assert!(talk.contains(message), "no `{message}` in: {}", start(&talk));
}

/// The input is a rule.
#[track_caller]
fn accepted(input: impl AsRef<[u8]>) -> String {
    let (code, queries, talk) = run(input.as_ref());
    assert_eq!(code, 0, "{}", start(&talk));
    queries
}

const HEAD: &str =
    "title: T\nlogsource: {category: process_creation, product: windows}\ndetection:\n";

/// A rule whose detection `s` has these lines, and this condition.
fn rule(selection: &str, condition: &str) -> String {
    format!("{HEAD}  s:\n{selection}\n  condition: {condition}\n")
}

fn repeat(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

#[test]
fn encodings() {
    let text = rule("    Image: 'é'", "s");
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
        let marked = if mark { format!("\u{feff}{text}") } else { text.clone() };
        marked.encode_utf16().flat_map(bytes).collect()
    };
    refused(utf16(u16::to_le_bytes, true), "the file is UTF-16");
    refused(utf16(u16::to_be_bytes, true), "the file is UTF-16");
    refused(utf16(u16::to_le_bytes, false).replace_all(0xe9, b'e'), "the file is UTF-16");
    refused(utf16(u16::to_be_bytes, false).replace_all(0xe9, b'e'), "the file is UTF-16");
    refused(b"title: \xff\xfe\n", "byte 7 is not UTF-8");
    refused(b"title: a\0b\n", "byte 8 is the control character U+0000");
    refused(b"title: \x1b[2J\n", "byte 7 is the control character U+001B");
    refused("title: a\u{9b}b\n", "byte 8 is the control character U+009B");
    refused("title: a\u{feff}b\n", "byte 8 starts a byte order mark inside the file");
    refused((0..=255).collect::<Vec<u8>>(), "is not UTF-8");
}

trait ReplaceAll {
    fn replace_all(self, old: u8, new: u8) -> Self;
}

impl ReplaceAll for Vec<u8> {
    fn replace_all(self, old: u8, new: u8) -> Self {
        self.into_iter().map(|byte| if byte == old { new } else { byte }).collect()
    }
}

#[test]
fn a_byte_order_mark_and_line_ends_change_nothing() {
    let text = rule(
        "    Image: 'a'\n    CommandLine: |-\n      x\n      y\n    User: >-\n      p\n      q",
        "s",
    );
    let plain = accepted(&text);
    assert_eq!(accepted(format!("\u{feff}{text}")), plain);
    assert_eq!(accepted(text.replace('\n', "\r\n")), plain);
    assert_eq!(accepted(format!("\u{feff}{}", text.replace('\n', "\r\n"))), plain);
    let spread = rule("    Image: |\n      a\n      b", "s");
    assert_eq!(accepted(spread.replace('\n', "\r\n")), accepted(&spread));
}

#[test]
fn sizes() {
    refused(vec![b'#'; 5 * MEBI], "the file is larger than 4 MiB");
    refused(vec![b'['; 5 * MEBI], "the file is larger than 4 MiB");
    refused(format!("title: {}", "a".repeat(4 * MEBI - 7)), "a scalar is longer than 64 KiB");
    refused(format!("title: '{}'", "a".repeat(70_000)), "a scalar is longer than 64 KiB");
    refused(format!("title: |\n  {}", "a\n  ".repeat(70_000)), "a scalar is longer than 64 KiB");
    refused(format!("{}: a", "k".repeat(MEBI)), "E01");
    refused(format!("? {}\n: a", "k".repeat(MEBI)), "a scalar is longer than 64 KiB");
    accepted(format!("# {}\n{}", "#".repeat(3 * MEBI), rule("    Image: a1", "s")));
    accepted(rule(&format!("    Image: '{}'", "a".repeat(60_000)), "s"));
}

#[test]
fn nesting() {
    for open in ["[", "{a: ", "- ", "? ", "[[], ", "{[a]: ", "- - ? [", "&a [", "!!str ["] {
        refused(open.repeat(MEBI / open.len()), "E01");
    }
    refused(repeat(2000, |depth| format!("{}a:\n", " ".repeat(depth))), "64 levels");
    refused(rule(&format!("    Image: {}x{}", "[".repeat(62), "]".repeat(62)), "s"), "64 levels");
}

#[test]
fn counts() {
    refused("- a\n".repeat(MEBI), "more than 20,000 elements");
    refused(repeat(300_000, |key| format!("k{key}: v\n")), "more than 20,000 elements");
    refused(
        repeat(19_000, |key| format!("k{key}: [a, a, a, a, a, a, a, a, a, a, a, a]\n")),
        "nodes",
    );
    refused("k: v\n".repeat(19_000), "more errors in this document");
    refused("---\n".repeat(MEBI), "more than 1,000 documents");
    refused("---\na: [\n".repeat(400_000), "more than 1,000 documents");
    refused("a\n...\n".repeat(400_000), "more than 1,000 documents");
    refused(repeat(5000, |it| format!("k{it}: &a{it} v\n")), "more than 1,000 anchors");
    refused("%TAG ! x\n".repeat(100_000), "E01");
    refused("%YAML 1.2\n".repeat(100_000), "E01");
}

#[test]
fn aliases() {
    let levels = |width: usize, count: u8| -> String {
        let name = |level: u8| char::from(b'a' + level);
        let first = format!("a: &a [{}]\n", vec!["x"; width].join(", "));
        let rest = (1..count).map(|level| {
            let alias = format!("*{}", name(level - 1));
            format!("{0}: &{0} [{1}]\n", name(level), vec![alias; width].join(", "))
        });
        std::iter::once(first).chain(rest).collect()
    };
    refused(levels(9, 9), "more than 200,000 nodes");
    refused(levels(1000, 3), "more than 200,000 nodes");
    refused(levels(2, 20), "more than 200,000 nodes");
    let long = format!("a: &a '{}'\nb: [{}]\n", "x".repeat(60_000), "*a, ".repeat(10_000));
    refused(long, "aliases add more than 4 MiB");
    let escaped = format!("a: &a \"{}\"\nb: [{}]\n", "\\t".repeat(30_000), "*a, ".repeat(10_000));
    refused(escaped, "aliases add more than 4 MiB");
    let deep = repeat(60, |level| match level {
        0 => "k0: &k0 [x]\n".to_owned(),
        _ => format!("k{level}: &k{level} [[*k{}]]\n", level - 1),
    });
    refused(deep, "64 levels");
    refused("a: &a [*a]", "stands in the value that it names");
    refused("a: &a {b: &b [*a], c: *b}", "stands in the value that it names");
    refused("&a a: *b", "is an alias");
    let many = format!(
        "{HEAD}  s: &s {{Image: 1_0}}\n{}  condition: s\n",
        repeat(900, |it| { format!("  _s{it}: *s\n") })
    );
    accepted(many);
}

#[test]
fn conditions() {
    let with = |condition: String| rule("    Image: a1", &condition);
    refused(with("(".repeat(60_000)), "64 levels");
    refused(with(format!("{}s{}", "(".repeat(30_000), ")".repeat(30_000))), "64 levels");
    refused(with(format!("{}s", "not ".repeat(15_000))), "64 levels");
    refused(with(format!("{}s", "not ".repeat(100_000))), "64 KiB");
    refused(with(format!("s{}", " and s".repeat(9_000))), "9001 terms");
    refused(with(format!("s{}", " or 1 of s*".repeat(3_000))), "3001 terms");
    refused(with(format!("x{}", " or x".repeat(900))), "no detection is named `x`");
    refused(with(format!("1 of {}", "*a".repeat(30_000))), "E0303");
    refused(with("x".repeat(60_000)), "E0302");
    let parentheses = format!("{}s{}", "(".repeat(60), ")".repeat(60));
    accepted(with(parentheses));
    accepted(with(format!("{}s", "not ".repeat(60))));
    let list = format!("{HEAD}  s: {{Image: a1}}\n  condition: [{}]\n", "s, ".repeat(15_000));
    refused(list, "15000 terms");
}

#[test]
fn detections() {
    let names = |count: usize| repeat(count, |it| format!("  s{it}: {{Image: a{it}x}}\n"));
    refused(format!("{HEAD}{}  condition: 1 of s*\n", names(15_000)), "15000 detections");
    let squared = vec!["all of s*"; 900].join(" or ");
    refused(format!("{HEAD}{}  condition: {squared}\n", names(900)), "are the most");
    let unknown = repeat(300, |it| format!("{}y{it} or ", "z".repeat(50))) + "s0";
    refused(format!("{HEAD}{}  condition: {unknown}\n", names(900)), "no detection is named");
    let values = repeat(3_000, |it| format!("    - 'value {it}'\n"));
    accepted(rule(&format!("    CommandLine|contains:\n{values}"), "s"));
    let fields = repeat(3_000, |it| format!("    Field{it}: 'v'\n"));
    accepted(rule(&fields, "s"));
    let maps = repeat(3_000, |it| format!("    - {{Image: 'v{it}'}}\n"));
    accepted(rule(&maps, "s"));
    let keywords = repeat(3_000, |it| format!("    - word{it}\n"));
    run(rule(&keywords, "s").as_bytes());
    let untyped = repeat(3_000, |it| format!("    - 'word {it}'\n"));
    refused(rule(&format!("    ProcessId:\n{untyped}"), "s"), "more errors in this document");
    let modifiers = "|contains".repeat(100);
    run(rule(&format!("    Image{modifiers}: 'v'"), "s").as_bytes());
    run(rule(&format!("    ? Image{}\n    : 'v'", "|x".repeat(30_000)), "s").as_bytes());
    let wrong = repeat(3_000, |it| format!("    Field{it}|wrong{it}: [1_0, 'v']\n"));
    refused(rule(&wrong, "s"), "more errors in this document");
}

#[test]
fn values() {
    let value = |text: &str| rule(&format!("    CommandLine: '{text}'"), "s");
    for part in ["*", "?", "*?", "\\", "\\*", "a*", "''", "\u{1f600}", "-", "%x%"] {
        run(value(&part.repeat(60_000 / part.len())).as_bytes());
    }
    let numbers = "9".repeat(60_000);
    run(rule(&format!("    ProcessId: {numbers}"), "s").as_bytes());
    run(rule(&format!("    ProcessId: {numbers}.{numbers}1"), "s").as_bytes());
}

#[test]
fn regular_expressions() {
    let regex = |text: &str| rule(&format!("    CommandLine|re: '{text}'"), "s");
    for text in [
        "(a{1000}){1000}".to_owned(),
        "((((a{1000}){1000}){1000}){1000}){1000}".to_owned(),
        "(".repeat(60_000),
        format!("{}a{}", "(".repeat(30_000), ")".repeat(30_000)),
        format!("{}a{}", "(?:".repeat(60), "){2}".repeat(60)),
        "a|".repeat(30_000),
        "[a-z]".repeat(12_000),
        "(?i)[^a]".repeat(7_000),
        "a*".repeat(30_000),
        "(a*)*".repeat(12_000),
        "(.*)".repeat(15_000),
        "[".repeat(60_000),
        "(?i)".repeat(15_000),
        "\\b".repeat(30_000),
        "{".repeat(60_000),
        "a{99999999999}".to_owned(),
        format!("(?i)({})", "[\\w\\W]|".repeat(7_000)),
        "(?i)k".repeat(12_000),
    ] {
        run(regex(&text).as_bytes());
    }
}

#[test]
fn one_line() {
    let list = "1_0, ".repeat(3_000);
    accepted(rule(&format!("    Image: [{list}]"), "s"));
    let bad = "&x ".repeat(10_000);
    run(rule(&format!("    Image: [{bad}]"), "s").as_bytes());
    run("a: b: ".repeat(MEBI / 2).as_bytes());
    run("a: 'b' ".repeat(MEBI / 2).as_bytes());
    run("\"\\".repeat(MEBI).as_bytes());
    run("'".repeat(MEBI).as_bytes());
    run("*a ".repeat(MEBI).as_bytes());
    run(format!("[{}", "*a, ".repeat(MEBI / 2)).as_bytes());
    run(format!("[{}", "!x a, ".repeat(MEBI / 2)).as_bytes());
    run(":".repeat(MEBI).as_bytes());
    run("\t".repeat(MEBI).as_bytes());
    run("\r".repeat(MEBI).as_bytes());
    run(" ".repeat(4 * MEBI).as_bytes());
    run("\n".repeat(4 * MEBI).as_bytes());
    run("a\n\n".repeat(MEBI).as_bytes());
}
