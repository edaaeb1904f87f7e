//! The program as a user runs it: exit codes, results and talk apart, files, standard input, policy.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use assert_cmd::Command;

const RULE: &str = "title: A\nlogsource:\n    category: process_creation\n    product: windows\ndetection:\n    \
                    selection:\n        Image|endswith: '\\a.exe'\n    condition: selection\n";
const BROKEN: &str = "title: B\nlogsource:\n    product: windows\ndetection:\n    selection:\n        Image|endwith: 'a'\n    \
                      condition: selection\n";

fn isogloss() -> Command {
    let mut command = Command::cargo_bin("isogloss").expect("the program is built");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Exit code, standard output, standard error.
fn run(arguments: &[&str]) -> (i32, String, String) {
    finish(isogloss().args(arguments))
}

fn finish(command: &mut Command) -> (i32, String, String) {
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

fn show(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn one_rule_is_the_bare_query() {
    let folder = folder(&[("a.yml", RULE)]);
    let (code, out, err) = run(&["convert", show(folder.path()), "-t", "eql", "--compact"]);
    let query = "process where host.os.type == \"windows\" and event.type == \"start\" and process.name : \"a.exe\"\n";
    assert_eq!((code, out.as_str()), (0, query));
    assert_eq!(err, "1 rule: 1 converted (1 exact, 0 with losses), 0 refused\n");
}

#[test]
fn a_broken_rule_does_not_stop_the_others() {
    let folder = folder(&[("a.yml", RULE), ("b.yml", BROKEN), ("c.yml", RULE)]);
    let (code, out, err) =
        run(&["convert", show(folder.path()), "-t", "spl", "--message-format", "short"]);
    assert_eq!(code, 1);
    assert_eq!(out.matches("`sysmon` EventCode=1 Image=\"*\\\\a.exe\"").count(), 2);
    assert!(
        err.contains(
            "b.yml:6:15: error[E0401]: `endwith` is no modifier of Sigma (did you mean `endswith`?)"
        ),
        "{err}"
    );
    assert!(
        err.ends_with("3 rules: 2 converted (2 exact, 0 with losses), 0 refused, 1 invalid\n"),
        "{err}"
    );
}

#[test]
fn a_folder_that_does_not_exist_is_named_and_the_others_are_converted() {
    let folder = folder(&[("a.yml", RULE)]);
    let (code, out, err) = run(&["convert", "no/such/folder", show(folder.path()), "-t", "kql"]);
    assert_eq!(code, 2);
    assert!(out.contains("process.name: \"a.exe\""));
    assert!(err.contains("error: no/such/folder: there is no such file or folder\n"), "{err}");
}

#[test]
fn a_folder_without_rules_is_told_apart() {
    let folder = folder(&[("readme.txt", "nothing")]);
    let (code, out, err) = run(&["convert", show(folder.path()), "-t", "spl"]);
    assert_eq!((code, out.as_str(), err.as_str()), (3, "", "error: no rule was found\n"));
}

#[test]
fn wrong_usage_names_what_is_meant() {
    for (arguments, message) in [
        (&["convert", "rules", "-t", "sql"][..], "`sql` is no target; did you mean `spl`?"),
        (
            &["convert", "rules", "-t", "spl", "-f", "analitic"],
            "spl has no format `analitic`; did you mean `analytic`?",
        ),
        (&["convert", "rules", "-t", "eql", "-f", "macros"], "eql has no format `macros`"),
        (
            &["convert", "rules", "-t", "spl", "--deny", "narower"],
            "`narower` is no loss and no code; did you mean `narrower`?",
        ),
        (&["convert", "rules", "-t", "spl", "-p", "splnuk"], "did you mean `splunk`?"),
        (&["convert", "rules", "-t", "spl,eql", "-o", "one.txt"], "several targets need a folder"),
    ] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.contains(message), "{err}");
    }
}

#[test]
fn standard_input_is_a_path() {
    let (code, out, _) = finish(isogloss().args(["convert", "-", "-t", "spl"]).write_stdin(RULE));
    assert_eq!((code, out.as_str()), (0, "`sysmon` EventCode=1 Image=\"*\\\\a.exe\"\n"));
}

#[test]
fn a_folder_gets_a_file_for_each_rule_and_target() {
    let rules = folder(&[("a.yml", RULE), ("b.yml", &format!("{RULE}---\n{RULE}"))]);
    let target = tempfile::tempdir().expect("a folder");
    let out = format!("{}/out/", show(target.path()));
    let mut command = isogloss();
    command.current_dir(rules.path()).args(["convert", ".", "-t", "spl,eql,kql", "-o", &out]);
    assert_eq!(finish(&mut command).0, 0);
    for file in ["spl/a.spl", "eql/a.eql", "kql/a.kql", "kql/b.kql", "kql/b.1.kql"] {
        assert!(Path::new(&out).join(file).is_file(), "{file}");
    }
}

#[test]
fn losses_are_what_the_policy_makes_of_them() {
    let folder = folder(&[("a.yml", RULE)]);
    let convert = |more: &[&str]| {
        let arguments =
            [&["convert", show(folder.path()), "-t", "kql", "--message-format", "short"], more]
                .concat();
        let (code, _, err) = run(&arguments);
        (code, err.contains("L0801"))
    };
    assert_eq!(convert(&[]), (0, false));
    assert_eq!(convert(&["-v"]), (0, true));
    assert_eq!(convert(&["--warn", "case"]), (0, true));
    assert_eq!(convert(&["--deny", "narrower"]), (1, true));
    assert_eq!(convert(&["--deny", "narrower", "--allow", "case"]), (0, false));
    assert_eq!(convert(&["--allow", "case", "--deny", "case"]), (1, true));
}

#[test]
fn what_a_target_cannot_say_is_refused_unless_allowed() {
    let rule = RULE.replace("Image|endswith: '\\a.exe'", "Image|re: 'a.c'");
    let folder = folder(&[("a.yml", &rule)]);
    let (code, out, err) = run(&["convert", show(folder.path()), "-t", "kql"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("help: `-t spl,eql` can say it"), "{err}");
    let (code, out, err) =
        run(&["convert", show(folder.path()), "-t", "kql", "--allow", "unsupported"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(err, "1 rule: 0 converted (0 exact, 0 with losses), 1 refused\n");
}

#[test]
fn macros_can_be_put_in_place() {
    let folder = folder(&[("a.yml", RULE)]);
    let (_, out, _) = run(&["convert", show(folder.path()), "-t", "spl", "--macros", "inline"]);
    let query = "source=\"XmlWinEventLog:Microsoft-Windows-Sysmon/Operational\" EventCode=1 Image=\"*\\\\a.exe\"\n";
    assert_eq!(out, query);
}

#[test]
fn without_a_pipeline_names_stay_and_the_loss_is_told() {
    let folder = folder(&[("a.yml", RULE)]);
    let convert =
        |target| run(&["convert", show(folder.path()), "-t", target, "--without-pipeline"]);
    let (code, out, err) = convert("eql");
    assert_eq!((code, out.as_str()), (0, "any where Image : \"*\\\\a.exe\"\n"));
    assert!(err.contains("unscoped-logsource"), "{err}");
    assert_eq!(convert("spl").1, "Image=\"*\\\\a.exe\"\n");
}

#[test]
fn a_pipeline_of_ones_own_replaces_or_adds() {
    let pipeline = "name: mine\npriority: 10\ntransformations:\n  - type: field_name_mapping\n    mapping: {Image: my.image}\n";
    let folder = folder(&[("a.yml", RULE), ("mine.yaml.txt", pipeline)]);
    let file = folder.path().join("mine.yaml.txt");
    let rule = folder.path().join("a.yml");
    let (_, out, _) = run(&["convert", show(&rule), "-t", "spl", "-p", show(&file)]);
    assert_eq!(out, "my.image=\"*\\\\a.exe\"\n");
    let (_, out, _) =
        run(&["convert", show(&rule), "-t", "spl", "-p", "default", "-p", show(&file)]);
    assert_eq!(out, "`sysmon` EventCode=1 my.image=\"*\\\\a.exe\"\n");
}

#[test]
fn json_is_what_its_schema_promises() {
    let schema = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/convert.schema.json"),
    );
    let schema = serde_json::from_str(&schema.expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for paths in [&["rules"][..], &["tests/cases"]] {
        let (_, out, _) =
            run(&[&["convert"], paths, &["-t", "spl,eql,kql", "-f", "json"]].concat());
        let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        let mistakes: Vec<String> =
            validator.iter_errors(&report).map(|it| it.to_string()).collect();
        assert!(mistakes.is_empty(), "{mistakes:?}");
    }
}

#[test]
fn findings_can_be_json_lines() {
    let folder = folder(&[("b.yml", BROKEN)]);
    let (_, _, err) =
        run(&["convert", show(folder.path()), "-t", "spl", "--message-format", "json"]);
    let lines: Vec<serde_json::Value> =
        err.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (&lines[0]["code"], &lines[0]["line"], &lines[0]["column"]),
        (&"E0401".into(), &6.into(), &15.into())
    );
}

#[test]
fn equal_input_gives_equal_bytes_on_any_number_of_threads() {
    let convert = |jobs| {
        run(&["convert", "rules", "tests/cases", "-t", "spl,eql,kql", "-f", "json", "-j", jobs])
    };
    assert_eq!(convert("1"), convert("4"));
}

#[test]
fn nothing_in_a_rule_breaks_out_of_a_comment_or_a_terminal() {
    let title = "title: \"a ``` | delete\\n// */ \\e[2J b\"";
    let rule = RULE.replace("title: A", title);
    let folder = folder(&[("a.yml", &rule), ("b.yml", &rule)]);
    for target in ["spl", "eql", "kql"] {
        let (_, out, err) = run(&["convert", show(folder.path()), "-t", target]);
        assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'), "{out}{err}");
        let comments = out.lines().filter(|line| line.starts_with("```") || line.starts_with("//"));
        assert_eq!(comments.count(), 2, "{out}");
        assert!(target != "spl" || !out.contains("``` |"), "{out}");
    }
}

#[test]
fn the_corpus_is_translated_without_a_fault() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS") else {
        eprintln!("skipped: SIGMA_CORPUS names no folder of rules");
        return;
    };
    let (code, _, err) =
        finish(isogloss().arg("convert").arg(corpus).args(["-t", "spl,eql,kql", "-f", "json"]));
    assert!(code <= 1, "{err}");
    assert!(!err.contains("E0901"), "{err}");
}

#[test]
fn lists_name_what_there_is() {
    for (what, expected) in [
        ("targets", "spl"),
        ("formats", "spl      analytic"),
        ("pipelines", "ecs"),
        ("modifiers", "contains"),
        ("codes", "E0302"),
    ] {
        let (code, out, _) = run(&["list", what]);
        assert!(code == 0 && out.contains(expected), "{what}: {out}");
    }
}

#[test]
fn what_is_denied_is_not_written() {
    let folder = folder(&[("a.yml", RULE)]);
    let (code, out, err) = run(&["convert", show(folder.path()), "-t", "kql", "--deny", "case"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.ends_with("1 rule: 0 converted (0 exact, 0 with losses), 1 refused\n"), "{err}");
}

#[test]
fn no_result_overwrites_another() {
    let rules = folder(&[("a.yml", RULE), ("a.yaml", RULE)]);
    let target = tempfile::tempdir().expect("a folder");
    let out = format!("{}/", show(target.path()));
    let mut command = isogloss();
    command.current_dir(rules.path()).args(["convert", ".", "-t", "spl", "-o", &out]);
    let (code, _, err) = finish(&mut command);
    assert_eq!(code, 2);
    assert!(err.contains("would both be written to"), "{err}");
}

#[test]
fn documents_before_a_broken_one_are_converted() {
    let folder = folder(&[("a.yml", &format!("{RULE}---\ntitle: a\ntitle: b\n"))]);
    let (code, out, err) = run(&["convert", show(folder.path()), "-t", "spl"]);
    assert_eq!(code, 1);
    assert!(out.contains("Image=\"*\\\\a.exe\""), "{out}");
    assert!(
        err.contains("2 rules: 1 converted (1 exact, 0 with losses), 0 refused, 1 invalid"),
        "{err}"
    );
}

#[test]
fn forged_lines_stay_in_their_finding() {
    let rule = RULE.replace("Image|endswith", "\"A|x\\nfoo.yml:1:1: error[E9999]: forged\\rzz\"");
    let folder = folder(&[("a.yml", &rule)]);
    let (_, _, err) =
        run(&["convert", show(folder.path()), "-t", "spl", "--message-format", "short"]);
    assert!(!err.lines().any(|line| line.starts_with("foo.yml")) && !err.contains('\r'), "{err}");
}

#[test]
fn lists_are_aligned_and_say_what_things_are_for() {
    let line = |what: &str, start: &str| {
        let (_, out, _) = run(&["list", what]);
        let found = out.lines().find(|line| line.starts_with(start)).map(str::to_owned);
        found.unwrap_or_else(|| panic!("{start}: {out}"))
    };
    assert!(line("codes", "E0302").starts_with("E0302  error  "));
    assert!(line("codes", "L0821").starts_with("L0821  warning  unmapped-field "));
    assert_eq!(line("codes", "E03xx"), "E03xx: detections and conditions");
    let ecs = line("pipelines", "ecs ");
    let words: Vec<&str> = ecs.split_whitespace().take(6).collect();
    assert_eq!(words, ["ecs", "priority", "20,", "default", "of", "eql,kql,elastic,"]);
    assert!(line("modifiers", "contains ").contains("  a string"));
}

#[test]
fn a_code_is_explained_by_any_of_its_names() {
    let (code, page, err) = run(&["explain", "L0801"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(page.starts_with("L0801 (warning): upper and lower case matter"), "{page}");
    assert!(!page.contains('\u{1b}') && !page.contains("```"), "{page}");
    for name in ["l0801", "case", "Case"] {
        assert_eq!(run(&["explain", name]).1, page);
    }
    let (_, out, _) = run(&["explain", "endswith"]);
    assert!(out.starts_with("endswith (modifier): the field ends with the value"), "{out}");
    let (_, out, _) = run(&["explain", "L0801", "--color", "always"]);
    assert!(out.starts_with("\u{1b}[1mL0801"), "{out}");
}

#[test]
fn every_code_is_explained() {
    for code in isogloss_compiler::diagnostic::Code::ALL {
        let (exit, page, _) = run(&["explain", code.as_str()]);
        assert!(exit == 0 && page.contains("\nWhat to do\n"), "{page}");
        assert!(page.lines().all(|line| !line.starts_with("##")), "{page}");
    }
}

#[test]
fn an_unknown_subject_names_what_is_meant() {
    for (subject, message) in [
        ("E03O2", "did you mean `E0302`?"),
        ("unmaped-field", "did you mean `unmapped-field`?"),
        ("contians", "did you mean `contains`?"),
        ("no/such/rule.yml", "there is no such file"),
        ("rules", "`rules` is a folder"),
        ("zebra", "`isogloss list codes`"),
    ] {
        let (code, out, err) = run(&["explain", subject]);
        assert_eq!((code, out.as_str()), (2, ""), "{subject}");
        assert!(err.contains(message), "{err}");
    }
}

#[test]
fn further_files_are_read_and_not_explained() {
    let filter = "tests/cases/explain/filter/deployment.yml";
    let rule = "tests/cases/explain/filter/rule.yml";
    // Alone, a filter is explained with its folder, and a rule without.
    let (code, out, _) = run(&["explain", filter]);
    assert!(code == 0 && out.contains("shell: A shell") && !out.contains("As meant"), "{out}");
    let (code, out, _) = run(&["explain", rule]);
    assert!(code == 0 && !out.contains("Filter added"), "{out}");
    // What is explained may be among the further files.
    let (code, out, _) = run(&["explain", rule, "tests/cases/explain/filter"]);
    assert!(code == 0 && out.contains("Filter added: What the deployment starts"), "{out}");
    for (subject, message) in [("E0302", "is no rule"), (rule, "there is no such file")] {
        let (code, out, err) = run(&["explain", subject, "no/such/folder"]);
        assert!(code == 2 && out.is_empty() && err.contains(message), "{err}");
    }
}

#[test]
fn the_rules_of_a_file_are_explained_in_turn() {
    let text = format!("{RULE}---\n{BROKEN}---\n{}", RULE.replace("title: A", "title: B"));
    let mut command = isogloss();
    command.args(["explain", "-", "-t", "spl"]).write_stdin(text);
    let (code, out, err) = finish(&mut command);
    assert_eq!(code, 1);
    assert!(out.starts_with("A\n<stdin>:1, no id\n") && out.contains("\nB\n<stdin>:"), "{out}");
    assert!(err.contains("E0401"), "{err}");
    let query = "`sysmon` EventCode=1 Image=\"*\\\\a.exe\"";
    assert_eq!(out.matches(query).count(), 2, "{out}");
    assert!(out.contains("<- lines 2, 7: logsource, Image|endswith; pipeline "), "{out}");
}

#[test]
fn nothing_of_an_explained_rule_is_obeyed_by_a_terminal() {
    let hostile = "\"a\\e[2Jb\\u202e\"";
    let rule = RULE.replace("'\\a.exe'", hostile).replace("title: A", &format!("title: {hostile}"));
    let mut command = isogloss();
    let (code, out, _) = finish(command.args(["explain", "-"]).write_stdin(rule));
    assert_eq!(code, 0);
    assert!(!out.contains(['\u{1b}', '\u{202e}']), "{out}");
}
