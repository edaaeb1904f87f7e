//! `extract_fields`: a string becomes tests of its parts, one field for each named group of a regular
//! expression.

use std::ops::Range;

use ::regex::{Captures, Regex};
use serde_json::Value;

use super::python::parse_regex;
use super::values::{Rewriting, Words, lose_tests};
use super::{
    Applies, Context, Entry, Fields, Owner, Place, Replay, Rewrite, Run, Settings, Transformation,
    add_value,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Expr, FieldName, Item, Link, Number, Predicate, Sigma, Test};
use crate::pipeline::condition::parse_flag;

#[derive(Debug)]
struct ExtractFields {
    regex: Regex,
    field_prefix: Option<String>,
    preserve_unmatched: bool,
}

pub(super) const ENTRY: Entry = Entry {
    name: "extract_fields",
    owner: Owner::PySigma,
    keys: &["regex", "field_prefix", "preserve_unmatched"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let field_prefix = settings.text("field_prefix", diagnostics).map(|it| it.value);
    let preserve_unmatched = parse_flag("preserve_unmatched", settings, diagnostics);
    let regex = parse_regex("regex", settings, diagnostics)?;
    if regex.capture_names().flatten().next().is_none() {
        let span = settings.node("regex").map_or(settings.span(), |it| it.span);
        let message = "the regular expression has no named group, so it extracts no field";
        let mistake = Diagnostic::new(Code::InvalidPipeline, span, message);
        diagnostics.push(mistake.with_help("name a group: `(?P<name>…)`"));
        return None;
    }
    Some(Box::new(ExtractFields { regex, field_prefix, preserve_unmatched }))
}

impl Transformation for ExtractFields {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        run.rewrite_items(applies, &mut |run, item, place| self.rewrite(run, item, place));
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        let texts: Vec<String> = fields
            .iter()
            .filter(|(name, _)| applies.to_field_of_event(name))
            .flat_map(|(_, value)| match value {
                Value::Array(values) => values.iter().collect(),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Object(_) => vec![value],
            })
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect();
        for text in &texts {
            let Some(captures) = self.match_start(text) else { continue };
            let found: Vec<_> = self
                .groups(&captures)
                .filter_map(|(field, place)| Some((field, text.get(place)?)))
                .collect();
            for (field, part) in found {
                add_value(fields, field, Value::from(part));
            }
        }
    }
}

impl ExtractFields {
    fn rewrite(&self, run: &mut Run, item: &Item<Sigma>, place: Place) -> Rewrite {
        // Keywords are searched in the whole event and have no parts.
        if item.field.is_none() {
            return Rewrite::Keep;
        }
        let values: Option<Vec<Words>> =
            item.predicates.iter().map(|it| Words::of(&it.test, item)).collect();
        let Some(values) = values else { return Rewrite::Keep };
        let (mut parts, mut kept, mut dropped) = (Vec::new(), Vec::new(), false);
        for (words, predicate) in values.iter().zip(&item.predicates) {
            match self.extract(words, predicate, item) {
                Some(expr) => parts.push(expr),
                None if self.preserve_unmatched => kept.push(predicate.clone()),
                None => dropped = true,
            }
        }
        if parts.is_empty() {
            return Rewrite::Keep;
        }
        if dropped {
            let message =
                "the pipeline leaves out a value that its regular expression does not match";
            lose_tests(run, item, place, message.to_owned());
        }
        let plain = Item { negated: false, ..item.with_predicates(kept) };
        parts.extend((!plain.predicates.is_empty()).then_some(Expr::Item(plain)));
        let joined = match item.link {
            Link::Any => Expr::any(parts),
            Link::All => Expr::all(parts),
        };
        joined.map_or(Rewrite::Keep, |expr| Rewrite::Replace(expr.negated_if(item.negated)))
    }

    /// Tests of all parts of a value; `None` if it does not match.
    fn extract(
        &self,
        words: &Words,
        predicate: &Predicate<Sigma>,
        item: &Item<Sigma>,
    ) -> Option<Expr<Sigma>> {
        let plain = words.plain();
        let captures = self.match_start(&plain)?;
        let parts = self.groups(&captures).map(|(field, place)| {
            let text = plain.get(place.clone()).unwrap_or_default();
            let part = if let Some(number) = Number::canonical(text) {
                Test::Number(number)
            } else {
                let mut parts = Rewriting::new(words, &plain);
                parts.keep(place.start, place.end);
                words.with(parts.finish())
            };
            let predicates = vec![Predicate { test: part, origin: predicate.origin.clone() }];
            let field = Some(FieldName(field));
            Expr::Item(Item {
                field,
                link: Link::Any,
                negated: false,
                ..item.with_predicates(predicates)
            })
        });
        Expr::all(parts.collect::<Vec<_>>())
    }

    /// A match that starts where the text starts.
    fn match_start<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let captures = self.regex.captures(text)?;
        captures.get(0).is_some_and(|it| it.start() == 0).then_some(captures)
    }

    /// Field and place of each named group that is not empty.
    fn groups<'c>(
        &'c self,
        captures: &'c Captures,
    ) -> impl Iterator<Item = (String, Range<usize>)> {
        self.regex.capture_names().flatten().filter_map(|group| {
            let found = captures.name(group)?;
            let field = match &self.field_prefix {
                Some(prefix) if !prefix.is_empty() => format!("{prefix}.{group}"),
                Some(_) | None => group.to_owned(),
            };
            (!found.is_empty()).then_some((field, found.range()))
        })
    }
}
