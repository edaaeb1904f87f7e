//! `xml_entities`: the platform may write `&`, `<` and `>` as entities, since it reads events from XML.
//!
//! Quotes stand for themselves in the text of an element. Which form the platform has depends on its
//! version, so events stay as they are, and rules ask for both forms.

use super::rewrite_tests::{Outcome, Rewriter};
use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::{Direction, Item, Part, Pattern, Sigma, Test};

#[derive(Debug)]
struct XmlEntities;

pub(super) const ENTRY: Entry =
    Entry { name: "xml_entities", owner: Owner::Isogloss, keys: &[], parse };

/// The length of the shortest of [`ENTITIES`].
const SHORTEST_ENTITY: usize = 4;

/// The ampersand comes first: it is a part of the others.
const ENTITIES: &[(char, &str)] = &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;")];

#[expect(clippy::unnecessary_wraps, reason = "every transformation is read by such a function")]
fn parse(_: &Settings, _: &Context, _: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    Some(Box::new(XmlEntities))
}

fn rewrite(item: &Item<Sigma>, test: &Test<Sigma>) -> Outcome {
    match test {
        Test::Like(pattern) => rewrite_pattern(item, pattern),
        Test::Regex(regex) if ENTITIES.iter().any(|(plain, _)| regex.text.contains(*plain)) => {
            let why = "the platform may write `&`, `<` and `>` as entities, and a regular expression \
                       asks for one form only";
            Outcome::lost(Direction::Mixed, why.to_owned())
        }
        // Numbers, addresses and times have none of these characters, and two fields of one event are
        // written in the same way.
        Test::Number(_)
        | Test::Bool(_)
        | Test::Null
        | Test::Regex(_)
        | Test::Compare(..)
        | Test::Cidr(_)
        | Test::FieldRef { .. }
        | Test::Time { .. }
        | Test::Query { .. } => Outcome::same(),
        Test::Open(_) => Outcome::lost(
            Direction::Narrower,
            "the platform may write `&`, `<` and `>` as entities".to_owned(),
        ),
    }
}

fn rewrite_pattern(item: &Item<Sigma>, pattern: &Pattern) -> Outcome {
    let parts = pattern.parts().iter().map(|part| match part {
        Part::Text(text) => Part::Text(as_entities(text)),
        Part::AnyRun | Part::AnyChar => part.clone(),
    });
    let other = Pattern::new(parts).with_case_of(pattern);
    let loss = loss_of(pattern, &other);
    if pattern.covers(&other) {
        return Outcome { alternatives: Vec::new(), loss };
    }
    let tests = [pattern.clone(), other].map(Test::Like);
    Outcome { loss, ..Outcome::any_of(item, tests) }
}

/// What is lost where the platform writes entities. A pattern of two forms is asked for in both.
fn loss_of(plain: &Pattern, other: &Pattern) -> Option<(Direction, String)> {
    let (narrower, wider) = any_char(plain);
    let is_astray = is_astray(plain, true) || is_astray(other, false);
    let direction = match (narrower, wider || is_astray) {
        (false, false) => return None,
        (true, false) => Direction::Narrower,
        (false, true) => Direction::Wider,
        (true, true) => Direction::Mixed,
    };
    let why = if is_astray {
        "the pattern finds parts of entities, and the platform may write `&`, `<` and `>` as such"
    } else {
        "a `?` is one character, and the platform may write `&`, `<` and `>` as entities"
    };
    Some((direction, why.to_owned()))
}

/// Whether the `?` of a pattern make it narrower, and wider. A `?` beside a `*` takes a character of an
/// entity, and the `*` takes the others; several `?` may take a whole entity, which is one character.
fn any_char(pattern: &Pattern) -> (bool, bool) {
    let is_text = |part: &Part| match part {
        Part::Text(_) => true,
        Part::AnyRun | Part::AnyChar => false,
    };
    let (mut narrower, mut wider) = (false, false);
    for wildcards in pattern.parts().split(is_text) {
        let characters = wildcards.iter().filter(|it| **it == Part::AnyChar).count();
        let is_open = characters < wildcards.len();
        narrower |= characters > 0 && !is_open;
        wider |= characters >= if is_open { 2 } else { SHORTEST_ENTITY };
    }
    (narrower, wider)
}

/// True if the pattern may match a value with entities at a text that is a part of an entity, or, if it is
/// the plain form, that looks like one.
fn is_astray(pattern: &Pattern, plain: bool) -> bool {
    let parts = pattern.parts();
    let mut is_astray = false;
    for (place, part) in parts.iter().enumerate() {
        let Part::Text(text) = part else { continue };
        let text = if pattern.is_cased() { text.clone() } else { text.to_ascii_lowercase() };
        let found = readings(&text, place > 0, place + 1 < parts.len());
        if found.is_empty() {
            // What matches has no entities.
            return false;
        }
        is_astray |= found.contains(&true) || plain && entities().any(|it| text.contains(it));
    }
    is_astray
}

/// The ways to find a text in a value with entities: true for those that cut an entity. An open end of the
/// text may stand within one.
fn readings(text: &str, left_open: bool, right_open: bool) -> Vec<bool> {
    let within = left_open && right_open && entities().any(|it| it != text && it.contains(text));
    let cut = |entity: &'static str| {
        let tails = (1..entity.len()).filter_map(move |at| entity.get(at..));
        tails.filter_map(|tail| text.strip_prefix(tail))
    };
    let behind = entities().filter(|_| left_open).flat_map(cut).map(|rest| (rest, true));
    let starts = [(text, false)].into_iter().chain(behind);
    let read = starts.filter_map(|(rest, cut)| Some(cut | cuts_last(rest, right_open)?));
    read.chain(within.then_some(true)).collect()
}

/// Whether a text that begins outside of entities ends within one. `None` if it is in no value with
/// entities.
fn cuts_last(text: &str, right_open: bool) -> Option<bool> {
    let mut rest = text;
    while let Some(place) = rest.find(['&', '<', '>']) {
        let (_, tail) = rest.split_at(place);
        match entities().find_map(|it| tail.strip_prefix(it)) {
            Some(behind) => rest = behind,
            None if right_open && entities().any(|it| it.starts_with(tail)) => return Some(true),
            None => return None,
        }
    }
    Some(false)
}

fn entities() -> impl Iterator<Item = &'static str> {
    ENTITIES.iter().map(|(_, entity)| *entity)
}

/// The text with entities for the characters that have one.
pub(super) fn as_entities(text: &str) -> String {
    ENTITIES.iter().fold(text.to_owned(), |text, (plain, entity)| text.replace(*plain, entity))
}

impl Transformation for XmlEntities {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        let rewriter = Rewriter { fields: None, rewrite: &rewrite, reference: None };
        rewriter.run(run, applies);
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
