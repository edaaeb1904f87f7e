//! The mutants of `tests/mutants/` can still be applied: what each one replaces stands once in its file.
//! Whether a test sees them is asked by `tests/mutants/run`, which takes too long to run here.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// So many mutants stand in each table at least.
const LEAST: usize = 10;

/// The mutants of one place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    tests: Vec<String>,
    mutant: Vec<Mutant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    name: String,
    breaks: String,
    file: String,
    find: String,
    replace: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn tables() -> Vec<(PathBuf, Table)> {
    let walk = walkdir::WalkDir::new(root().join("tests/mutants")).sort_by_file_name();
    let paths = walk.into_iter().map(|entry| entry.expect("readable").into_path());
    let paths = paths.filter(|path| path.extension().is_some_and(|it| it == "toml"));
    let read = |path: PathBuf| {
        let text = read(&path);
        let place = path.display().to_string();
        let table = toml::from_str(&text).expect(&place);
        (path, table)
    };
    paths.map(read).collect()
}

fn read(path: &Path) -> String {
    let place = path.display().to_string();
    std::fs::read_to_string(path).expect(&place)
}

#[test]
fn every_mutant_can_be_applied() {
    for (path, table) in tables() {
        for Mutant { name, breaks, file, find, replace } in &table.mutant {
            let mutant = format!("{}: {name}", path.display());
            let text = read(&root().join(file));
            assert_eq!(
                text.matches(find.as_str()).count(),
                1,
                "{mutant}: `find` stands once in {file}"
            );
            assert!(find != replace && !breaks.is_empty(), "{mutant} changes nothing");
        }
    }
}

#[test]
fn every_place_has_its_mutants() {
    let tables = tables();
    let places: BTreeSet<String> = tables
        .iter()
        .map(|(path, _)| {
            path.strip_prefix(root().join("tests/mutants")).expect("below").with_extension("")
        })
        .map(|path| path.display().to_string().replace('\\', "/"))
        .collect();
    let wanted = [
        "elastic/choose",
        "elastic/content",
        "eql/correlation",
        "eql/evaluate",
        "eql/lower",
        "eql/lucene",
        "eql/sequence",
        "ir/correlate",
        "ir/evaluate",
        "kql/evaluate",
        "kql/lower",
        "kql/threshold",
        "spl/commands",
        "spl/correlation",
        "spl/evaluate",
        "spl/lower",
    ];
    assert_eq!(places, wanted.iter().map(ToString::to_string).collect());
    for (path, table) in tables {
        let names: BTreeSet<&str> = table.mutant.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names.len(), table.mutant.len(), "{}: a name stands twice", path.display());
        assert!(names.len() >= LEAST, "{} has too few mutants", path.display());
        assert!(!table.tests.is_empty(), "{} names no tests", path.display());
    }
}

#[test]
fn every_test_that_is_named_exists() {
    for (path, table) in tables() {
        for test in &table.tests {
            let (package, target) = test.split_once(' ').expect(test);
            let folder = match package {
                "isogloss" => root(),
                other => root().join(other.trim_start_matches("isogloss-")),
            };
            let file = match target {
                "--lib" => folder.join("src/lib.rs"),
                target => folder.join(format!("tests/{target}.rs")),
            };
            assert!(file.is_file(), "{}: there is no test `{test}`", path.display());
        }
    }
}
