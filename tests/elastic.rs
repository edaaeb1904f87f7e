//! The target `elastic` takes the better of EQL and KQL, writes it down, and answers as that language does.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod built_in;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use built_in::built_in;
use isogloss_backends::{Options, Query, Refusal, find};
use isogloss_compiler::ir::{Fidelity, Mapped, Rule};
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index, map_rule};
use serde_json::Value;

const OPTIONS: Options = Options::query(None);

/// The rules and cases of the repository, as they reach a backend.
fn rules() -> Vec<(String, Rule<Mapped>)> {
    let pipelines = built_in("ecs", &mut SourceMap::new());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["rules", "tests/cases"].map(|it| root.join(it));
    let walks = folders.iter().flat_map(|it| walkdir::WalkDir::new(it).sort_by_file_name());
    let paths = walks.map(|entry| entry.expect("readable").into_path());
    let paths: Vec<PathBuf> =
        paths.filter(|it| it.extension().is_some_and(|it| it == "yml")).collect();
    let mut rules = Vec::new();
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let source = SourceMap::new().add("rule", text.as_str());
        let index = Index::new(vec![File::read(source, &text)]);
        for (id, ..) in index.rules() {
            let lowered = index.lower(id, &mut Vec::new());
            let Some(rule) = lowered.as_ref().and_then(|it| it.detection()) else { continue };
            let Ok(rule) = map_rule(rule.clone(), &pipelines) else { continue };
            rules.push((path.display().to_string(), rule));
        }
    }
    rules
}

fn translate(target: &str, rule: &Rule<Mapped>) -> Result<Vec<Query>, Vec<Refusal>> {
    find(target).expect("a target").translate(rule, &OPTIONS)
}

/// The less, the better.
fn rank(answer: &Result<Vec<Query>, Vec<Refusal>>) -> u8 {
    let Ok(queries) = answer else { return 4 };
    match Fidelity::of(queries.iter().flat_map(|it| &it.losses)) {
        Fidelity::Exact => 0,
        Fidelity::Wider => 1,
        Fidelity::Narrower => 2,
        Fidelity::Mixed | Fidelity::Unverified => 3,
    }
}

#[test]
fn no_language_is_better_than_the_one_that_is_taken() {
    let mut taken = [0, 0];
    for (path, rule) in rules() {
        let pinned = rule.metadata.attributes.elastic.language;
        let chosen = translate("elastic", &rule);
        let answers = ["eql", "kql"].map(|it| translate(it, &rule));
        let Ok(queries) = &chosen else {
            assert!(pinned.is_some() || answers.iter().all(Result::is_err), "{path}");
            continue;
        };
        let place = usize::from(queries[0].language == "kql");
        taken[place] += 1;
        assert_eq!(chosen, answers[place], "{path}");
        let fits = match pinned {
            Some(language) => language.as_str() == queries[0].language,
            None => answers.iter().all(|it| rank(&chosen) <= rank(it)),
        };
        assert!(fits, "{path}: {}", queries[0].language);
        let [eql, kql] = answers.each_ref().map(|it| it.as_ref().ok().map(|it| losses(it)));
        let product = rule.logsource.product.as_deref();
        let endpoint = ["windows", "linux", "macos"].map(Some).contains(&product);
        if pinned.is_none() && endpoint && eql == kql {
            assert_eq!(queries[0].language, "eql", "{path}");
        }
    }
    assert!(taken.iter().all(|it| *it > 2), "{taken:?}");
}

fn losses(queries: &[Query]) -> Vec<&isogloss_compiler::ir::Loss> {
    queries.iter().flat_map(|it| &it.losses).collect()
}

#[test]
fn it_answers_as_the_language_that_is_taken() {
    for (path, rule) in rules() {
        let Ok(queries) = translate("elastic", &rule) else {
            assert!(find("elastic").expect("a target").evaluate(&rule, &[]).is_err(), "{path}");
            continue;
        };
        let [asked, chosen] = ["elastic", queries[0].language]
            .map(|it| find(it).expect("a target").evaluate(&rule, &[]).expect("answers").losses);
        assert_eq!(asked, chosen, "{path}");
    }
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("isogloss").expect("the program is built");
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output();
    let output = output.expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

#[test]
fn the_choice_is_written_down() {
    let (_, json, talk) = run(&["convert", "tests/cases/elastic", "-t", "elastic", "-f", "json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let rules = json["targets"][0]["rules"].as_array().expect("rules").iter();
    let languages: Vec<String> = rules
        .filter(|it| it["status"] == "converted")
        .map(|it| format!("{} {}", it["title"], it["queries"][0]["language"]).replace('"', ""))
        .collect();
    let wanted = [
        "Case cloud kql",
        "Case cloud case eql",
        "Case conditions eql",
        "Case endpoint eql",
        "Case pinned kql",
    ];
    assert!(wanted.iter().all(|it| languages.iter().any(|found| found == it)), "{languages:?}");
    assert!(talk.contains(" eql, ") && talk.contains(" kql)"), "{talk}");
}

#[test]
fn a_file_is_named_after_its_language() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = format!("{}/", folder.path().display());
    run(&["convert", "tests/cases/elastic", "-t", "elastic", "-o", &out]);
    let file = |name: &str| folder.path().join("elastic/tests/cases/elastic").join(name).is_file();
    assert!(file("endpoint.eql") && file("cloud.kql") && !file("cloud.eql"));
}

#[test]
fn the_configuration_and_the_policy_know_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    let policy = |target: &str, level: &str| {
        format!(
            "[targets.elastic]\n[[policy]]\n{level} = ['case']\ntargets = ['{target}']\nreason = 'r'\n"
        )
    };
    let rule = std::fs::read_to_string("tests/cases/elastic/pinned.yml").expect("the case");
    write("a.yml", &rule);
    let asked = || {
        let mut command = Command::cargo_bin("isogloss").expect("the program is built");
        let output = command.current_dir(folder.path()).args(["convert", "a.yml"]).output();
        let output = output.expect("the program runs");
        let talk = String::from_utf8(output.stderr).expect("UTF-8");
        (output.status.code(), talk)
    };
    // An entry for the language counts as well as one for the target.
    for (target, level, code) in
        [("elastic", "deny", 1), ("kql", "deny", 1), ("eql", "deny", 0), ("kql", "allow", 0)]
    {
        write("isogloss.toml", &policy(target, level));
        let (found, talk) = asked();
        assert_eq!(found, Some(code), "{target} {level}: {talk}");
    }
}

#[test]
fn events_can_be_asked_through_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let events = folder.path().join("events.json");
    std::fs::write(&events, r#"[{"eventName": "DeleteTrail"}, {"eventName": "ListTrails"}]"#)
        .expect("written");
    let events = events.display().to_string();
    let rule = "tests/cases/elastic/cloud.yml";
    let (code, found, talk) =
        run(&["test", rule, "--events", &events, "--via", "elastic", "-f", "json"]);
    assert_eq!(code, 0, "{talk}");
    let found: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!(found["rules"][0]["matches"], serde_json::json!([0]));
}
