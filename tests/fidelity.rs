//! What the translations of public rules lose, and which rules are refused: `docs/fidelity.md` says it in
//! tables, and nearly all rules are exact in SPL.
//!
//! Needs a folder with the rules of SigmaHQ under `rules/`, which `SIGMA_CORPUS` names.
//! `UPDATE_FIDELITY=1` writes the tables anew.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Where the tables begin.
const START: &str = "<!-- the rest is written by tests/fidelity.rs -->\n";
/// Of a hundred rules a target converts so many at least, and of a hundred of those so many exactly.
const BOUNDS: &[(&str, usize, usize)] =
    &[("spl", 99, 97), ("eql", 88, 97), ("kql", 90, 0), ("elastic", 97, 0)];
/// Lines of the table of all rules.
const LINES: &[(&str, Holds)] = &[
    ("rules", |_| true),
    ("converted", |rule| rule.converted),
    ("exact in their language", |rule| rule.fidelity == "exact"),
    ("wider", |rule| rule.fidelity == "wider"),
    ("narrower", |rule| rule.fidelity == "narrower"),
    ("mixed", |rule| rule.fidelity == "mixed"),
    ("exact, and without a loss of the environment", |rule| {
        rule.fidelity == "exact" && rule.losses.is_empty()
    }),
    ("refused", |rule| !rule.converted),
    ("in EQL", |rule| rule.language == "eql"),
    ("in KQL", |rule| rule.language == "kql"),
];

/// A question about a rule.
type Holds = fn(&Rule) -> bool;

struct Target {
    name: String,
    rules: Vec<Rule>,
}

/// What became of a rule.
struct Rule {
    path: String,
    converted: bool,
    fidelity: String,
    /// The language of its queries, if there are any.
    language: String,
    /// Class, kind, direction.
    losses: BTreeSet<[String; 3]>,
    /// Why it was refused.
    reasons: BTreeSet<String>,
}

#[test]
fn the_tables_are_what_is_found() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS").map(PathBuf::from) else {
        println!("skipped: SIGMA_CORPUS is not set");
        return;
    };
    let targets = translate(&corpus.join("rules"));
    let found = tables(&targets);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fidelity.md");
    let page = std::fs::read_to_string(&path).expect("docs/fidelity.md");
    let (head, documented) = page.split_once(START).expect("a place for the tables");
    if std::env::var_os("UPDATE_FIDELITY").is_some() {
        std::fs::write(&path, format!("{head}{START}{found}")).expect("docs/fidelity.md");
    } else {
        let differences = differences(documented, &found);
        assert!(differences.is_empty(), "{differences}UPDATE_FIDELITY=1 writes the tables anew");
    }
    for target in &targets {
        let (converted, exact) = check(target);
        println!("{}: {converted} rules are converted, {exact} of them exactly", target.name);
    }
    check_choice(&targets);
}

/// Every rule is converted or has a reason, and enough of them are. How many are converted, and exact.
fn check(target: &Target) -> (usize, usize) {
    let all = target.rules.len();
    let name = &target.name;
    assert!(all > 3000, "{name}: only {all} rules");
    for rule in &target.rules {
        let path = &rule.path;
        assert_ne!(rule.converted, !rule.reasons.is_empty(), "{name}: {path}: {:?}", rule.reasons);
    }
    let unsaid = |rule: &&Rule| {
        let of_language = rule.losses.iter().any(|[class, ..]| class == "language");
        rule.converted && rule.fidelity != "exact" && !of_language
    };
    assert_eq!(target.rules.iter().find(unsaid).map(|it| &it.path), None, "{name}: no loss");
    let count = |holds: Holds| target.rules.iter().filter(|it| holds(it)).count();
    let converted = count(|rule| rule.converted);
    let exact = count(|rule| rule.fidelity == "exact");
    let bounds = BOUNDS.iter().find(|(target, ..)| target == name);
    let (_, least, least_exact) = bounds.expect("bounds of the target");
    assert!(converted * 100 >= all * least, "{name} says {converted} of {all}");
    assert!(exact * 100 >= converted * least_exact, "{name} says {exact} of {converted} exactly");
    (converted, exact)
}

/// What one of its languages says, `elastic` says.
fn check_choice(targets: &[Target]) {
    let of = |name: &str| targets.iter().find(|it| it.name == name).expect("the target");
    let (elastic, eql, kql) = (of("elastic"), of("eql"), of("kql"));
    for (place, rule) in elastic.rules.iter().enumerate() {
        let others = [&eql.rules[place], &kql.rules[place]];
        assert_eq!(rule.converted, others.iter().any(|it| it.converted), "{}", rule.path);
        let exact = others.iter().any(|it| it.fidelity == "exact");
        assert_eq!(rule.fidelity == "exact", exact, "{}", rule.path);
    }
}

/// All rules in all targets.
fn translate(folder: &Path) -> Vec<Target> {
    let output = Command::new(env!("CARGO_BIN_EXE_isogloss"))
        .args(["convert", "--no-config", "-q", "-t", "spl,eql,kql,elastic", "-f", "json"])
        .arg(folder)
        .output()
        .expect("the program runs");
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let targets = found["targets"].as_array().expect("targets").iter().map(|target| {
        let rules = target["rules"].as_array().expect("rules").iter();
        let rules = rules.map(|rule| read_rule(rule, folder)).collect();
        Target { name: text(&target["target"]), rules }
    });
    targets.collect()
}

fn read_rule(rule: &Value, folder: &Path) -> Rule {
    let items = |key: &str| rule[key].as_array().cloned().unwrap_or_default();
    let losses = items("losses")
        .into_iter()
        .map(|it| ["class", "kind", "direction"].map(|key| text(&it[key])));
    let errors = items("diagnostics").into_iter().filter(|it| it["severity"] == "error");
    let path = PathBuf::from(text(&rule["path"]));
    Rule {
        path: path.strip_prefix(folder).expect("below the folder").display().to_string(),
        converted: rule["status"] == "converted",
        fidelity: text(&rule["fidelity"]),
        language: text(&rule["queries"][0]["language"]),
        losses: losses.collect(),
        reasons: errors.map(|it| reason(&text(&it["message"]))).collect(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Why, without the words that stand before every reason.
fn reason(message: &str) -> String {
    message.split_once("cannot say this: ").map_or(message, |(_, reason)| reason).to_owned()
}

fn tables(targets: &[Target]) -> String {
    let mut page = String::from("\n## All rules\n\n");
    let names: Vec<String> = targets.iter().map(|it| format!("`{}`", it.name)).collect();
    let rule = "---|".repeat(targets.len());
    let _infallible = write!(page, "| | {} |\n|---|{rule}\n", names.join(" | "));
    for (title, holds) in LINES {
        let counts = targets.iter().map(|it| it.rules.iter().filter(|rule| holds(rule)).count());
        let counts: Vec<String> = counts.map(|count| count.to_string()).collect();
        let _infallible = writeln!(page, "| {title} | {} |", counts.join(" | "));
    }
    for target in targets {
        let losses = groups(&target.rules, |rule| {
            rule.losses.iter().map(|loss| loss.each_ref().map(|it| &**it).join(" | ")).collect()
        });
        let refusals = groups(&target.rules, |rule| rule.reasons.iter().cloned().collect());
        let name = &target.name;
        let heads = [
            format!("\n## Losses in `{name}`\n\n| class | loss | direction | rules | example |"),
            format!("\n## Refused in `{name}`\n\n| reason | rules | example |"),
        ];
        for (head, groups) in heads.iter().zip([losses, refusals]).filter(|(_, it)| !it.is_empty())
        {
            let columns = head.matches(" | ").count() + 1;
            let _infallible = write!(page, "{head}\n|{}\n", "---|".repeat(columns));
            for (group, (count, example)) in groups {
                let _infallible = writeln!(page, "| {group} | {count} | `{example}` |");
            }
        }
        page += &refused(target);
    }
    page
}

/// Every rule that is refused, with its reasons.
fn refused(target: &Target) -> String {
    let rules: Vec<&Rule> = target.rules.iter().filter(|rule| !rule.reasons.is_empty()).collect();
    if rules.is_empty() {
        return String::new();
    }
    let rows = rules.iter().map(|rule| {
        let reasons: Vec<&str> = rule.reasons.iter().map(String::as_str).collect();
        format!("| `{}` | {} |\n", rule.path, reasons.join("; "))
    });
    format!(
        "\n<details><summary>The {} rules that <code>{}</code> refuses</summary>\n\n| rule | reasons |\n|---|---|\n{}\n</details>\n",
        rules.len(),
        target.name,
        rows.collect::<String>()
    )
}

/// What rules have in common: how many there are, and the first.
fn groups(
    rules: &[Rule],
    groups_of: fn(&Rule) -> Vec<String>,
) -> BTreeMap<String, (usize, String)> {
    let mut groups = BTreeMap::new();
    for rule in rules {
        for group in groups_of(rule) {
            groups.entry(group).or_insert_with(|| (0, rule.path.clone())).0 += 1;
        }
    }
    groups
}

/// The lines that one of them has and the other has not.
fn differences(documented: &str, found: &str) -> String {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (documented, found) = (lines(documented), lines(found));
    let missing = found.difference(&documented).map(|line| format!("not documented: {line}\n"));
    let extra = documented.difference(&found).map(|line| format!("not there: {line}\n"));
    missing.chain(extra).collect()
}
