//! Public rules on the public events that were recorded for them: each rule finds its own events,
//! directly and through every target that claims to translate it exactly.
//!
//! Needs a folder with `rules/` and `regression/` of SigmaHQ, which `SIGMA_CORPUS` names.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use isogloss_compiler::events::read_events;
use serde_json::Value;

/// A rule and the events that were recorded for it.
struct Case {
    id: String,
    /// The numbers of its events over all files.
    events: Range<u64>,
    /// It finds so many of them at least.
    at_least: usize,
}

#[test]
fn every_rule_finds_the_events_recorded_for_it() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS").map(PathBuf::from) else {
        println!("skipped: SIGMA_CORPUS is not set");
        return;
    };
    let cases = cases(&corpus.join("regression"));
    assert!(cases.len() > 150, "only {} cases", cases.len());
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let rules = rule_files(&corpus.join("rules"), &ids);
    let exact = exact(&rules);
    let mut wrong = Vec::new();
    for via in ["ir", "spl", "eql", "kql"] {
        let answers = answers(via, &rules, &corpus.join("regression"));
        let claimed = exact.get(via);
        for case in &cases {
            let claims = claimed.is_none_or(|claimed| claimed.contains(&case.id));
            match answers.get(&case.id) {
                Some(Ok(found)) => {
                    let own = found.iter().filter(|it| case.events.contains(it)).count();
                    if claims && own < case.at_least {
                        wrong.push(format!("{via}: {} finds {own} of {}", case.id, case.at_least));
                    }
                }
                // What a target refuses it does not claim.
                Some(Err(_)) if !claims => {}
                Some(Err(error)) => wrong.push(format!("{via}: {}: {error}", case.id)),
                None => wrong.push(format!("{via}: {} is not there", case.id)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every rule on every event, not only on its own: the search finds what the rule finds, or differs in the
/// direction of its losses.
#[test]
fn rules_and_searches_find_the_same_events() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS").map(PathBuf::from) else {
        println!("skipped: SIGMA_CORPUS is not set");
        return;
    };
    let (rules, events) = ([corpus.join("rules")], corpus.join("regression"));
    let report = json(&["convert", "-t", "spl", "-f", "json", "-q"], &rules, &[]);
    let fidelity: BTreeMap<String, String> = list(&report, "targets")
        .flat_map(|target| list(target, "rules"))
        .map(|rule| (id(rule), rule["fidelity"].as_str().unwrap_or("none").to_owned()))
        .collect();
    let (directly, searched) = (answers("ir", &rules, &events), answers("spl", &rules, &events));
    assert!(directly.len() > 3000, "only {} rules", directly.len());
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (id, found) in &directly {
        let (Ok(found), Some(Ok(searched))) = (found, searched.get(id)) else { continue };
        compared += 1;
        let more = searched.iter().any(|it| !found.contains(it));
        let less = found.iter().any(|it| !searched.contains(it));
        let allowed = match fidelity.get(id).map(String::as_str) {
            Some("wider") => !less,
            Some("narrower") => !more,
            Some("mixed") => true,
            Some(_) | None => !more && !less,
        };
        if !allowed {
            wrong.push(format!("{id}: the rule finds {found:?}, its search {searched:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared * 100 >= directly.len() * 99, "only {compared} rules have an answer");
}

fn id(rule: &Value) -> String {
    rule["id"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_rule_is_read_and_lowered_without_an_error() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS").map(PathBuf::from) else {
        println!("skipped: SIGMA_CORPUS is not set");
        return;
    };
    let rules = files(&corpus.join("rules"), ".yml");
    let output = Command::new(env!("CARGO_BIN_EXE_isogloss"))
        .args(["check", "--no-config", "--quiet", "--message-format", "short"])
        .args(&rules)
        .output()
        .expect("the program runs");
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && found.is_empty(), "{found}");
    assert!(rules.len() > 3000, "only {} rules", rules.len());
}

/// The files below a folder with this ending, in the order in which the program walks them.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    let paths = walk.into_iter().map(|entry| entry.expect("readable").into_path());
    paths.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

fn cases(folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut next = 0;
    for path in files(folder, ".json") {
        let text = std::fs::read_to_string(&path).expect("text");
        let (events, fault) = read_events(&text);
        assert_eq!(fault, None, "{}", path.display());
        let first = next;
        next += u64::try_from(events.len()).expect("a number of events");
        let info = std::fs::read_to_string(path.with_file_name("info.yml")).expect("info.yml");
        let value = |key: &str| {
            let mut values = info.lines().filter_map(|line| line.trim().strip_prefix(key));
            values.next().map(|value| value.trim().to_owned())
        };
        let at_least = value("match_count:").map_or(1, |it| it.parse().expect("a number"));
        cases.push(Case { id: value("- id:").expect("a rule"), events: first..next, at_least });
    }
    cases
}

/// The rules that have events.
fn rule_files(folder: &Path, ids: &BTreeSet<&str>) -> Vec<PathBuf> {
    let of_interest = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("text");
        let id = text.lines().find_map(|line| line.strip_prefix("id:")).unwrap_or_default();
        ids.contains(id.trim())
    };
    files(folder, ".yml").into_iter().filter(of_interest).collect()
}

/// The rules that each target claims to translate exactly.
fn exact(rules: &[PathBuf]) -> BTreeMap<String, BTreeSet<String>> {
    let report = json(&["convert", "-t", "spl,eql,kql", "-f", "json", "-q"], rules, &[]);
    let targets = list(&report, "targets");
    let claimed = targets.map(|target| {
        let rules = list(target, "rules");
        let exact = rules.filter(|rule| rule["fidelity"] == "exact");
        let name = target["target"].as_str().expect("a name").to_owned();
        (name, exact.filter_map(|rule| Some(rule["id"].as_str()?.to_owned())).collect())
    });
    claimed.collect()
}

/// What each rule finds, or why it cannot be asked.
fn answers(
    via: &str,
    rules: &[PathBuf],
    events: &Path,
) -> BTreeMap<String, Result<Vec<u64>, String>> {
    let report =
        json(&["test", "-f", "json", "-q", "--via", via], rules, &[Path::new("--events"), events]);
    let answers = list(&report, "rules").map(|rule| {
        let answer = if let Some(error) = rule["error"].as_str() {
            Err(error.to_owned())
        } else {
            Ok(list(rule, "matches").filter_map(Value::as_u64).collect())
        };
        (id(rule), answer)
    });
    answers.collect()
}

fn list<'v>(object: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    object.get(key).and_then(Value::as_array).expect(key).iter()
}

fn json(arguments: &[&str], rules: &[PathBuf], rest: &[&Path]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_isogloss"))
        .args(arguments)
        .args(rules)
        .args(rest)
        .output()
        .expect("the program runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}
