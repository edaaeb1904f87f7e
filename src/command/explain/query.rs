//! A query with the lines of the rule that each of its lines comes from, and what was lost or refused.

use std::fmt::Write;
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use isogloss_backends::{Backend, Query, Refusal, title_of};
use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::ir::{Class, Loss, Origin, Origins};
use isogloss_compiler::source::Span;
use textwrap::core::display_width;

use super::places::Places;
use super::rows::DIM;
use crate::report::visible;

/// Columns of a query, fewer than `convert` takes, so that a line comes from few places of the rule.
pub(super) const WIDTH: usize = 64;
const BOLD: Style = Style::new().bold();
const LOSS: Style = AnsiColor::Yellow.on_default();
const REFUSAL: Style = AnsiColor::Red.on_default();

/// The queries of a rule for one target, under a heading each.
pub(super) fn render_queries(
    queries: &[Query],
    target: &dyn Backend,
    origins: &Origins,
    places: &Places,
) -> String {
    let mut text = String::new();
    for (place, query) in queries.iter().enumerate() {
        let number = match queries.len() {
            1 => String::new(),
            count => format!(" {} of {count}", place + 1),
        };
        let fidelity = query.fidelity().as_str();
        let bound = query.losses.iter().all(|loss| loss.kind.class() == Class::Language);
        let environment = if bound { "" } else { ", depends on the environment" };
        let title = match target.languages() {
            [] => target.title().to_owned(),
            _ => format!("{} ({})", target.title(), title_of(query.language)),
        };
        let _infallible =
            writeln!(text, "{BOLD}{title} query{number}{BOLD:#}: {fidelity}{environment}\n");
        text.push_str(&render_text(query, origins, places));
        text.push_str(&render_losses(&query.losses, origins, places));
        text.push('\n');
    }
    text
}

/// Why a target refuses a rule; one reason with all its places.
pub(super) fn render_refusals(
    refusals: &[Refusal],
    target: &dyn Backend,
    origins: &Origins,
    whole: Span,
    places: &Places,
) -> String {
    let mut reasons: Vec<(Diagnostic, Vec<Span>)> = Vec::new();
    for refusal in refusals {
        let diagnostic = refusal.to_diagnostic(target, origins, whole);
        let spans = diagnostic.labels.iter().map(|label| label.span);
        match reasons.iter_mut().find(|(known, _)| known.message == diagnostic.message) {
            Some((_, places)) => places.extend(spans),
            None => reasons.push((diagnostic.clone(), spans.collect())),
        }
    }
    let mut text = format!("{BOLD}{} query{BOLD:#}: refused\n\n", target.title());
    for (diagnostic, spans) in reasons {
        let (code, message) = (diagnostic.code.as_str(), visible(&diagnostic.message));
        let _infallible = writeln!(text, "  {REFUSAL}{code}{REFUSAL:#} {message}");
        let _infallible = writeln!(text, "        {DIM}<- {}{DIM:#}", cite(&spans, places));
        if let Some(help) = &diagnostic.help {
            let _infallible = writeln!(text, "        help: {}", visible(help));
        }
    }
    text.push('\n');
    text
}

/// The lines of a query, each with its places behind it.
fn render_text(query: &Query, origins: &Origins, places: &Places) -> String {
    let printed = &query.printed.text;
    let column = printed.lines().map(display_width).filter(|it| *it <= WIDTH).max();
    let column = column.unwrap_or(WIDTH);
    let mut text = String::new();
    let mut start = 0;
    for line in printed.split('\n') {
        let note = note(query, start..start + line.len(), origins, places);
        start += line.len() + 1;
        let line = visible(line);
        let _infallible = match note {
            Some(note) => {
                let gap = 2 + column.saturating_sub(display_width(&line));
                writeln!(text, "  {line}{:gap$}{note}", "")
            }
            None => writeln!(text, "  {line}"),
        };
    }
    text
}

/// What stands behind a line of a query: the places of the parts that begin in it, what the author
/// wrote there, and the losses that the parts cause.
fn note(query: &Query, line: Range<usize>, origins: &Origins, places: &Places) -> Option<String> {
    let begins = |part: &Range<usize>| line.contains(&part.start);
    let parts = query.printed.parts.iter().filter(|(part, _)| begins(part));
    let origin = parts.clone().fold(Origin::default(), |all, (_, it)| all.join(it));
    let spans: Vec<Span> = origins.spans(&origin).collect();
    // Of parts within each other the outer one is cited: the key, not each of its values.
    let inside = |inner: &Range<usize>, outer: &Range<usize>| {
        inner != outer && outer.start <= inner.start && inner.end <= outer.end
    };
    let outer = parts
        .clone()
        .filter(|(part, _)| !parts.clone().any(|(other, _)| inside(part, other)))
        .fold(Origin::default(), |all, (_, it)| all.join(it));
    let cited: Vec<Span> = origins.spans(&outer).collect();
    let described = places.describe(&spans, &cited)?;
    let mut note = format!("{DIM}<- {described}{DIM:#}");
    for loss in query.losses.iter().filter(|loss| touches(&loss.origin, &origin)) {
        let _infallible = write!(note, "  {LOSS}loses {}{LOSS:#}", loss.kind.as_str());
    }
    Some(note)
}

fn touches(one: &Origin, other: &Origin) -> bool {
    one.ids().iter().any(|id| other.ids().contains(id))
}

fn render_losses(losses: &[Loss], origins: &Origins, places: &Places) -> String {
    let mut text = String::new();
    for loss in losses {
        let (kind, way, code) = (loss.kind.as_str(), loss.direction.as_str(), loss.kind.code());
        let (code, message) = (code.as_str(), visible(&loss.message));
        let _infallible =
            writeln!(text, "\n  {LOSS}{code}{LOSS:#} loses `{kind}` ({way}): {message}");
        let spans: Vec<Span> = origins.spans(&loss.origin).collect();
        if !spans.is_empty() {
            let _infallible = writeln!(text, "        {DIM}<- {}{DIM:#}", cite(&spans, places));
        }
    }
    text
}

/// Places, and the text of a single one.
fn cite(spans: &[Span], places: &Places) -> String {
    let cited = if spans.len() == 1 { spans } else { &[] };
    places.describe(spans, cited).unwrap_or_default()
}
