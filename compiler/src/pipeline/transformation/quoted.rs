//! `quoted`: the platform may keep the quotes around the values of a field.
//!
//! A text `x` may be stored as `x` or as `'x'`, so that a test for a text is a test for both. Which of
//! them the platform has cannot be known, so events stay as they are.

use super::rewrite_tests::{Outcome, Rewriter, as_pattern, parse_fields};
use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::{Direction, Item, Part, Pattern, Sigma, Test};

#[derive(Debug)]
struct Quoted {
    fields: Vec<String>,
    quote: String,
}

pub(super) const ENTRY: Entry =
    Entry { name: "quoted", owner: Owner::Isogloss, keys: &["fields", "quote"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let fields = parse_fields(settings, diagnostics)?;
    let quote = settings.text("quote", diagnostics).map_or_else(|| "'".to_owned(), |it| it.value);
    Some(Box::new(Quoted { fields, quote }))
}

impl Quoted {
    fn rewrite(&self, item: &Item<Sigma>, test: &Test<Sigma>) -> Outcome {
        match test {
            Test::Null | Test::Query { .. } => Outcome::same(),
            Test::Like(_) | Test::Number(_) | Test::Bool(_) => as_pattern(test)
                .map_or_else(Outcome::same, |pattern| self.rewrite_pattern(item, test, &pattern)),
            // A value in quotes is no number, no address and no time.
            Test::Compare(..) | Test::Cidr(_) | Test::Time { .. } => {
                self.lost(Direction::Narrower, "which is then no number, no address and no time")
            }
            Test::Regex(_) => {
                self.lost(Direction::Mixed, "and a regular expression asks for one form only")
            }
            Test::FieldRef { .. } => {
                self.lost(Direction::Mixed, "and the field that it is compared with may have none")
            }
            Test::Open(_) => {
                self.lost(Direction::Mixed, "and what the rule asks for is not known yet")
            }
        }
    }

    /// The test, and the same in quotes where the pattern does not cover them already.
    fn rewrite_pattern(
        &self,
        item: &Item<Sigma>,
        test: &Test<Sigma>,
        pattern: &Pattern,
    ) -> Outcome {
        let quoted = self.quote_pattern(pattern);
        let loss = if self.is_exact(pattern, &quoted) {
            None
        } else {
            self.lost(Direction::Wider, "and the pattern may take one for a character").loss
        };
        if pattern.covers(&quoted) {
            return Outcome { alternatives: Vec::new(), loss };
        }
        Outcome { loss, ..Outcome::any_of(item, [test.clone(), Test::Like(quoted)]) }
    }

    /// The pattern in quotes; an end that is open has none.
    fn quote_pattern(&self, pattern: &Pattern) -> Pattern {
        let quote = || Part::Text(self.quote.clone());
        let parts = pattern.parts();
        let opens = (parts.first() != Some(&Part::AnyRun)).then(quote);
        let closes = (parts.last() != Some(&Part::AnyRun)).then(quote);
        let parts = opens.into_iter().chain(parts.iter().cloned()).chain(closes);
        Pattern::new(parts).with_case_of(pattern)
    }

    /// True if both patterns find no value in quotes that the first one does not find without them.
    fn is_exact(&self, pattern: &Pattern, quoted: &Pattern) -> bool {
        let mut found = [pattern, quoted].into_iter().flat_map(|it| self.inside_quotes(it));
        found.all(|inside| pattern.covers(&inside))
    }

    /// What the pattern matches of values that are stored in quotes, without these.
    fn inside_quotes(&self, pattern: &Pattern) -> Vec<Pattern> {
        let behind = pattern.behind(&self.quote);
        behind.iter().flat_map(|it| it.before(&self.quote)).collect()
    }

    fn lost(&self, direction: Direction, why: &str) -> Outcome {
        let quotes = format!("the platform may keep the quotes (`{}`) around a value", self.quote);
        Outcome::lost(direction, format!("{quotes}, {why}"))
    }
}

impl Transformation for Quoted {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        let rewriter = Rewriter {
            fields: Some(&self.fields),
            rewrite: &|item, test| self.rewrite(item, test),
            reference: Some((
                Direction::Mixed,
                "the platform may keep the quotes around the values of the other field",
            )),
        };
        rewriter.run(run, applies);
    }

    /// A value without quotes is one of the two forms.
    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_pattern;

    #[test]
    fn ends_that_are_open_need_no_quote() {
        let quoted = Quoted { fields: Vec::new(), quote: "'".to_owned() };
        for (text, wanted) in [("a", "'a'"), ("a*", "'a*"), ("*a*", "*a*"), ("", "''")] {
            assert_eq!(quoted.quote_pattern(&parse_pattern(text)), parse_pattern(wanted));
        }
    }

    #[test]
    fn values_in_quotes_have_an_inside() {
        let quoted = Quoted { fields: Vec::new(), quote: "'".to_owned() };
        for (text, wanted) in [("'a'", "a"), ("?a?", "a"), ("*a*", "*a*"), ("*'*", "*")] {
            let inside = quoted.inside_quotes(&parse_pattern(text));
            assert_eq!(inside, [parse_pattern(wanted)], "{text}");
        }
        assert_eq!(quoted.inside_quotes(&parse_pattern("a*")), []);
    }
}
