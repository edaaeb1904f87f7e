//! What the mapping of a field or of a log source loses, and the words for it.

use super::super::{ScopeEntry, nearby};
use crate::ast::Logsource;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Direction, Item, Loss, LossKind, Origin, Origins, Polarity, Sigma, Test};

/// A predicate on a field that no event has is false, and absence is true.
pub(super) fn unmapped_field(
    item: &Item<Sigma>,
    name: &str,
    known: Option<&str>,
    polarity: Polarity,
) -> Loss {
    let direction = |test: &Test<Sigma>| {
        if *test == Test::Null { Direction::Wider } else { Direction::Narrower }
    };
    let directions = item.predicates.iter().map(|it| direction(&it.test));
    let direction = directions.reduce(Direction::and).unwrap_or(Direction::Mixed);
    Loss {
        kind: LossKind::UnmappedField,
        direction: direction.at(polarity.under(item)),
        message: format!("the pipeline knows no field for `{name}`{}", nearby::did_you_mean(known)),
        origin: item.origin.clone(),
    }
}

pub(super) fn unscoped(logsource: &Logsource, origin: &Origin) -> Loss {
    Loss {
        kind: LossKind::UnscopedLogsource,
        direction: Direction::Wider,
        message: format!("no pipeline has a scope for {logsource}: the query searches everything"),
        origin: origin.clone(),
    }
}

/// A macro stands for the log source, and finds nothing before its user defines it.
pub(super) fn undefined(logsource: &Logsource, origin: &Origin) -> Loss {
    let name = macro_name(logsource);
    Loss {
        kind: LossKind::UnscopedLogsource,
        direction: Direction::Narrower,
        message: format!(
            "no pipeline has a scope for {logsource}: define the macro `{name}`, which finds nothing \
             before that"
        ),
        origin: origin.clone(),
    }
}

/// A name for the macro of a log source: what the log source says, from the general to the special.
pub(super) fn macro_name(logsource: &Logsource) -> String {
    let Logsource { category, product, service } = logsource;
    let words: Vec<&str> =
        [product, category, service].into_iter().flatten().map(String::as_str).collect();
    let plain = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '_' };
    words.join("_").chars().map(plain).collect()
}

pub(super) fn refuse_logsource(
    logsource: &Logsource,
    origin: &Origin,
    origins: &Origins,
) -> Diagnostic {
    let span = origins.spans(origin).next().unwrap_or_default();
    let message = format!("no pipeline has a scope for {logsource}");
    Diagnostic::new(Code::RefusedByPipeline, span, message)
        .with_help("add a scope, or write `unknown_logsource: warn` in the pipeline")
}

pub(super) fn inexact(entry: &ScopeEntry, origin: &Origin) -> Option<Loss> {
    let (direction, message) = entry.inexact.clone()?;
    Some(Loss { kind: LossKind::Logsource, direction, message, origin: origin.clone() })
}

/// The scope knows less about the events than the rule says about its log source.
pub(super) fn general(entry: &ScopeEntry, rule: &Logsource, origin: &Origin) -> Option<Loss> {
    (entry.logsource.specificity() < rule.specificity()).then(|| Loss {
        kind: LossKind::Logsource,
        direction: Direction::Wider,
        message: format!("the scope is that of {}: it holds more than {rule}", entry.logsource),
        origin: origin.clone(),
    })
}

pub(super) fn rival(other: &ScopeEntry, origin: &Origin) -> Loss {
    Loss {
        kind: LossKind::Logsource,
        direction: Direction::Wider,
        message: format!("the scope for {} fits too, and only one can be taken", other.logsource),
        origin: origin.clone(),
    }
}
