//! Tests that become other tests: what the transformations of values have in common.

use super::{Applies, Fields, Run, Settings, add_value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{
    Direction, Expr, FieldName, Item, Link, LossKind, Origin, Pattern, Predicate, Sigma, Test,
};
use crate::pipeline::run::Rewrite;
use serde_json::Value;

/// A test on a field; `None` stands for keywords.
pub(super) type On = (Option<FieldName>, Test<Sigma>);

/// What becomes of a test.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What stands in its place: any of these holds, each with all of its tests. Empty if the test stays
    /// as it is.
    pub(super) alternatives: Vec<Vec<On>>,
    /// What is lost.
    pub(super) loss: Option<(Direction, String)>,
}

impl Outcome {
    /// The test stays.
    pub(super) fn same() -> Self {
        Self::default()
    }

    /// The test stays, and means something else.
    pub(super) fn lost(direction: Direction, why: String) -> Self {
        Self { alternatives: Vec::new(), loss: Some((direction, why)) }
    }

    /// Any of these tests on the same field.
    pub(super) fn any_of(item: &Item<Sigma>, tests: impl IntoIterator<Item = Test<Sigma>>) -> Self {
        let alternatives = tests.into_iter().map(|test| vec![(item.field.clone(), test)]);
        Self { alternatives: alternatives.collect(), loss: None }
    }
}

/// Which items a transformation is about, and what it does to a test of theirs.
pub(super) struct Rewriter<'r> {
    /// The fields that it is about; `None` if it is about all of them, and about keywords.
    pub(super) fields: Option<&'r [String]>,
    /// What becomes of a test.
    pub(super) rewrite: &'r dyn Fn(&Item<Sigma>, &Test<Sigma>) -> Outcome,
    /// What is lost if another field is compared with one of these; `None` if that stays the same.
    pub(super) reference: Option<(Direction, &'static str)>,
}

impl Rewriter<'_> {
    /// Rewrites the tests of a rule.
    pub(super) fn run(&self, run: &mut Run, applies: &Applies) {
        self.note_references(run, applies);
        run.rewrite_items(applies, &mut |run, item, place| {
            let field = item.field_name();
            if !self.is_about(field) || !applies.to_field(field, run) {
                return Rewrite::Keep;
            }
            let outcomes: Vec<Outcome> =
                item.predicates.iter().map(|it| (self.rewrite)(item, &it.test)).collect();
            let mut told: Vec<&(Direction, String)> = Vec::new();
            for loss in outcomes.iter().filter_map(|it| it.loss.as_ref()) {
                if !told.contains(&loss) {
                    told.push(loss);
                    run.lose(LossKind::Mapping, loss.0, loss.1.clone(), item, place);
                }
            }
            if outcomes.iter().all(|it| it.alternatives.is_empty()) {
                return Rewrite::Keep;
            }
            build(item, &outcomes).map_or(Rewrite::Keep, Rewrite::Replace)
        });
    }

    /// True for a field that it is about; `None` stands for keywords.
    fn is_about(&self, field: Option<&str>) -> bool {
        let Some(names) = self.fields else { return true };
        field.is_some_and(|field| names.iter().any(|it| it == field))
    }

    /// A field that is compared with one whose values are written differently.
    fn note_references(&self, run: &mut Run, applies: &Applies) {
        let Some((direction, why)) = self.reference else { return };
        run.visit_items(&mut |run, item, place| {
            let mut references = item.predicates.iter().filter_map(|it| it.test.referred());
            let refers = references.any(|field| {
                let field = Some(&*field.0);
                self.is_about(field) && applies.to_field(field, run)
            });
            if refers {
                run.lose(LossKind::Mapping, direction, why.to_owned(), item, place);
            }
        });
    }
}

/// The item with the new tests. Tests on one field stay one list.
fn build(item: &Item<Sigma>, outcomes: &[Outcome]) -> Option<Expr<Sigma>> {
    let rewritten = item.predicates.iter().zip(outcomes);
    let alternatives = rewritten.map(|(predicate, outcome)| {
        let alternatives = match &*outcome.alternatives {
            [] => vec![vec![(item.field.clone(), predicate.test.clone())]],
            alternatives => alternatives.to_vec(),
        };
        (alternatives, &predicate.origin)
    });
    let expr = match item.link {
        Link::Any => {
            let all = alternatives
                .flat_map(|(tests, origin)| tests.into_iter().map(move |it| (it, origin)));
            any_of(all, &item.origin)
        }
        Link::All => {
            let (mut single, mut several) = (Vec::new(), Vec::new());
            for (tests, origin) in alternatives {
                match &*tests {
                    [only] => single.extend(only.iter().cloned().map(|it| (it, origin))),
                    _ => {
                        several
                            .push(any_of(tests.into_iter().map(|it| (it, origin)), &item.origin));
                    }
                }
            }
            let single = group(single, Link::All, &item.origin);
            Expr::all(single.into_iter().chain(several.into_iter().flatten()).collect::<Vec<_>>())
        }
    };
    expr.map(|expr| expr.negated_if(item.negated))
}

fn any_of<'o>(
    alternatives: impl Iterator<Item = (Vec<On>, &'o Origin)>,
    key: &Origin,
) -> Option<Expr<Sigma>> {
    let (mut single, mut joined) = (Vec::new(), Vec::new());
    for (mut tests, origin) in alternatives {
        if tests.len() == 1 {
            single.extend(tests.pop().map(|it| (it, origin)));
        } else {
            let tests = tests.into_iter().map(|it| (it, origin)).collect();
            joined.extend(Expr::all(group(tests, Link::All, key)));
        }
    }
    Expr::any(group(single, Link::Any, key).into_iter().chain(joined).collect::<Vec<_>>())
}

/// One item a field, in the order in which fields first appear.
fn group(tests: Vec<(On, &Origin)>, link: Link, key: &Origin) -> Vec<Expr<Sigma>> {
    let mut items: Vec<Item<Sigma>> = Vec::new();
    for ((field, test), origin) in tests {
        let predicate = Predicate { test, origin: origin.clone() };
        match items.iter_mut().find(|it| it.field == field) {
            Some(item) => item.predicates.push(predicate),
            None => items.push(Item {
                field,
                link,
                negated: false,
                predicates: vec![predicate],
                origin: key.clone(),
            }),
        }
    }
    for item in items.iter_mut().filter(|it| it.predicates.len() == 1) {
        item.link = Link::Any;
    }
    items.into_iter().map(Expr::Item).collect()
}

/// A test as a pattern, if it is one: numbers and booleans are their text.
pub(super) fn as_pattern(test: &Test<Sigma>) -> Option<Pattern> {
    match test {
        Test::Like(pattern) => Some(pattern.clone()),
        Test::Number(number) => Some(Pattern::text(number.as_str())),
        Test::Bool(value) => Some(Pattern::text(if *value { "true" } else { "false" })),
        Test::Null
        | Test::Regex(_)
        | Test::Compare(..)
        | Test::Cidr(_)
        | Test::FieldRef { .. }
        | Test::Time { .. }
        | Test::Query { .. }
        | Test::Open(_) => None,
    }
}

/// The texts of a value of an event.
pub(super) fn texts_of(value: &Value) -> Vec<String> {
    match value {
        Value::Null | Value::Object(_) => Vec::new(),
        Value::Bool(value) => vec![value.to_string()],
        Value::Number(number) => vec![number.to_string()],
        Value::String(text) => vec![text.clone()],
        Value::Array(elements) => elements.iter().flat_map(texts_of).collect(),
    }
}

/// Writes the values of some fields of an event in another way; `None` is a value that stays.
pub(super) fn rewrite_values(
    fields: &mut Fields,
    applies: &Applies,
    names: &[String],
    rewrite: &dyn Fn(&str) -> Option<String>,
) {
    let concerned = names.iter().filter(|it| applies.to_field_of_event(it));
    for name in concerned {
        let Some(value) = fields.get_mut(name) else { continue };
        let old = applies.to_some_items_only().then(|| value.clone());
        rewrite_value(value, rewrite);
        // Items that were not changed ask for what was there before.
        if let Some(old) = old.filter(|old| old != value) {
            add_value(fields, name.clone(), old);
        }
    }
}

fn rewrite_value(value: &mut Value, rewrite: &dyn Fn(&str) -> Option<String>) {
    if let Value::Array(elements) = value {
        for element in elements {
            rewrite_value(element, rewrite);
        }
        return;
    }
    let texts = texts_of(value);
    if let Some(new) = texts.first().and_then(|text| rewrite(text)) {
        *value = Value::from(new);
    }
}

/// `fields` of a transformation: the fields whose values it is about.
pub(super) fn parse_fields(
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<String>> {
    let fields = settings.texts("fields", diagnostics);
    if fields.is_empty() {
        settings.missing("fields", "write `fields: [target_field]`", diagnostics);
        return None;
    }
    Some(fields.into_iter().map(|it| it.value).collect())
}

/// A map from a word to others, such as `prefixes`. None of the lists is empty.
pub(super) fn parse_table(
    key: &str,
    help: &str,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(String, Vec<String>)>> {
    let Some(node) = settings.node(key) else {
        settings.missing(key, help, diagnostics);
        return None;
    };
    let map = Settings::of(node, Code::InvalidPipeline, diagnostics)?;
    let rows = map.entries().iter().filter_map(|(key, _)| {
        let name = key.as_text()?;
        let others = map.texts(name, diagnostics);
        if others.is_empty() {
            let message = format!("`{name}` stands for nothing");
            let mistake = Diagnostic::new(Code::InvalidPipeline, key.span, message);
            diagnostics.push(mistake.with_help(help));
        }
        Some((name.to_owned(), others.into_iter().map(|it| it.value).collect()))
    });
    Some(rows.collect())
}
