//! What other languages would do with a rule that one language refuses or does not say exactly.
//!
//! It is found out by translating the rule to them, so it is asked only where a finding is shown.

use std::cell::OnceCell;
use std::sync::OnceLock;

use isogloss_backends::backend::{QUERY, Speakers};
use isogloss_backends::{BACKENDS, Backend, Options, Query, Refusal};
use isogloss_compiler::ir::{AnyRule, Class, Fidelity, Origins, Sigma};
use isogloss_compiler::pipeline::Pipelines;
use isogloss_compiler::source::{SourceMap, Span};
use isogloss_compiler::{map_correlation, map_rule};

use crate::config::{Config, Target};
use crate::pipelines;
use crate::plan::Plan;

const OPTIONS: Options = Options::query(None);

/// The ways to all languages.
pub(crate) struct Advice<'a> {
    config: &'a Config,
    sources: &'a SourceMap,
    /// The targets of the run, whose pipelines are read already.
    plans: &'a [Plan],
    /// For each language the pipelines that were read to ask it; none if they cannot be used.
    read: Vec<OnceLock<Option<Pipelines>>>,
}

impl<'a> Advice<'a> {
    /// Reads nothing before it is asked.
    pub(crate) fn new(config: &'a Config, sources: &'a SourceMap, plans: &'a [Plan]) -> Self {
        let read = BACKENDS.iter().map(|_| OnceLock::new()).collect();
        Self { config, sources, plans, read }
    }

    /// What the languages would do with a rule of this plan.
    pub(crate) fn about<'r>(&'r self, rule: &'r AnyRule<Sigma>, plan: &'r Plan) -> Opinions<'r> {
        Opinions {
            advice: self,
            rule,
            plan,
            asked: BACKENDS.iter().map(|_| OnceCell::new()).collect(),
        }
    }

    /// The pipelines to the language of this place in [`BACKENDS`]. Languages of one platform share them.
    fn pipelines(
        &'a self,
        place: usize,
        language: &dyn Backend,
        plan: &'a Plan,
    ) -> Option<&'a Pipelines> {
        if language.default_pipeline() == plan.backend.default_pipeline() {
            return Some(&plan.pipelines);
        }
        let known = self.plans.iter().find(|it| it.backend.name() == language.name());
        match known {
            Some(known) => Some(&known.pipelines),
            None => self.read.get(place)?.get_or_init(|| self.read_for(language)).as_ref(),
        }
    }

    /// Those of the configuration, else the default ones.
    fn read_for(&self, language: &dyn Backend) -> Option<Pipelines> {
        let target = self.config.target(language.name());
        let configured = target.map(|it| self.config.pipelines(it)).unwrap_or_default();
        let names = pipelines::names(language, QUERY.name, &configured);
        let mut read = pipelines::load_all(&names, &mut self.sources.clone()).ok()?;
        for (name, value) in target.into_iter().flat_map(Target::vars) {
            read.choose(name, value).ok()?;
        }
        Some(read)
    }
}

/// A translation, and where its parts come from.
type Asked = (Origins, Result<Vec<Query>, Vec<Refusal>>);

/// What the languages would do with one rule; each is asked once.
pub(crate) struct Opinions<'r> {
    advice: &'r Advice<'r>,
    rule: &'r AnyRule<Sigma>,
    plan: &'r Plan,
    asked: Vec<OnceCell<Option<Asked>>>,
}

impl Opinions<'_> {
    /// The languages that say exactly what stands at these places of the rule; if there is none, those
    /// that say it with losses.
    pub(crate) fn speakers(&self, spans: &[Span]) -> Speakers {
        // The parts of a correlation are one search: it is said as a whole, or not at all.
        let is_correlation = matches!(self.rule, AnyRule::Correlation(_));
        let names = |says: fn(&Asked, &[Span]) -> bool| {
            let able = |place: usize| {
                let asked = self.ask(place).filter(|it| !is_correlation || it.1.is_ok());
                asked.is_some_and(|it| says(it, spans))
            };
            let languages = BACKENDS.iter().enumerate().filter(|(place, _)| able(*place));
            languages.map(|(_, language)| language.name()).collect::<Vec<&'static str>>()
        };
        let exact = names(says_exactly);
        if exact.is_empty() {
            return Speakers { names: names(says), exact: false };
        }
        Speakers { names: exact, exact: true }
    }

    /// The first language that says the whole rule exactly: those of the same platform go first.
    pub(crate) fn say_all_exactly(&self, asked: &str) -> Option<&'static str> {
        let others = BACKENDS.iter().enumerate().filter(|(_, language)| language.name() != asked);
        let own = self.plan.backend.default_pipeline();
        let (near, far): (Vec<_>, Vec<_>) =
            others.partition(|(_, language)| language.default_pipeline() == own);
        let mut exact = near.into_iter().chain(far).filter(|(place, _)| {
            let answer = self.ask(*place).and_then(|(_, answer)| answer.as_ref().ok());
            answer.is_some_and(|queries| queries.iter().all(|it| it.fidelity() == Fidelity::Exact))
        });
        exact.next().map(|(_, language)| language.name())
    }

    fn ask(&self, place: usize) -> Option<&Asked> {
        self.asked.get(place)?.get_or_init(|| self.translate(place)).as_ref()
    }

    /// `None` if the rule does not reach the language.
    fn translate(&self, place: usize) -> Option<Asked> {
        let language = *BACKENDS.get(place)?;
        let pipelines = self.advice.pipelines(place, language, self.plan)?;
        match self.rule {
            AnyRule::Detection(rule) => {
                let mapped = map_rule(rule.clone(), pipelines).ok()?;
                Some((mapped.origins.clone(), language.translate(&mapped, &OPTIONS)))
            }
            AnyRule::Correlation(correlation) => {
                let mapped = map_correlation(correlation.clone(), pipelines).ok()?;
                let query = language.translate_correlation(&mapped, &OPTIONS);
                Some((mapped.origins.clone(), query.map(|query| vec![query])))
            }
        }
    }
}

/// True if nothing is refused there.
fn says((origins, answer): &Asked, spans: &[Span]) -> bool {
    answer.as_ref().err().into_iter().flatten().all(|refusal| {
        let mut places = refusal.places(origins).peekable();
        // What is refused as a whole has no place.
        places.peek().is_some() && !places.any(|span| touches(span, spans))
    })
}

/// True if nothing is refused there, and nothing lost that is the language's.
fn says_exactly(asked: &Asked, spans: &[Span]) -> bool {
    let (origins, answer) = asked;
    let losses = answer.iter().flatten().flat_map(|query| &query.losses);
    let mut felt = losses.filter(|loss| loss.kind.class() == Class::Language);
    says(asked, spans)
        && !felt.any(|loss| origins.spans(&loss.origin).any(|span| touches(span, spans)))
}

fn touches(span: Span, spans: &[Span]) -> bool {
    let meets = |it: &Span| it.source == span.source && it.start < span.end && span.start < it.end;
    spans.iter().any(meets)
}
