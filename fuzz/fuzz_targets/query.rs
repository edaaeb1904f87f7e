//! Rule to query, for every target with its default pipeline: every query is read back, and losses and
//! refusals have their places in the text.
#![no_main]

#[path = "../../tests/built_in/mod.rs"]
mod built_in;

use std::sync::LazyLock;

use built_in::built_in;
use isogloss_backends::{BACKENDS, Backend, Options, Refusal, WIDTH};
use isogloss_compiler::pipeline::Pipelines;
use isogloss_compiler::source::{SourceId, SourceMap};
use isogloss_compiler::{File, Index, map_rule};
use isogloss_fuzz::check_span;
use libfuzzer_sys::fuzz_target;

const RULE: SourceId = SourceId(0);

/// The default pipelines, read once.
static PLANS: LazyLock<Vec<(&'static dyn Backend, Pipelines)>> = LazyLock::new(|| {
    let mut sources = SourceMap::new();
    assert_eq!(sources.add("rule.yml", ""), RULE);
    let plans = BACKENDS
        .iter()
        .map(|backend| (*backend, built_in(backend.default_pipeline(), &mut sources)));
    plans.collect()
});

fuzz_target!(|text: &str| {
    let index = Index::new(vec![File::read(RULE, text)]);
    for (id, _, document) in index.rules() {
        let Some(rule) = index.lower(id, &mut Vec::new()) else { continue };
        // Correlations are about rules that are documents of their own.
        let Some(rule) = rule.detection() else { continue };
        for (backend, pipelines) in &*PLANS {
            let Ok(mapped) = map_rule(rule.clone(), pipelines) else { continue };
            for width in [Some(WIDTH), None] {
                let options = Options { format: "query", width, inline_macros: width.is_none() };
                match backend.translate(&mapped, &options) {
                    Ok(queries) => {
                        let losses = queries.iter().flat_map(|query| &query.losses);
                        let spans = losses.flat_map(|loss| mapped.origins.spans(&loss.origin));
                        spans.filter(|it| it.source == RULE).for_each(|it| check_span(text, it));
                    }
                    Err(refusals) => refusals.iter().for_each(|refusal| {
                        if let Refusal::NotReadBack { text } = refusal {
                            panic!("{} cannot be read back: {text}", backend.name());
                        }
                        let found = refusal.to_diagnostic(*backend, &mapped.origins, document.span);
                        let spans = found.labels.iter().map(|label| label.span);
                        spans.filter(|it| it.source == RULE).for_each(|it| check_span(text, it));
                    }),
                }
            }
        }
    }
});
