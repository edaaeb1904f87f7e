//! `strip_prefix`: the platform drops this prefix of every value.
//!
//! Every value of the field begins with the prefix, as it is written here.

use super::rewrite_tests::{Outcome, Rewriter, as_pattern, parse_fields, rewrite_values};
use super::{Applies, Context, Entry, Fields, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::{Direction, Item, Sigma, Test};

#[derive(Debug)]
struct StripPrefix {
    fields: Vec<String>,
    prefix: String,
}

pub(super) const ENTRY: Entry =
    Entry { name: "strip_prefix", owner: Owner::Isogloss, keys: &["fields", "prefix"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let fields = parse_fields(settings, diagnostics)?;
    let prefix = settings.text("prefix", diagnostics).filter(|it| !it.value.is_empty());
    let Some(prefix) = prefix else {
        settings.missing("prefix", "write `prefix: '\\'`", diagnostics);
        return None;
    };
    Some(Box::new(StripPrefix { fields, prefix: prefix.value }))
}

impl StripPrefix {
    fn rewrite(&self, item: &Item<Sigma>, test: &Test<Sigma>) -> Outcome {
        let prefix = &self.prefix;
        match test {
            Test::Null => Outcome::same(),
            Test::Like(_) | Test::Number(_) | Test::Bool(_) => {
                let Some(pattern) = as_pattern(test) else { return Outcome::same() };
                let rest = pattern.behind(prefix);
                if rest.is_empty() {
                    let why = format!(
                        "no value that begins with `{prefix}` matches, and the platform has the values \
                         without it"
                    );
                    return Outcome::lost(Direction::Wider, why);
                }
                Outcome::any_of(item, rest.into_iter().map(Test::Like))
            }
            Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::FieldRef { .. }
            | Test::Time { .. }
            | Test::Query { .. }
            | Test::Open(_) => Outcome::lost(
                Direction::Mixed,
                format!("the platform has the values without `{prefix}` at their start"),
            ),
        }
    }
}

impl Transformation for StripPrefix {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        let rewriter = Rewriter {
            fields: Some(&self.fields),
            rewrite: &|item, test| self.rewrite(item, test),
            reference: Some((
                Direction::Mixed,
                "the platform has the values of the other field without their prefix",
            )),
        };
        rewriter.run(run, applies);
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        rewrite_values(fields, applies, &self.fields, &|text| {
            text.strip_prefix(&self.prefix).map(str::to_owned)
        });
    }
}
