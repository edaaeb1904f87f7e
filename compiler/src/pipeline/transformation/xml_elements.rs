//! `xml_elements`: a value that the platform keeps only as an element in the text of another field.
//!
//! With `{field: EventData_Xml, prefix: 'EventData_Xml.'}`, the field `EventData_Xml.Data` is the text of
//! the elements `<Data>…</Data>` in the field `EventData_Xml`. In XML, `&`, `<` and `>` of a text are
//! written as entities, so an element ends at the next `<`.

use serde_json::Value;

use super::rewrite_tests::{as_pattern, texts_of};
use super::xml_entities::as_entities;
use super::{
    Applies, Context, Entry, Fields, Owner, Place, Replay, Rewrite, Run, Settings, Transformation,
    add_value,
};
use crate::diagnostic::Diagnostics;
use crate::ir::{
    Direction, Expr, FieldName, Item, Link, LossKind, Part, Pattern, Predicate, RegexFlags, Sigma,
    Test,
};
use crate::value::parse_regex;

#[derive(Debug)]
struct XmlElements {
    field: String,
    prefix: String,
}

pub(super) const ENTRY: Entry =
    Entry { name: "xml_elements", owner: Owner::Isogloss, keys: &["field", "prefix"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let (field, prefix) =
        (settings.text("field", diagnostics), settings.text("prefix", diagnostics));
    let (Some(field), Some(prefix)) = (field, prefix) else {
        settings.missing(
            "field` or `prefix",
            "write `field: EventData_Xml` and `prefix: EventData_Xml.`",
            diagnostics,
        );
        return None;
    };
    Some(Box::new(XmlElements { field: field.value, prefix: prefix.value }))
}

impl XmlElements {
    fn rewrite(&self, run: &mut Run, item: &Item<Sigma>, place: Place) -> Rewrite {
        let Some(element) = item.field_name().and_then(|it| it.strip_prefix(&self.prefix)) else {
            return Rewrite::Keep;
        };
        let tests = item.predicates.iter().map(|predicate| match &predicate.test {
            Test::Like(_) | Test::Number(_) | Test::Bool(_) => as_pattern(&predicate.test)
                .map(|pattern| self.like(element, &pattern, item, predicate))
                .ok_or_else(|| self.test(predicate.test.clone(), item, predicate)),
            Test::Null => {
                let any =
                    Pattern::new([Part::AnyRun, Part::Text(format!("<{element}>")), Part::AnyRun]);
                Ok(Expr::negate(self.test(Test::Like(any), item, predicate)))
            }
            Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::FieldRef { .. }
            | Test::Time { .. }
            | Test::Query { .. }
            | Test::Open(_) => Err(self.test(predicate.test.clone(), item, predicate)),
        });
        // What cannot be asked of an element is asked of the whole text.
        let tests: Vec<Result<Expr<Sigma>, Expr<Sigma>>> = tests.collect();
        if tests.iter().any(Result::is_err) {
            let message = format!(
                "`{element}` is only an element in the text of `{}`, which this test is about as a whole",
                self.field
            );
            run.lose(LossKind::Mapping, Direction::Mixed, message, item, place);
        }
        let tests = tests.into_iter().map(|test| test.unwrap_or_else(|whole| whole));
        let joined = match item.link {
            Link::Any => Expr::any(tests),
            Link::All => Expr::all(tests),
        };
        joined.map_or(Rewrite::Keep, |expr| Rewrite::Replace(expr.negated_if(item.negated)))
    }

    /// The element has a text of this form. A wildcard does not reach beyond the end of the element.
    fn like(
        &self,
        element: &str,
        pattern: &Pattern,
        item: &Item<Sigma>,
        predicate: &Predicate<Sigma>,
    ) -> Expr<Sigma> {
        let opens = [Part::AnyRun, Part::Text(format!("<{element}>"))];
        let closes = [Part::Text(format!("</{element}>")), Part::AnyRun];
        let inner = pattern.parts().iter().map(|part| match part {
            Part::Text(text) => Part::Text(as_entities(text)),
            // A character may be written as an entity.
            Part::AnyRun | Part::AnyChar => Part::AnyRun,
        });
        let parts = opens.into_iter().chain(inner).chain(closes);
        let whole = Test::Like(Pattern::new(parts).with_case_of(pattern));
        let whole = self.test(whole, item, predicate);
        let within = pattern
            .as_text()
            .is_none()
            .then(|| within_element(element, pattern))
            .flatten()
            .map(|test| self.test(test, item, predicate));
        Expr::all([whole.clone()].into_iter().chain(within)).unwrap_or(whole)
    }

    /// One test on the text that holds the elements.
    fn test(
        &self,
        test: Test<Sigma>,
        item: &Item<Sigma>,
        predicate: &Predicate<Sigma>,
    ) -> Expr<Sigma> {
        let predicate = Predicate { test, origin: predicate.origin.clone() };
        Expr::Item(Item {
            field: Some(FieldName(self.field.clone())),
            link: Link::Any,
            negated: false,
            predicates: vec![predicate],
            origin: item.origin.clone(),
        })
    }
}

/// The regular expression for a pattern within an element.
fn within_element(element: &str, pattern: &Pattern) -> Option<Test<Sigma>> {
    let mut text = String::new();
    for part in pattern.parts() {
        match part {
            Part::Text(part) => text.push_str(&regex::escape(&as_entities(part))),
            Part::AnyRun => text.push_str("[^<]*"),
            Part::AnyChar => text.push_str("(?:&[a-z]+;|[^<])"),
        }
    }
    let name = regex::escape(element);
    let text = format!("<{name}>{text}</{name}>");
    let flags = RegexFlags { ignore_case: !pattern.is_cased(), ..RegexFlags::default() };
    parse_regex(&text, flags).ok().map(Test::Regex)
}

impl Transformation for XmlElements {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        run.rewrite_items(applies, &mut |run, item, place| self.rewrite(run, item, place));
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    /// Writes the elements one after the other.
    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        let mut text = String::new();
        let old = std::mem::take(fields);
        for (name, value) in old {
            let element = name.strip_prefix(&self.prefix);
            match element.filter(|_| applies.to_field_of_event(&name)) {
                Some(element) => write_elements(element, &value, &mut text),
                None => add_value(fields, name, value),
            }
        }
        if !text.is_empty() {
            add_value(fields, self.field.clone(), Value::from(text));
        }
    }
}

fn write_element(element: &str, inner: &str, text: &mut String) {
    for piece in ["<", element, ">", inner, "</", element, ">"] {
        text.push_str(piece);
    }
}

fn write_elements(element: &str, value: &Value, text: &mut String) {
    for inner in texts_of(value) {
        write_element(element, &as_entities(&inner), text);
    }
}
