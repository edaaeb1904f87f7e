//! A rule, stage by stage: as read, as meant, after each item of a pipeline, after linking and passes,
//! and the query of each target. Correlations and filters have fewer stages.

use std::fmt::Write;
use std::path::Path;

use anstyle::Style;
use isogloss_backends::backend::QUERY;
use isogloss_backends::{BACKENDS, Backend, Options};
use isogloss_compiler::ast::{self, Document};
use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::ir::outline::{outline_linked, outline_named};
use isogloss_compiler::ir::{AnyRule, Mapped, Rule, Sigma};
use isogloss_compiler::pass::PASSES;
use isogloss_compiler::pipeline::{Pipeline, Pipelines, ProcessingItem};
use isogloss_compiler::source::{SourceId, SourceMap};
use isogloss_compiler::{Index, RuleId};

use super::context;
use super::places::Places;
use super::query::{WIDTH, render_queries, render_refusals};
use super::relation::{explain_correlation, explain_filter, render_filters};
use super::rows::{Row, render_changes, render_rows};
use crate::cli::Explain;
use crate::config;
use crate::exit::Exit;
use crate::plan::{load_pipelines, pipeline_names, resolve_targets};
use crate::report::{Reporter, visible};

const BOLD: Style = Style::new().bold();
const TITLE: Style = Style::new().bold().underline();

/// Targets that use the same pipelines, and so see the same rule.
pub(super) struct Group {
    pub(super) names: Vec<String>,
    pub(super) backends: Vec<&'static dyn Backend>,
    pub(super) pipelines: Pipelines,
}

/// Explains every rule of a file. The error is one sentence.
pub(super) fn explain(
    path: &Path,
    arguments: &Explain,
    reporter: &mut Reporter,
) -> Result<(String, Exit), String> {
    let mut sources = SourceMap::new();
    let groups = group_targets(arguments, &mut sources, reporter)?;
    let (index, explained) = context::read(path, &arguments.context, &mut sources)?;
    let rules: Vec<SourceId> = index.files().iter().map(|file| file.source).collect();
    let (mut text, mut exit) = (String::new(), Exit::Fine);
    let mut documents =
        index.rules().filter(|(_, file, _)| Some(file.source) == explained).peekable();
    let none = documents.peek().is_none();
    for (id, file, document) in documents {
        let places = Places { sources: &sources, rule: file.source, rules: &rules };
        match explain_document(&index, id, document, &groups, &places, reporter) {
            Some(explained) => text.push_str(&explained),
            None => exit = Exit::Findings,
        }
    }
    if none {
        reporter.failure("no rule was found");
        exit = Exit::NoRule;
    }
    Ok((text, exit))
}

/// The pipelines of each target; those with the same ones are explained together.
fn group_targets(
    arguments: &Explain,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Vec<Group>, String> {
    let config = config::load(&arguments.configuration, sources, reporter)?;
    let mut backends = resolve_targets(&arguments.targets, &config)?;
    if backends.is_empty() {
        backends = BACKENDS.to_vec();
    }
    let mut groups: Vec<Group> = Vec::new();
    for backend in backends {
        let names = pipeline_names(backend, QUERY.name, &arguments.pipeline, &config);
        if let Some(group) = groups.iter_mut().find(|group| group.names == names) {
            group.backends.push(backend);
            continue;
        }
        let pipelines =
            load_pipelines(backend, QUERY.name, &arguments.pipeline, &config, sources, reporter)?;
        groups.push(Group { names, backends: vec![backend], pipelines });
    }
    Ok(groups)
}

/// All stages of a rule. What was found is reported; `None` if the rule has an error.
fn explain_document(
    index: &Index,
    id: RuleId,
    document: &Document,
    groups: &[Group],
    places: &Places,
    reporter: &mut Reporter,
) -> Option<String> {
    let mut diagnostics = document.diagnostics.clone();
    let lowered = index.lower(id, &mut diagnostics);
    diagnostics.sort_by_key(|it| it.labels.first().map(|label| label.span));
    reporter.findings(&diagnostics, places.sources);
    let title = render_title(document, places);
    if let Some(filter) = document.filter() {
        let sound = !diagnostics.iter().any(Diagnostic::is_error);
        return sound.then(|| title + &explain_filter(index, document, filter, places));
    }
    match lowered? {
        AnyRule::Detection(rule) => {
            let mut text = title;
            text += &stage("As read", &render_rows(&rows_as_read(document.rule()?), places));
            text += &render_filters(index, &rule, document, places);
            text += &stage("As meant", &render_rows(&rows_named(&rule), places));
            text.extend(groups.iter().map(|it| explain_group(&rule, document, it, places)));
            Some(text)
        }
        AnyRule::Correlation(correlation) => {
            let both = (document.correlation()?, &correlation);
            Some(title + &explain_correlation(index, document, both, groups, places))
        }
    }
}

fn render_title(document: &Document, places: &Places) -> String {
    let metadata = &document.metadata;
    let id = metadata.id.as_deref().unwrap_or("no id");
    let (title, place) = (visible(&metadata.title), places.start_of(document));
    format!("{TITLE}{title}{TITLE:#}\n{place}, {id}\n\n")
}

/// A stage under its heading.
pub(super) fn stage(name: &str, body: &str) -> String {
    format!("{BOLD}{name}{BOLD:#}\n\n{body}\n")
}

/// The way of a rule through one set of pipelines, and the queries of their targets.
fn explain_group(
    lowered: &Rule<Sigma>,
    document: &Document,
    group: &Group,
    places: &Places,
) -> String {
    let titles: Vec<&str> = group.backends.iter().map(|it| it.title()).collect();
    let mut text = format!("{TITLE}For {}{TITLE:#}\n\n", titles.join(", "));
    let mut before = rows_named(lowered);
    let processed = group.pipelines.apply_observed(lowered.clone(), &mut |pipeline, item, rule| {
        let after = rows_named(rule);
        let changes = render_changes(&before, &after, places);
        if !changes.is_empty() {
            text.push_str(&stage(&render_item(pipeline, item, places), &changes));
        }
        before = after;
    });
    let linked = match group.pipelines.link(processed) {
        Ok(linked) => linked,
        Err(open) => return text + &render_open(&open, places),
    };
    text.push_str(&stage("As linked", &render_rows(&rows_linked(&linked), places)));
    let mapped = PASSES.iter().fold(linked, |rule, pass| {
        let old = rows_linked(&rule);
        let rule = pass.run_on(rule);
        let changes = render_changes(&old, &rows_linked(&rule), places);
        if !changes.is_empty() {
            text.push_str(&stage(&format!("After the pass {}", pass.name), &changes));
        }
        rule
    });
    for backend in &group.backends {
        text.push_str(&explain_target(*backend, &mapped, document, places));
    }
    text
}

/// Placeholders that keep a rule from being linked.
pub(super) fn render_open(open: &[Diagnostic], places: &Places) -> String {
    let lines = open.iter().map(|it| {
        let place = it.labels.first().and_then(|label| places.sources.locate(label.span));
        let line = place.map_or(String::new(), |it| format!("line {}: ", it.line));
        format!("  {line}{}\n", visible(&it.message))
    });
    stage("Not linked", &lines.collect::<String>())
}

/// `After pipeline ecs, windows (field_name_mapping, pipelines/ecs.yml:10)`.
fn render_item(pipeline: &Pipeline, item: &ProcessingItem, places: &Places) -> String {
    let mut text = format!("After pipeline {}", visible(&pipeline.name));
    let place = places.sources.locate(item.span);
    let place = place.map_or(String::new(), |it| format!(", {}:{}", visible(&it.path), it.line));
    let _infallible = match &item.id {
        Some(id) => write!(text, ", item {} ({}{place})", visible(id), item.kind),
        None => write!(text, ", item {}{place}", item.kind),
    };
    text
}

fn explain_target(
    backend: &dyn Backend,
    rule: &Rule<Mapped>,
    document: &Document,
    places: &Places,
) -> String {
    let options = Options::query(Some(WIDTH));
    match backend.translate(rule, &options) {
        Ok(queries) => render_queries(&queries, backend, &rule.origins, places),
        Err(refusals) => render_refusals(&refusals, backend, &rule.origins, document.span, places),
    }
}

fn rows_as_read(rule: &ast::Rule) -> Vec<Row> {
    ast::outline::outline(rule).iter().map(Row::of_ast).collect()
}

fn rows_named(rule: &Rule<Sigma>) -> Vec<Row> {
    outline_named(rule).iter().map(|line| Row::of_ir(line, &rule.origins)).collect()
}

fn rows_linked(rule: &Rule<Mapped>) -> Vec<Row> {
    outline_linked(rule).iter().map(|line| Row::of_ir(line, &rule.origins)).collect()
}
