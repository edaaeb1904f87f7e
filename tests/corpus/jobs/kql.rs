//! Queries of KQL (`conformance/kql_dsl.js`, `conformance/dsl_eval.py`).

use isogloss_backends::kql::ast::Query;
use isogloss_backends::kql::evaluate::evaluate;
use isogloss_backends::kql::{lower, print};
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
    let asked = if part.scoped { query.clone() } else { Query { scope: None, ..query.clone() } };
    let found = places(part.events.iter().map(|event| evaluate(query, event, part.scoped)));
    json!({
        "target": "kql", "name": judged.path, "query": print::print(&asked, None).text,
        "types": types.mapping(), "analyzers": types.analyzers(), "exact": judged.exact,
        "events": part.events.iter().map(|it| it.fields()).collect::<Vec<_>>(), "expected": found,
    })
}
