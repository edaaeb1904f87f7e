//! `map_values`: the platform writes other words for the words of a closed vocabulary.
//!
//! Every value of the field is one of the words. The platform writes one of the words that stand for it,
//! which one is not known; events get the first. Words of the rule that the platform writes alike cannot
//! be told apart any more, which is a loss unless they are `synonyms`.

use serde_json::{Map, Value};

use super::rewrite_tests::{
    Outcome, Rewriter, as_pattern, parse_fields, parse_table, rewrite_values,
};
use super::{Applies, Context, Entry, Fields, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::{
    Direction, Event, Expr, FieldName, Item, Link, Number, Origin, Pattern, Predicate, Sigma, Test,
    evaluate,
};
use crate::pipeline::condition::parse_flag;

#[derive(Debug)]
struct MapValues {
    fields: Vec<String>,
    values: Vec<(String, Vec<String>)>,
    synonyms: bool,
}

pub(super) const ENTRY: Entry = Entry {
    name: "map_values",
    owner: Owner::Isogloss,
    keys: &["fields", "values", "synonyms"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let fields = parse_fields(settings, diagnostics)?;
    let help = "write `values: {'true': [egress, outgoing]}`";
    let values = parse_table("values", help, settings, diagnostics)?;
    let synonyms = parse_flag("synonyms", settings, diagnostics);
    Some(Box::new(MapValues { fields, values, synonyms }))
}

impl MapValues {
    fn rewrite(&self, item: &Item<Sigma>, test: &Test<Sigma>) -> Outcome {
        match test {
            Test::Null => return Outcome::same(),
            Test::Like(pattern) if pattern.matches_all() => return Outcome::same(),
            Test::FieldRef { .. } | Test::Open(_) => {
                let why = "the platform writes other words, which are not those of the rule";
                return Outcome::lost(Direction::Mixed, why.to_owned());
            }
            Test::Like(_)
            | Test::Number(_)
            | Test::Bool(_)
            | Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::Time { .. }
            | Test::Query { .. } => {}
        }
        let (meant, others): (Vec<_>, Vec<_>) =
            self.values.iter().partition(|(word, _)| holds(test, word));
        if meant.is_empty() {
            return self.unknown(test);
        }
        let cased = as_pattern(test).is_some_and(|it| it.is_cased());
        let mut spelled: Vec<&String> = meant.iter().flat_map(|(_, others)| others).collect();
        let mut alike =
            others.iter().filter(|(_, words)| words.iter().any(|it| spelled.contains(&it)));
        let loss = alike.next().filter(|_| !self.synonyms).map(|(word, _)| {
            let why = format!("the platform writes `{word}` in the same way");
            (Direction::Wider, why)
        });
        spelled.dedup();
        let tests = spelled.into_iter().map(|other| exactly(other, cased));
        Outcome { loss, ..Outcome::any_of(item, tests) }
    }

    /// A test for none of the words.
    fn unknown(&self, test: &Test<Sigma>) -> Outcome {
        let mut others = self.values.iter().flat_map(|(_, others)| others);
        let direction =
            if others.any(|it| holds(test, it)) { Direction::Mixed } else { Direction::Narrower };
        let words: Vec<String> = self.values.iter().map(|(word, _)| format!("`{word}`")).collect();
        let why = format!(
            "the value is none of {}, so the platform's words for it are not known",
            words.join(", ")
        );
        Outcome::lost(direction, why)
    }
}

/// True if the test holds for a field with this value.
fn holds(test: &Test<Sigma>, value: &str) -> bool {
    let field = FieldName("value".to_owned());
    let event = Event::new(Map::from_iter([(field.0.clone(), Value::from(value))]));
    let predicate = Predicate { test: test.clone(), origin: Origin::default() };
    let item = Item {
        field: Some(field),
        link: Link::Any,
        negated: false,
        predicates: vec![predicate],
        origin: Origin::default(),
    };
    evaluate(&Expr::Item(item), &event)
}

fn exactly(text: &str, cased: bool) -> Test<Sigma> {
    match Number::canonical(text) {
        Some(number) => Test::Number(number),
        None if cased => Test::Like(Pattern::text(text).cased()),
        None => Test::Like(Pattern::text(text)),
    }
}

impl Transformation for MapValues {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        let rewriter = Rewriter {
            fields: Some(&self.fields),
            rewrite: &|item, test| self.rewrite(item, test),
            reference: Some((
                Direction::Mixed,
                "the platform writes other words in the other field",
            )),
        };
        rewriter.run(run, applies);
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        rewrite_values(fields, applies, &self.fields, &|text| {
            let (_, others) =
                self.values.iter().find(|(word, _)| word.eq_ignore_ascii_case(text))?;
            others.first().cloned()
        });
    }
}
