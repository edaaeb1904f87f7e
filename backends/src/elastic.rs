//! The target `elastic`: each rule in the better of EQL and KQL.
//!
//! It is no language, so it has none of the five files of one. It asks the two by name, through
//! [`Backend`], and takes over one answer: exact before lossy, lossy before refused. Where both are as
//! good, EQL goes first for the log sources of endpoints, and KQL for all others and for text.

use std::collections::BTreeSet;

use isogloss_compiler::ast::{ElasticLanguage, Logsource, Metadata};
use isogloss_compiler::ir::{
    Class, Correlation, Expr, Fidelity, FieldKind, Loss, LossKind, Mapped, Measure, Rule, Trigger,
};

use crate::backend::{
    Answers, Backend, Options, OutputFormat, QUERY, Query, Refusal, TimedTrial, Trial,
};
use crate::capability::Construct;
use crate::{find, title_of};

/// The target `elastic`.
#[derive(Debug)]
pub struct Elastic;

/// The products of endpoints.
const ENDPOINTS: &[&str] = &["windows", "linux", "macos"];

impl Backend for Elastic {
    fn name(&self) -> &'static str {
        "elastic"
    }

    fn title(&self) -> &'static str {
        "Elastic"
    }

    fn also_called(&self) -> &'static [&'static str] {
        &[]
    }

    fn default_pipeline(&self) -> &'static str {
        "ecs"
    }

    fn formats(&self) -> &'static [OutputFormat] {
        &[QUERY]
    }

    fn languages(&self) -> &'static [&'static str] {
        &["eql", "kql"]
    }

    fn constructs(&self) -> &'static [Construct] {
        // Its languages list what they can say.
        &[]
    }

    fn assumes(&self) -> &'static [&'static str] {
        &[
            "elasticsearch >= 7.16",
            "kibana >= 8.12.1",
            "process.name is the file name of process.executable",
            "for sequences: elasticsearch >= 8.6, `maxspan` counts an event that is exactly so late, and a tiebreaker \
             field puts events of one time in the order in which they happened",
            "for threshold rules that group by more than three fields: kibana >= 9.2",
        ]
    }

    fn comment(&self, text: &str) -> String {
        format!("// {}", isogloss_compiler::text::one_line(text))
    }

    fn translate(
        &self,
        rule: &Rule<Mapped>,
        options: &Options,
    ) -> Result<Vec<Query>, Vec<Refusal>> {
        let ask = |language: &dyn Backend| language.translate(rule, options);
        let losses =
            |queries: &Vec<Query>| queries.iter().flat_map(|it| it.losses.clone()).collect();
        choose(order(rule), wish(&rule.metadata, options), ask, (losses, worth))
    }

    fn evaluate(&self, rule: &Rule<Mapped>, trials: &[Trial]) -> Result<Answers, Vec<Refusal>> {
        let ask = |language: &dyn Backend| language.evaluate(rule, trials);
        let losses = |answers: &Answers| answers.losses.clone();
        choose(order(rule), said(&rule.metadata), ask, (losses, worth))
    }

    fn translate_correlation(
        &self,
        correlation: &Correlation<Mapped>,
        options: &Options,
    ) -> Result<Query, Vec<Refusal>> {
        let ask = |language: &dyn Backend| language.translate_correlation(correlation, options);
        let wish = wish(&correlation.metadata, options);
        let order = order_of_correlation(correlation);
        let losses = |query: &Query| query.losses.clone();
        choose(order, wish, ask, (losses, worth_of_correlation))
    }

    fn evaluate_correlation(
        &self,
        correlation: &Correlation<Mapped>,
        events: &[TimedTrial],
    ) -> Result<Answers, Vec<Refusal>> {
        let ask = |language: &dyn Backend| language.evaluate_correlation(correlation, events);
        let (order, wish) = (order_of_correlation(correlation), said(&correlation.metadata));
        let losses = |answers: &Answers| answers.losses.clone();
        choose(order, wish, ask, (losses, worth_of_correlation))
    }
}

/// The languages in the order in which they are preferred.
type Order = [ElasticLanguage; 2];

const EQL_FIRST: Order = [ElasticLanguage::Eql, ElasticLanguage::Kql];
const KQL_FIRST: Order = [ElasticLanguage::Kql, ElasticLanguage::Eql];

/// The language that a rule must be said in, because it was before, or because it says so.
fn wish(metadata: &Metadata, options: &Options) -> Option<ElasticLanguage> {
    options.language.or_else(|| said(metadata))
}

/// The language that a rule says it must be said in.
fn said(metadata: &Metadata) -> Option<ElasticLanguage> {
    metadata.attributes.elastic.language
}

fn order(rule: &Rule<Mapped>) -> Order {
    if is_endpoint(&rule.logsource) && !asks_text(rule) { EQL_FIRST } else { KQL_FIRST }
}

/// Rules that are told apart are for a sequence of EQL, and what is counted for a threshold rule.
fn order_of_correlation(correlation: &Correlation<Mapped>) -> Order {
    match &correlation.trigger {
        Trigger::Extended(_)
        | Trigger::Bounds { measure: Measure::Rules | Measure::RulesInOrder, .. } => EQL_FIRST,
        Trigger::Bounds {
            measure:
                Measure::Events
                | Measure::Distinct(_)
                | Measure::Sum(_)
                | Measure::Mean(_)
                | Measure::Percentile(..),
            ..
        } => KQL_FIRST,
    }
}

fn is_endpoint(logsource: &Logsource) -> bool {
    logsource.product.as_deref().is_some_and(|product| ENDPOINTS.contains(&product))
}

/// True for keywords and for fields that are matched word by word.
fn asks_text(rule: &Rule<Mapped>) -> bool {
    let mut items = rule.body.conditions.iter().flat_map(Expr::items);
    items.any(|item| item.field.as_ref().is_none_or(|it| it.facts.kind == FieldKind::Text))
}

/// The answer of the wished language, else the better one; of equal ones the first. Where no answer is
/// left, the refusals of the language that comes first, with what the other one says.
fn choose<T>(
    order: Order,
    wish: Option<ElasticLanguage>,
    ask: impl Fn(&'static dyn Backend) -> Result<T, Vec<Refusal>>,
    (losses, worth): (impl Fn(&T) -> Vec<Loss>, impl Fn(&[Loss]) -> Worth),
) -> Result<T, Vec<Refusal>> {
    let [first, second] = match wish {
        Some(wish) if wish == order[1] => [order[1], order[0]],
        Some(_) | None => order,
    };
    let ask = |language: ElasticLanguage| match find(language.as_str()) {
        Some(backend) => ask(backend),
        None => Err(Vec::new()),
    };
    let answer = ask(first);
    let settled = match &answer {
        Ok(answer) => wish.is_some() || losses(answer).is_empty(),
        Err(_) => false,
    };
    if settled {
        return answer;
    }
    match (answer, ask(second)) {
        (Ok(answer), Ok(other)) if worth(&losses(&other)) < worth(&losses(&answer)) => Ok(other),
        (Ok(answer), _) => Ok(answer),
        (Err(refusals), Ok(other)) if wish.is_some() => {
            let fidelity = Fidelity::of(&losses(&other));
            Err(of_language(first, refusals, pinned(first, second, fidelity)))
        }
        (Err(_), Ok(other)) => Ok(other),
        (Err(refusals), Err(others)) => {
            Err(of_language(first, refusals, refused_too(second, &others)))
        }
    }
}

/// What is compared of two answers; the least is the best.
type Worth = (u8, usize, usize);

/// How much an answer loses; the least is the best. What a query does not find is worse than what it
/// finds beside, and what the language cannot say is worse than what the environment lacks.
fn worth(losses: &[Loss]) -> Worth {
    let fidelity = match Fidelity::of(losses) {
        Fidelity::Exact => 0,
        Fidelity::Wider => 1,
        Fidelity::Narrower => 2,
        Fidelity::Mixed | Fidelity::Unverified => 3,
    };
    let kinds = |class: Class| {
        let kinds = losses.iter().map(|loss| loss.kind).filter(|kind| kind.class() == class);
        kinds.collect::<BTreeSet<LossKind>>().len()
    };
    (fidelity, kinds(Class::Language), kinds(Class::Environment))
}

/// What counts is only whether a correlation is exact: of two that are not, the form that is meant for it
/// is taken.
fn worth_of_correlation(losses: &[Loss]) -> Worth {
    (u8::from(Fidelity::of(losses) != Fidelity::Exact), 0, 0)
}

/// The refusals of a language; the first of them says what the other language says.
fn of_language(language: ElasticLanguage, refusals: Vec<Refusal>, other: String) -> Vec<Refusal> {
    let others = std::iter::once(Some(other)).chain(std::iter::repeat(None));
    let pairs = refusals.into_iter().zip(others);
    let named = pairs.map(|(refusal, other)| Refusal::OfLanguage {
        language: language.as_str(),
        refusal: Box::new(refusal),
        other,
    });
    named.collect()
}

/// The rule must be said in a language that refuses it, though another says it.
fn pinned(wish: ElasticLanguage, other: ElasticLanguage, fidelity: Fidelity) -> String {
    let (wish, other) = (wish.as_str(), title_of(other.as_str()));
    let how = match fidelity {
        Fidelity::Exact => "exactly".to_owned(),
        Fidelity::Wider | Fidelity::Narrower | Fidelity::Mixed | Fidelity::Unverified => {
            format!("with losses ({})", fidelity.as_str())
        }
    };
    format!("`isogloss.elastic.language: {wish}` keeps it from {other}, which says the rule {how}")
}

fn refused_too(other: ElasticLanguage, refusals: &[Refusal]) -> String {
    let title = title_of(other.as_str());
    let reasons: BTreeSet<&str> = refusals.iter().map(Refusal::reason).collect();
    let more = match reasons.len() {
        0 | 1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    let reason = reasons.first().copied().unwrap_or_default();
    format!("{title} refuses the rule too: {reason}{more}")
}

#[cfg(test)]
mod tests {
    use isogloss_compiler::ir::{Direction, Origin};

    use super::*;

    fn lost(kind: LossKind, direction: Direction) -> Loss {
        Loss { kind, direction, message: String::new(), origin: Origin::default() }
    }

    #[test]
    fn what_finds_too_much_goes_before_what_finds_too_little() {
        let of = |directions: &[Direction]| {
            let losses = directions.iter().map(|it| lost(LossKind::Case, *it));
            worth(&losses.collect::<Vec<_>>())
        };
        let environment = lost(LossKind::Mapping, Direction::Mixed);
        let in_order = [
            of(&[]),
            worth(&[environment]),
            of(&[Direction::Wider]),
            of(&[Direction::Narrower]),
            of(&[Direction::Mixed]),
        ];
        assert!(in_order.is_sorted_by(|one, other| one < other), "{in_order:?}");
    }
}
