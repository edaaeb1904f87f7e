//! The rules of the house that a compiler does not check: who imports whom, the five files of a target,
//! the size of files, a case for every code.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const MAX_LINES: usize = 400;
/// Codes that no input of a snapshot can cause: `isogloss test` alone gives the first (`tests/events.rs`),
/// the second is a fault of ours, the others wait for constructs that are not translated yet.
const WITHOUT_CASE: &[&str] =
    &["E0604", "E0901", "L0808", "L0811", "L0812", "L0822", "L0825", "L0826"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder: its path in the repository, and its lines without comments and unit tests.
fn sources(folder: &str) -> Vec<(String, String)> {
    let walk = walkdir::WalkDir::new(root().join(folder)).sort_by_file_name();
    let entries = walk.into_iter().map(|entry| entry.expect("readable").into_path());
    let files = entries.filter(|path| path.extension().is_some_and(|it| it == "rs"));
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("text");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines: Vec<&str> =
                code.lines().map(|line| if is_comment(line) { "" } else { line }).collect();
            let path = path.strip_prefix(root()).expect("below the root");
            (path.display().to_string().replace('\\', "/"), lines.join("\n"))
        })
        .collect()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn forbid(folder: &str, words: &[&str]) {
    for (path, code) in sources(folder) {
        for word in words {
            assert!(!code.contains(word), "{path} names `{word}`");
        }
    }
}

#[test]
fn crates_import_in_one_direction() {
    forbid("compiler/src", &["isogloss_backends", "isogloss_templates", "isogloss_pipelines"]);
    forbid("backends/src", &["isogloss_pipelines"]);
    let manifest = |path: &str| std::fs::read_to_string(root().join(path)).expect("a manifest");
    let dependencies = |path: &str| {
        manifest(path).split("[dev-dependencies]").next().unwrap_or_default().to_owned()
    };
    assert!(!dependencies("compiler/Cargo.toml").contains("isogloss-backends"));
    assert!(!dependencies("backends/Cargo.toml").contains("isogloss-pipelines.workspace"));
}

#[test]
fn layers_of_the_compiler_import_lower_ones_only() {
    let layers: &[(&str, &[&str])] = &[
        (
            "source",
            &[
                "diagnostic",
                "yaml",
                "ast",
                "ir",
                "parse",
                "modifier",
                "pass",
                "lower",
                "pipeline",
                "index",
                "windows",
                "events",
                "expectation",
            ],
        ),
        (
            "diagnostic",
            &["yaml", "ast", "ir", "parse", "modifier", "pass", "lower", "pipeline", "index"],
        ),
        ("yaml", &["ast", "ir", "parse", "modifier", "pass", "lower", "pipeline", "index"]),
        (
            "comment",
            &["ast", "ir", "parse", "modifier", "pass", "lower", "pipeline", "index", "lint"],
        ),
        ("ast", &["yaml", "ir", "parse", "modifier", "pass", "lower", "pipeline", "index"]),
        ("ir", &["yaml", "parse", "modifier", "pass", "lower", "pipeline", "index"]),
        ("parse", &["ir", "modifier", "pass", "lower", "pipeline", "index"]),
        ("pass", &["yaml", "parse", "modifier", "lower", "pipeline", "index"]),
        ("value", &["yaml", "ast", "parse", "modifier", "pass", "lower", "pipeline", "index"]),
        ("modifier", &["yaml", "parse", "pass", "lower", "pipeline", "index"]),
        ("lower", &["yaml", "parse", "pass", "pipeline", "index"]),
        ("pipeline", &["index", "windows", "events", "expectation"]),
        (
            "windows",
            &[
                "yaml", "ast", "ir", "parse", "modifier", "pass", "lower", "pipeline", "index",
                "events",
            ],
        ),
        ("events", &["yaml", "parse", "modifier", "pass", "lower", "index", "expectation"]),
        ("expectation", &["modifier", "pass", "lower", "pipeline", "index", "windows"]),
    ];
    for (path, code) in sources("compiler/src") {
        let module =
            path.trim_start_matches("compiler/src/").split(['/', '.']).next().unwrap_or_default();
        let Some((_, above)) = layers.iter().find(|(name, _)| *name == module) else { continue };
        for word in *above {
            assert!(
                !code.contains(&format!("crate::{word}")),
                "{path} imports `{word}`, a layer above it"
            );
        }
    }
}

#[test]
fn every_target_is_the_same_five_files_and_imports_no_other() {
    let targets = ["spl", "eql", "kql"];
    for target in targets {
        // A long file may have parts in a folder of its name.
        let file = |path: String| {
            let name = path.split('/').nth(3).unwrap_or_default();
            name.trim_end_matches(".rs").to_owned()
        };
        let files: BTreeSet<String> = sources(&format!("backends/src/{target}"))
            .into_iter()
            .map(|(path, _)| file(path))
            .collect();
        let wanted = ["ast", "evaluate", "lower", "parse", "print"].map(str::to_owned);
        assert_eq!(files, BTreeSet::from(wanted));
        let others: Vec<String> = targets
            .iter()
            .filter(|it| **it != target)
            .flat_map(|it| [format!("crate::{it}"), format!("isogloss_backends::{it}")])
            .collect();
        forbid(
            &format!("backends/src/{target}"),
            &others.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
}

#[test]
fn what_chooses_between_languages_asks_them_by_name() {
    forbid("backends/src/elastic.rs", &["crate::spl", "crate::eql", "crate::kql"]);
}

#[test]
fn evaluators_of_targets_share_nothing_with_the_compiler_but_events() {
    for target in ["spl", "eql", "kql"] {
        let evaluators = sources(&format!("backends/src/{target}"))
            .into_iter()
            .filter(|(path, _)| path.contains("/evaluate"));
        for (path, code) in evaluators {
            let imports: Vec<&str> =
                code.lines().filter(|line| line.contains("isogloss_compiler")).collect();
            for import in imports {
                let names = import.split(['{', '}']).nth(1).unwrap_or_default();
                for name in names.split(',').map(str::trim) {
                    assert!(
                        ["Event", "Mapped", "Macro"].contains(&name),
                        "{path} imports `{name}`"
                    );
                }
            }
            for word in ["crate::lucene", "crate::pcre", "crate::required", " fold("] {
                assert!(!code.contains(word), "{path} names `{word}`");
            }
        }
    }
}

#[test]
fn one_folder_names_the_yaml_parser_and_one_file_the_template_engine() {
    let naming = |folder: &str, word: &str| -> Vec<String> {
        sources(folder)
            .into_iter()
            .filter(|(_, code)| code.contains(word))
            .map(|(path, _)| path)
            .collect()
    };
    let yaml = ["compiler/src/yaml/mistake.rs", "compiler/src/yaml/reader.rs"];
    assert_eq!(naming("compiler/src", "granit_parser"), yaml);
    assert_eq!(naming("backends/src", "minijinja"), ["backends/src/content/template.rs"]);
}

#[test]
fn files_are_short() {
    for folder in ["compiler/src", "backends/src", "src", "pipelines", "templates"] {
        for (path, code) in sources(folder) {
            let lines = code.lines().count();
            assert!(lines <= MAX_LINES, "{path} has {lines} lines without its tests");
        }
    }
}

#[test]
fn every_code_has_a_case() {
    let codes =
        std::fs::read_to_string(root().join("compiler/src/diagnostic/code.rs")).expect("the codes");
    let codes = codes.lines().filter_map(|line| {
        let (_, rest) = line.trim().split_once(" = \"")?;
        rest.get(..5).filter(|code| code.starts_with(['E', 'W', 'L']))
    });
    let snapshots = sources_of_cases();
    for code in codes.filter(|code| !WITHOUT_CASE.contains(code)) {
        assert!(snapshots.iter().any(|text| text.contains(code)), "{code} has no case");
    }
}

/// What all cases print.
fn sources_of_cases() -> Vec<String> {
    let walk = walkdir::WalkDir::new(root().join("snapshots"));
    let paths = walk.into_iter().map(|entry| entry.expect("readable").into_path());
    paths
        .filter(|path| path.is_file())
        .map(|path: PathBuf| std::fs::read_to_string(path).expect("text"))
        .collect()
}

#[test]
fn the_pure_crates_disallow_the_world() {
    for path in ["compiler/clippy.toml", "backends/clippy.toml"] {
        let text = std::fs::read_to_string(root().join(path)).expect("the settings");
        for method in [
            "std::fs::read_to_string",
            "std::env::var",
            "std::time::SystemTime::now",
            "std::io::stdout",
        ] {
            assert!(text.contains(method), "{path} allows `{method}`");
        }
    }
}

#[test]
fn rules_that_can_be_deployed_have_what_a_deployment_needs() {
    for entry in walkdir::WalkDir::new(root().join("rules")) {
        let path = entry.expect("readable").into_path();
        if path.extension().is_none_or(|it| it != "yml") || show(&path).ends_with(".test.yml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        for key in [
            "title: ",
            "id: ",
            "status: ",
            "author: ",
            "date: ",
            "references:",
            "tags:",
            "falsepositives:",
            "level: ",
        ] {
            assert!(
                text.lines().any(|line| line.starts_with(key.trim_end())),
                "{} has no `{key}`",
                show(&path)
            );
        }
    }
}

fn show(path: &Path) -> String {
    path.display().to_string()
}
