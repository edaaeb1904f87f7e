//! The result of `convert`: queries, a listing, JSON, or macros.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use isogloss_backends::Query;
use isogloss_backends::content::macros::render_macros;
use isogloss_backends::content::postprocess::finalize;
use isogloss_compiler::source::{SourceMap, Span};

use super::Settings;
use crate::json::{self, Status};
use crate::outcome::{Lost, Outcome, Translation};
use crate::output::{Output, rule_file, write_file};
use crate::plan::Plan;
use crate::policy::Level;
use crate::report::finding;

/// Writes everything that was translated. The error is one sentence.
pub(super) fn write(
    format: &str,
    outcomes: &[Outcome],
    settings: &Settings,
    sources: &SourceMap,
) -> Result<(), String> {
    match format {
        "json" => {
            settings.output.write("isogloss.json", &render_json(outcomes, settings, sources)?)
        }
        "macros" => settings.output.write("spl/macros.conf", &macros_conf(outcomes)?),
        _ => match &settings.output {
            Output::Folder(folder) => write_files(outcomes, settings, sources, folder),
            output @ (Output::Stdout | Output::File(_)) => {
                output.write("", &render_listing(outcomes, settings, sources)?)
            }
        },
    }
}

/// One rule for one target is the bare query; more are a listing for people.
fn render_listing(
    outcomes: &[Outcome],
    settings: &Settings,
    sources: &SourceMap,
) -> Result<String, String> {
    let mut text = String::new();
    let rules = outcomes.iter().filter(|it| !it.translations.is_empty());
    let single = rules.count() == 1 && settings.plans.len() == 1;
    for (place, plan) in settings.plans.iter().enumerate() {
        let texts = converted(outcomes, place).flat_map(|(_, it)| it.texts());
        if let Some(finalized) = finalize_texts(texts, plan)? {
            text.push_str(&finalized);
            continue;
        }
        for (outcome, translation) in converted(outcomes, place) {
            if !text.is_empty() {
                text.push('\n');
            }
            if !single {
                let heading = heading(outcome, translation, plan, sources);
                let _infallible = writeln!(text, "{}", plan.backend.comment(&heading));
            }
            text.push_str(&render_queries(translation));
        }
    }
    Ok(text)
}

/// What finalizers make of all texts of an output; `None` without any.
fn finalize_texts<'t>(
    texts: impl Iterator<Item = &'t str>,
    plan: &Plan,
) -> Result<Option<String>, String> {
    if plan.pipelines.finalizers().next().is_none() {
        return Ok(None);
    }
    let finalized = finalize(texts.map(str::to_owned).collect(), &plan.pipelines)
        .map_err(|reason| format!("a finalizer cannot be run: {reason}"))?;
    Ok(finalized.map(|text| if text.ends_with('\n') { text } else { text + "\n" }))
}

/// The rules that have queries in the target at this place.
fn converted<'o, 'i>(
    outcomes: &'o [Outcome<'i>],
    place: usize,
) -> impl Iterator<Item = (&'o Outcome<'i>, &'o Translation)> {
    let all = outcomes.iter().filter_map(move |it| Some((it, it.translations.get(place)?)));
    all.filter(|(_, translation)| translation.status == Status::Converted)
}

/// Title, id and path; the language where the target has several.
fn heading(
    outcome: &Outcome,
    translation: &Translation,
    plan: &Plan,
    sources: &SourceMap,
) -> String {
    let metadata = &outcome.document.metadata;
    let id = metadata.id.as_deref().unwrap_or("no id");
    let path = sources.get(outcome.file.source).map_or("", |it| it.path.as_str());
    let language = translation.language().filter(|_| !plan.backend.languages().is_empty());
    let language = language.map_or(String::new(), |it| format!(" | {it}"));
    format!("{} | {id} | {path}{language}", metadata.title)
}

/// The queries of a rule, with a blank line between them.
fn render_queries(translation: &Translation) -> String {
    let texts: Vec<String> = translation.texts().iter().map(|text| format!("{text}\n")).collect();
    texts.join("\n")
}

fn write_files(
    outcomes: &[Outcome],
    settings: &Settings,
    sources: &SourceMap,
    folder: &Path,
) -> Result<(), String> {
    let mut written = BTreeMap::new();
    for (place, plan) in settings.plans.iter().enumerate() {
        let target = plan.backend.name();
        for (outcome, translation) in converted(outcomes, place) {
            let path = sources.get(outcome.file.source).map_or("", |it| it.path.as_str());
            let names = (target, translation.language().unwrap_or(target));
            let file = rule_file(folder, names, path, outcome.document.index);
            if let Some(other) = written.insert(file.clone(), path) {
                return Err(format!(
                    "{path} and {other} would both be written to {}",
                    file.display()
                ));
            }
            let finalized = finalize_texts(translation.texts().into_iter(), plan)?;
            write_file(&file, &finalized.unwrap_or_else(|| render_queries(translation)))?;
        }
    }
    Ok(())
}

fn macros_conf(outcomes: &[Outcome]) -> Result<String, String> {
    let queries = outcomes.iter().flat_map(|it| &it.translations).flat_map(|it| &it.queries);
    render_macros(queries.flat_map(|query| &query.macros))
}

fn render_json(
    outcomes: &[Outcome],
    settings: &Settings,
    sources: &SourceMap,
) -> Result<String, String> {
    let targets = settings.plans.iter().enumerate().map(|(place, plan)| json::Target {
        target: plan.backend.name().to_owned(),
        assumes: plan.backend.assumes().iter().map(|it| (*it).to_owned()).collect(),
        rules: outcomes.iter().filter_map(|it| json_rule(it, place, sources)).collect(),
    });
    let report =
        json::Report { isogloss: env!("CARGO_PKG_VERSION").to_owned(), targets: targets.collect() };
    Ok(json::to_text(&report, true)? + "\n")
}

fn json_rule(outcome: &Outcome, place: usize, sources: &SourceMap) -> Option<json::Rule> {
    let translation = outcome.translations.get(place)?;
    let metadata = &outcome.document.metadata;
    let found = outcome.diagnostics.iter().chain(&translation.refusals);
    let losses =
        translation.losses.iter().filter_map(|it| json_loss(it, outcome.document.span, sources));
    let location = sources.locate(outcome.document.span)?;
    Some(json::Rule {
        path: location.path,
        document: outcome.document.index,
        line: location.line,
        id: metadata.id.clone(),
        title: (!metadata.title.is_empty()).then(|| metadata.title.clone()),
        kind: json::Kind::from(outcome.document.kind),
        status: translation.status,
        fidelity: translation.fidelity().map(json::Fidelity::from),
        bound: translation.is_bound(),
        queries: json_queries(translation),
        losses: losses.collect(),
        diagnostics: found.filter_map(|it| finding(it, sources)).collect(),
    })
}

fn json_queries(translation: &Translation) -> Vec<json::Query> {
    let artifacts = translation.artifacts.iter().map(Some).chain(std::iter::repeat(None));
    let pairs = translation.queries.iter().zip(artifacts);
    pairs.map(|(query, artifact)| json_query(query, artifact)).collect()
}

fn json_query(query: &Query, artifact: Option<&String>) -> json::Query {
    json::Query {
        text: query.printed.text.clone(),
        postprocessed: artifact.cloned(),
        language: query.language.to_owned(),
        fidelity: json::Fidelity::from(query.fidelity()),
    }
}

/// The place is the first of the loss; a loss without a place is about the whole rule.
fn json_loss(lost: &Lost, rule: Span, sources: &SourceMap) -> Option<json::Loss> {
    let span = lost.spans.first().copied().unwrap_or(rule);
    let policy = match lost.level {
        Level::Deny => "deny",
        Level::Warn => "warn",
        Level::Note => "note",
        Level::Allow => "allow",
    };
    Some(json::Loss {
        kind: lost.loss.kind.as_str().to_owned(),
        class: lost.loss.kind.class().as_str().to_owned(),
        direction: lost.loss.direction.as_str().to_owned(),
        policy: policy.to_owned(),
        query: lost.query,
        message: lost.loss.message.clone(),
        place: json::Place::from(sources.locate(span)?),
    })
}
