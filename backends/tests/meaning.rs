//! A query means what its rule means: `evaluate(ir, event) == evaluate(target, event)` wherever the
//! query is called exact, and one implies the other wherever it is called wider or narrower.

mod common;

use isogloss_backends::{Backend, Options, Refusal, WIDTH, eql, kql, spl};
use isogloss_compiler::ir::{Event, Fidelity, Mapped, Rule, evaluate, evaluate_rule, verify};
use isogloss_compiler::pass::run_passes;
use proptest::prelude::*;

/// What the target answers, and how near it claims to be.
type Answers = Vec<(bool, Fidelity, String)>;

fn check(
    rule: &Rule<Mapped>,
    event: &Event<Mapped>,
    answers: Answers,
) -> Result<(), TestCaseError> {
    for ((found, fidelity, text), wanted) in answers.into_iter().zip(evaluate_rule(rule, event)) {
        let fits = match fidelity {
            Fidelity::Exact => found == wanted,
            Fidelity::Wider => found || !wanted,
            Fidelity::Narrower => wanted || !found,
            Fidelity::Mixed | Fidelity::Unverified => true,
        };
        prop_assert!(
            fits,
            "{fidelity:?}: rule {wanted}, query {found}\n{text}\n{:?}",
            event.fields()
        );
    }
    Ok(())
}

fn options() -> Options {
    Options::query(Some(WIDTH))
}

/// Every query can be read back and says where its parts come from, or the rule is refused.
fn check_read_back(backend: &dyn Backend, rule: &Rule<Mapped>) -> Result<(), TestCaseError> {
    match backend.translate(rule, &options()) {
        Ok(queries) => {
            for printed in queries.iter().map(|query| &query.printed) {
                let stands = |(range, _): &(std::ops::Range<usize>, _)| {
                    printed.text.get(range.clone()).is_some_and(|part| !part.trim().is_empty())
                };
                prop_assert!(printed.parts.iter().all(stands), "{printed:?}");
            }
        }
        Err(refusals) => {
            let fault = refusals.iter().find(|it| matches!(it, Refusal::NotReadBack { .. }));
            prop_assert!(fault.is_none(), "{fault:?}");
            prop_assert!(!refusals.is_empty());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(common::config(3000))]

    /// Passes keep the meaning, and the tree canonical.
    #[test]
    fn passes((rule, event) in common::rule_and_event_with(0.2)) {
        let before: Vec<bool> = rule.body.conditions.iter().map(|it| evaluate(it, &event)).collect();
        let after = run_passes(rule);
        for (condition, wanted) in after.body.conditions.iter().zip(before) {
            prop_assert!(verify(condition));
            prop_assert_eq!(evaluate(condition, &event), wanted);
        }
    }

    #[test]
    fn spl((rule, event) in prop_oneof![common::rule_and_event(), common::rule_and_event_with(0.5)]) {
        check_read_back(&spl::Spl, &rule)?;
        let queries = spl::lower::lower(&rule).unwrap_or_default();
        let answers = queries.iter().map(|(query, losses)| {
            let found = spl::evaluate::evaluate(query, &[], &event, true);
            (found, Fidelity::of(losses), spl::print::print(query, None).text)
        });
        check(&rule, &event, answers.collect())?;
    }

    #[test]
    fn eql((rule, event) in prop_oneof![common::rule_and_event(), common::rule_and_event_with(0.5)]) {
        check_read_back(&eql::Eql, &rule)?;
        let queries = eql::lower::lower(&rule).unwrap_or_default();
        let answers = queries.iter().map(|(query, losses)| {
            let found = eql::evaluate::evaluate(query, &event, true);
            (found, Fidelity::of(losses), eql::print::print(query, None).text)
        });
        check(&rule, &event, answers.collect())?;
    }

    #[test]
    fn kql((rule, event) in prop_oneof![common::rule_and_event(), common::rule_and_event_with(0.5)]) {
        check_read_back(&kql::Kql, &rule)?;
        let queries = kql::lower::lower(&rule).unwrap_or_default();
        let answers = queries.iter().map(|(query, losses)| {
            let found = kql::evaluate::evaluate(query, &event, true);
            (found, Fidelity::of(losses), kql::print::print(query, None).text)
        });
        check(&rule, &event, answers.collect())?;
    }
}
