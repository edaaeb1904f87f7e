//! Text to rules and their meaning: every finding has its place in the text.
#![no_main]

use isogloss_compiler::source::SourceId;
use isogloss_compiler::{File, Index};
use isogloss_fuzz::{check_findings, check_span};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let index = Index::new(vec![File::read(SourceId(0), text)]);
    for (id, _, document) in index.rules() {
        check_span(text, document.span);
        let mut diagnostics = document.diagnostics.clone();
        let lowered = index.lower(id, &mut diagnostics);
        check_findings(text, &diagnostics);
        assert!(lowered.is_none() || !diagnostics.iter().any(|it| it.is_error()));
    }
});
