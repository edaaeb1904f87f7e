//! Events as vendors write them: `tests/cases/events/<topic>/` holds a rule, `rule.yml`, and events of its
//! log source, `<shape>.yml`, as they are exported from a SIEM. The built-in pipelines are judged by them:
//! the queries of the rule have to find the events, and to miss those that differ in one detail.
//!
//! | key | what it is |
//! |---|---|
//! | `source` | the public schemas, ingest pipelines, add-ons that the events are written from |
//! | `targets` | the languages in which the rule is asked |
//! | `refused` | languages that cannot say the rule, each with the reason: the rule has to be refused |
//! | `lost` | languages that cannot find the events, since the vendor drops what the rule tests, each with the reason: the rule has to be refused, or to carry a loss that makes it narrower |
//! | `found` | events that have to be found |
//! | `missed` | near misses: what differs, `why`, and the `event` |
//!
//! Events are taken as they are, with the default pipelines: `isogloss test rule.yml --events-are target`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod nodes;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use isogloss_compiler::source::SourceId;
use isogloss_compiler::yaml::{Node, parse_yaml};
use libtest_mimic::{Arguments, Failed, Trial};
use nodes::json;
use serde_json::Value as Json;

const KEYS: &[&str] = &["source", "targets", "refused", "lost", "found", "missed"];
const TARGETS: &[&str] = &["spl", "eql", "kql"];
const SHAPES: &[&str] =
    &["winlogbeat", "elastic-agent", "elastic-defend", "elastic", "splunk-xml", "splunk"];

/// One rule, one shape, one target.
struct Case {
    rule: PathBuf,
    target: String,
    claim: Claim,
    found: Vec<Json>,
    /// What differs, and the event.
    missed: Vec<(String, Json)>,
}

/// What is asked of a target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// It finds what is to be found, and no near miss.
    Answers,
    /// It refuses the rule.
    Refuses,
    /// It refuses the rule, or says that it finds less.
    SaysSo,
}

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/events");
    let mut trials = Vec::new();
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
        let path = entry.expect("the folder can be read").into_path();
        let is_shape = path.extension().is_some_and(|it| it == "yml") && stem(&path) != "rule";
        if is_shape {
            trials.extend(read(&path));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a name").display().to_string()
}

/// The cases of a shape, each under topic, shape and target.
fn read(path: &Path) -> Vec<Trial> {
    let shape = stem(path);
    let folder = path.parent().expect("a shape lies in the folder of its topic");
    let place = format!("{}/{shape}", stem(folder));
    assert!(SHAPES.contains(&shape.as_str()), "{place} is no known shape");
    let text = std::fs::read_to_string(path).expect("the events can be read");
    let mut mistakes = Vec::new();
    let documents = parse_yaml(SourceId::default(), &text, &mut mistakes);
    assert!(mistakes.is_empty(), "{place}: {mistakes:?}");
    let node = documents.first().expect("a document");
    for (key, _) in node.as_mapping().expect("a map") {
        assert!(KEYS.contains(&key.as_text().unwrap_or_default()), "{place}: {key:?}");
    }
    assert!(!list(node, "source").is_empty(), "{place} names no source");
    let trials = list(node, "targets").iter().map(|target| {
        let target = target.as_text().expect("a target").to_owned();
        assert!(TARGETS.contains(&target.as_str()), "{place}: {target}");
        let case = case(node, folder.join("rule.yml"), &target);
        Trial::test(format!("{place}/{target}"), move || check(&case))
    });
    trials.collect()
}

fn list<'a>(node: &'a Node<'a>, key: &str) -> &'a [Node<'a>] {
    node.get(key).map_or(&[][..], Node::elements)
}

fn case(node: &Node, rule: PathBuf, target: &str) -> Case {
    let names = |key: &str| node.get(key).and_then(|it| it.get(target)).is_some();
    let claim = match (names("refused"), names("lost")) {
        (false, false) => Claim::Answers,
        (true, false) => Claim::Refuses,
        (false, true) => Claim::SaysSo,
        (true, true) => panic!("{target} is both refused and lost"),
    };
    let near_miss = |it: &Node| {
        let why = it.get("why").and_then(Node::as_text).expect("a near miss says why");
        (why.to_owned(), json(it.get("event").expect("an event")))
    };
    let found: Vec<Json> = list(node, "found").iter().map(json).collect();
    let missed: Vec<(String, Json)> = list(node, "missed").iter().map(near_miss).collect();
    assert!(!found.is_empty() && !missed.is_empty(), "{}: no events", rule.display());
    Case { rule, target: target.to_owned(), claim, found, missed }
}

fn check(case: &Case) -> Result<(), Failed> {
    let claim = case.claim;
    match matches(case)? {
        Err(_) if claim != Claim::Answers => Ok(()),
        Err(refusal) => Err(refusal.into()),
        Ok(_) if claim == Claim::Refuses => Err("the rule is not refused".into()),
        Ok(found) => {
            let (mut mistakes, near) = judge(case, &found);
            if claim == Claim::SaysSo && !mistakes.is_empty() && says_so(case)? {
                mistakes.clear();
            }
            mistakes.extend(near);
            if mistakes.is_empty() {
                return Ok(());
            }
            mistakes.push(query(case)?);
            Err(mistakes.join("\n").into())
        }
    }
}

/// The numbers of the events that the rule's queries find, or why there are none.
fn matches(case: &Case) -> Result<Result<Vec<usize>, String>, Failed> {
    let folder = tempfile::tempdir()?;
    let events = folder.path().join("events.json");
    let all = case.found.iter().chain(case.missed.iter().map(|(_, event)| event));
    std::fs::write(&events, serde_json::to_string(&all.collect::<Vec<_>>())?)?;
    let events = events.display().to_string();
    let arguments =
        ["--events", &events, "--events-are", "target", "--via", &case.target, "-f", "json"];
    let (report, talk) = run(case, "test", &arguments)?;
    let rule = report.pointer("/rules/0").ok_or("no rule is left")?;
    let Some(numbers) = rule.get("matches").and_then(Json::as_array) else {
        return Ok(Err(format!("refused: {talk}")));
    };
    let numbers = numbers.iter().filter_map(Json::as_u64).filter_map(|it| usize::try_from(it).ok());
    Ok(Ok(numbers.collect()))
}

fn run(case: &Case, command: &str, arguments: &[&str]) -> Result<(Json, String), Failed> {
    let output = Command::cargo_bin("isogloss")?
        .arg(command)
        .arg(&case.rule)
        .args(["--no-config", "--message-format", "short"])
        .args(arguments)
        .output()?;
    let talk = String::from_utf8(output.stderr)?;
    let report = serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {talk}"));
    Ok((report?, talk))
}

/// The events that are not found, and the near misses that are.
fn judge(case: &Case, found: &[usize]) -> (Vec<String>, Vec<String>) {
    let missing = (0..case.found.len()).filter(|it| !found.contains(it));
    let near = (case.found.len()..).zip(&case.missed).filter(|(it, _)| found.contains(it));
    let missing = missing.map(|it| format!("not found: event {it}"));
    (missing.collect(), near.map(|(_, (why, _))| format!("found, though {why}")).collect())
}

/// True if a loss says that the queries find less than the rule. That case is kept says nothing of it.
fn says_so(case: &Case) -> Result<bool, Failed> {
    let (report, _) = run(case, "convert", &["-t", &case.target, "-f", "json"])?;
    let losses = report.pointer("/targets/0/rules/0/losses").and_then(Json::as_array);
    let text = |loss: &Json, key: &str| loss.get(key).and_then(Json::as_str).map(str::to_owned);
    let is_said = |loss: &Json| {
        let finds_less = ["narrower", "mixed"].map(|it| Some(it.to_owned()));
        finds_less.contains(&text(loss, "direction"))
            && text(loss, "kind").is_some_and(|it| it != "case")
    };
    Ok(losses.into_iter().flatten().any(is_said))
}

/// The queries, for the message.
fn query(case: &Case) -> Result<String, Failed> {
    let (report, _) = run(case, "convert", &["-t", &case.target, "-f", "json"])?;
    let queries = report.pointer("/targets/0/rules/0/queries").and_then(Json::as_array);
    let text = |query: &Json| query.get("text").and_then(Json::as_str).map(str::to_owned);
    Ok(queries.into_iter().flatten().filter_map(text).collect::<Vec<_>>().join("\n"))
}
