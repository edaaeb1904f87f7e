//! What transformations of values have in common.

use std::ops::Range;

use super::{Applies, Place, Rewrite, Run};
use crate::ir::{
    Direction, Expr, Item, Link, LossKind, Part, Pattern, Predicate, Sigma, Template, TemplateKind,
    TemplatePart, Test,
};

/// What is put in the place of a test: any of these tests is enough. `None`: the test stays.
pub(super) type Change<'c> =
    dyn FnMut(&mut Run, &Item<Sigma>, &Predicate<Sigma>, Place) -> Option<Vec<Test<Sigma>>> + 'c;

/// Puts other tests in the place of tests. A test that nothing takes the place of is a loss.
pub(super) fn rewrite_tests(run: &mut Run, applies: &Applies, change: &mut Change) {
    run.rewrite_items(applies, &mut |run, item, place| {
        let (mut changed, mut dropped) = (false, false);
        let mut groups = Vec::with_capacity(item.predicates.len());
        for predicate in &item.predicates {
            let Some(tests) = change(run, item, predicate, place) else {
                groups.push(vec![predicate.clone()]);
                continue;
            };
            changed = true;
            dropped |= tests.is_empty();
            let origin = &predicate.origin;
            let made = tests.into_iter().map(|test| Predicate { test, origin: origin.clone() });
            groups.push(made.collect());
        }
        groups.retain(|group| !group.is_empty());
        if !changed {
            return Rewrite::Keep;
        }
        let message = "the pipeline leaves out a value";
        let expr = Expr::item_of_groups(item.field.as_ref(), item.link, groups, &item.origin);
        let Some(expr) = expr else { return Rewrite::LeaveOut(message.to_owned()) };
        if dropped {
            lose_tests(run, item, place, message.to_owned());
        }
        Rewrite::Replace(expr.negated_if(item.negated))
    });
}

/// Records that some tests of an item are left out.
pub(super) fn lose_tests(run: &mut Run, item: &Item<Sigma>, place: Place, message: String) {
    let direction = match item.link {
        Link::Any => Direction::Narrower,
        Link::All => Direction::Wider,
    };
    run.lose(LossKind::Mapping, direction, message, item, place);
}

/// Text with wildcards and perhaps placeholders, as transformations of strings see it: a keyword is
/// without the wildcards that make it stand anywhere.
pub(in crate::pipeline) struct Words {
    pub(in crate::pipeline) parts: Vec<TemplatePart>,
    cased: bool,
    keyword: bool,
}

impl Words {
    /// The string of a test; `None` if it is something else.
    pub(in crate::pipeline) fn of(test: &Test<Sigma>, item: &Item<Sigma>) -> Option<Self> {
        let (mut parts, cased): (Vec<TemplatePart>, bool) = match test {
            Test::Like(pattern) => {
                let parts = pattern.parts().iter().cloned().map(TemplatePart::Known);
                (parts.collect(), pattern.is_cased())
            }
            Test::Open(Template { kind: TemplateKind::Pattern { cased }, parts }) => {
                (parts.clone(), *cased)
            }
            Test::Open(_)
            | Test::Number(_)
            | Test::Bool(_)
            | Test::Null
            | Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::FieldRef { .. }
            | Test::Time { .. }
            | Test::Query { .. } => return None,
        };
        let keyword = item.field.is_none();
        if keyword {
            parts.pop_if(|it| *it == RUN);
            if parts.first() == Some(&RUN) {
                parts.remove(0);
            }
        }
        Some(Self { parts, cased, keyword })
    }

    /// The same kind of string with other parts.
    pub(super) fn with(&self, parts: Vec<TemplatePart>) -> Test<Sigma> {
        let open = parts.iter().any(|it| matches!(it, TemplatePart::Placeholder(_)));
        if open {
            let template =
                Template { kind: TemplateKind::Pattern { cased: self.cased }, parts: merge(parts) };
            return Test::Open(template.open(self.keyword, self.keyword));
        }
        let known = parts.into_iter().filter_map(|part| match part {
            TemplatePart::Known(part) => Some(part),
            TemplatePart::Placeholder(_) => None,
        });
        let pattern = Pattern::new(known);
        let pattern = if self.cased { pattern.cased() } else { pattern };
        Test::Like(if self.keyword { pattern.open(true, true) } else { pattern })
    }

    /// True if both are the same string.
    pub(in crate::pipeline) fn is_same(&self, other: &Self) -> bool {
        self.parts == other.parts && self.cased == other.cased
    }

    /// True if case matters.
    pub(super) fn is_cased(&self) -> bool {
        self.cased
    }

    /// The string as one text: `\` before a `*` or `?` makes it a character, elsewhere it is itself.
    pub(in crate::pipeline) fn plain(&self) -> String {
        self.parts.iter().map(plain_part).collect()
    }

    /// The text, if there is neither a wildcard nor a placeholder.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &*self.parts {
            [] => Some(""),
            [TemplatePart::Known(Part::Text(text))] => Some(text),
            _ => None,
        }
    }
}

/// Any run of characters.
const RUN: TemplatePart = TemplatePart::Known(Part::AnyRun);

/// The text of a part.
fn plain_part(part: &TemplatePart) -> String {
    match part {
        TemplatePart::Known(Part::AnyRun) => "*".to_owned(),
        TemplatePart::Known(Part::AnyChar) => "?".to_owned(),
        TemplatePart::Known(Part::Text(text)) => text.chars().map(plain_char).collect(),
        TemplatePart::Placeholder(name) => format!("%{name}%"),
    }
}

/// The text of a character of a text part.
fn plain_char(character: char) -> String {
    match character {
        '*' | '?' => format!("\\{character}"),
        other => other.to_string(),
    }
}

/// The parts of a text as [`Words::plain`] writes it.
pub(super) fn parse_plain(plain: &str, placeholders: bool) -> Vec<TemplatePart> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = plain;
    while let Some(character) = rest.chars().next() {
        let (_, behind) = rest.split_at(character.len_utf8());
        let (special, behind) = match character {
            '\\' if behind.starts_with(['*', '?']) => {
                let (escaped, behind) = behind.split_at(1);
                text.push_str(escaped);
                (None, behind)
            }
            '*' => (Some(RUN), behind),
            '?' => (Some(TemplatePart::Known(Part::AnyChar)), behind),
            '%' if placeholders && placeholder(behind).is_some() => {
                let (name, behind) = placeholder(behind).unwrap_or_default();
                (Some(TemplatePart::Placeholder(name.to_owned())), behind)
            }
            other => {
                text.push(other);
                (None, behind)
            }
        };
        if let Some(special) = special {
            parts.push(TemplatePart::Known(Part::Text(std::mem::take(&mut text))));
            parts.push(special);
        }
        rest = behind;
    }
    parts.push(TemplatePart::Known(Part::Text(text)));
    merge(parts)
}

/// The name of a placeholder and what stands behind it, of the text behind a `%`.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, behind) = text.split_once('%')?;
    (!name.is_empty() && !name.contains('\\')).then_some((name, behind))
}

/// A string that is written anew: parts of the old one and new text.
pub(super) struct Rewriting<'w> {
    plain: &'w str,
    /// Characters and special parts of the old string, with their places in its plain text.
    old: Vec<(Range<usize>, TemplatePart)>,
    new: Vec<TemplatePart>,
    /// New text that is still to be read.
    pending: String,
    placeholders: bool,
}

impl<'w> Rewriting<'w> {
    /// `plain` is the plain text of the string.
    pub(super) fn new(words: &Words, plain: &'w str) -> Self {
        let is_placeholder = |it: &TemplatePart| matches!(it, TemplatePart::Placeholder(_));
        let placeholders = words.parts.iter().any(is_placeholder);
        let (mut old, mut at) = (Vec::new(), 0);
        let mut add = |part: TemplatePart, length: usize| {
            old.push((at..at + length, part));
            at += length;
        };
        for part in &words.parts {
            match part {
                TemplatePart::Known(Part::Text(text)) => {
                    for character in text.chars() {
                        let one = TemplatePart::Known(Part::Text(character.to_string()));
                        add(one, plain_char(character).len());
                    }
                }
                TemplatePart::Known(Part::AnyRun | Part::AnyChar)
                | TemplatePart::Placeholder(_) => add(part.clone(), plain_part(part).len()),
            }
        }
        Self { plain, old, new: Vec::new(), pending: String::new(), placeholders }
    }

    /// Takes over what stands between two places of the plain text.
    pub(super) fn keep(&mut self, start: usize, end: usize) {
        let first = self.old.partition_point(|(place, _)| place.end <= start);
        let old = std::mem::take(&mut self.old);
        for (place, part) in old.iter().skip(first).take_while(|(place, _)| place.start < end) {
            if place.start >= start && place.end <= end {
                self.flush();
                self.new.push(part.clone());
            } else {
                let rest = self.plain.get(place.start.max(start)..place.end.min(end));
                self.pending.push_str(rest.unwrap_or_default());
            }
        }
        self.old = old;
    }

    /// Adds new text.
    pub(super) fn write(&mut self, text: &str) {
        self.pending.push_str(text);
    }

    /// The new parts.
    pub(super) fn finish(mut self) -> Vec<TemplatePart> {
        self.flush();
        merge(self.new)
    }

    fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.new.extend(parse_plain(&pending, self.placeholders));
    }
}

/// Neighbouring texts become one, neighbouring runs too, empty ones none.
pub(super) fn merge(parts: Vec<TemplatePart>) -> Vec<TemplatePart> {
    let mut merged: Vec<TemplatePart> = Vec::with_capacity(parts.len());
    for part in parts {
        match (merged.last_mut(), part) {
            (
                Some(TemplatePart::Known(Part::Text(last))),
                TemplatePart::Known(Part::Text(text)),
            ) => {
                last.push_str(&text);
            }
            (Some(TemplatePart::Known(Part::AnyRun)), TemplatePart::Known(Part::AnyRun)) => {}
            (_, TemplatePart::Known(Part::Text(text))) if text.is_empty() => {}
            (_, part) => merged.push(part),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_texts_are_read_back() {
        let text = |text: &str| TemplatePart::Known(Part::Text(text.to_owned()));
        for (plain, placeholders, wanted) in [
            ("a", false, vec![text("a")]),
            ("", false, vec![]),
            (r"C:\*", false, vec![text("C:*")]),
            (r"C:\x*", false, vec![text(r"C:\x"), RUN]),
            (r"a\\b", false, vec![text(r"a\\b")]),
            ("%x%", false, vec![text("%x%")]),
            ("a%x%", true, vec![text("a"), TemplatePart::Placeholder("x".to_owned())]),
            ("50%", true, vec![text("50%")]),
        ] {
            let parts = parse_plain(plain, placeholders);
            assert_eq!(parts, wanted, "{plain}");
            let again: String = parts.iter().map(plain_part).collect();
            assert_eq!(again, plain);
        }
    }
}
