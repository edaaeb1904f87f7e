//! `prefix_alternatives`: the platform may write the beginning of a value in another way, such as
//! `\REGISTRY\MACHINE\` for `HKLM\`.
//!
//! Which of them it writes cannot be known, so events stay as they are, and rules ask for all.

use super::rewrite_tests::{Outcome, Rewriter, as_pattern, parse_fields, parse_table};
use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::{Direction, Item, Part, Pattern, Sigma, Test, widest};

#[derive(Debug)]
struct PrefixAlternatives {
    fields: Vec<String>,
    prefixes: Vec<(String, Vec<String>)>,
}

pub(super) const ENTRY: Entry = Entry {
    name: "prefix_alternatives",
    owner: Owner::Isogloss,
    keys: &["fields", "prefixes"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let fields = parse_fields(settings, diagnostics)?;
    let help = r"write `prefixes: {'HKLM\': ['\REGISTRY\MACHINE\']}`";
    let prefixes = parse_table("prefixes", help, settings, diagnostics)?;
    Some(Box::new(PrefixAlternatives { fields, prefixes }))
}

impl PrefixAlternatives {
    fn rewrite(&self, item: &Item<Sigma>, test: &Test<Sigma>) -> Outcome {
        match test {
            Test::Like(_) | Test::Number(_) | Test::Bool(_) => {
                let Some(pattern) = as_pattern(test) else { return Outcome::same() };
                let spelled = self.spellings(&pattern);
                if spelled == [pattern] {
                    return Outcome::same();
                }
                Outcome::any_of(item, spelled.into_iter().map(Test::Like))
            }
            // No number, address or time begins with a prefix.
            Test::Null
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::Time { .. }
            | Test::Query { .. } => Outcome::same(),
            Test::Regex(_) | Test::FieldRef { .. } | Test::Open(_) => Outcome::lost(
                Direction::Narrower,
                "the platform may write the beginning of the values in another way".to_owned(),
            ),
        }
    }

    /// The pattern, and what it is for values that the platform writes in another way.
    fn spellings(&self, pattern: &Pattern) -> Vec<Pattern> {
        let others = self.prefixes.iter().flat_map(|(prefix, others)| {
            let rests = pattern.behind(prefix);
            rests.into_iter().flat_map(move |rest| {
                let spell = move |other: &String| {
                    let parts = rest.parts().iter().cloned();
                    let head = Part::Text(other.clone());
                    Pattern::new([head].into_iter().chain(parts)).with_case_of(&rest)
                };
                others.iter().map(spell)
            })
        });
        widest([pattern.clone()].into_iter().chain(others))
    }
}

impl Transformation for PrefixAlternatives {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        let rewriter = Rewriter {
            fields: Some(&self.fields),
            rewrite: &|item, test| self.rewrite(item, test),
            reference: Some((
                Direction::Narrower,
                "the platform may write the beginning of the other field in another way",
            )),
        };
        rewriter.run(run, applies);
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
