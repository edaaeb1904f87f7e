//! `replace_string`: what a regular expression finds in a string is replaced.

use ::regex::Regex;

use super::python::{Replacement, parse_regex, parse_replacement};
use super::values::{Rewriting, Words, merge, parse_plain, rewrite_tests};
use super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::{Item, Part, Pattern, Sigma, TemplatePart, Test};
use crate::pipeline::condition::parse_flag;

#[derive(Debug)]
struct ReplaceString {
    regex: Regex,
    replacement: Replacement,
    skip_special: bool,
    interpret_special: bool,
}

pub(super) const ENTRY: Entry = Entry {
    name: "replace_string",
    owner: Owner::PySigma,
    keys: &["regex", "replacement", "skip_special", "interpret_special"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let skip_special = parse_flag("skip_special", settings, diagnostics);
    let interpret_special = parse_flag("interpret_special", settings, diagnostics);
    let regex = parse_regex("regex", settings, diagnostics)?;
    let replacement = parse_replacement("replacement", &regex, settings, diagnostics)?;
    Some(Box::new(ReplaceString { regex, replacement, skip_special, interpret_special }))
}

impl Transformation for ReplaceString {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        // A value in which nothing is found was asked too: the item was applied to it.
        rewrite_tests(run, applies, &mut |_, item, predicate, _| {
            Some(vec![self.on_test(&predicate.test, item)?])
        });
    }

    fn replay(&self) -> Replay {
        Replay::Missing("a part of a value is replaced, and an event holds whole values")
    }
}

impl ReplaceString {
    fn on_test(&self, test: &Test<Sigma>, item: &Item<Sigma>) -> Option<Test<Sigma>> {
        if let Test::Number(number) = test {
            let digits = Test::Like(Pattern::text(number.as_str()));
            let changed = self.on_test(&digits, item)?;
            return Some(if changed == digits { test.clone() } else { changed });
        }
        let words = Words::of(test, item)?;
        let parts = if self.skip_special { self.in_texts(&words) } else { self.in_plain(&words) };
        Some(words.with(parts))
    }

    /// Replaces in each text between wildcards and placeholders.
    fn in_texts(&self, words: &Words) -> Vec<TemplatePart> {
        let mut parts = Vec::new();
        for part in &words.parts {
            match part {
                TemplatePart::Known(Part::Text(text)) => {
                    let text = self.replacement.replace_all(&self.regex, text);
                    if self.interpret_special {
                        parts.extend(parse_plain(&text, false));
                    } else {
                        parts.push(TemplatePart::Known(Part::Text(text)));
                    }
                }
                TemplatePart::Known(Part::AnyRun | Part::AnyChar)
                | TemplatePart::Placeholder(_) => parts.push(part.clone()),
            }
        }
        merge(parts)
    }

    /// Replaces in the string as one text, in which `*` and `?` are wildcards. What is not found, and what
    /// a group takes over, stays the part that it was.
    fn in_plain(&self, words: &Words) -> Vec<TemplatePart> {
        let plain = words.plain();
        let mut result = Rewriting::new(words, &plain);
        let mut at = 0;
        for captures in self.regex.captures_iter(&plain) {
            let Some(found) = captures.get(0) else { continue };
            result.keep(at, found.start());
            for piece in self.replacement.pieces(&captures) {
                match piece {
                    Ok(text) => result.write(text),
                    Err(group) => result.keep(group.start, group.end),
                }
            }
            at = found.end();
        }
        result.keep(at, plain.len());
        result.finish()
    }
}
