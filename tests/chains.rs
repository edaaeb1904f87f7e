//! Which modifiers can follow which: `tests/cases/chains.txt` names, for each modifier that can stand on a
//! kind of value, all those that can stand behind it.
//!
//! `UPDATE_CHAINS=1 cargo test --test chains` writes the file; the difference is to be read.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::Path;

use isogloss_compiler::modifier::MODIFIERS;
use isogloss_compiler::source::SourceId;
use isogloss_compiler::{File, Index};

/// Kinds of values: what they are called, the field, and a value that any modifier of the kind can take.
const KINDS: &[(&str, &str, &str)] = &[
    ("string", "field", "'10.0.0.0'"),
    ("placeholder", "field", "'%name%'"),
    ("number", "field", "7"),
    ("boolean", "field", "true"),
    ("null", "field", "null"),
    ("keyword", "", "'word'"),
];

#[test]
fn every_pair_of_modifiers() {
    let mut table = String::new();
    for first in MODIFIERS {
        let _infallible = writeln!(table, "{}", first.name);
        for (kind, field, value) in KINDS {
            if !is_lawful(&format!("{field}|{}", first.name), value) {
                continue;
            }
            let behind = MODIFIERS.iter().map(|it| it.name);
            let fits = |name: &&str| is_lawful(&format!("{field}|{}|{name}", first.name), value);
            let behind: Vec<&str> = behind.filter(fits).collect();
            let _infallible = writeln!(table, "    {kind}: {}", behind.join(" "));
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/chains.txt");
    if std::env::var_os("UPDATE_CHAINS").is_some() {
        std::fs::write(&path, &table).expect("the table can be written");
    }
    let known = std::fs::read_to_string(&path).expect("the table can be read");
    for (known, found) in known.lines().zip(table.lines()) {
        assert_eq!(known, found, "read what changed, then run with UPDATE_CHAINS=1");
    }
    assert_eq!(known.lines().count(), table.lines().count());
}

/// True if a rule with this item has no error.
fn is_lawful(key: &str, value: &str) -> bool {
    let text = format!(
        "title: Case\nlogsource: {{category: test}}\ndetection: {{case: {{'{key}': {value}}}, condition: case}}\n"
    );
    let index = Index::new(vec![File::read(SourceId::default(), &text)]);
    let (id, ..) = index.rules().next().expect("a document");
    index.lower(id, &mut Vec::new()).is_some()
}
