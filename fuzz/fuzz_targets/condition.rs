//! The condition language: what is read and what is wrong have their places in the text.
#![no_main]

use isogloss_compiler::ast::Condition;
use isogloss_compiler::parse::parse_condition;
use isogloss_compiler::source::{SourceId, Span};
use isogloss_fuzz::check_span;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match parse_condition(text, &|start, end| Span::new(SourceId(0), start, end)) {
        Ok(condition) => check(text, &condition),
        Err(mistake) => {
            check_span(text, mistake.span);
            assert!(!mistake.value.message.is_empty());
        }
    }
});

fn check(text: &str, condition: &Condition) {
    match condition {
        Condition::And(operands) | Condition::Or(operands) => {
            assert!(operands.len() > 1);
            operands.iter().for_each(|it| check(text, it));
        }
        Condition::Not(operand) => check(text, operand),
        Condition::Identifier { span, .. } | Condition::Selector { span, .. } => {
            check_span(text, *span);
        }
    }
}
