//! Tags of ATT&CK in the corpus.

use std::path::{Path, PathBuf};

use isogloss_backends::content::attack::{Version, technique_ids, threats};

/// Every technique that a rule of the corpus is tagged with is there in both versions.
#[test]
fn no_technique_of_the_corpus_is_lost() {
    let Ok(corpus) = std::env::var("SIGMA_CORPUS") else { return };
    let (mut techniques, mut rules) = (0, 0);
    for tags in tags_below(Path::new(&corpus)) {
        rules += 1;
        for version in [Version::V18, Version::V19] {
            let threats = threats(&tags, version);
            assert!(threats.without_tactic.is_empty(), "{tags:?}");
            let placed = || threats.tactics.iter().flat_map(|it| &it.techniques);
            let below = placed().flat_map(|it| &it.subtechniques);
            let there: Vec<&str> = placed().chain(below).map(|it| it.id.as_str()).collect();
            for id in technique_ids(&tags, version) {
                techniques += 1;
                assert!(there.contains(&id.as_str()), "{id} of {tags:?}");
            }
        }
    }
    assert!(rules > 2000 && techniques > 4000, "{rules} rules, {techniques} techniques");
}

/// The tags of every rule below a folder.
fn tags_below(folder: &Path) -> Vec<Vec<String>> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    let paths = walk.into_iter().map(|entry| entry.expect("readable").into_path());
    let rules = paths.filter(|path| path.extension().is_some_and(|it| it == "yml"));
    let tags = rules.map(|path: PathBuf| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("- "));
        lines.filter(|it| it.starts_with("attack.")).map(str::to_owned).collect()
    });
    tags.filter(|tags: &Vec<String>| !tags.is_empty()).collect()
}
