//! Every rule and every case, in every target and format, against its snapshot.
//!
//! A trial is named after its snapshot: `cargo test --test snapshots -- eql/netsupport`. To accept
//! changes after reading them: `INSTA_UPDATE=always cargo test --test snapshots`.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use isogloss_compiler::ast::Document;
use isogloss_compiler::parse::{Detail, parse_documents};
use isogloss_compiler::source::SourceId;
use libtest_mimic::{Arguments, Failed, Trial};

/// The formats of each target.
const FORMATS: &[(&str, &[&str])] = &[
    ("spl", &["query", "raw", "analytic", "tstats", "macros", "json"]),
    ("eql", &["query", "json"]),
    ("kql", &["query", "json"]),
];

/// Runs of `explain`: name, subject, arguments.
const EXPLAINED: &[(&str, &str, &[&str])] = &[
    ("E0302", "E0302", &[]),
    ("L0801", "case", &[]),
    ("service_creation", "rules/netsupport/netsupport_service_creation_7045.yml", &[]),
    (
        "dll_loaded",
        "rules/netsupport/windows_netsupport_rmm_dll_loaded_by_uncommon_process.yml",
        &["-t", "eql"],
    ),
    ("residue", "tests/cases/detections/residue_under_not.yml", &["-t", "spl"]),
    ("conditions", "tests/cases/conditions/list.yml", &["-t", "kql"]),
    ("refused", "tests/cases/modifiers/re.yml", &["-t", "eql,kql"]),
    ("chosen", "tests/cases/elastic/cloud_case.yml", &["-t", "elastic"]),
    ("broken", "tests/cases/errors/E0302_unknown_detection.yml", &[]),
    (
        "several_items",
        "tests/cases/explain/several_items.yml",
        &["-p", "tests/cases/explain/several_items.pipeline.yml"],
    ),
    ("correlation", "rules/netsupport/netsupport_in_privileged_session_4672.yml", &[]),
    ("aliases", "tests/cases/explain/aliases.yml", &["-t", "spl"]),
    ("filter", "tests/cases/explain/filter/deployment.yml", &[]),
    (
        "filtered",
        "tests/cases/explain/filter/rule.yml",
        &["-t", "spl,kql", "tests/cases/explain/filter"],
    ),
];

/// One run of the program and the snapshot of what it prints.
#[derive(Clone)]
struct Case {
    /// The subcommand.
    command: &'static str,
    /// Path of the snapshot below `snapshots/`, without its extension.
    name: String,
    /// The rule, or for pipelines the pipeline.
    input: PathBuf,
    arguments: Vec<String>,
}

fn main() {
    let arguments = Arguments::from_args();
    let cases: Vec<Case> = deployable()
        .into_iter()
        .chain(small())
        .chain(elastic())
        .chain(splunk())
        .chain(kibana())
        .chain(eql())
        .chain(summaries())
        .chain(correlations())
        .chain(pipelines())
        .chain(errors())
        .chain(checks())
        .chain(explained())
        .collect();
    let names: BTreeSet<String> = cases.iter().map(|case| case.name.clone()).collect();
    let trials = cases.into_iter().map(|case| Trial::test(case.name.clone(), move || check(&case)));
    let orphans = Trial::test("no_orphans", move || check_orphans(&names));
    libtest_mimic::run(&arguments, trials.chain([orphans]).collect()).exit();
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Real rules: every target, every format.
fn deployable() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in files("rules", "yml").into_iter().filter(|path| !is_expectation(path)) {
        for (target, formats) in FORMATS {
            for format in *formats {
                let name = format!("{target}/{}.{format}", stem(&path, "rules"));
                let mut arguments = vec!["-t", target, "-f", format];
                let bases = bases(&path);
                arguments.extend(bases.iter().map(String::as_str));
                cases.push(case(name, &path, &arguments));
            }
        }
    }
    cases
}

/// The files of the rules that a correlation is about.
fn bases(path: &Path) -> Vec<String> {
    let folder = path.parent().expect("a rule lies in a folder");
    let siblings = files(folder.to_str().expect("UTF-8"), "yml");
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(root().join(path)).expect("the rule can be read");
        parse_documents(SourceId::default(), &text, Detail::Rules)
    };
    let documents = read(&path.to_owned());
    let named: Vec<&str> = documents
        .iter()
        .filter_map(Document::correlation)
        .flat_map(|it| it.rules.iter().map(|name| name.value.as_str()))
        .collect();
    let is_base = |path: &&PathBuf| {
        let own = read(path).into_iter().filter_map(|it| it.metadata.name.clone());
        own.into_iter().any(|name| named.contains(&name.as_str()))
    };
    if named.is_empty() {
        return Vec::new();
    }
    siblings.iter().filter(is_base).map(|path| path.display().to_string()).collect()
}

/// Small inputs: every target, the bare query.
fn small() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in files("tests/cases", "yml")
        .into_iter()
        .filter(|path| !path.starts_with("tests/cases/build"))
        .filter(|path| !path.starts_with("tests/cases/correlations"))
        .filter(|path| !path.starts_with("tests/cases/elastic"))
        .filter(|path| !path.starts_with("tests/cases/eql"))
        .filter(|path| !path.starts_with("tests/cases/errors"))
        .filter(|path| !path.starts_with("tests/cases/explain"))
        .filter(|path| !path.starts_with("tests/cases/kibana"))
        .filter(|path| !path.starts_with("tests/cases/meaning"))
        .filter(|path| !path.starts_with("tests/cases/events") || path.ends_with("rule.yml"))
        .filter(|path| !path.starts_with("tests/cases/pipelines"))
        .filter(|path| !path.starts_with("tests/cases/pysigma"))
        .filter(|path| !path.starts_with("tests/cases/splunk"))
        .filter(|path| !path.starts_with("tests/cases/tstats"))
    {
        for (target, _) in FORMATS {
            let name = format!("{target}/cases/{}", stem(&path, "tests/cases"));
            cases.push(case(name, &path, &["-t", target]));
        }
    }
    cases
}

/// Which language `elastic` takes, with what is lost or refused; all of them as a listing.
fn elastic() -> Vec<Case> {
    let case = |path: PathBuf| {
        let name = format!("elastic/{}", stem(&path, "tests/cases/elastic"));
        case(name, &path, &["-t", "elastic", "-v"])
    };
    let paths = files("tests/cases/elastic", "yml").into_iter().map(case);
    let folder = Path::new("tests/cases/elastic");
    let all = Case {
        name: "elastic/all".to_owned(),
        input: folder.to_owned(),
        command: "convert",
        arguments: ["-t", "elastic", "-q"].map(str::to_owned).to_vec(),
    };
    paths.chain([all]).collect()
}

/// The faults of another translator to Splunk: the folder says with which arguments.
fn splunk() -> Vec<Case> {
    let case = |path: PathBuf| {
        let name = stem(&path, "tests/cases/splunk");
        let arguments: &[&str] = match name.split_once('/').map(|(folder, _)| folder) {
            Some("without_pipeline") => &["-t", "spl", "-v", "--without-pipeline"],
            Some("macros") => &["-t", "spl", "-v", "-f", "macros"],
            Some("analytic") => &["-t", "spl", "-v", "-f", "analytic"],
            Some("tstats") => &["-t", "spl", "-v", "-f", "tstats"],
            Some("savedsearches") => &["-t", "spl", "-v", "-f", "savedsearches"],
            _ => &["-t", "spl", "-v"],
        };
        case(format!("spl/cases/splunk/{name}"), &path, arguments)
    };
    files("tests/cases/splunk", "yml").into_iter().map(case).collect()
}

/// What KQL says in its own way: queries with what is lost.
fn kibana() -> Vec<Case> {
    let case = |path: PathBuf| {
        let name = stem(&path, "tests/cases/kibana");
        case(format!("kql/cases/kibana/{name}"), &path, &["-t", "kql", "-v"])
    };
    files("tests/cases/kibana", "yml").into_iter().map(case).collect()
}

/// The faults of another translator to EQL. The folder says with which arguments.
fn eql() -> Vec<Case> {
    let case = |path: PathBuf| {
        let name = stem(&path, "tests/cases/eql");
        let arguments: &[&str] = match name.split_once('/').map(|(folder, _)| folder) {
            Some("without_pipeline") => &["-t", "eql", "-v", "--without-pipeline"],
            _ => &["-t", "eql", "-v"],
        };
        case(format!("eql/cases/eql/{name}"), &path, arguments)
    };
    files("tests/cases/eql", "yml").into_iter().map(case).collect()
}

/// Small inputs as searches of data models, with what is lost.
fn summaries() -> Vec<Case> {
    let case = |path: PathBuf| {
        let name = format!("spl/cases/{}", stem(&path, "tests/cases"));
        case(name, &path, &["-t", "spl", "-f", "tstats", "-v"])
    };
    files("tests/cases/tstats", "yml").into_iter().map(case).collect()
}

/// Correlations: the bare query with what is lost, the analytic, and one of them without macros; the
/// threshold rule.
fn correlations() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in files("tests/cases/correlations", "yml") {
        let name = stem(&path, "tests/cases/correlations");
        let named = |kind: &str| format!("spl/cases/correlations/{name}.{kind}");
        cases.push(case(named("query"), &path, &["-t", "spl", "-v"]));
        cases.push(case(named("analytic"), &path, &["-t", "spl", "-f", "analytic"]));
        let eql = format!("eql/cases/correlations/{name}.query");
        cases.push(case(eql, &path, &["-t", "eql", "-v"]));
        let kql = format!("kql/cases/correlations/{name}");
        cases.push(case(kql, &path, &["-t", "kql", "-v"]));
        if name == "several_macros" {
            cases.push(case(named("inline"), &path, &["-t", "spl", "--macros", "inline"]));
        }
    }
    cases
}

/// Folders with a rule and a pipeline: all targets at once, with what is lost.
fn pipelines() -> Vec<Case> {
    let rules = files("tests/cases/pipelines", "yml");
    let rules = rules.into_iter().filter(|path| path.ends_with("rule.yml"));
    let case = |path: PathBuf| {
        let folder = path.parent().expect("a rule lies in a folder");
        let name = format!("pipelines/{}", folder.file_name().expect("a name").to_string_lossy());
        let pipeline = folder.join("pipeline.yml").display().to_string();
        case(name, &path, &["-t", "spl,eql,kql", "-v", "-p", &pipeline])
    };
    rules.map(case).collect()
}

/// What is wrong: all targets at once, as a person sees it.
fn errors() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in files("tests/cases/errors", "yml").into_iter().filter(|it| !is_for_check(it)) {
        let name = format!("errors/{}", stem(&path, "tests/cases/errors"));
        let shown = path.display().to_string();
        let arguments = if is_expectation(&path) {
            Case { command: "test", ..case(name, &path, &[]) }
        } else if shown.ends_with(".pipeline.yml") {
            case(
                name,
                Path::new("tests/cases/modifiers/contains.yml"),
                &["-t", "spl", "-p", &shown],
            )
        } else {
            case(name, &path, &["-t", "spl,eql,kql", "-v"])
        };
        cases.push(arguments);
    }
    cases
}

/// Lints of `check` start here.
const FIRST_LINT: &str = "W0729";

fn is_for_check(path: &Path) -> bool {
    stem(path, "tests/cases/errors").as_str() >= FIRST_LINT
}

/// What only `check` finds, with its code switched on, and mistakes of the configuration. A folder is one
/// case.
fn checks() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in files("tests/cases/errors", "yml").into_iter().filter(|it| is_for_check(it)) {
        let name = stem(&path, "tests/cases/errors");
        let (name, path) = match name.split_once('/') {
            Some((folder, _)) => (folder.to_owned(), Path::new("tests/cases/errors").join(folder)),
            None => (name, path),
        };
        let code = name.split('_').next().unwrap_or_default().to_owned();
        let arguments = ["--no-config", "--warn", &code, "-v"];
        cases.push(Case { command: "check", ..case(format!("errors/{name}"), &path, &arguments) });
    }
    for path in files("tests/cases/errors", "toml") {
        let name = format!("errors/{}", stem(&path, "tests/cases/errors"));
        let shown = path.display().to_string();
        let rule = Path::new("tests/cases/errors/W0784_duplicate_file_name");
        let arguments = ["--config", &shown, "-v"];
        cases.push(Case { command: "check", ..case(name, rule, &arguments) });
    }
    cases.dedup_by(|a, b| a.name == b.name);
    cases
}

fn case(name: String, input: &Path, arguments: &[&str]) -> Case {
    let arguments = arguments.iter().map(|it| (*it).to_owned()).collect();
    Case { name, command: "convert", input: input.to_owned(), arguments }
}

/// What `explain` shows of codes and rules.
fn explained() -> Vec<Case> {
    let case = |&(name, subject, arguments): &(&str, &str, &[&str])| Case {
        command: "explain",
        ..case(format!("explain/{name}"), Path::new(subject), arguments)
    };
    EXPLAINED.iter().map(case).collect()
}

/// Files of expectations, which are for `isogloss test`.
fn is_expectation(path: &Path) -> bool {
    path.display().to_string().ends_with(".test.yml")
}

/// All files below a folder of the repository, sorted.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(root().join(folder)).sort_by_file_name();
    let paths = walk.into_iter().map(|entry| entry.expect("the folder can be read").into_path());
    let paths = paths.filter(|path| path.extension().is_some_and(|it| it == extension));
    paths.map(|path| path.strip_prefix(root()).expect("below the root").to_owned()).collect()
}

fn stem(path: &Path, folder: &str) -> String {
    let path = path.strip_prefix(folder).expect("below the folder").with_extension("");
    path.display().to_string().replace('\\', "/")
}

fn check(case: &Case) -> Result<(), Failed> {
    let output = Command::new(env!("CARGO_BIN_EXE_isogloss"))
        .arg(case.command)
        .arg(&case.input)
        .args(&case.arguments)
        .current_dir(root())
        .output()?;
    let (result, talk) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    let code = output.status.code().ok_or("ended by a signal")?;
    let text = format!("{result}----- standard error, exit code {code}\n{talk}");
    let (folder, name) = case.name.rsplit_once('/').ok_or("a case lies in a folder")?;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_input_file(&case.input);
    settings.bind(|| insta::assert_snapshot!(name, text));
    Ok(())
}

/// A snapshot without a case is never compared, so nobody would see that it is wrong.
fn check_orphans(names: &BTreeSet<String>) -> Result<(), Failed> {
    // Those of deployable content belong to tests of their own.
    let of_others = ["snapshots/content", "snapshots/build"];
    let known = |path: &PathBuf| {
        of_others.iter().any(|it| path.starts_with(it)) || names.contains(&stem(path, "snapshots"))
    };
    let orphans: Vec<PathBuf> =
        files("snapshots", "snap").into_iter().filter(|path| !known(path)).collect();
    if orphans.is_empty() {
        Ok(())
    } else {
        Err(format!("no case has these snapshots: {orphans:?}").into())
    }
}
