//! `isogloss build` as a whole: the same bytes everywhere, and what `--check` finds.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod building;

use std::collections::BTreeSet;
use std::path::Path;

use building::{Repository, Tree, tree};

const CONFIG: &str = r#"
[rules]
folders = ["rules"]

[targets.spl]
formats = ["app", "escu", "savedsearches"]

[targets.elastic]
formats = ["ndjson", "toml"]
"#;

/// A repository with the rules that a user can deploy.
fn netsupport() -> Repository {
    let repository = Repository::new();
    repository.write("isogloss.toml", CONFIG);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/netsupport");
    for (path, bytes) in tree(&folder) {
        repository.write(&format!("rules/{path}"), bytes);
    }
    repository
}

/// The files that a build has written.
fn written(repository: &Repository) -> Tree {
    let is_written = |path: &str| path.starts_with("build/") || path == "isogloss.lock";
    repository.tree("").into_iter().filter(|(path, _)| is_written(path)).collect()
}

/// The first difference of two trees, to be read.
fn compare(one: &Tree, other: &Tree) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (path, bytes) in one {
        assert!(other.get(path) == Some(bytes), "{path} differs");
    }
}

fn build(repository: &Repository, arguments: &[&str]) {
    let output = repository.build(arguments);
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{talk}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let one = netsupport();
    build(&one, &["-j", "1"]);
    let expected = written(&one);
    assert!(expected.len() > 40, "{:?}", expected.keys());
    for threads in ["2", "8"] {
        let many = netsupport();
        build(&many, &["-j", threads]);
        compare(&expected, &written(&many));
    }
}

/// The same, where the configuration lies beside the rules.
fn configuration_beside_rules() -> Repository {
    let repository = netsupport();
    let config = CONFIG.replace("\"rules\"", "\"../rules\"");
    repository.write("config/isogloss.toml", config);
    repository
}

#[test]
fn rules_that_lie_elsewhere_are_the_same_from_everywhere() {
    let one = configuration_beside_rules();
    let other = configuration_beside_rules();
    for (repository, folder, config) in
        [(&one, "", "config/isogloss.toml"), (&other, "rules", "../config/isogloss.toml")]
    {
        let mut command = repository.command(&["--config", config]);
        let output = command.current_dir(repository.path(folder)).output();
        assert!(output.expect("the program runs").status.success());
    }
    let tree = one.tree("config");
    compare(&tree, &other.tree("config"));
    let rules = String::from_utf8_lossy(&tree["build/elastic/rules.ndjson"]);
    assert!(rules.contains("; ../rules/netsupport_"), "{rules}");
}

#[test]
fn the_current_folder_and_the_place_of_the_repository_change_nothing() {
    let one = netsupport();
    build(&one, &[]);
    let expected = written(&one);
    // From below, where the file is found upwards, and from elsewhere, by name. The bytes hold no path of
    // this machine, so another repository has the same.
    for (folder, config) in [("rules", None), ("..", Some("repository/isogloss.toml"))] {
        let other = netsupport();
        let mut command = other.command(&[]);
        command.current_dir(other.path(folder));
        command.args(config.iter().flat_map(|it| ["--config", it]));
        assert!(command.output().expect("the program runs").status.success());
        compare(&expected, &written(&other));
    }
    let elsewhere = Repository::new();
    let whole = one.path("isogloss.toml").display().to_string();
    let mut command = elsewhere.command(&["--check", "--config", &whole]);
    assert!(command.output().expect("the program runs").status.success());
}

/// Runs `--check`, which writes nothing; gives back its exit code and what it says.
fn check(repository: &Repository) -> (Option<i32>, String) {
    let before = repository.tree("");
    let output = repository.build(&["--check", "--color", "never"]);
    compare(&before, &repository.tree(""));
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_check_writes_nothing_and_finds_what_is_stale() {
    let repository = netsupport();
    let (code, talk) = check(&repository);
    assert_eq!(code, Some(1), "nothing was built yet: {talk}");
    assert!(talk.contains("isogloss.lock is not what would be written"), "{talk}");
    build(&repository, &[]);
    let (code, talk) = check(&repository);
    assert_eq!(code, Some(0), "{talk}");
    let fresh = repository.tree("");
    let macros = "build/spl/isogloss_detections/default/macros.conf";
    let edited = |path: &str, from: &str, to: &str| {
        let text = String::from_utf8(fresh[path].clone()).expect("text");
        assert!(text.contains(from), "{path} has no {from}");
        Some(text.replacen(from, to, 1).into_bytes())
    };
    let rule = "rules/netsupport_manager_executable.yml";
    let spare = "[targets.spl]\nformats = [\"app\", \"escu\"]\n\n[targets.elastic]";
    for (path, bytes, found) in [
        (
            rule,
            edited(rule, "title: ", "title: Any "),
            vec![
                "isogloss.lock is not what would be written",
                "build/elastic/rules.ndjson is not what would be written",
                "build/spl/isogloss_detections-1.0.0.tar.gz is not what would be written",
            ],
        ),
        ("isogloss.lock", None, vec!["isogloss.lock is not what would be written"]),
        (
            "isogloss.lock",
            edited("isogloss.lock", "title = \"", "title = \"Any "),
            vec!["isogloss.lock is not what would be written"],
        ),
        (macros, None, vec!["macros.conf is missing"]),
        (
            macros,
            edited(macros, "search *", "search index=none"),
            vec!["macros.conf is not what would be written"],
        ),
        (
            "isogloss.toml",
            Some(format!("[rules]\nfolders = [\"rules\"]\n{spare}\n").into_bytes()),
            vec![
                "build/spl/savedsearches.conf would be removed",
                "build/elastic/toml/_config.yaml would be removed",
            ],
        ),
    ] {
        match bytes {
            Some(bytes) => repository.write(path, bytes),
            None => std::fs::remove_file(repository.path(path)).expect("a file"),
        }
        let (code, talk) = check(&repository);
        assert_eq!(code, Some(1), "{path}: {talk}");
        for line in found {
            assert!(talk.contains(line), "{path}: {talk}");
        }
        repository.write(path, &fresh[path]);
    }
    assert_eq!(check(&repository).0, Some(0));
}

#[test]
fn process_creations_of_a_corpus_are_built() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS") else {
        println!("skipped: SIGMA_CORPUS names no folder");
        return;
    };
    let rules = Path::new(&corpus).join("rules/windows/process_creation");
    let mut trees = Vec::new();
    for threads in ["1", "4"] {
        let repository = Repository::new();
        repository
            .write("isogloss.toml", CONFIG.replace("[rules]", "[lints]\ncheck = false\n[rules]"));
        for (path, bytes) in tree(&rules) {
            repository.write(&format!("rules/{path}"), bytes);
        }
        let output = repository.build(&["-j", threads]);
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{talk}");
        println!("{}", talk.lines().rev().take(5).collect::<Vec<_>>().join("\n"));
        trees.push(written(&repository));
        assert_eq!(check(&repository).0, output.status.code());
    }
    compare(&trees[0], &trees[1]);
    for (path, bytes) in &trees[0] {
        let text = String::from_utf8_lossy(bytes);
        let extension = Path::new(path).extension().unwrap_or_default();
        if extension == "ndjson" {
            let parse = serde_json::from_str::<serde_json::Map<_, serde_json::Value>>;
            let mistake = text.lines().find_map(|line| parse(line).err());
            assert!(mistake.is_none(), "{path}: {mistake:?}");
        } else if extension == "conf" {
            let mut stanzas = BTreeSet::new();
            let mut is_continued = false;
            for line in text.lines() {
                if line.starts_with('[') && !is_continued {
                    assert!(stanzas.insert(line), "{path} has {line} twice");
                }
                is_continued = line.ends_with('\\');
            }
        }
    }
    let rules = trees[0].get("build/elastic/rules.ndjson").expect("rules");
    assert!(String::from_utf8_lossy(rules).lines().count() > 1000);
}
