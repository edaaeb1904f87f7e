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
    let loss = pattern.has_any_char().then(|| {
        let why = "a `?` is one character, and the platform may write `&`, `<` and `>` as entities";
        (Direction::Narrower, why.to_owned())
    });
    if pattern.covers(&other) {
        return Outcome { alternatives: Vec::new(), loss };
    }
    let tests = [pattern.clone(), other].map(Test::Like);
    Outcome { loss, ..Outcome::any_of(item, tests) }
}

fn as_entities(text: &str) -> String {
    ENTITIES.iter().fold(text.to_owned(), |text, (plain, entity)| text.replace(*plain, entity))
}

impl Transformation for XmlEntities {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        let rewriter =
            Rewriter { fields: None, rewrite: &|item, test| rewrite(item, test), reference: None };
        rewriter.run(run, applies);
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
