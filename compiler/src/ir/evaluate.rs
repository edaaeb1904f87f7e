//! The meaning of a rule: its answer for one event.
//!
//! Two-valued: a predicate on an absent field is false, `not` is plain complement. Lists: any member;
//! `all` is a conjunction of any-member tests.

use std::net::IpAddr;

use super::{
    Anchor, Comparison, Condition, Decimal, Event, Expr, HasName, Item, Link, Linked, Mapped,
    Named, Part, Pattern, Regex, Rule, Scalar, Sigma, State, Test, TimePart, fold, parse_time,
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

/// The answer of each condition of a rule that has not been through a pipeline.
pub fn evaluate_conditions(rule: &Rule<Sigma>, event: &Event<Sigma>) -> Vec<bool> {
    let Named { detections, conditions, .. } = &rule.body;
    let detection = |name: &str| detections.get(name).is_some_and(|it| evaluate(it, event));
    conditions.iter().map(|condition| condition_holds(condition, &detection)).collect()
}

fn condition_holds(condition: &Condition, detection: &dyn Fn(&str) -> bool) -> bool {
    match condition {
        Condition::All(operands) => operands.iter().all(|it| condition_holds(it, detection)),
        Condition::Any(operands) => operands.iter().any(|it| condition_holds(it, detection)),
        Condition::Not(operand) => !condition_holds(operand, detection),
        Condition::Detection(name) => detection(name),
    }
}

fn evaluate_item<S: State>(item: &Item<S>, event: &Event<S>) -> bool {
    let text;
    let values = if let Some(field) = &item.field {
        event.values(field.name())
    } else {
        text = event.text();
        vec![Scalar::Text(&text)]
    };
    let holds = |test: &Test<S>| {
        *test == Test::Null && values.is_empty()
            || values.iter().any(|value| matches_value(test, *value, event))
    };
    let mut answers = item.predicates.iter().map(|predicate| holds(&predicate.test));
    let linked = match item.link {
        Link::Any => answers.any(|answer| answer),
        Link::All => answers.all(|answer| answer),
    };
    linked != item.negated
}

fn matches_value<S: State>(wanted: &Test<S>, value: Scalar, event: &Event<S>) -> bool {
    let text = value.text();
    match wanted {
        Test::Like(pattern) => matches_pattern(pattern, text),
        Test::Number(number) => number.as_str() == text,
        Test::Bool(value) => text.eq_ignore_ascii_case(if *value { "true" } else { "false" }),
        Test::Regex(regex) => matches_regex(regex, text),
        Test::Compare(comparison, number) => {
            Decimal::parse(text).is_some_and(|found| comparison.holds(&found, number))
        }
        Test::Cidr(network) => {
            text.parse::<IpAddr>().is_ok_and(|address| network.contains(&address))
        }
        Test::FieldRef { field, anchor } => {
            let others = event.values(field.name());
            others.iter().any(|other| stands_in(other.text(), *anchor, text))
        }
        Test::Time { part, comparison, number } => matches_time(text, *part, *comparison, *number),
        // Absence is no matter of one value. A value that is not known matches none, and what raw query
        // text finds only the platform knows.
        Test::Null | Test::Query { .. } | Test::Open(_) => false,
    }
}

/// True if `inner` stands at that place of `text`, without regard to case.
fn stands_in(inner: &str, anchor: Anchor, text: &str) -> bool {
    let (inner, text): (String, String) =
        (inner.chars().map(fold).collect(), text.chars().map(fold).collect());
    match anchor {
        Anchor::Whole => text == inner,
        Anchor::Start => text.starts_with(&inner),
        Anchor::End => text.ends_with(&inner),
        Anchor::Anywhere => text.contains(&inner),
    }
}

fn matches_time(text: &str, part: TimePart, comparison: Option<Comparison>, number: u32) -> bool {
    let time = parse_time(Scalar::Text(text));
    let Some(found) = time.and_then(|time| part.of(time)) else { return false };
    match comparison {
        None => found == number,
        Some(comparison) => comparison.holds(&found, &number),
    }
}

fn matches_regex(regex: &Regex, text: &str) -> bool {
    // The tree holds only what the `regex` crate knows; a program that is too large matches nothing.
    // A match is asked for, since `is_match` gives up at an empty one that lies within a character.
    regex::Regex::new(&regex.to_program()).is_ok_and(|program| program.find(text).is_some())
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
