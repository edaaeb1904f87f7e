//! What correlations ask of every language.

use isogloss_compiler::ir::{AnyRule, Correlation, Loss, Mapped, Rule};

use crate::backend::Refusal;
use crate::capability::Construct;
use crate::loss::Ledger;

/// How a language says a rule: its queries, each with its losses.
pub(crate) type Lower<Q> = fn(&Rule<Mapped>) -> Result<Vec<(Q, Vec<Loss>)>, Vec<Refusal>>;

/// The rules of a correlation, which are all about one event. `None` after each that is a correlation was
/// refused.
pub(crate) fn detections<'c>(
    correlation: &'c Correlation<Mapped>,
    message: &str,
    ledger: &mut Ledger,
) -> Option<Vec<&'c Rule<Mapped>>> {
    let rules = correlation.bases.iter().map(|base| match &base.rule {
        AnyRule::Detection(rule) => Some(rule),
        AnyRule::Correlation(_) => {
            ledger.refuse(Construct::Correlation, &base.origin, message);
            None
        }
    });
    all(rules)
}

/// The queries of each rule. `None` after all that is refused in them was. What they lose keeps its direction,
/// so this is for languages in which more events make more matches.
pub(crate) fn queries<Q>(
    rules: &[&Rule<Mapped>],
    lower: Lower<Q>,
    ledger: &mut Ledger,
) -> Option<Vec<Vec<Q>>> {
    let queries = rules.iter().map(|rule| match lower(rule) {
        Ok(queries) => {
            let mut kept = Vec::new();
            for (query, losses) in queries {
                ledger.take(Ledger::with(&losses), |direction| direction);
                kept.push(query);
            }
            Some(kept)
        }
        Err(refusals) => {
            for refusal in refusals {
                ledger.add_refusal(refusal);
            }
            None
        }
    });
    all(queries)
}

/// All parts, or `None` if one is missing; no part goes without being looked at, so that all that is refused
/// is told.
pub(crate) fn all<T>(parts: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    parts.collect::<Vec<_>>().into_iter().collect()
}

/// True if a pipeline has put raw query text into one of the rules.
pub(crate) fn is_unverified(correlation: &Correlation<Mapped>) -> bool {
    correlation.leaves().iter().any(|rule| rule.body.unverified)
}
