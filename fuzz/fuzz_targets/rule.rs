//! Text to rules and their meaning: every finding, those of the lints included, has its place in the
//! text, and what a rule means can be asked of an event.
#![no_main]

use std::borrow::Cow;

use isogloss_compiler::ir::{AnyRule, Event, Timed, correlate, finds};
use isogloss_compiler::lint::{Known, Linter};
use isogloss_compiler::source::{SourceId, SourceMap};
use isogloss_compiler::{File, Index};
use isogloss_fuzz::{check_findings, check_span};
use libfuzzer_sys::fuzz_target;

/// An event with fields that seeds name.
const EVENT: &str = r#"{"CommandLine": "a -b", "EventID": 4624, "Image": "c:\\x.exe", "User": ["a", null]}"#;

fuzz_target!(|text: &str| {
    let mut sources = SourceMap::new();
    let source = sources.add("rule.yml", text);
    assert_eq!(source, SourceId(0));
    let index = Index::new(vec![File::read_for_lints(source, text)]);
    let known = Known::default();
    let linter = Linter::new(&index, &sources, &known);
    for (place, (id, _, document)) in index.rules().enumerate() {
        check_span(text, document.span);
        let mut diagnostics = document.diagnostics.clone();
        let lowered = index.lower(id, &mut diagnostics);
        let sound = !diagnostics.iter().any(|it| it.is_error());
        assert!(lowered.is_none() || sound);
        diagnostics.extend(linter.check(place, document, text));
        check_findings(text, &diagnostics);
        ask(lowered.as_ref());
    }
});

/// Evaluation ends, whatever the answer is.
fn ask(rule: Option<&AnyRule<isogloss_compiler::ir::Sigma>>) {
    let event = Event::new(serde_json::from_str(EVENT).unwrap());
    match rule {
        Some(AnyRule::Detection(rule)) => {
            finds(rule, &event);
        }
        Some(AnyRule::Correlation(correlation)) => {
            let timed = |time| Timed { event: Cow::Borrowed(&event), time: Some(time) };
            correlate(correlation, &[timed(0), timed(1_000_000_000)], &finds);
        }
        None => {}
    }
}
