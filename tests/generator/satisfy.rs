//! Events for which a condition holds, or does not: a walk that picks one way at every fork.

use std::collections::BTreeMap;

use isogloss_compiler::ir::{
    Anchor, Comparison, Condition, Expr, Item, Link, Named, Part, Pattern, Rule, Sigma, Test,
    TimePart,
};
use serde_json::Value;

use super::chance::Chance;
use super::draft::Draft;
use super::text::{fill_pattern, fill_regex, filler, other};

/// What a part of the condition has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// Every detection in it holds, also one that is negated.
    Everything,
}

/// What was wished for: tests that values of a field shall pass, and tests that they shall not.
#[derive(Default)]
struct Wishes<'r> {
    /// `None` is the text of the event.
    held: BTreeMap<Option<&'r str>, Vec<&'r Test<Sigma>>>,
    failed: BTreeMap<Option<&'r str>, Vec<&'r Test<Sigma>>>,
}

/// An event for one of the rule's conditions. It may miss its goal, where two wishes contradict each
/// other or a value that was made up gets in the way.
pub(crate) fn satisfy(rule: &Rule<Sigma>, goal: Goal, chance: &mut Chance) -> Draft {
    let mut wishes = Wishes::default();
    let body = &rule.body;
    walk(chance.pick(&body.conditions), body, goal, &mut wishes, chance);
    grant(&wishes, chance)
}

fn turned(goal: Goal) -> Goal {
    match goal {
        Goal::True => Goal::False,
        Goal::False => Goal::True,
        Goal::Everything => Goal::Everything,
    }
}

fn walk<'r>(
    condition: &Condition,
    body: &'r Named,
    goal: Goal,
    wishes: &mut Wishes<'r>,
    chance: &mut Chance,
) {
    match condition {
        Condition::All(operands) if goal != Goal::False => {
            operands.iter().for_each(|it| walk(it, body, goal, wishes, chance));
        }
        Condition::Any(operands) if goal == Goal::False => {
            operands.iter().for_each(|it| walk(it, body, goal, wishes, chance));
        }
        Condition::All(operands) | Condition::Any(operands) => {
            let decisive = chance.below(operands.len());
            for (place, operand) in operands.iter().enumerate() {
                let goal = if place == decisive { goal } else { any_goal(goal, chance) };
                // An alternative that nobody needs is mostly left alone.
                if place == decisive || goal != Goal::True || chance.once_in(4) {
                    walk(operand, body, goal, wishes, chance);
                }
            }
        }
        Condition::Not(operand) => walk(operand, body, turned(goal), wishes, chance),
        Condition::Detection(name) => walk_expr(&body.detections[name], goal, wishes, chance),
    }
}

/// What the operands beside the one that decides shall be.
fn any_goal(goal: Goal, chance: &mut Chance) -> Goal {
    match goal {
        Goal::False => Goal::True,
        Goal::True | Goal::Everything if chance.once_in(3) => Goal::True,
        Goal::True | Goal::Everything => Goal::False,
    }
}

fn walk_expr<'r>(expr: &'r Expr<Sigma>, goal: Goal, wishes: &mut Wishes<'r>, chance: &mut Chance) {
    match expr {
        Expr::All(operands) if goal != Goal::False => {
            operands.iter().for_each(|it| walk_expr(it, goal, wishes, chance));
        }
        Expr::Any(operands) if goal == Goal::False => {
            operands.iter().for_each(|it| walk_expr(it, goal, wishes, chance));
        }
        Expr::All(operands) => {
            let decisive = chance.below(operands.len());
            for (place, operand) in operands.iter().enumerate() {
                let goal = if place == decisive { Goal::False } else { Goal::True };
                walk_expr(operand, goal, wishes, chance);
            }
        }
        Expr::Any(operands) => walk_expr(chance.pick(operands), goal, wishes, chance),
        Expr::Not(operand) => walk_expr(operand, turned(goal), wishes, chance),
        Expr::Item(item) => wish(item, goal, wishes, chance),
    }
}

fn wish<'r>(item: &'r Item<Sigma>, goal: Goal, wishes: &mut Wishes<'r>, chance: &mut Chance) {
    let goal = if item.negated { turned(goal) } else { goal };
    let Wishes { held, failed } = wishes;
    let wished = if goal == Goal::False { failed } else { held };
    let wished = wished.entry(item.field_name()).or_default();
    let all = match item.link {
        Link::All => goal != Goal::False,
        Link::Any => goal == Goal::False,
    };
    if all {
        wished.extend(item.predicates.iter().map(|it| &it.test));
    } else {
        wished.push(&chance.pick(&item.predicates).test);
    }
}

fn grant(wishes: &Wishes, chance: &mut Chance) -> Draft {
    let mut draft = Draft::default();
    for (field, tests) in &wishes.held {
        match field {
            Some(field) => give(field, tests, &mut draft, chance),
            None => draft.text.extend(tests.iter().map(|it| value_for(it, chance))),
        }
    }
    for (field, tests) in &wishes.failed {
        let Some(field) = field else { continue };
        let needs_value = tests.contains(&&Test::Null);
        if !draft.fields.contains_key(*field) && (needs_value || chance.once_in(2)) {
            let text = other(chance);
            draft.set(field, text);
        }
    }
    // Another field takes the part of the text; without it there is none.
    if wishes.failed.contains_key(&None) && draft.text.is_empty() && chance.once_in(2) {
        draft.text.push(other(chance));
    }
    draft
}

/// Gives a field values that pass these tests: one for all of them if they are patterns, else some.
fn give(field: &str, tests: &[&Test<Sigma>], draft: &mut Draft, chance: &mut Chance) {
    if tests.contains(&&Test::Null) {
        if chance.once_in(2) {
            draft.fields.insert(field.to_owned(), Vec::new());
        }
        return;
    }
    for test in tests {
        if let Test::FieldRef { field: referred, anchor } = test {
            refer(field, &referred.0, *anchor, draft, chance);
            return;
        }
    }
    let patterns: Vec<&Pattern> = tests.iter().filter_map(|it| pattern_of(it)).collect();
    if ["Hashes", "Hash"].contains(&field) && patterns.len() == tests.len() {
        let hashes = patterns.iter().map(|it| it.texts().collect::<String>());
        draft.set(field, list_of_hashes(hashes.collect(), chance));
        return;
    }
    let values = if patterns.len() == tests.len() && !chance.once_in(8) {
        vec![Value::String(join(patterns, chance))]
    } else {
        let values = tests.iter().map(|it| value_for(it, chance)).map(Value::String);
        values.collect()
    };
    draft.fields.insert(field.to_owned(), values);
}

/// Hashes between others, as Sysmon writes them.
fn list_of_hashes(mut hashes: Vec<String>, chance: &mut Chance) -> String {
    let others = ["MD5=0CC175B9C0F1B6A831C399E269772661", "SHA1=", "SHA256=AB12"];
    for other in others.iter().take(chance.below(others.len() + 1)) {
        let place = chance.below(hashes.len() + 1);
        hashes.insert(place, (*other).to_owned());
    }
    let hashes: Vec<&str> = hashes.iter().map(|it| it.trim_matches(',')).collect();
    hashes.join(",")
}

fn pattern_of(test: &Test<Sigma>) -> Option<&Pattern> {
    if let Test::Like(pattern) = test { Some(pattern) } else { None }
}

/// A text that matches as many of the patterns as can be: what starts it, what it holds, what ends it.
fn join(mut patterns: Vec<&Pattern>, chance: &mut Chance) -> String {
    let open = |pattern: &Pattern| {
        let is_run = |part: Option<&Part>| part == Some(&Part::AnyRun);
        (is_run(pattern.parts().first()), is_run(pattern.parts().last()))
    };
    if let Some(whole) = patterns.iter().find(|it| open(it) == (false, false)) {
        return fill_pattern(whole, chance);
    }
    if chance.once_in(2) {
        patterns.reverse();
    }
    patterns.sort_by_key(|pattern| match open(pattern) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => 2,
    });
    patterns.iter().map(|it| fill_pattern(it, chance)).collect()
}

/// The value of another field, and around it what the anchor leaves open.
fn refer(field: &str, referred: &str, anchor: Anchor, draft: &mut Draft, chance: &mut Chance) {
    let known = draft.fields.get(referred).and_then(|it| it.first()).and_then(Value::as_str);
    let known = known.map_or_else(|| format!("{}x", filler(chance)), str::to_owned);
    let (before, after) = match anchor {
        Anchor::Whole => (false, false),
        Anchor::Start => (false, true),
        Anchor::End => (true, false),
        Anchor::Anywhere => (true, true),
    };
    let mut around = |open: bool| if open { filler(chance) } else { String::new() };
    let text = format!("{}{known}{}", around(before), around(after));
    draft.set(referred, known);
    draft.set(field, text);
}

/// A text that passes a test.
pub(crate) fn value_for(test: &Test<Sigma>, chance: &mut Chance) -> String {
    match test {
        Test::Like(pattern) => fill_pattern(pattern, chance),
        Test::Number(number) => number.as_str().to_owned(),
        Test::Bool(value) => {
            let forms = if *value { ["true", "True", "TRUE"] } else { ["false", "False", "FALSE"] };
            (*chance.pick(&forms)).to_owned()
        }
        Test::Regex(regex) => fill_regex(&regex.tree, chance),
        Test::Compare(comparison, number) => match comparison {
            Comparison::LessEqual | Comparison::GreaterEqual => number.to_string(),
            Comparison::Less => shifted(&number.to_string(), -1),
            Comparison::Greater => shifted(&number.to_string(), 1),
        },
        Test::Cidr(network) => {
            let ends = [network.network(), network.broadcast()];
            chance.pick(&ends).to_string()
        }
        Test::Time { part, number, .. } => time_with(*part, *number, chance),
        Test::FieldRef { .. } | Test::Null | Test::Query { .. } | Test::Open(_) => other(chance),
    }
}

/// A number that is off by so much, if it is whole and not too long.
pub(crate) fn shifted(number: &str, by: i64) -> String {
    number.parse::<i64>().map_or_else(|_| number.to_owned(), |it| it.saturating_add(by).to_string())
}

/// A time of which a part is this number.
pub(crate) fn time_with(part: TimePart, number: u32, chance: &mut Chance) -> String {
    let (mut year, mut month, mut day, mut hour, mut minute) = (2026, 7, 14, 12, 30);
    match part {
        TimePart::Minute => minute = number,
        TimePart::Hour => hour = number,
        TimePart::Day => day = number,
        TimePart::Month => month = number,
        TimePart::Year => year = number,
        // The fourth of January is in the first week.
        TimePart::Week => {
            let ordinal = 4 + 7 * number.saturating_sub(1);
            (month, day) = (1 + ordinal / 31, 1 + ordinal % 31);
        }
    }
    let zone = chance.pick(&["Z", "", "+02:00", "-05:30"]);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:59.999{zone}")
}
