//! KQL on an event, as Kibana's and Elasticsearch's documents describe it: each value is a query on one
//! field that any of its values may satisfy; `not` is plain complement; case matters but in analysed
//! text.
//!
//! Written from the documentation alone: nothing of the compiler's evaluator is used. Where the type of
//! a field is not known, it is a keyword; but in a search without a field it is text with a keyword beside
//! it, as Elasticsearch maps strings that nobody has described.

mod threshold;
mod value;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use isogloss_compiler::ir::{Event, Mapped};
use serde_json::{Map, Value as Json};

use self::value::{finds, lies, matches};
use super::ast::{Comparison, Expr, Kind, Literal, Name, Query, Test, Values};

pub use threshold::evaluate_threshold;

/// True if the query finds the event. `scoped` tells whether the log source counts too.
pub fn evaluate(query: &Query, event: &Event<Mapped>, scoped: bool) -> bool {
    let context = Context { event, kinds: &query.kinds, path: String::new() };
    let holds = |expr| context.holds(expr);
    (!scoped || query.scope.iter().all(holds)) && holds(&query.condition)
}

/// An event, or an object in one, and what is known about its fields.
struct Context<'q> {
    event: &'q Event<Mapped>,
    kinds: &'q BTreeMap<String, Kind>,
    /// What stands before the names of an object, with the dot.
    path: String,
}

impl Context<'_> {
    fn holds(&self, expr: &Expr) -> bool {
        match expr {
            Expr::All(operands) => operands.iter().all(|it| self.holds(it)),
            Expr::Any(operands) => operands.iter().any(|it| self.holds(it)),
            Expr::Not(operand) => !self.holds(operand),
            Expr::Comparison(comparison) => self.compare(comparison),
            Expr::Anywhere(value) => self.anywhere(&value.literal),
            Expr::Nested { path, query } => self.nested(path, query),
        }
    }

    fn compare(&self, Comparison { field, test, .. }: &Comparison) -> bool {
        let fields = match field {
            Name::Exact(name) => BTreeSet::from([name.clone()]),
            Name::Like(parts) => self.names(|name| matches(parts, name)),
        };
        match test {
            Test::Is(values) => self.satisfies(values, &fields),
            Test::Range(relation, bound) => fields.iter().any(|name| {
                let kind = self.kind(name);
                self.texts(name).iter().any(|text| lies(text, *relation, &bound.literal, kind))
            }),
        }
    }

    /// Each value is a query of its own, also where the name is a pattern.
    fn satisfies(&self, values: &Values, fields: &BTreeSet<String>) -> bool {
        match values {
            Values::One(value) => fields.iter().any(|name| {
                let kind = self.kind(name).unwrap_or(Kind::Keyword);
                self.texts(name).iter().any(|text| finds(text, &value.literal, kind))
            }),
            Values::Any(members) => members.iter().any(|it| self.satisfies(it, fields)),
            Values::All(members) => members.iter().all(|it| self.satisfies(it, fields)),
            Values::Not(member) => !self.satisfies(member, fields),
        }
    }

    /// A value without a field. `*` finds every event.
    fn anywhere(&self, literal: &Literal) -> bool {
        let text = [Kind::Words(words::DEFAULT), Kind::Keyword];
        *literal == Literal::any()
            || self.names(|_| true).iter().any(|name| {
                let kinds = self.kind(name).map_or(text.to_vec(), |kind| vec![kind]);
                let texts = self.texts(name);
                texts.iter().any(|text| kinds.iter().any(|kind| finds(text, literal, *kind)))
            })
    }

    /// One object of the list holds the fields of the query, named from there.
    fn nested(&self, path: &Name, query: &Expr) -> bool {
        let Name::Exact(path) = path else { return false };
        let mut found = Vec::new();
        objects(self.event.fields(), path, &mut found);
        found.into_iter().any(|fields| {
            let event = Event::new(fields.clone());
            let path = format!("{}{path}.", self.path);
            Context { event: &event, kinds: self.kinds, path }.holds(query)
        })
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        self.kinds.get(&format!("{}{name}", self.path)).copied()
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.event.values(name).iter().map(|it| it.text().to_owned()).collect()
    }

    /// The names of all fields of the event that `is_meant`.
    fn names(&self, is_meant: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        collect(self.event.fields(), "", &mut names);
        names.retain(|name| is_meant(name));
        names
    }
}

/// The dotted names below an object.
fn collect(fields: &Map<String, Json>, path: &str, names: &mut BTreeSet<String>) {
    for (key, value) in fields {
        let name = format!("{path}{key}");
        for object in inner(value) {
            collect(object, &format!("{name}."), names);
        }
        names.insert(name);
    }
}

/// The objects at a path: under the whole name, or below its parts.
fn objects<'e>(fields: &'e Map<String, Json>, path: &str, found: &mut Vec<&'e Map<String, Json>>) {
    found.extend(fields.get(path).into_iter().flat_map(inner));
    for (place, _) in path.match_indices('.') {
        let (head, tail) = path.split_at(place);
        for object in fields.get(head).into_iter().flat_map(inner) {
            objects(object, tail.trim_start_matches('.'), found);
        }
    }
}

/// The object that a value is, or those of a list.
fn inner(value: &Json) -> Vec<&Map<String, Json>> {
    match value {
        Json::Object(fields) => vec![fields],
        Json::Array(members) => members.iter().flat_map(inner).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
    }
}
