//! Queries of KQL (`conformance/kql_dsl.js`, `conformance/dsl_eval.py`).

use isogloss_backends::kql::ast::Query;
use isogloss_backends::kql::evaluate::evaluate;
use isogloss_backends::kql::{lower, print};
use serde_json::Value;

use super::{Elastic, Judged};

pub(super) fn jobs(judged: &Judged) -> Vec<Value> {
    let language = Elastic::<Query> {
        name: "kql",
        lower: lower::lower,
        without_scope: |query| Query { scope: None, ..query.clone() },
        print: |query| print::print(query, None).text,
        evaluate,
    };
    language.jobs(judged)
}
