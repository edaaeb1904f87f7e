//! Queries of EQL (`conformance/eql_eval.py`).

use isogloss_backends::eql::ast::Query;
use isogloss_backends::eql::evaluate::evaluate;
use isogloss_backends::eql::{lower, print};
use serde_json::Value;

use super::{Elastic, Judged};

pub(super) fn jobs(judged: &Judged) -> Vec<Value> {
    let language = Elastic::<Query> {
        name: "eql",
        lower: lower::lower,
        without_scope: |query| Query { category: None, scope: None, ..query.clone() },
        print: |query| print::print(query, None).text,
        evaluate,
    };
    language.jobs(judged)
}
