//! `split_field`: the platform keeps the two sides of a separator in two fields, such as the domain and
//! the name of a user.
//!
//! A value holds the separator once or not at all. Without it, the whole value is in the right field and
//! the left field is absent; so the rule direction asks for exactly that where a pattern may stand for a
//! value without separator.

use std::slice;

use serde_json::Value;

use super::rewrite_tests::{On, Outcome, Rewriter, as_pattern, texts_of};
use super::{
    Applies, Context, Entry, Fields, Owner, Replay, Run, Settings, Transformation, add_value,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Direction, FieldName, Part, Pattern, Sigma, Step, Test, Walk};

#[derive(Debug)]
struct SplitField {
    field: String,
    separator: char,
    left: String,
    right: String,
}

pub(super) const ENTRY: Entry = Entry {
    name: "split_field",
    owner: Owner::Isogloss,
    keys: &["field", "separator", "into"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let (field, separator) =
        (settings.text("field", diagnostics), settings.text("separator", diagnostics));
    let into: Vec<String> =
        settings.texts("into", diagnostics).into_iter().map(|it| it.value).collect();
    let (Some(field), Some(separator), [left, right]) = (field, separator, &*into) else {
        settings.missing(
            "field`, `separator` or `into",
            "write `field: User`, `separator: '\\'` and `into: [user.domain, user.name]`",
            diagnostics,
        );
        return None;
    };
    let mut characters = separator.value.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else {
        let message = format!("`{}` is no separator", separator.value);
        let mistake = Diagnostic::new(Code::InvalidPipeline, separator.span, message);
        diagnostics.push(mistake.with_help("a separator is one character"));
        return None;
    };
    let (left, right) = (left.clone(), right.clone());
    Some(Box::new(SplitField { field: field.value, separator: character, left, right }))
}

/// Each wildcard may hold the separator, and is an alternative then.
const MOST_WILDCARDS: usize = 32;

/// What a value has to be for one alternative of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sides {
    left: Left,
    right: Pattern,
}

/// What the left field has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Left {
    /// Absent: the value has no separator.
    Absent,
    /// Something that matches.
    Like(Pattern),
    /// Anything or nothing.
    Free,
}

impl SplitField {
    fn rewrite(&self, test: &Test<Sigma>) -> Outcome {
        match test {
            Test::Null => Outcome {
                alternatives: vec![vec![on(&self.left, Test::Null), on(&self.right, Test::Null)]],
                loss: None,
            },
            Test::Like(_) | Test::Number(_) | Test::Bool(_) => {
                as_pattern(test).map_or_else(Outcome::same, |it| self.rewrite_pattern(test, &it))
            }
            Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::FieldRef { .. }
            | Test::Time { .. }
            | Test::Query { .. }
            | Test::Open(_) => Outcome {
                alternatives: vec![vec![on(&self.right, test.clone())]],
                loss: Some((
                    Direction::Mixed,
                    format!(
                        "`{}` is kept in two parts, and the test asks only `{}`",
                        self.field, self.right
                    ),
                )),
            },
        }
    }

    fn rewrite_pattern(&self, test: &Test<Sigma>, pattern: &Pattern) -> Outcome {
        if pattern.texts().flat_map(str::chars).filter(|it| *it == self.separator).count() > 1 {
            let why = format!(
                "a value with more than one `{}` is not split into `{}` and `{}`",
                self.separator, self.left, self.right
            );
            return Outcome {
                alternatives: vec![vec![on(&self.right, test.clone())]],
                loss: Some((Direction::Mixed, why)),
            };
        }
        let wildcards = pattern.parts().iter().filter(|part| !matches!(part, Part::Text(_)));
        if wildcards.count() > MOST_WILDCARDS {
            let why = "a pattern with so many wildcards is not split".to_owned();
            return Outcome {
                alternatives: vec![vec![on(&self.right, test.clone())]],
                loss: Some((Direction::Mixed, why)),
            };
        }
        let sides = simplify(self.sides_of(pattern));
        let alternatives = sides.into_iter().map(|sides| self.tests_of(sides, test, pattern));
        Outcome { alternatives: alternatives.collect(), loss: None }
    }

    /// Every way in which a value that matches can be split, and the one without a separator.
    fn sides_of(&self, pattern: &Pattern) -> Vec<Sides> {
        let walk = Walk::new(pattern);
        let steps = walk.steps();
        let separator = Step::Char(self.separator);
        let whole = (!steps.contains(&separator))
            .then(|| Sides { left: Left::Absent, right: pattern.clone() });
        let split = (0..steps.len()).filter_map(|place| {
            let step = *steps.get(place)?;
            // A run goes on behind the separator that lies in it.
            let (end, start) = match step {
                Step::AnyRun => (place + 1, place),
                Step::Char(_) | Step::AnyChar => (place, place + 1),
            };
            let can_separate = match step {
                Step::Char(character) => character == self.separator,
                Step::AnyRun | Step::AnyChar => true,
            };
            let (left, right) = (steps.get(..end)?, steps.get(start..)?);
            let once = !left.contains(&separator) && !right.contains(&separator);
            (can_separate && once)
                .then(|| Sides { left: Left::Like(walk.part(left)), right: walk.part(right) })
        });
        whole.into_iter().chain(split).collect()
    }

    fn tests_of(&self, sides: Sides, test: &Test<Sigma>, pattern: &Pattern) -> Vec<On> {
        // A value that is not split keeps its test, be it a number.
        let right = if sides.right == *pattern { test.clone() } else { Test::Like(sides.right) };
        let right = on(&self.right, right);
        match sides.left {
            Left::Free => vec![right],
            Left::Absent => vec![on(&self.left, Test::Null), right],
            Left::Like(left) => {
                let left = on(&self.left, Test::Like(left));
                // Where there is a left side there is a right one.
                let any = matches!(&right.1, Test::Like(pattern) if pattern.matches_all());
                if any { vec![left] } else { vec![left, right] }
            }
        }
    }
}

fn on(field: &str, test: Test<Sigma>) -> On {
    (Some(FieldName(field.to_owned())), test)
}

/// Leaves out what another alternative says as well.
fn simplify(mut sides: Vec<Sides>) -> Vec<Sides> {
    let is_absent = |it: &Sides| it.left == Left::Absent;
    let is_any = |it: &Sides| matches!(&it.left, Left::Like(left) if left.matches_all());
    if let Some(whole) = sides.iter().find(|it| is_absent(it)).cloned()
        && sides.iter().any(|it| is_any(it) && it.right.covers(&whole.right))
    {
        sides.retain(|it| !is_absent(it));
        sides.insert(0, Sides { left: Left::Free, ..whole });
    }
    let mut kept: Vec<Sides> = Vec::new();
    for one in sides {
        if !kept.iter().any(|it| says_more(it, &one)) {
            kept.retain(|it| !says_more(&one, it));
            kept.push(one);
        }
    }
    kept
}

fn says_more(wide: &Sides, narrow: &Sides) -> bool {
    let left = match (&wide.left, &narrow.left) {
        (Left::Free, _) | (Left::Absent, Left::Absent) => true,
        (Left::Like(wide), Left::Like(narrow)) => wide.covers(narrow),
        (Left::Absent, Left::Like(_) | Left::Free) | (Left::Like(_), Left::Absent | Left::Free) => {
            false
        }
    };
    left && wide.right.covers(&narrow.right)
}

impl Transformation for SplitField {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        let rewriter = Rewriter {
            fields: Some(slice::from_ref(&self.field)),
            rewrite: &|_, test| self.rewrite(test),
            reference: Some((Direction::Mixed, "the other field is kept in two parts")),
        };
        rewriter.run(run, applies);
        let new = [self.left.clone(), self.right.clone()];
        replace_field(run, applies, &self.field, &new);
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        let Some(value) = take_field(fields, applies, &self.field) else { return };
        for text in texts_of(&value) {
            match text.split_once(self.separator) {
                Some((left, right)) if !right.contains(self.separator) => {
                    add_value(fields, self.left.clone(), Value::from(left));
                    add_value(fields, self.right.clone(), Value::from(right));
                }
                Some(_) | None => add_value(fields, self.right.clone(), Value::from(text)),
            }
        }
    }
}

/// The fields that a rule shows get their new names.
pub(super) fn replace_field(run: &mut Run, applies: &Applies, old: &str, new: &[String]) {
    if !applies.to_field(Some(old), run) {
        return;
    }
    run.mark_field(old, new, applies.id());
    let fields = std::mem::take(&mut run.rule.body.fields);
    let replaced = fields.into_iter().flat_map(|field| match &*field.0 {
        name if name == old => new.iter().cloned().map(FieldName).collect(),
        _ => vec![field],
    });
    run.rule.body.fields = replaced.collect();
}

/// Takes a field from an event, if the item is about it; it stays where other tests may ask for it.
pub(super) fn take_field(fields: &mut Fields, applies: &Applies, name: &str) -> Option<Value> {
    if !applies.to_field_of_event(name) {
        None
    } else if applies.to_some_items_only() {
        fields.get(name).cloned()
    } else {
        fields.shift_remove(name)
    }
}
