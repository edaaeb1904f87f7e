//! What became of each rule, for each target.

use std::borrow::Cow;
use std::collections::BTreeMap;

use isogloss_backends::content::postprocess::{About, postprocess};
use isogloss_backends::content::{Facts, Names};
use isogloss_backends::elastic::Elastic;
use isogloss_backends::{Backend, Construct, Options, Query, Refusal, title_of};
use isogloss_compiler::ast::ElasticLanguage;
use isogloss_compiler::diagnostic::{Code, Diagnostic, Severity};
use isogloss_compiler::ir::{
    AnyRule, Class, Correlation, Coverage, Fidelity, Loss, Origins, Sigma,
};
use isogloss_compiler::lint::Linter;
use isogloss_compiler::parse::{abridge, drop_echoes};
use isogloss_compiler::pass::run_passes;
use isogloss_compiler::pipeline::Postprocessing;
use isogloss_compiler::source::{SourceMap, Span};
use isogloss_compiler::{File, Index, ast, ir, map_correlation};
use rayon::prelude::*;

use crate::advice::{Advice, Opinions};
use crate::config::Config;
use crate::json::Status;
use crate::plan::Plan;
use crate::policy::{Judge, Level, Policy};
use crate::progress::Progress;

/// One rule and what became of it.
pub(crate) struct Outcome<'i> {
    /// The file.
    pub(crate) file: &'i File,
    pub(crate) document: &'i ast::Document,
    /// What reading and lowering found; the same for all targets.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// One entry for each target; none for a filter without an error.
    pub(crate) translations: Vec<Translation>,
}

/// A rule in one target.
pub(crate) struct Translation {
    pub(crate) status: Status,
    pub(crate) queries: Vec<Query>,
    /// What postprocessing has made of each query; none without postprocessing.
    pub(crate) artifacts: Vec<String>,
    /// What the target could not say, and what there is to say of its queries.
    pub(crate) refusals: Vec<Diagnostic>,
    /// What was lost, and what the policy says of it.
    pub(crate) losses: Vec<Lost>,
    /// Which part of the rule the pipelines know, if that was asked for.
    pub(crate) coverage: Option<Coverage>,
    /// What the queries are about, for a deployment.
    pub(crate) facts: Option<Facts>,
}

/// A loss of one query.
pub(crate) struct Lost {
    pub(crate) loss: Loss,
    /// Which query, from 0.
    pub(crate) query: usize,
    /// The language of the query.
    pub(crate) language: &'static str,
    /// A language that says the whole rule exactly, if that was asked for.
    pub(crate) exact_in: Option<&'static str>,
    pub(crate) level: Level,
    pub(crate) spans: Vec<Span>,
}

impl Translation {
    /// A rule that has no query.
    fn empty(status: Status) -> Self {
        Self {
            status,
            queries: Vec::new(),
            artifacts: Vec::new(),
            refusals: Vec::new(),
            losses: Vec::new(),
            coverage: None,
            facts: None,
        }
    }

    /// The texts that are written: the artifacts, else the queries.
    pub(crate) fn texts(&self) -> Vec<&str> {
        if self.artifacts.is_empty() {
            return self.queries.iter().map(|it| it.printed.text.as_str()).collect();
        }
        self.artifacts.iter().map(String::as_str).collect()
    }

    /// The language of the queries; all have the same.
    pub(crate) fn language(&self) -> Option<&'static str> {
        self.queries.first().map(|it| it.language)
    }

    /// How near all queries together are to the rule.
    pub(crate) fn fidelity(&self) -> Option<Fidelity> {
        let losses = self.queries.iter().flat_map(|query| &query.losses);
        let unverified = self.queries.iter().any(|query| query.unverified);
        (self.status == Status::Converted)
            .then(|| if unverified { Fidelity::Unverified } else { Fidelity::of(losses) })
    }

    /// True if the query is the rule, and nothing depends on the environment.
    pub(crate) fn is_without_loss(&self) -> bool {
        self.fidelity() == Some(Fidelity::Exact) && self.is_bound()
    }

    /// True if nothing depends on the environment.
    pub(crate) fn is_bound(&self) -> bool {
        let unbound = self.losses.iter().any(|lost| lost.loss.kind.class() == Class::Environment);
        self.status == Status::Converted && !unbound
    }
}

/// What a run works on.
pub(crate) struct Job<'a, 'i> {
    /// The rules.
    pub(crate) index: &'i Index,
    /// Where they come from.
    pub(crate) sources: &'a SourceMap,
    /// What becomes of findings.
    pub(crate) policy: &'a Policy,
    /// What paths are relative to.
    pub(crate) config: &'a Config,
    /// One entry for each target.
    pub(crate) plans: &'a [Plan],
    /// The lints, if they are asked for.
    pub(crate) linter: Option<&'a Linter<'a>>,
    /// True if it is asked what the pipelines know.
    pub(crate) coverage: bool,
    /// Which losses are shown one by one: from this level on.
    pub(crate) shown: Option<Level>,
    /// How rules are deployed; `None` if they are not.
    pub(crate) pins: Option<&'a Pins>,
    /// Where it is shown how far the run is.
    pub(crate) progress: Option<&'a Progress>,
}

/// How rules are deployed, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Pins(pub(crate) BTreeMap<String, Pin>);

/// How a rule is deployed.
#[derive(Debug, Default)]
pub(crate) struct Pin {
    /// The names under which it is deployed.
    pub(crate) names: Names,
    /// The language that the rule was deployed in before.
    pub(crate) language: Option<ElasticLanguage>,
}

impl Pins {
    /// The options for a rule.
    fn options(&self, plan: &Plan, metadata: &ast::Metadata) -> Options {
        let pin = metadata.id.as_ref().and_then(|id| self.0.get(id));
        Options {
            names: pin.map(|it| it.names.clone()),
            language: pin.and_then(|it| it.language),
            ..plan.options.clone()
        }
    }
}

/// Translates every rule that the configuration selects to every target, on all cores; the order is that of
/// the files.
pub(crate) fn translate_all<'i>(job: &Job<'_, 'i>) -> Vec<Outcome<'i>> {
    let rules: Vec<_> = job.index.rules().enumerate().collect();
    let advice = Advice::new(job.config, job.sources, job.plans);
    let outcomes = rules.into_par_iter().filter_map(|(place, (id, file, document))| {
        let source = job.sources.get(file.source);
        let path = job.config.relative(source.map_or("", |it| it.path.as_str()));
        if !job.config.selects(&path, document, &job.index.logsources(id)) {
            return None;
        }
        let judge = job.policy.of_rule(&path, file.source, &document.metadata);
        let mut diagnostics = document.diagnostics.clone();
        let lowered = job.index.lower(id, &mut diagnostics);
        if let Some(linter) = job.linter {
            let text = source.map_or("", |it| &*it.text);
            diagnostics.extend(linter.check(place, document, text));
        }
        let mut diagnostics: Vec<_> =
            diagnostics.into_iter().filter_map(|it| judge.of_finding(it)).collect();
        drop_echoes(&mut diagnostics);
        diagnostics.sort_by_key(|it| it.labels.first().map(|label| label.span));
        let translations = job.plans.iter().map(|plan| match &lowered {
            None => Translation::empty(Status::Invalid),
            Some(_) if job.index.is_referenced(id) => Translation::empty(Status::Referenced),
            Some(rule) => {
                let opinions = advice.about(rule, plan);
                let options = match job.pins {
                    Some(pins) => Cow::Owned(pins.options(plan, &document.metadata)),
                    None => Cow::Borrowed(&plan.options),
                };
                let shown = job.shown;
                let facts = job.pins.is_some();
                let case = Case { document, plan, judge: &judge, opinions, shown, options, facts };
                match rule {
                    AnyRule::Detection(rule) => translate(rule, &case, job.coverage),
                    AnyRule::Correlation(it) => translate_correlation(it, &case),
                }
            }
        });
        let sound_filter =
            document.kind == ast::Kind::Filter && !diagnostics.iter().any(Diagnostic::is_error);
        let translations = if sound_filter { Vec::new() } else { translations.collect() };
        if let Some(progress) = job.progress {
            progress.step();
        }
        Some(Outcome { file, document, diagnostics, translations })
    });
    outcomes.collect()
}

/// A rule on its way to one target.
struct Case<'c> {
    document: &'c ast::Document,
    plan: &'c Plan,
    judge: &'c Judge<'c>,
    /// What other languages would do with it.
    opinions: Opinions<'c>,
    /// Which losses are shown one by one: from this level on.
    shown: Option<Level>,
    /// How it is to be written.
    options: Cow<'c, Options>,
    /// True if it is asked what the queries are about.
    facts: bool,
}

fn translate_correlation(correlation: &Correlation<Sigma>, case: &Case) -> Translation {
    let plan = case.plan;
    let postprocessing = postprocessing_of(correlation, plan);
    let mapped = match map_correlation(correlation.clone(), &plan.pipelines) {
        Ok(mapped) => mapped,
        Err(found) => return refuse(by_policy(found, case)),
    };
    let translation = match plan.backend.translate_correlation(&mapped, &case.options) {
        Ok(query) => {
            let about = About::of_correlation(&mapped);
            finish(vec![query], (&about, &mapped.origins), &postprocessing, case)
        }
        Err(refusals) => refuse_all(&refusals, &mapped.origins, case),
    };
    let facts = case.facts.then(|| Facts::of_correlation(&mapped));
    Translation { facts, ..translation }
}

/// A correlation is one query, which its first rule stands for.
fn postprocessing_of(correlation: &Correlation<Sigma>, plan: &Plan) -> Postprocessing {
    let leaves = correlation.leaves();
    let first = leaves.first().map(|rule| plan.pipelines.apply((*rule).clone()));
    first.map(|it| it.postprocessing).unwrap_or_default()
}

fn translate(rule: &ir::Rule<Sigma>, case: &Case, coverage: bool) -> Translation {
    let plan = case.plan;
    let processed = plan.pipelines.apply(rule.clone());
    let postprocessing = processed.postprocessing.clone();
    let mut mapped = match plan.pipelines.link(processed).map(run_passes) {
        Ok(mapped) => mapped,
        Err(found) => return refuse(by_policy(found, case)),
    };
    let coverage = coverage.then(|| std::mem::take(&mut mapped.body.coverage));
    let translation = match plan.backend.translate(&mapped, &case.options) {
        Ok(queries) => {
            let about = About::of_rule(&mapped);
            finish(queries, (&about, &mapped.origins), &postprocessing, case)
        }
        Err(refusals) => refuse_all(&refusals, &mapped.origins, case),
    };
    let facts = case.facts.then(|| Facts::of_rule(&mapped));
    Translation { coverage, facts, ..translation }
}

/// What the target cannot say.
fn refuse_all(refusals: &[Refusal], origins: &Origins, case: &Case) -> Translation {
    let found = refusals.iter().filter_map(|it| refused(it, origins, case));
    let mut found = found.collect();
    abridge(&mut found);
    refuse(found)
}

fn refuse(refusals: Vec<Diagnostic>) -> Translation {
    Translation { refusals, ..Translation::empty(Status::Refused) }
}

/// What pipelines refuse is reported as the policy wants.
fn by_policy(found: Vec<Diagnostic>, case: &Case) -> Vec<Diagnostic> {
    let refusals = found.into_iter().filter_map(|it| {
        let spans: Vec<Span> = it.labels.iter().map(|label| label.span).collect();
        let level = case.judge.of_refusal(case.plan.backend.name(), &spans);
        Some(it.with_severity(level.severity()?))
    });
    refusals.collect()
}

/// The queries with their losses, unless one of these is denied.
fn finish(
    mut queries: Vec<Query>,
    (about, origins): (&About, &Origins),
    postprocessing: &Postprocessing,
    case: &Case,
) -> Translation {
    // Only the text is written; where its parts come from would double the memory of a run.
    for query in &mut queries {
        query.printed.parts = Vec::new();
    }
    let losses = lost(&queries, origins, case);
    if losses.iter().any(|it| it.level == Level::Deny) {
        return Translation { losses, ..Translation::empty(Status::Refused) };
    }
    let artifacts = if postprocessing.is_empty() {
        Ok(Vec::new())
    } else {
        let texts = queries.iter().map(|it| it.printed.text.as_str());
        texts.map(|text| postprocess(text, about, postprocessing)).collect()
    };
    match artifacts {
        Ok(artifacts) => {
            let refusals = too_long(&queries, case);
            let converted = Translation::empty(Status::Converted);
            Translation { queries, artifacts, refusals, losses, ..converted }
        }
        Err(found) => refuse(by_policy(vec![found], case)),
    }
}

/// Queries that are longer than the configuration wants.
fn too_long(queries: &[Query], case: &Case) -> Vec<Diagnostic> {
    let Some(most) = case.plan.max_query_bytes else { return Vec::new() };
    let long = queries.iter().map(|it| (title_of(it.language), it.printed.text.len()));
    let long = long.filter(|(_, length)| *length > most);
    let findings = long.filter_map(|(title, length)| {
        let message =
            format!("the {title} query has {length} bytes, and `max_query_bytes` is {most}");
        let help = "divide the rule, or raise the limit in isogloss.toml";
        let finding = Diagnostic::new(Code::QueryTooLong, case.document.span, message);
        case.judge.of_finding(finding.with_help(help))
    });
    findings.collect()
}

/// What the queries lose, and what the policy says of it.
fn lost(queries: &[Query], origins: &Origins, case: &Case) -> Vec<Lost> {
    let all = queries
        .iter()
        .enumerate()
        .flat_map(|(query, it)| it.losses.iter().map(move |loss| (query, it.language, loss)));
    all.map(|(query, language, loss)| {
        let spans: Vec<Span> = origins.spans(&loss.origin).collect();
        let places = if spans.is_empty() { &[case.document.span][..] } else { &spans };
        let level = case.judge.of_loss(loss, &[case.plan.backend.name(), language], places);
        let exact_in = exact_in(loss, language, level, case);
        Lost { loss: loss.clone(), query, language, exact_in, level, spans }
    })
    .collect()
}

/// The language that says the rule exactly, for a loss that is shown, of a language that shares its
/// platform with another.
fn exact_in(loss: &Loss, language: &str, level: Level, case: &Case) -> Option<&'static str> {
    let is_shown = match (case.shown, level) {
        (None, _) | (Some(_), Level::Allow) => false,
        (Some(least), level) => least == Level::Note || level != Level::Note,
    };
    let asked =
        is_shown && loss.kind.class() == Class::Language && Elastic.languages().contains(&language);
    if asked { case.opinions.say_all_exactly(language) } else { None }
}

fn refused(refusal: &Refusal, origins: &Origins, case: &Case) -> Option<Diagnostic> {
    let Case { document, plan, judge, opinions, .. } = case;
    let can_say = |_: Construct, spans: &[Span]| {
        let places = if spans.is_empty() { &[document.span][..] } else { spans };
        opinions.speakers(places)
    };
    let mut diagnostic = refusal.diagnose(plan.backend, origins, document.span, &can_say);
    let spans: Vec<Span> = diagnostic.labels.iter().map(|it| it.span).collect();
    diagnostic.severity = if refusal.is_fault() {
        Severity::Error
    } else {
        judge.of_refusal(plan.backend.name(), &spans).severity()?
    };
    Some(diagnostic)
}
