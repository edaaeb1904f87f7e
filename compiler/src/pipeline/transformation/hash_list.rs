//! `hash_list`: the platform keeps the hashes of a list such as `MD5=…,SHA256=…` in a field for each
//! algorithm.
//!
//! A value is a list of `ALGORITHM=hexadecimal digits`, joined by commas, with each algorithm at most
//! once and none that the settings do not name. What a pattern says about the place of a hash in the
//! list is lost.

use std::slice;

use serde_json::Value;

use super::rewrite_tests::{On, Outcome, Rewriter, as_pattern, texts_of};
use super::split_field::{replace_field, take_field};
use super::{
    Applies, Context, Entry, Fields, Owner, Replay, Run, Settings, Transformation, add_value,
};
use crate::diagnostic::{Code, Diagnostics};
use crate::ir::{Direction, FieldName, Part, Pattern, Sigma, Test};

#[derive(Debug)]
struct HashList {
    field: String,
    /// Algorithms and their fields.
    algorithms: Vec<(String, String)>,
    /// The field of all hashes.
    any: Option<String>,
}

pub(super) const ENTRY: Entry = Entry {
    name: "hash_list",
    owner: Owner::Isogloss,
    keys: &["field", "algorithms", "any"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let (field, node) = (settings.text("field", diagnostics), settings.node("algorithms"));
    let (Some(field), Some(node)) = (field, node) else {
        settings.missing(
            "field` or `algorithms",
            "write `field: Hashes` and `algorithms: {MD5: process.hash.md5}`",
            diagnostics,
        );
        return None;
    };
    let map = Settings::of(node, Code::InvalidPipeline, diagnostics)?;
    let names = map.entries().iter().filter_map(|(key, _)| key.as_text());
    let rows = names.filter_map(|name| Some((name.to_owned(), map.text(name, diagnostics)?.value)));
    let algorithms: Vec<_> = rows.collect();
    if algorithms.is_empty() {
        settings.missing("algorithms", "write `algorithms: {MD5: process.hash.md5}`", diagnostics);
        return None;
    }
    let any = settings.text("any", diagnostics).map(|it| it.value);
    Some(Box::new(HashList { field: field.value, algorithms, any }))
}

/// What a pattern says about a list.
struct Asked<'p> {
    /// True if something may stand before and behind it.
    open: (bool, bool),
    /// The text between.
    text: &'p str,
}

impl HashList {
    fn rewrite(&self, test: &Test<Sigma>) -> Outcome {
        match test {
            Test::Null => {
                let absent = self.all_fields().into_iter().map(|it| on(it, Test::Null));
                Outcome { alternatives: vec![absent.collect()], loss: None }
            }
            Test::Like(pattern) if pattern.matches_all() => {
                let present = self.all_fields().into_iter().map(|it| vec![on(it, test.clone())]);
                Outcome { alternatives: present.collect(), loss: None }
            }
            Test::Like(_) | Test::Number(_) | Test::Bool(_) => {
                let pattern = as_pattern(test);
                pattern.and_then(|it| self.rewrite_pattern(&it)).unwrap_or_else(|| self.unknown())
            }
            Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::FieldRef { .. }
            | Test::Time { .. }
            | Test::Query { .. }
            | Test::Open(_) => self.unknown(),
        }
    }

    /// The platform has no field for the whole list, so the test finds nothing there.
    fn unknown(&self) -> Outcome {
        let why = format!(
            "the platform keeps the hashes of `{}` in a field for each algorithm, and the test is about \
             the whole list",
            self.field
        );
        Outcome::lost(Direction::Narrower, why)
    }

    fn rewrite_pattern(&self, pattern: &Pattern) -> Option<Outcome> {
        let asked = asked(pattern)?;
        let alternatives = match asked.text.split_once('=') {
            Some((name, digits)) if is_hexadecimal(digits) => {
                let field = self.field_of(name, asked.open.0, pattern.is_cased())?;
                let test = digits_test(digits, (false, asked.open.1), pattern);
                vec![vec![on(field, test)]]
            }
            Some(_) => return None,
            None => {
                if asked.text.is_empty() || !is_hexadecimal(asked.text) {
                    return None;
                }
                // The digits may be a part of a name, such as `5` of `MD5`.
                let upper = asked.text.to_ascii_uppercase();
                if self.names().any(|it| it.to_ascii_uppercase().contains(&upper)) {
                    return None;
                }
                let test = digits_test(asked.text, asked.open, pattern);
                self.hash_fields().into_iter().map(|it| vec![on(it, test.clone())]).collect()
            }
        };
        let whole = asked.open == (true, true);
        let loss = (!whole).then(|| {
            let why = "the platform does not keep the place of a hash in the list";
            (Direction::Wider, why.to_owned())
        });
        Some(Outcome { alternatives, loss })
    }

    /// The field of an algorithm, if `NAME=` in a list can be nothing else.
    fn field_of(&self, name: &str, open: bool, cased: bool) -> Option<&str> {
        let same =
            |known: &str| if cased { known == name } else { known.eq_ignore_ascii_case(name) };
        let (_, field) = self.algorithms.iter().find(|(known, _)| same(known))?;
        let upper = name.to_ascii_uppercase();
        let is_end =
            |known: &str| known.len() > name.len() && known.to_ascii_uppercase().ends_with(&upper);
        (!open || !self.names().any(is_end)).then_some(field)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.algorithms.iter().map(|(name, _)| name.as_str())
    }

    /// The fields in which any hash can be found.
    fn hash_fields(&self) -> Vec<&str> {
        match &self.any {
            Some(any) => vec![any],
            None => self.algorithms.iter().map(|(_, field)| field.as_str()).collect(),
        }
    }

    fn all_fields(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = Vec::new();
        let all = self.algorithms.iter().map(|(_, field)| field).chain(&self.any);
        for field in all {
            if !fields.contains(&field.as_str()) {
                fields.push(field);
            }
        }
        fields
    }
}

/// Reads a pattern without wildcards inside.
fn asked(pattern: &Pattern) -> Option<Asked<'_>> {
    let parts = pattern.parts();
    let (before, parts) = match parts.split_first() {
        Some((Part::AnyRun, rest)) => (true, rest),
        _ => (false, parts),
    };
    let (behind, parts) = match parts.split_last() {
        Some((Part::AnyRun, rest)) => (true, rest),
        _ => (false, parts),
    };
    let [Part::Text(text)] = parts else { return None };
    Some(Asked { open: (before, behind), text })
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_hexdigit())
}

fn digits_test(digits: &str, (before, behind): (bool, bool), pattern: &Pattern) -> Test<Sigma> {
    Test::Like(Pattern::text(digits).open(before, behind).with_case_of(pattern))
}

fn on(field: &str, test: Test<Sigma>) -> On {
    (Some(FieldName(field.to_owned())), test)
}

impl Transformation for HashList {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        let rewriter = Rewriter {
            fields: Some(slice::from_ref(&self.field)),
            rewrite: &|_, test| self.rewrite(test),
            reference: Some((
                Direction::Narrower,
                "the platform keeps the hashes of the other field in a field for each algorithm",
            )),
        };
        rewriter.run(run, applies);
        let new: Vec<String> = self.all_fields().into_iter().map(str::to_owned).collect();
        replace_field(run, applies, &self.field, &new);
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        let Some(value) = take_field(fields, applies, &self.field) else { return };
        let texts = texts_of(&value);
        for part in texts.iter().flat_map(|text| text.split(',')).map(str::trim) {
            let (name, hash) = part.split_once('=').unwrap_or(("", part));
            let row = self.algorithms.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            let field = row.map(|(_, field)| field);
            let any = self.any.as_ref().filter(|it| Some(*it) != field);
            for field in field.into_iter().chain(any) {
                add_value(fields, field.clone(), Value::from(hash));
            }
        }
    }
}
