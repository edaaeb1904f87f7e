//! `isogloss test` as a user runs it: events in every form, through every target, log sources, JSON
//! against its schema, expectations.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

const RULE: &str = "title: A\nid: 6d9536da-37ec-400a-98ad-255c62f975ea\nlogsource:\n    category: process_creation\n    \
                    product: windows\ndetection:\n    selection:\n        CommandLine|contains: 'evil'\n    condition: selection\n";

/// Exit code, standard output, standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("isogloss").expect("the program is built");
    let output = command.current_dir(folder).arg("test").args(arguments).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    folder
}

/// The numbers of the events that the first rule finds; the output keeps to its schema.
fn matches(folder: &Path, arguments: &[&str]) -> Vec<u64> {
    let (code, out, err) = run(folder, &[arguments, &["-f", "json"]].concat());
    assert_eq!(code, 0, "{err}");
    let report: Value = serde_json::from_str(&out).expect("JSON");
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/test.schema.json");
    let schema = std::fs::read_to_string(schema).expect("the schema");
    let schema = serde_json::from_str(&schema).expect("JSON");
    assert!(jsonschema::is_valid(&schema, &report), "{report}");
    let found = report.pointer("/rules/0/matches").and_then(Value::as_array).expect("matches");
    found.iter().filter_map(Value::as_u64).collect()
}

/// An event of Sysmon or of the audit log.
fn windows(channel: &str, code: u32, command: &str) -> String {
    let provider = match channel {
        SYSMON => "Microsoft-Windows-Sysmon",
        "Security" => "Microsoft-Windows-Security-Auditing",
        _ => "Other",
    };
    json!({"Event": {
        "System": {"Provider": {"#attributes": {"Name": provider}}, "EventID": code, "Channel": channel},
        "EventData": {"CommandLine": command},
    }})
    .to_string()
}

const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";

#[test]
fn events_are_numbered_over_all_files_in_order() {
    let folder = folder(&[
        ("a.yml", RULE),
        ("events/2.jsonl", "{\"CommandLine\": \"EVIL\"}\n"),
        ("events/1.json", "[{\"CommandLine\": \"good\"}, {\"CommandLine\": \"an evil thing\"}]"),
        ("events/notes.txt", "no events"),
        ("last.json", "{\"CommandLine\": \"evil\"} {\"CommandLine\": null}"),
    ]);
    let arguments = ["a.yml", "--events", "events", "last.json"];
    assert_eq!(matches(folder.path(), &arguments), [1, 2, 3]);
    let (code, out, err) = run(folder.path(), &arguments);
    assert_eq!(
        (code, out.as_str()),
        (0, "a.yml: A: events/1.json:1, events/2.jsonl:0, last.json:0\n")
    );
    assert_eq!(err, "1 rule, 5 events: 1 rule matched, 3 matches in all\n");
}

#[test]
fn a_broken_file_does_not_stop_the_others() {
    let folder = folder(&[
        ("a.yml", RULE),
        ("1.json", "{\"CommandLine\": \"evil\"} {\"CommandLine\": evil}"),
        ("2.json", "{\"CommandLine\": \"evil\"}"),
    ]);
    let arguments =
        ["a.yml", "--events", "1.json", "2.json", "none.json", "--message-format", "short"];
    let (code, out, err) = run(folder.path(), &arguments);
    assert_eq!((code, out.as_str()), (2, "a.yml: A: 1.json:0, 2.json:0\n"));
    assert!(err.contains("1.json:1:41: error[E0701]: expected value"), "{err}");
    assert!(err.contains("none.json: there is no such file or folder"), "{err}");
}

#[test]
fn an_event_is_tried_on_rules_of_its_log_source_only() {
    let events = [
        windows(SYSMON, 1, "evil"),
        windows(SYSMON, 5, "evil"),
        windows("Application", 1, "evil"),
        "{\"CommandLine\": \"evil\"}".to_owned(),
    ];
    let folder = folder(&[("a.yml", RULE), ("e.json", &events.join("\n"))]);
    for via in ["ir", "spl", "eql", "kql"] {
        assert_eq!(
            matches(folder.path(), &["a.yml", "--events", "e.json", "--via", via]),
            [0, 3],
            "{via}"
        );
    }
    let given = |logsource: &str| {
        matches(folder.path(), &["a.yml", "--events", "e.json", "--logsource", logsource])
    };
    assert_eq!(given("category=process_creation,product=windows"), [0, 1, 2, 3]);
    assert_eq!(given("product=windows,service=system"), [] as [u64; 0]);
    let (code, _, err) =
        run(folder.path(), &["a.yml", "--events", "e.json", "--logsource", "catgory=x"]);
    assert_eq!(code, 2);
    assert!(err.contains("did you mean `category`?"), "{err}");
}

/// The audit log knows process creation too, but the scope of `splunk` is Sysmon alone.
#[test]
fn a_scope_that_is_not_the_log_source_shows() {
    let folder = folder(&[("a.yml", RULE), ("e.json", &windows("Security", 4688, "evil"))]);
    let via = |via| matches(folder.path(), &["a.yml", "--events", "e.json", "--via", via]);
    assert_eq!(via("ir"), [0]);
    assert_eq!(via("eql"), [0]);
    assert_eq!(via("spl"), [] as [u64; 0]);
}

#[test]
fn events_of_a_target_are_taken_as_they_are() {
    let start = json!({"process.command_line": "evil", "event.category": ["process"], "event.type": ["start"],
        "host": {"os": {"type": "windows"}}});
    let end = json!({"process.command_line": "evil", "event.category": ["process"], "event.type": ["end"],
        "host": {"os": {"type": "windows"}}});
    let folder = folder(&[("a.yml", RULE), ("e.json", &format!("{start}\n{end}"))]);
    let arguments = ["a.yml", "--events", "e.json", "--events-are", "target", "--via", "eql"];
    assert_eq!(matches(folder.path(), &arguments), [0]);
    let (code, _, err) =
        run(folder.path(), &["a.yml", "--events", "e.json", "--events-are", "target"]);
    assert_eq!(code, 2);
    assert!(err.contains("add `--via spl`, `eql`, `kql` or `elastic`"), "{err}");
}

#[test]
fn what_cannot_be_asked_says_why() {
    let regex = RULE.replace("CommandLine|contains: 'evil'", "CommandLine|re: '^ev'");
    let broken = RULE.replace("|contains", "|contain");
    let folder =
        folder(&[("a.yml", &regex), ("b.yml", &broken), ("e.json", "{\"CommandLine\": \"evil\"}")]);
    let (code, out, err) =
        run(folder.path(), &[".", "--events", "e.json", "--via", "kql", "-f", "json"]);
    assert_eq!(code, 1);
    let report: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        report["rules"][0]["error"],
        "KQL cannot say this: there are no regular expressions, and no text stands in every match of \
         this one"
    );
    let error = report["rules"][1]["error"].as_str().expect("an error");
    assert!(error.contains("`contain`"), "{error}");
    assert!(report["rules"][0].get("matches").is_none());
    assert!(
        err.ends_with(
            "2 rules, 1 event: 0 rules matched, 0 matches in all, 1 refused, 1 invalid\n"
        ),
        "{err}"
    );
}

#[test]
fn what_a_target_cannot_say_can_be_allowed() {
    let regex = RULE.replace("CommandLine|contains: 'evil'", "CommandLine|re: '^ev'");
    let folder = folder(&[("a.yml", &regex), ("e.json", "{}")]);
    let arguments = ["a.yml", "--events", "e.json", "--via", "kql", "--allow", "unsupported"];
    let (code, out, err) = run(folder.path(), &arguments);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(err, "1 rule, 1 event: 0 rules matched, 0 matches in all, 1 refused\n");
}

const EXPECTED: &str = "via: [ir, eql]\nevents:\n    - {name: n, match: true, event: {CommandLine: evil}}\n    \
                        - {file: e.json, matches: [1]}\n";

#[test]
fn expectations_stand_beside_the_rules() {
    let events = "{\"CommandLine\": \"good\"}\n{\"CommandLine\": \"evil\"}";
    let folder = folder(&[("r/a.yml", RULE), ("r/a.test.yml", EXPECTED), ("r/e.json", events)]);
    for path in ["r", "r/a.yml", "r/a.test.yml", "."] {
        let (code, out, err) = run(folder.path(), &[path]);
        assert_eq!((code, out.as_str()), (0, ""), "{err}");
        assert_eq!(err, "1 file of expectations: 4 answers as expected, 0 not\n");
    }
    // Nothing else takes them for rules.
    let mut convert = Command::cargo_bin("isogloss").expect("the program is built");
    let output = convert.current_dir(folder.path()).args(["convert", "r", "-t", "spl"]).output();
    assert!(output.expect("it runs").status.success());
    let (code, _, err) = run(folder.path(), &["r/e.json"]);
    assert_eq!(code, 3, "{err}");
}

#[test]
fn expectations_that_are_not_met_fail_the_run() {
    let wrong = EXPECTED.replace("match: true", "match: false").replace("[1]", "[0]");
    let events = "{\"CommandLine\": \"good\"}\n{\"CommandLine\": \"evil\"}";
    let folder = folder(&[("a.yml", RULE), ("a.test.yml", &wrong), ("e.json", events)]);
    let (code, _, err) = run(folder.path(), &[".", "--message-format", "short"]);
    assert_eq!(code, 1);
    assert!(err.contains("a.test.yml:3:24: error[E0703]: the rule finds this event"), "{err}");
    assert!(
        err.contains(
            "the EQL query does not find event 0, and finds event 1 (expected: 0; found: 1)"
        ),
        "{err}"
    );
    let (code, out, _) = run(folder.path(), &[".", "--message-format", "junit"]);
    assert_eq!(code, 1);
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"isogloss test\">\n  <testsuite name=\"./a.test.yml\" \
                tests=\"4\" failures=\"4\" errors=\"0\">\n    <testcase classname=\"A\" name=\"n (via ir)\">\n      \
                <failure message=\"the rule finds this event\" type=\"E0703\">";
    assert!(out.starts_with(head), "{out}");
}

#[test]
fn the_expectations_of_our_own_rules_are_met() {
    let (code, _, err) = run(Path::new(env!("CARGO_MANIFEST_DIR")), &["rules"]);
    assert_eq!(code, 0, "{err}");
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/netsupport"));
    let names = files.expect("the rules").map(|it| it.expect("readable").file_name());
    let (tests, rules): (Vec<_>, Vec<_>) = names
        .filter(|it| it.to_string_lossy().ends_with(".yml"))
        .partition(|it| it.to_string_lossy().ends_with(".test.yml"));
    assert_eq!(tests.len(), rules.len(), "a rule has no expectations");
}

/// An item that changes a part of a value has no direction for events.
#[test]
fn what_cannot_be_done_to_events_is_said() {
    let pipeline = "name: mine\ntransformations:\n    - {id: shells, type: replace_string, regex: evil, replacement: bad}\n";
    let folder =
        folder(&[("a.yml", RULE), ("p.yml", pipeline), ("e.json", &windows(SYSMON, 1, "evil"))]);
    let arguments = ["a.yml", "--events", "e.json", "-p", "p.yml", "--via", "spl"];
    let (code, _, err) = run(folder.path(), &arguments);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("E0604"), "{err}");
    assert!(err.contains("what `shells` did to the rule cannot be done to events"), "{err}");
    assert!(err.contains("`--events-are target`"), "{err}");
}
