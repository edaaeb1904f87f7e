//! `set_value`: every value is replaced by one, which is a loss.

use super::convert_type::{TYPES, Type};
use super::{Applies, Context, Entry, Owner, Replay, Rewrite, Run, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Direction, Expr, Item, Link, LossKind, Number, Pattern, Predicate, Sigma, Test};
use crate::value::parse_pattern;
use crate::yaml::{Node, Resolved};

const CODE: Code = Code::InvalidPipeline;

#[derive(Debug)]
struct SetValue {
    value: Test<Sigma>,
}

pub(super) const ENTRY: Entry =
    Entry { name: "set_value", owner: Owner::PySigma, keys: &["value", "force_type"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let Some((_, node)) = settings.entry("value") else {
        settings.missing("value", "it is what every value is replaced by", diagnostics);
        return None;
    };
    let forced = settings.node("force_type").is_some();
    let kind = settings.word("force_type", TYPES, diagnostics);
    if forced && kind.is_none() {
        return None;
    }
    match parse_value(node, kind) {
        Ok(value) => Some(Box::new(SetValue { value })),
        Err(message) => {
            diagnostics.push(Diagnostic::new(CODE, node.span, message));
            None
        }
    }
}

fn parse_value(node: &Node, kind: Option<Type>) -> Result<Test<Sigma>, String> {
    let Some(scalar) = node.as_scalar() else {
        return Err(format!(
            "`value` has to be a string, a number, a boolean or null, not {}",
            node.describe()
        ));
    };
    let text = |text: &str| Test::Like(parse_pattern(text));
    Ok(match (kind, scalar.resolve()) {
        (Some(_), Resolved::Null | Resolved::Bool(_)) => {
            return Err(format!(
                "`force_type` is for strings and numbers, and this is {}",
                node.describe()
            ));
        }
        (Some(Type::Text), Resolved::Text(it) | Resolved::Number(it))
        | (None, Resolved::Text(it)) => text(it),
        (Some(Type::Number), Resolved::Text(it) | Resolved::Number(it)) => Test::Number(
            Number::canonical(it)
                .ok_or(format!("`{it}` is no number in canonical decimal form"))?,
        ),
        (None, Resolved::Number(it)) => {
            Number::canonical(it).map_or_else(|| Test::Like(Pattern::text(it)), Test::Number)
        }
        (None, Resolved::Bool(it)) => Test::Bool(it),
        (None, Resolved::Null) => Test::Null,
    })
}

impl SetValue {
    /// The test as a keyword; `None` for what is no text.
    fn as_keyword(&self) -> Option<Test<Sigma>> {
        match &self.value {
            Test::Like(pattern) => Some(Test::Like(pattern.open(true, true))),
            Test::Number(number) => {
                Some(Test::Like(Pattern::text(number.as_str()).open(true, true)))
            }
            Test::Bool(_)
            | Test::Null
            | Test::Regex(_)
            | Test::Compare(..)
            | Test::Cidr(_)
            | Test::FieldRef { .. }
            | Test::Time { .. }
            | Test::Query { .. }
            | Test::Open(_) => None,
        }
    }
}

impl Transformation for SetValue {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        run.rewrite_items(applies, &mut |run, item, place| {
            let keyword = item.field.is_none();
            let test = if keyword { self.as_keyword() } else { Some(self.value.clone()) };
            let Some(test) = test else {
                let message = "a pipeline sets a keyword to something that is no text";
                run.refuse(Code::RefusedByPipeline, &item.origin, message.to_owned(), "");
                return Rewrite::Keep;
            };
            if item.predicates.iter().all(|it| it.test == test) {
                return Rewrite::Keep;
            }
            let message = "the pipeline sets another value".to_owned();
            run.lose(LossKind::Mapping, Direction::Mixed, message, item, place);
            let origins = item.predicates.iter().map(|it| it.origin.clone());
            let origin = origins.reduce(|all, it| all.join(&it)).unwrap_or_default();
            let set = item.with_predicates(vec![Predicate { test, origin }]);
            Rewrite::Replace(Expr::Item(Item { link: Link::Any, ..set }))
        });
    }

    fn replay(&self) -> Replay {
        Replay::Missing("it sets a value, whatever the event has")
    }
}
