//! `isogloss check` as a user runs it: forms of findings, policy, configuration, baseline.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use assert_cmd::Command;
use quick_xml::events::Event;
use serde_json::Value;

const ID: &str = "11111111-1111-4111-8111-111111111111";
const LOGSOURCE: &str = "logsource:\n    category: process_creation\n    product: windows\n";

/// A rule with one finding, `W0761` in its last line but one.
fn rule(title: &str, id: &str) -> String {
    format!(
        "title: {title}\nid: {id}\n{LOGSOURCE}detection:\n    selection:\n        CommandLine: '{title}'\n    \
         condition: 1 of them\nlevel: low\n"
    )
}

/// A rule with one error, `E0401`.
fn broken() -> String {
    rule("Broken", ID)
        .replace("CommandLine:", "CommandLine|contians:")
        .replace("1 of them", "selection")
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn check(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::cargo_bin("isogloss").expect("the program is built");
    let output = command.current_dir(folder).arg("check").args(arguments).output();
    let output = output.expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("an exit code");
    Run { code, out: text(output.stdout), err: text(output.stderr) }
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    folder
}

fn short(folder: &Path, arguments: &[&str]) -> Run {
    check(folder, &[arguments, &["--message-format", "short"]].concat())
}

#[test]
fn findings_are_the_result() {
    let folder = folder(&[("a.yml", &rule("A", ID))]);
    let run = short(folder.path(), &["."]);
    let line = "./a.yml:9:16: warning[W0761]: `them` is only `selection` (write `selection`)\n";
    assert_eq!((run.code, run.out.as_str()), (0, line));
    assert_eq!(run.err, "1 rule: 0 errors, 1 warning, 0 notes\n");
    assert_eq!(short(folder.path(), &[".", "--deny", "all"]).code, 1);
    let run = short(folder.path(), &[".", "--allow", "W0761", "-q"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
    std::fs::write(folder.path().join("b.yml"), broken()).expect("written");
    assert_eq!(short(folder.path(), &[".", "--allow", "all"]).code, 1);
}

#[test]
fn exit_codes() {
    let none = folder(&[("a.txt", "")]);
    assert_eq!(check(none.path(), &["."]).code, 3);
    assert_eq!(check(none.path(), &["no/such"]).code, 2);
    assert_eq!(check(none.path(), &[".", "-t", "sql"]).code, 2);
    assert_eq!(check(none.path(), &[".", "--baseline", "no.json"]).code, 2);
    assert_eq!(check(none.path(), &[".", "--config", "no.toml"]).code, 2);
}

#[test]
fn a_target_shows_what_it_refuses_and_loses() {
    let refused = rule("A", ID).replace("CommandLine:", "CommandLine|re:");
    let folder = folder(&[("a.yml", &refused), ("b.yml", &rule("B", ID))]);
    let run = short(folder.path(), &[".", "-t", "kql", "-v"]);
    assert_eq!(run.code, 1);
    for code in ["error[E0601]", "note[L0801]", "warning[W0743]", "warning[W0761]"] {
        assert!(run.out.contains(code), "{code}: {}", run.out);
    }
    assert_eq!(short(folder.path(), &[".", "-t", "kql", "--allow", "unsupported"]).code, 0);
}

#[test]
fn comments_switch_and_errors_stay() {
    let head = format!("# isogloss: allow W0761 -- for all\n{}", rule("A", ID));
    let line = rule("B", ID).replace("1 of them", "1 of them # isogloss: allow W0761 -- here");
    let elsewhere = rule("C", ID).replace("level: low", "level: low # isogloss: allow W0761 -- no");
    let error = broken()
        .replace("condition: selection", "condition: selection # isogloss: allow E0401 -- no");
    let loss = rule("D", ID).replace(
        "        CommandLine",
        "        # isogloss: deny case in kql -- here\n        CommandLine",
    );
    let files = [
        ("a.yml", &head),
        ("b.yml", &line),
        ("c.yml", &elsewhere),
        ("d.yml", &error),
        ("e.yml", &loss),
    ];
    let folder = folder(&files.map(|(name, text)| (name, text.as_str())));
    let of = |name: &str| short(folder.path(), &[name, "-t", "kql"]);
    for name in ["a.yml", "b.yml"] {
        assert_eq!((of(name).code, of(name).out.as_str()), (0, ""), "{name}");
    }
    let out = of("c.yml").out;
    assert!(out.contains("warning[W0761]") && out.contains("10:30: warning[W0741]"), "{out}");
    let run = of("d.yml");
    assert!(
        run.code == 1 && run.out.contains("warning[W0740]: `E0401` is an error"),
        "{}",
        run.out
    );
    assert!(run.out.contains("error[E0401]"), "{}", run.out);
    let run = of("e.yml");
    assert!(run.code == 1 && run.out.contains("error[L0801]"), "{}", run.out);
}

#[test]
fn the_nearest_configuration_is_read_by_every_command() {
    let config = "[targets.kql]\npipelines = ['default', 'pipe/own.yml']\n\n[[policy]]\nallow = ['W0761']\n\
                  paths = ['rules/old/**']\nreason = 'old'\n\n[[policy]]\nallow = ['E0601']\n\
                  targets = ['kql']\nrules = ['Refused*']\nreason = 'known'\nuntil = 9999-12-31\n";
    let own = "name: own\npriority: 5\ntransformations:\n  - type: field_name_mapping\n    mapping: {CommandLine: cmd}\n";
    let refused = rule("Refused", ID).replace("CommandLine:", "CommandLine|re:");
    let folder = folder(&[
        ("isogloss.toml", config),
        ("pipe/own.yml", own),
        ("rules/old/a.yml", &rule("A", ID)),
        ("rules/new/b.yml", &rule("B", "22222222-2222-4222-8222-222222222222")),
        ("rules/new/c.yml", &refused.replace(ID, "33333333-3333-4333-8333-333333333333")),
    ]);
    let below = folder.path().join("rules");
    let run = short(&below, &["."]);
    assert_eq!(run.out.matches("W0761").count(), 2, "{}", run.out);
    assert!(
        !run.out.contains("old/a.yml:9:16: warning[W0761]") && !run.out.contains("E0601"),
        "{}",
        run.out
    );
    assert_eq!(run.code, 0);
    let run = short(&below, &[".", "--no-config"]);
    assert_eq!(run.out.matches("W0761").count(), 3, "{}", run.out);
    let mut command = Command::cargo_bin("isogloss").expect("the program is built");
    let output = command.current_dir(&below).args(["convert", "old/a.yml"]).output().expect("run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("cmd: \"A\""), "{text} {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_baseline_hides_what_is_known_wherever_it_stands() {
    let folder = folder(&[("a.yml", &broken())]);
    let written = check(folder.path(), &[".", "--write-baseline", "known.json"]);
    assert_eq!((written.code, written.err.as_str()), (0, "1 finding written to known.json\n"));
    let with = ["a.yml", "--baseline", "known.json"];
    let run = short(folder.path(), &with);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert_eq!(run.err, "1 rule: 0 errors, 0 warnings, 0 notes, 1 in the baseline\n");
    // Another line and another name of the folder change nothing.
    std::fs::write(folder.path().join("a.yml"), format!("# moved\n\n{}", broken()))
        .expect("written");
    assert_eq!(short(folder.path(), &["./a.yml", "--baseline", "known.json"]).code, 0);
    let second = broken().replace("    condition", "        Image|contians: 'x'\n    condition");
    std::fs::write(folder.path().join("a.yml"), second).expect("written");
    let run = short(folder.path(), &with);
    assert_eq!((run.code, run.out.matches("E0401").count()), (1, 1), "{}", run.out);
    std::fs::write(folder.path().join("a.yml"), rule("A", ID)).expect("written");
    let run = short(folder.path(), &with);
    assert!(run.err.contains("1 finding of the baseline is gone"), "{}", run.err);
}

#[test]
fn a_long_run_is_put_together() {
    let rules: Vec<(String, String)> = (0..30)
        .map(|it| {
            (
                format!("{it:02}.yml"),
                rule(&format!("R{it}"), &ID.replace("11111111-", &format!("{it:08}-"))),
            )
        })
        .collect();
    let mut files: Vec<(&str, &str)> =
        rules.iter().map(|(name, text)| (&**name, &**text)).collect();
    let broken = broken();
    files.push(("x.yml", &broken));
    let folder = folder(&files);
    let run = short(folder.path(), &[".", "-t", "spl"]);
    assert_eq!(run.out.matches("E0401").count(), 1, "{}", run.out);
    assert!(run.out.contains("   30  W0761 `them` is a single detection\n"), "{}", run.out);
    assert!(
        run.out.contains("       and 27 more\n") && run.out.lines().count() < 12,
        "{}",
        run.out
    );
    assert_eq!(short(folder.path(), &[".", "-v"]).out.matches("W0761").count(), 30);
    let json = check(folder.path(), &[".", "--message-format", "json"]).out;
    assert_eq!(json.lines().count(), 31);
}

#[test]
fn forms_for_programs_hold_everything_and_nothing_else() {
    let folder = folder(&[("a b.yml", &broken()), ("c.yml", &rule("<&\u{1}>", ID))]);
    let form = |name: &str| check(folder.path(), &[".", "--message-format", name, "-t", "kql"]);
    let github = form("github").out;
    assert!(
        github.contains("::error file=./a b.yml,line=8,endLine=8,col=21,endColumn=29,title=E0401 a modifier is not known::"),
        "{github}"
    );
    assert!(github.lines().all(|line| line.starts_with("::")), "{github}");
    let sarif: Value = serde_json::from_str(&form("sarif").out).expect("JSON");
    let results = sarif.pointer("/runs/0/results").and_then(Value::as_array).expect("results");
    let first = results.first().expect("a result");
    assert_eq!(
        first.pointer("/locations/0/physicalLocation/artifactLocation/uri"),
        Some(&"a%20b.yml".into())
    );
    assert_eq!(first.pointer("/locations/0/physicalLocation/region/startColumn"), Some(&21.into()));
    let junit = form("junit").out;
    assert!(
        junit.starts_with(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"2\" failures="
        ),
        "{junit}"
    );
    assert_eq!(junit.matches("<testcase ").count(), 2);
    assert_eq!(junit.matches("<failure ").count(), 1 + usize::from(junit.contains("E0106")));
    for form in ["json", "github", "sarif", "junit"] {
        let run = check(folder.path(), &[".", "--message-format", form]);
        assert!(run.err.starts_with("2 rules: "), "{form}: {}", run.err);
    }
}

#[test]
fn sarif_is_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema =
        std::fs::read_to_string(root.join("tests/schemas/sarif-2.1.0.json")).expect("text");
    let mut schema: Value = serde_json::from_str(&schema).expect("JSON");
    // The pattern for languages is no regular expression of ECMA 262: it has a bracket too many.
    for owner in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{owner}/properties/language"));
        let language = language.and_then(Value::as_object_mut).expect("languages have a pattern");
        assert!(language.remove("pattern").is_some());
    }
    let validator =
        jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    for arguments in [&["tests/cases", "-t", "spl,eql,kql"][..], &["rules"]] {
        let run = check(root, &[arguments, &["--message-format", "sarif", "-v"]].concat());
        let document: Value = serde_json::from_str(&run.out).expect("JSON");
        let mistakes: Vec<String> = validator
            .iter_errors(&document)
            .map(|it| format!("{} {it}", it.instance_path()))
            .collect();
        assert_eq!(mistakes, [""; 0]);
    }
}

#[test]
fn junit_is_well_formed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = check(root, &["tests/cases", "-t", "spl", "--message-format", "junit"]).out;
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut depth = 0;
    loop {
        let event = reader.read_event().expect("XML");
        depth += i32::from(matches!(event, Event::Start(_)));
        depth -= i32::from(matches!(event, Event::End(_)));
        if event == Event::Eof {
            break;
        }
    }
    assert_eq!(depth, 0);
}

/// A lint that is on is nearly always right, so public rules have few findings.
#[test]
fn public_rules_have_few_findings() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS") else {
        println!("skipped: SIGMA_CORPUS is not set");
        return;
    };
    let run = check(Path::new(&corpus), &["rules", "--no-config", "--message-format", "json"]);
    let lints = run.out.lines().filter(|line| line.starts_with("{\"code\":\"W07")).count();
    assert!(lints < 300, "{lints} findings");
}
