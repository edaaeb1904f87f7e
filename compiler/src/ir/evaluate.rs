//! The meaning of a rule: its answer for one event.
//!
//! Two-valued: a predicate on an absent field is false, `not` is plain complement. Lists: any member;
//! `all` is a conjunction of any-member tests.

use super::{
    Event, Expr, HasName, Item, Link, Linked, Mapped, Part, Pattern, Regex, Rule, Scalar, State,
    Test, fold,
};

/// The answer of an expression for an event.
pub fn evaluate<S: State>(expr: &Expr<S>, event: &Event<S>) -> bool {
    match expr {
        Expr::All(operands) => operands.iter().all(|it| evaluate(it, event)),
        Expr::Any(operands) => operands.iter().any(|it| evaluate(it, event)),
        Expr::Not(operand) => !evaluate(operand, event),
        Expr::Item(item) => evaluate_item(item, event),
    }
}

/// The answer of each condition of a rule: the scope holds and the condition holds.
///
/// A macro has no meaning here, only in the target's own evaluator; it is taken as true.
pub fn evaluate_rule(rule: &Rule<Mapped>, event: &Event<Mapped>) -> Vec<bool> {
    let Linked { scope, conditions, .. } = &rule.body;
    let category = scope.category.as_deref().is_none_or(|category| {
        category == "any" || event.values("event.category").iter().any(|it| it.text() == category)
    });
    let scoped = category && scope.condition.as_ref().is_none_or(|it| evaluate(it, event));
    conditions.iter().map(|condition| scoped && evaluate(condition, event)).collect()
}

fn evaluate_item<S: State>(item: &Item<S>, event: &Event<S>) -> bool {
    let text;
    let values = if let Some(field) = &item.field {
        event.values(field.name())
    } else {
        text = event.text();
        vec![Scalar::Text(&text)]
    };
    let holds = |test: &Test| {
        *test == Test::Null && values.is_empty()
            || values.iter().any(|value| matches_value(test, *value))
    };
    let mut answers = item.predicates.iter().map(|predicate| holds(&predicate.test));
    let linked = match item.link {
        Link::Any => answers.any(|answer| answer),
        Link::All => answers.all(|answer| answer),
    };
    linked != item.negated
}

fn matches_value(test: &Test, value: Scalar) -> bool {
    match test {
        Test::Like(pattern) => matches_pattern(pattern, value.text()),
        Test::Number(number) => number.as_str() == value.text(),
        Test::Bool(wanted) => {
            value.text().eq_ignore_ascii_case(if *wanted { "true" } else { "false" })
        }
        Test::Null => false,
        Test::Regex(regex) => matches_regex(regex, value.text()),
    }
}

fn matches_regex(regex: &Regex, text: &str) -> bool {
    // The tree holds only what the `regex` crate knows; a program that is too large matches nothing.
    regex::Regex::new(&regex.to_program()).is_ok_and(|program| program.is_match(text))
}

/// One element of a flattened pattern.
#[derive(Clone, Copy)]
enum Glob {
    Char(char),
    AnyRun,
    AnyChar,
}

/// Greedy matching with one point of return: linear in practice, quadratic at worst.
fn matches_pattern(pattern: &Pattern, text: &str) -> bool {
    let normal = |character: char| if pattern.is_cased() { character } else { fold(character) };
    let globs: Vec<Glob> = pattern
        .parts()
        .iter()
        .flat_map(|part| match part {
            Part::Text(text) => text.chars().map(|it| Glob::Char(normal(it))).collect(),
            Part::AnyRun => vec![Glob::AnyRun],
            Part::AnyChar => vec![Glob::AnyChar],
        })
        .collect();
    let text: Vec<char> = text.chars().map(normal).collect();
    let (mut at, mut next) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&character) = text.get(at) {
        match globs.get(next) {
            Some(Glob::AnyRun) => {
                retry = Some((at, next));
                next += 1;
            }
            Some(Glob::AnyChar) => (at, next) = (at + 1, next + 1),
            Some(Glob::Char(wanted)) if *wanted == character => (at, next) = (at + 1, next + 1),
            Some(Glob::Char(_)) | None => match retry {
                Some((start, run)) => {
                    retry = Some((start + 1, run));
                    (at, next) = (start + 1, run + 1);
                }
                None => return false,
            },
        }
    }
    globs.iter().skip(next).all(|glob| matches!(glob, Glob::AnyRun))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    #[test]
    fn patterns_match_whole_values() {
        let pattern =
            Pattern::new([Part::AnyRun, text("ab"), Part::AnyChar, Part::AnyRun, text("z")]);
        for (value, wanted) in [
            ("ABcz", true),
            ("abab\n-z", true),
            ("xxabz", false),
            ("abz", false),
            ("abcdz\n", false),
            ("AbKZ", true),
        ] {
            assert_eq!(matches_pattern(&pattern, value), wanted, "{value:?}");
        }
        assert!(!matches_pattern(&Pattern::text("Ab").cased(), "ab"));
        assert!(matches_pattern(&Pattern::text(""), ""));
        assert!(!matches_pattern(&Pattern::text("k"), "\u{212a}"));
    }
}
