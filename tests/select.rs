//! Selection, environments and filters beside the rules, as a user meets them in `check` and `convert`; and
//! `init`.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use assert_cmd::Command;

const FIRST: &str = "11111111-1111-4111-8111-111111111111";
const SECOND: &str = "22222222-2222-4222-8222-222222222222";
const THIRD: &str = "33333333-3333-4333-8333-333333333333";

/// A rule with one value, which its query shows.
fn rule(id: &str, value: &str, keys: &str) -> String {
    format!(
        "title: {value}\nid: {id}\n{keys}\nlogsource: {{category: process_creation, product: windows}}\n\
         detection:\n    selection:\n        CommandLine: '{value}'\n    condition: selection\n"
    )
}

/// A filter that excludes a user from every rule of Windows.
fn filter(user: &str) -> String {
    format!(
        "title: Without {user}\nlogsource: {{product: windows}}\nfilter:\n    rules: any\n    selection:\n        \
         User: '{user}'\n    condition: not selection\n"
    )
}

fn correlation() -> String {
    format!(
        "title: many\nid: {THIRD}\nlevel: high\ncorrelation:\n    type: event_count\n    rules: [{FIRST}]\n    \
         group-by: [User]\n    timespan: 1h\n    condition: {{gte: 5}}\n"
    )
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::cargo_bin("isogloss").expect("the program is built");
    let output = command.current_dir(folder).args(arguments).output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("an exit code");
    Run { code, out: text(output.stdout), err: text(output.stderr) }
}

fn convert(folder: &Path, arguments: &[&str]) -> Run {
    run(folder, &[&["convert", ".", "-t", "eql"], arguments].concat())
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

fn two_rules(config: &str) -> tempfile::TempDir {
    folder(&[
        ("isogloss.toml", config),
        ("rules/one.yml", &rule(FIRST, "first", "status: stable\nlevel: low")),
        ("rules/two.yml", &rule(SECOND, "second", "status: test\nlevel: high")),
    ])
}

/// Which of the values are in the output.
fn found(run: &Run) -> Vec<&'static str> {
    let values = ["first", "second"].into_iter();
    values.filter(|it| run.out.contains(&format!("\"{it}\""))).collect()
}

#[test]
fn the_configuration_selects_rules() {
    let of_levels = two_rules("[select]\nmin_level = 'medium'\n");
    let all = convert(of_levels.path(), &[]);
    assert_eq!((all.code, found(&all)), (0, vec!["second"]));
    assert!(all.err.contains("1 rule: 1 converted"), "{}", all.err);
    let all = convert(of_levels.path(), &["--no-config"]);
    assert_eq!(found(&all), ["first", "second"]);
    let checked = run(of_levels.path(), &["check", "."]);
    assert_eq!(
        (checked.code, checked.err.as_str()),
        (0, "1 rule: 0 errors, 0 warnings, 0 notes\n")
    );
    let of_paths = two_rules("[select.exclude]\npaths = ['rules/t*']\n");
    assert_eq!(found(&convert(&of_paths.path().join("rules"), &[])), ["first"]);
}

#[test]
fn the_command_line_selects_among_them() {
    let rules = two_rules("[select]\nstatus = ['stable']\n");
    let rules = rules.path();
    assert_eq!(found(&convert(rules, &["--no-config", "--only", SECOND])), ["second"]);
    let both = ["--no-config", "--only", FIRST, "--only", SECOND];
    assert_eq!(found(&convert(rules, &both)), ["first", "second"]);
    assert_eq!(found(&convert(rules, &["--no-config", "--status", "test"])), ["second"]);
    assert_eq!(found(&convert(rules, &["--no-config", "--min-level", "high"])), ["second"]);
    let none = convert(rules, &["--only", SECOND]);
    assert_eq!((none.code, none.err.as_str()), (3, "error: no rule is selected\n"));
    let none = run(rules, &["check", ".", "--only", SECOND]);
    assert_eq!((none.code, none.err.as_str()), (3, "error: no rule is selected\n"));
    let wrong = convert(rules, &["--min-level", "hihg"]);
    assert!(wrong.code == 2 && wrong.err.contains("did you mean `high`?"), "{}", wrong.err);
}

#[test]
fn a_rule_that_cannot_be_read_is_not_hidden() {
    let broken = rule(SECOND, "second", "status: stabel");
    let folder = folder(&[
        ("isogloss.toml", "[select]\nstatus = ['stable']\n"),
        ("one.yml", &rule(FIRST, "first", "status: stable")),
        ("two.yml", &broken),
    ]);
    let run = convert(folder.path(), &["--message-format", "short"]);
    assert!(run.code == 1 && run.err.contains("two.yml:3"), "{}", run.err);
}

#[test]
fn a_correlation_finds_rules_that_are_not_selected() {
    let folder = folder(&[
        ("isogloss.toml", "[select]\nlevels = ['high']\nlogsources = [{ product = 'windows' }]\n"),
        ("one.yml", &rule(FIRST, "first", "level: low")),
        ("many.yml", &correlation()),
    ]);
    let run = run(folder.path(), &["convert", ".", "-t", "spl"]);
    assert!(run.code == 0 && run.err.contains("1 rule: 1 converted"), "{}", run.err);
    assert!(run.out.contains("\"first\""), "{}", run.out);
    std::fs::write(
        folder.path().join("isogloss.toml"),
        "[select]\nlogsources = [{ product = 'linux' }]\n",
    )
    .expect("written");
    assert_eq!(convert(folder.path(), &[]).code, 3);
}

const CUSTOMERS: &str = "
[rules]
filters = ['filters/all']
[targets.eql]
[env.a]
rules.filters = ['filters/all', 'filters/a']
targets.eql.pipelines = ['default', 'a.yml']
[env.b]
rules.filters = ['filters/b']
select.levels = ['low']
[[env.b.policy]]
deny = ['W0761']
reason = 'b has no patience'
";

fn customers() -> tempfile::TempDir {
    let pipeline =
        "name: a\npriority: 90\ntransformations:\n  - type: field_name_prefix\n    prefix: own.\n";
    folder(&[
        ("isogloss.toml", CUSTOMERS),
        ("a.yml.txt", ""),
        ("pipelines/a.yml", pipeline),
        (
            "rules/one.yml",
            &rule(FIRST, "first", "level: low").replace("condition: s", "condition: 1 of s"),
        ),
        ("rules/two.yml", &rule(SECOND, "second", "level: high")),
        ("filters/all/all.yml", &filter("everywhere")),
        ("filters/a/a.yml", &filter("only_a")),
        ("filters/b/b.yml", &filter("only_b")),
    ])
}

#[test]
fn an_environment_brings_its_filters_pipelines_policy_and_selection() {
    let folder = customers();
    let config = CUSTOMERS.replace("'a.yml'", "'pipelines/a.yml'");
    std::fs::write(folder.path().join("isogloss.toml"), config).expect("written");
    let below = folder.path().join("rules");
    let users = |run: &Run| {
        let all = ["everywhere", "only_a", "only_b"].into_iter();
        all.filter(|it| run.out.contains(it)).collect::<Vec<_>>()
    };
    let base = run(&below, &["convert", "."]);
    assert_eq!((users(&base), found(&base)), (vec!["everywhere"], vec!["first", "second"]));
    assert!(!base.out.contains("own."), "{}", base.out);
    let a = run(&below, &["convert", ".", "--env", "a"]);
    assert_eq!((users(&a), found(&a)), (vec!["everywhere", "only_a"], vec!["first", "second"]));
    assert!(a.out.contains("own."), "{}", a.out);
    let b = run(&below, &["convert", ".", "--env", "b"]);
    assert_eq!((users(&b), found(&b)), (vec!["only_b"], vec!["first"]));
    // The same from the folder that holds the filters of all of them.
    let whole = run(folder.path(), &["convert", "rules", "filters", "--env", "b"]);
    assert_eq!(users(&whole), ["only_b"]);
    // Filters that are named themselves are read.
    let named = run(folder.path(), &["convert", "rules", "filters/a", "--env", "b"]);
    assert_eq!(users(&named), ["only_a", "only_b"]);
    let unknown = run(&below, &["convert", ".", "--env", "c"]);
    let message = "error: there is no environment `c`; did you mean `a`?\n";
    assert_eq!((unknown.code, unknown.err.as_str()), (2, message));
}

#[test]
fn a_sample_is_written_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = run(folder.path(), &["init", "detections"]);
    assert_eq!((first.code, first.out.as_str()), (0, ""));
    assert!(first.err.starts_with("detections/isogloss.toml is written"), "{}", first.err);
    let path = folder.path().join("detections/isogloss.toml");
    let sample = std::fs::read_to_string(&path).expect("the sample");
    std::fs::write(&path, format!("{sample}# ours\n")).expect("written");
    let second = run(&folder.path().join("detections"), &["init"]);
    let message = "error: isogloss.toml is there already, and stays as it is\n";
    assert_eq!((second.code, second.err.as_str()), (2, message));
    let kept = std::fs::read_to_string(&path).expect("the sample");
    assert!(kept.ends_with("# ours\n"));
    std::fs::write(folder.path().join("detections/a.yml"), rule(FIRST, "first", "level: low"))
        .expect("written");
    assert_eq!(run(&folder.path().join("detections"), &["check", "."]).code, 0);
}
