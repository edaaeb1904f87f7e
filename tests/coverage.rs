//! What the default pipelines do not know of the public rules: few rules, and each of them stands in
//! `docs/coverage.md` with its reason.
//!
//! Needs a folder with the rules of SigmaHQ under `rules/`, which `SIGMA_CORPUS` names.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod built_in;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use built_in::built_in;
use isogloss_compiler::ast::Logsource;
use isogloss_compiler::ir::{Coverage, Rule, Sigma};
use isogloss_compiler::pipeline::Pipelines;
use isogloss_compiler::source::SourceMap;
use isogloss_compiler::{File, Index, map_rule};
use walkdir::WalkDir;

/// The default pipelines, with the platforms that they are for.
const PIPELINES: [&str; 2] = ["splunk", "ecs"];

/// How many rules of Windows, and of all, may be left, in hundredths.
const WINDOWS_LEFT: usize = 2;
const LEFT: usize = 10;

/// A log source and what is not known of it: a field, or the log source itself.
type Gap = (String, String);

#[test]
fn few_rules_are_left_and_each_has_a_reason() {
    let Some(corpus) = std::env::var_os("SIGMA_CORPUS").map(PathBuf::from) else {
        println!("skipped: SIGMA_CORPUS is not set");
        return;
    };
    let rules = read_rules(&corpus.join("rules"));
    assert!(rules.len() > 3000, "only {} rules", rules.len());
    let mut gaps: BTreeMap<Gap, [usize; 2]> = BTreeMap::new();
    let mut wrong = String::new();
    for (column, name) in PIPELINES.into_iter().enumerate() {
        let left = left_of(&rules, &built_in(name, &mut SourceMap::new()));
        for (rule, coverage) in &left {
            for gap in gaps_of(&rule.logsource, coverage) {
                let counts = gaps.entry(gap).or_default();
                *counts.get_mut(column).expect("a column") += 1;
            }
        }
        let is_windows = |rule: &Rule<Sigma>| rule.logsource.product.as_deref() == Some("windows");
        let windows = rules.iter().filter(|rule| is_windows(rule)).count();
        let windows_left = left.iter().filter(|(rule, _)| is_windows(rule)).count();
        println!(
            "{name}: {windows_left} of {windows} rules of Windows and {} of {} of all are left",
            left.len(),
            rules.len()
        );
        if windows_left * 100 > windows * WINDOWS_LEFT || left.len() * 100 > rules.len() * LEFT {
            let _ = writeln!(wrong, "{name} leaves too many rules");
        }
    }
    wrong.push_str(&compare(&gaps));
    assert!(wrong.is_empty(), "{wrong}");
}

/// What `docs/coverage.md` says and what is there differ in these lines.
fn compare(gaps: &BTreeMap<Gap, [usize; 2]>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coverage.md");
    let text = std::fs::read_to_string(path).expect("docs/coverage.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let mut documented: BTreeMap<String, bool> = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split(" | ").map(str::trim).collect();
        if let [logsource, gap, splunk, elastic, reason] = &*cells
            && splunk.parse::<usize>().is_ok()
        {
            let key = format!("| {logsource} | {gap} | {splunk} | {elastic} |");
            documented.insert(key, !reason.is_empty());
        }
    }
    let found = gaps.iter().map(|((logsource, gap), [splunk, elastic])| {
        format!("| {logsource} | {gap} | {splunk} | {elastic} |")
    });
    let found: Vec<String> = found.collect();
    let mut wrong = String::new();
    for line in &found {
        match documented.get(line) {
            Some(true) => {}
            Some(false) => _ = writeln!(wrong, "no reason: {line}"),
            None => _ = writeln!(wrong, "not documented: {line}"),
        }
    }
    for line in documented.keys().filter(|line| !found.contains(line)) {
        let _ = writeln!(wrong, "not there: {line}");
    }
    wrong
}

fn gaps_of(logsource: &Logsource, coverage: &Coverage) -> Vec<Gap> {
    let logsource = logsource.to_string();
    let scope = (!coverage.scoped).then(|| (logsource.clone(), "the log source".to_owned()));
    let fields = coverage.unmapped.iter().map(|name| (logsource.clone(), format!("`{name}`")));
    scope.into_iter().chain(fields).collect()
}

/// The rules that a pipeline does not wholly know.
fn left_of<'r>(
    rules: &'r [Rule<Sigma>],
    pipelines: &Pipelines,
) -> Vec<(&'r Rule<Sigma>, Coverage)> {
    let left = rules.iter().filter_map(|rule| {
        let mapped = map_rule(rule.clone(), pipelines).ok()?;
        let coverage = mapped.body.coverage;
        (!coverage.scoped || !coverage.unmapped.is_empty()).then_some((rule, coverage))
    });
    left.collect()
}

fn read_rules(folder: &Path) -> Vec<Rule<Sigma>> {
    let mut sources = SourceMap::new();
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    let paths = entries.map(|entry| entry.expect("a folder of rules").into_path());
    let files = paths.filter(|path| path.extension().is_some_and(|it| it == "yml")).map(|path| {
        let text = std::fs::read_to_string(&path).expect("a rule");
        let source = sources.add(path.display().to_string(), text.as_str());
        File::read(source, &text)
    });
    let index = Index::new(files.collect());
    let lowered = index.rules().filter_map(|(id, ..)| {
        let rule = index.lower(id, &mut Vec::new())?;
        rule.detection().cloned()
    });
    lowered.collect()
}
