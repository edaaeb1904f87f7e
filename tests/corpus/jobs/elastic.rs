//! Queries of the languages of Elasticsearch.

use isogloss_backends::Refusal;
use isogloss_compiler::ir::{Event, Loss, Mapped, Rule};
use serde_json::{Value, json};

use super::types::Types;
use super::{Judged, Part, places};

/// Queries with their losses, or why there are none.
type Lowered<Q> = Result<Vec<(Q, Vec<Loss>)>, Vec<Refusal>>;

/// A language of Elasticsearch.
pub(super) struct Elastic<Q> {
    pub(super) name: &'static str,
    pub(super) lower: fn(&Rule<Mapped>) -> Lowered<Q>,
    pub(super) without_scope: fn(&Q) -> Q,
    pub(super) print: fn(&Q) -> String,
    pub(super) evaluate: fn(&Q, &Event<Mapped>, bool) -> bool,
}

impl<Q: Clone> Elastic<Q> {
    pub(super) fn jobs(&self, judged: &Judged) -> Vec<Value> {
        let Ok(queries) = (self.lower)(judged.rule) else { return Vec::new() };
        let types = Types::of(judged.rule);
        let jobs = queries.iter().flat_map(|(query, _)| {
            judged.parts().map(|part| self.job(judged, query, &types, part))
        });
        jobs.collect()
    }

    fn job(&self, judged: &Judged, query: &Q, types: &Types, mut part: Part) -> Value {
        part.events.retain(|event| types.take(event));
        let asked = if part.scoped { query.clone() } else { (self.without_scope)(query) };
        let found =
            places(part.events.iter().map(|event| (self.evaluate)(query, event, part.scoped)));
        json!({
            "target": self.name, "name": judged.path, "query": (self.print)(&asked),
            "types": types.mapping(), "analyzers": types.analyzers(), "exact": judged.exact,
            "events": part.events.iter().map(|it| it.fields()).collect::<Vec<_>>(), "expected": found,
        })
    }
}
