//! Queries of EQL (`conformance/eql_eval.py`).

use isogloss_backends::eql::ast::Query;
use isogloss_backends::eql::evaluate::evaluate;
use isogloss_backends::eql::{lower, print};
use serde_json::{Value, json};

use super::types::Types;
use super::{Judged, Part, places};

pub(super) fn jobs(judged: &Judged) -> Vec<Value> {
    let Ok(queries) = lower::lower(judged.rule) else { return Vec::new() };
    let types = Types::of(judged.rule);
    let jobs = queries
        .iter()
        .flat_map(|(query, _)| judged.parts().map(|part| job(judged, query, &types, part)));
    jobs.collect()
}

fn job(judged: &Judged, query: &Query, types: &Types, mut part: Part) -> Value {
    part.events.retain(|event| types.take(event));
    let asked = if part.scoped { query.clone() } else { without_scope(query) };
    let found = places(part.events.iter().map(|event| evaluate(query, event, part.scoped)));
    json!({
        "target": "eql", "name": judged.path, "query": print::print(&asked, None).text,
        "types": types.mapping(), "exact": judged.exact,
        "events": part.events.iter().map(|it| it.fields()).collect::<Vec<_>>(), "expected": found,
    })
}

fn without_scope(query: &Query) -> Query {
    Query { category: None, scope: None, ..query.clone() }
}
