//! Findings with the rule's text underlined, by miette.

use std::fmt::{Debug, Display, Formatter};
use std::sync::Arc;

use isogloss_compiler::diagnostic::{Diagnostic, Label, Severity};
use isogloss_compiler::source::{SourceId, SourceMap};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

use super::excerpt::Excerpt;
use super::{harmless, visible};

/// Columns of a report; the same everywhere, so that logs can be compared.
const WIDTH: usize = 100;

/// The most places of a finding that are shown in one file.
const MOST_PLACES: usize = 20;
/// The most lines of one place.
const MOST_LINES: usize = 20;

/// The report, with a blank line at its end.
pub(super) fn render(diagnostic: &Diagnostic, sources: &SourceMap, shown: &mut Shown) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode())
        .with_width(WIDTH)
        .with_links(false);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _infallible = handler.render_report(&mut text, &View::new(diagnostic, sources, shown));
    text.push('\n');
    text
}

/// The source that was shown last: findings of one file follow each other.
#[derive(Default)]
pub(super) struct Shown {
    last: Option<(SourceId, Arc<NamedSource<String>>)>,
}

impl Shown {
    fn get(&mut self, file: SourceId, sources: &SourceMap) -> Option<Arc<NamedSource<String>>> {
        if let Some((_, source)) = self.last.as_ref().filter(|(known, _)| *known == file) {
            return Some(Arc::clone(source));
        }
        let source = sources.get(file)?;
        let source = Arc::new(NamedSource::new(visible(&source.path), harmless(&source.text)));
        self.last = Some((file, Arc::clone(&source)));
        Some(source)
    }
}

/// A finding in one source; its places in other sources are views of their own.
struct View {
    severity: Severity,
    code: &'static str,
    message: String,
    help: Option<String>,
    source: Option<Arc<dyn SourceCode>>,
    labels: Vec<LabeledSpan>,
    elsewhere: Vec<View>,
}

impl View {
    fn new(diagnostic: &Diagnostic, sources: &SourceMap, shown: &mut Shown) -> Self {
        let mut files: Vec<SourceId> = Vec::new();
        for label in &diagnostic.labels {
            if !files.contains(&label.span.source) {
                files.push(label.span.source);
            }
        }
        let mut views =
            files.into_iter().map(|file| Self::of_file(diagnostic, file, sources, shown));
        let Some(mut first) = views.next() else {
            return Self::of_file(diagnostic, SourceId(u32::MAX), sources, shown);
        };
        first.help = diagnostic.help.as_deref().map(visible);
        first.elsewhere =
            views.map(|view| Self { message: "and here".to_owned(), ..view }).collect();
        first
    }

    fn of_file(
        diagnostic: &Diagnostic,
        file: SourceId,
        sources: &SourceMap,
        shown: &mut Shown,
    ) -> Self {
        let here = || diagnostic.labels.iter().filter(|label| label.span.source == file);
        let mut labels: Vec<LabeledSpan> = here().take(MOST_PLACES).map(to_miette).collect();
        if let Some(source) = sources.get(file) {
            for label in &mut labels {
                shorten(label, &source.text);
            }
        }
        let more = here().skip(MOST_PLACES).count();
        if let Some(last) = labels.last_mut().filter(|_| more > 0) {
            last.set_label(Some(format!("and {more} more places")));
        }
        let whole = shown.get(file, sources);
        let source = whole.map(|whole| -> Arc<dyn SourceCode> {
            match excerpt(&whole, &mut labels) {
                Some(excerpt) => Arc::new(excerpt),
                None => whole,
            }
        });
        Self {
            severity: diagnostic.severity,
            code: diagnostic.code.as_str(),
            message: visible(&diagnostic.message),
            help: None,
            source,
            labels,
            elsewhere: Vec::new(),
        }
    }
}

/// A part of the source where its lines are too long, with the labels moved into it.
fn excerpt(whole: &NamedSource<String>, labels: &mut Vec<LabeledSpan>) -> Option<Excerpt> {
    let start = labels.first()?.offset();
    let end = labels.iter().map(|it| it.offset() + it.len()).max()?;
    let excerpt = Excerpt::around(whole.name(), whole.inner(), start, end)?;
    *labels = std::mem::take(labels)
        .into_iter()
        .filter_map(|label| {
            let (from, to) = excerpt.place(label.offset(), label.offset() + label.len())?;
            Some(LabeledSpan::new(label.label().map(str::to_owned), from, to - from))
        })
        .collect();
    Some(excerpt)
}

/// A place of many lines is shown by its first one.
fn shorten(label: &mut LabeledSpan, text: &str) {
    let place = text.get(label.offset()..label.offset() + label.len()).unwrap_or_default();
    let Some(end) = place.find('\n').filter(|_| place.matches('\n').count() > MOST_LINES) else {
        return;
    };
    *label = LabeledSpan::new(label.label().map(str::to_owned), label.offset(), end);
}

fn to_miette(label: &Label) -> LabeledSpan {
    let text = (!label.text.is_empty()).then(|| visible(&label.text));
    let offset = |byte: u32| usize::try_from(byte).unwrap_or_default();
    let start = offset(label.span.start);
    LabeledSpan::new(text, start, offset(label.span.end).saturating_sub(start))
}

impl Display for View {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl Debug for View {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for View {}

impl miette::Diagnostic for View {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_deref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.elsewhere.is_empty() {
            return None;
        }
        Some(Box::new(self.elsewhere.iter().map(|view| view as &dyn miette::Diagnostic)))
    }
}
