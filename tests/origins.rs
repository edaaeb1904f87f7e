//! Every part of a query knows where it comes from: each field and value of a rule that reaches a
//! backend is found again in some part of the printed query.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod built_in;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use built_in::built_in;
use isogloss_backends::{BACKENDS, Options, Query};
use isogloss_compiler::ir::{Expr, Mapped, Origin, OriginId, Rule};
use isogloss_compiler::source::{SourceId, SourceMap};
use isogloss_compiler::{File, Index, map_rule};

/// The rules of a folder of the repository.
fn rules(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let paths = walk.map(|entry| entry.expect("readable").into_path());
    paths.filter(|path| path.extension().is_some_and(|it| it == "yml")).collect()
}

fn ids(origins: impl IntoIterator<Item = Origin>) -> BTreeSet<OriginId> {
    origins.into_iter().flat_map(|origin| origin.ids().to_vec()).collect()
}

/// Where the fields and values of an expression come from.
fn leaves(expr: &Expr<Mapped>) -> Vec<Origin> {
    let items = expr.items().into_iter();
    items
        .flat_map(|item| {
            let values = item.predicates.iter().map(|it| it.origin.clone());
            // A keyword has no field, so its key stands nowhere.
            let key = item.field.is_some().then(|| item.origin.clone());
            key.into_iter().chain(values).collect::<Vec<_>>()
        })
        .collect()
}

/// The places of a rule that its query for one condition does not name, and no loss either.
fn lost(rule: &Rule<Mapped>, condition: &Expr<Mapped>, query: &Query) -> BTreeSet<OriginId> {
    let scope = rule.body.scope.condition.iter().flat_map(leaves);
    let wanted = ids(scope.chain(leaves(condition)));
    let losses = query.losses.iter().map(|loss| loss.origin.clone());
    let found = ids(query.printed.parts.iter().map(|(_, origin)| origin.clone()).chain(losses));
    wanted.difference(&found).copied().collect()
}

#[test]
fn every_value_is_found_in_a_part_of_its_query() {
    let options = Options::query(Some(40));
    let mut queries = 0;
    for backend in BACKENDS {
        let pipelines = built_in(backend.default_pipeline(), &mut SourceMap::new());
        for path in rules("rules").into_iter().chain(rules("tests/cases")) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let source = SourceMap::new().add(path.display().to_string(), text.as_str());
            let index = Index::new(vec![File::read(source, &text)]);
            for (id, ..) in index.rules() {
                let Some(lowered) = index.lower(id, &mut Vec::new()) else { continue };
                let Some(lowered) = lowered.detection() else { continue };
                let Ok(rule) = map_rule(lowered.clone(), &pipelines) else { continue };
                let Ok(translated) = backend.translate(&rule, &options) else { continue };
                for (condition, query) in rule.body.conditions.iter().zip(&translated) {
                    let lost = lost(&rule, condition, query);
                    let name = backend.name();
                    assert!(lost.is_empty(), "{name} {}: {lost:?}\n{query:#?}", path.display());
                    queries += 1;
                }
            }
        }
    }
    assert!(queries > 100, "only {queries} queries were looked at");
}

#[test]
fn the_log_source_is_named_by_what_selects_it() {
    let text = "title: t\nlogsource: {category: process_creation, product: windows}\ndetection:\n  \
                s: {Image: x}\n  condition: s\n";
    let options = Options::query(None);
    for (backend, selecting) in BACKENDS.iter().zip(["`sysmon`", "process", "\"process\""]) {
        let mut sources = SourceMap::new();
        let pipelines = built_in(backend.default_pipeline(), &mut sources);
        let source = sources.add("rule", text);
        let index = Index::new(vec![File::read(source, text)]);
        let (id, ..) = index.rules().next().expect("a rule");
        let lowered = index.lower(id, &mut Vec::new()).expect("a rule");
        let rule = lowered.detection().expect("a detection").clone();
        let rule = map_rule(rule, &pipelines).expect("no placeholders");
        let queries = backend.translate(&rule, &options).expect("a query");
        let printed = &queries.first().expect("one query").printed;
        let part = printed
            .parts
            .iter()
            .find(|(range, _)| printed.text.get(range.clone()) == Some(selecting));
        let (_, origin) = part.expect("the part");
        let files: Vec<SourceId> = rule.origins.spans(origin).map(|span| span.source).collect();
        assert_eq!(files.len(), 2, "{}: the rule and the pipeline", backend.name());
    }
}
