//! Text to YAML nodes: every place lies in the text, and limits hold.
#![no_main]

use isogloss_compiler::source::SourceId;
use isogloss_compiler::yaml::{Node, Value, parse_stream};
use isogloss_fuzz::{check_findings, check_span};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let documents = parse_stream(SourceId(0), text);
    for document in &documents {
        check_findings(text, &document.diagnostics);
        assert!(document.complete || document.diagnostics.iter().any(|it| it.is_error()));
        for alias in &document.aliases {
            check_span(text, alias.span);
            check_span(text, alias.target);
        }
        if let Some(root) = &document.root {
            check(text, root, 0);
        }
    }
});

fn check(text: &str, node: &Node, depth: usize) {
    assert!(depth <= 64);
    check_span(text, node.span);
    match &node.value {
        Value::Scalar(scalar) => {
            let whole = node.inner_span(0, scalar.text.len());
            check_span(text, whole);
            if scalar.is_verbatim() {
                assert_eq!(&text[whole.start as usize..whole.end as usize], scalar.text);
            }
        }
        Value::Sequence(elements) => elements.iter().for_each(|it| check(text, it, depth + 1)),
        Value::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            check(text, key, depth + 1);
            check(text, value, depth + 1);
        }),
    }
}
