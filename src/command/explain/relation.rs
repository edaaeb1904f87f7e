//! What rules have to do with each other: correlations and their rules, filters and the rules that they
//! are added to.

use std::fmt::Write;

use isogloss_backends::Options;
use isogloss_compiler::ast::{self, Document, outline};
use isogloss_compiler::ir::outline::outline_correlation;
use isogloss_compiler::ir::{Correlation, Rule, Sigma};
use isogloss_compiler::{Index, map_correlation};

use super::places::Places;
use super::query::{WIDTH, render_queries, render_refusals};
use super::rows::{DIM, Row, render_rows};
use super::rule::{Group, render_open, stage};
use crate::report::visible;

/// A correlation: as read, as meant, its rules, and what each target says.
pub(super) fn explain_correlation(
    index: &Index,
    document: &Document,
    (written, lowered): (&ast::Correlation, &Correlation<Sigma>),
    groups: &[Group],
    places: &Places,
) -> String {
    let read: Vec<Row> = outline::outline_correlation(written).iter().map(Row::of_ast).collect();
    let meant = outline_correlation(lowered);
    let meant: Vec<Row> = meant.iter().map(|it| Row::of_ir(it, &lowered.origins)).collect();
    let rules = written.rules.iter().flat_map(|name| index.referred(&name.value));
    let mut text = stage("As read", &render_rows(&read, places));
    text.push_str(&stage("As meant", &render_rows(&meant, places)));
    text.push_str(&stage("Its rules", &render_documents(rules, places)));
    for group in groups {
        text.push_str(&explain_group(lowered, document, group, places));
    }
    text
}

/// The queries of a correlation for the targets of one set of pipelines.
fn explain_group(
    lowered: &Correlation<Sigma>,
    document: &Document,
    group: &Group,
    places: &Places,
) -> String {
    let mapped = match map_correlation(lowered.clone(), &group.pipelines) {
        Ok(mapped) => mapped,
        Err(open) => return render_open(&open, places),
    };
    let options = Options::query(Some(WIDTH));
    let texts = group.backends.iter().map(|backend| {
        match backend.translate_correlation(&mapped, &options) {
            Ok(query) => render_queries(&[query], *backend, &mapped.origins, places),
            Err(refusals) => {
                render_refusals(&refusals, *backend, &mapped.origins, document.span, places)
            }
        }
    });
    texts.collect()
}

/// A filter: as read, and the rules that it is added to.
pub(super) fn explain_filter(
    index: &Index,
    document: &Document,
    written: &ast::Filter,
    places: &Places,
) -> String {
    let rules = render_documents(index.filtered_by(document), places);
    let rules = if rules.is_empty() { "  no rule of this run\n" } else { &rules };
    stage("As read", &render_filter(written, places)) + &stage("Added to", rules)
}

/// The filters that are added to a rule, each as read, with the lines of its own file.
pub(super) fn render_filters(
    index: &Index,
    rule: &Rule<Sigma>,
    document: &Document,
    places: &Places,
) -> String {
    let filters = index.filters_of(rule, document).filter_map(|document| {
        let title = format!("Filter added: {}", describe(document, places));
        let places = Places { rule: document.span.source, ..*places };
        Some(stage(&title, &render_filter(document.filter()?, &places)))
    });
    filters.collect()
}

fn render_filter(filter: &ast::Filter, places: &Places) -> String {
    let rows: Vec<Row> = outline::outline_filter(filter).iter().map(Row::of_ast).collect();
    render_rows(&rows, places)
}

/// A line for each document: its title and its place.
fn render_documents<'d>(documents: impl Iterator<Item = &'d Document>, places: &Places) -> String {
    let mut text = String::new();
    for document in documents {
        let name = document.metadata.name.as_deref();
        let name = name.map_or(String::new(), |it| format!("{}: ", visible(it)));
        let (title, place) = (visible(&document.metadata.title), places.start_of(document));
        let _infallible = writeln!(text, "  {name}{title}  {DIM}<- {place}{DIM:#}");
    }
    text
}

/// `Known administrators (filters/admins.yml:1)`.
fn describe(document: &Document, places: &Places) -> String {
    format!("{} ({})", visible(&document.metadata.title), places.start_of(document))
}
