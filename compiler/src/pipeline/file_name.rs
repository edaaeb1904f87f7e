//! Fields that hold the file name of another field, such as `process.name` of `process.executable`.
//!
//! A path ends with `\client32.exe` exactly if it holds a `\` and its file name is `client32.exe`; so
//! a test on the path becomes a shorter and faster one on the name. The event direction sets the name
//! from every path that holds a `\`.

use serde_json::Value;

use super::Pipelines;
use super::transformation::{Fields, add_value};
use crate::ir::{Expr, Field, Item, Link, Mapped, Part, Pattern, Predicate, Test};

const SEPARATOR: char = '\\';

/// Moves the tests of an item that are about the file name to `name`. Other tests stay where they are.
pub(super) fn on_item(item: &Item<Mapped>, name: &Field) -> Expr<Mapped> {
    let mut names = Vec::new();
    let mut paths = Vec::new();
    for predicate in &item.predicates {
        match file_name(&predicate.test) {
            Some(test) => names.push(Predicate { test, origin: predicate.origin.clone() }),
            None => paths.push(predicate.clone()),
        }
    }
    let plain = Item { negated: false, ..item.clone() };
    let on_name = Item { field: Some(name.clone()), ..plain.with_predicates(names) };
    let on_path = plain.with_predicates(paths);
    let parts: Vec<_> = [on_name, on_path]
        .into_iter()
        .filter(|it| !it.predicates.is_empty())
        .map(Expr::Item)
        .collect();
    let joined = match item.link {
        Link::Any => Expr::any(parts),
        Link::All => Expr::all(parts),
    };
    joined.map_or_else(|| Expr::Item(item.clone()), |expr| expr.negated_if(item.negated))
}

/// The test on the file name, if the test on the path says exactly that.
fn file_name(test: &Test<Mapped>) -> Option<Test<Mapped>> {
    let Test::Like(pattern) = test else { return None };
    let [Part::AnyRun, Part::Text(end)] = pattern.parts() else { return None };
    let name = end.strip_prefix(SEPARATOR)?;
    let whole = !name.is_empty() && !name.contains([SEPARATOR, '/']);
    whole.then(|| Test::Like(Pattern::text(name).with_case_of(pattern)))
}

/// Sets the file name of every path that holds a separator.
pub(super) fn on_event(pipelines: &Pipelines, fields: &mut Fields) {
    for (name, path) in pipelines.file_names() {
        let Some(value) = fields.get(path) else { continue };
        let paths = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for text in paths.iter().filter_map(Value::as_str) {
            if let Some((_, file)) = text.rsplit_once(SEPARATOR) {
                add_value(fields, name.to_owned(), Value::from(file));
            }
        }
    }
}
