//! Findings name the languages that can say what another one cannot: found out by asking them.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

fn rule(number: usize, body: &str) -> String {
    format!(
        "title: Rule {number}\nlogsource: {{category: process_creation, product: windows}}\ndetection:\n  \
         s: {{{body}}}\n  condition: s\n"
    )
}

/// What `convert` says beside its result.
fn talk(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("isogloss").expect("the program is built");
    let output = command.current_dir(folder).args(["convert", "."]).args(arguments).output();
    String::from_utf8(output.expect("the program runs").stderr).expect("UTF-8")
}

fn asked(body: &str, arguments: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.yml"), rule(1, body)).expect("written");
    let arguments = [arguments, &["--message-format", "json"]].concat();
    let talk = talk(folder.path(), &arguments);
    let findings = talk.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    findings.filter_map(|it| Some(it.get("help")?.as_str()?.to_owned())).collect()
}

#[test]
fn a_loss_names_the_language_that_says_the_rule_exactly() {
    let exact = |target: &str| vec![format!("`-t {target}` says the rule exactly")];
    // A warning is shown anyway, and the note on case with -v.
    assert_eq!(asked("ParentProcessId: 1, CommandLine|re: 'a\\d+'", &["-t", "eql"]), [""; 0]);
    assert_eq!(asked("Image|contains: '??1'", &["-t", "kql"]), exact("eql"));
    assert_eq!(asked("Image|contains: 'a'", &["-t", "kql"]), [""; 0]);
    assert_eq!(asked("Image|contains: 'a'", &["-t", "kql", "-v"]), exact("eql"));
    // Both Elastic languages lose the case of a reference to a field, as SPL does.
    assert_eq!(asked("Image|fieldref: ParentImage", &["-t", "eql"]), [""; 0]);
}

#[test]
fn a_refusal_names_only_languages_that_say_this_very_text() {
    for (body, target, wanted) in [
        ("CommandLine|re: 'a\\d+'", "kql", "`-t spl,eql` can say it"),
        // EQL knows networks, but not of addresses of IPv6 that are text.
        ("CommandLine|cidr: '2001:db8::/32'", "kql", "`-t spl` can say it"),
        ("CommandLine|cidr: '2001:db8::/32'", "elastic", "`-t spl` can say it"),
        ("UtcTime|hour: 5", "eql", "`-t spl` can say it, with losses"),
        ("\"Na\\u202eme\": 4", "eql", "`-t kql` can say it"),
    ] {
        let found = asked(body, &["-t", target]);
        let fits =
            found.iter().any(|help| help == wanted || help.ends_with(&format!("; {wanted}")));
        assert!(fits, "{body}: {found:?}");
    }
}

#[test]
fn a_table_of_many_rules_asks_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..21 {
        let text = rule(number, "Image|contains: '??1'");
        std::fs::write(folder.path().join(format!("{number}.yml")), text).expect("written");
    }
    let count = |arguments: &[&str]| talk(folder.path(), arguments).matches("help: ").count();
    assert_eq!(count(&["-t", "kql"]), 0);
    assert_eq!(count(&["-t", "kql", "-v"]), 21);
}
