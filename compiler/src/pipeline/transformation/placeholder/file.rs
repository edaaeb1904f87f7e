//! `file_placeholders`: placeholders become the values of a file, which is read with the pipeline.

use super::super::{Applies, Context, Entry, Owner, Replay, Run, Settings, Transformation};
use super::selector::Selector;
use super::table::{Column, column_of};
use super::{Filling, MAX_VALUES, Names, fill_in};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::parse::to_json;
use crate::pipeline::program::parse_program;
use crate::source::{Span, Spanned};
use crate::yaml::{Resolved, parse_yaml};

const CODE: Code = Code::InvalidPipeline;

#[derive(Debug)]
struct FilePlaceholders {
    names: Names,
    values: Vec<String>,
}

pub(in super::super) const ENTRY: Entry = Entry {
    name: "file_placeholders",
    owner: Owner::PySigma,
    keys: &[
        "path",
        "format",
        "filter",
        "csv_column",
        "csv_has_header",
        "jq_expression",
        "include",
        "exclude",
    ],
    parse,
};

/// What a file holds, and which of it is taken.
enum Format {
    /// A value a line.
    Plain,
    /// A column of a table.
    Csv { column: Column, header: bool },
    /// What an expression selects.
    Json(Selector),
    /// The same.
    Yaml(Selector),
}

fn parse(
    settings: &Settings,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let names = Names::parse(settings, diagnostics);
    let format = parse_format(settings, diagnostics);
    let filter = match settings.node("filter") {
        Some(node) => Some(parse_program(node, false, diagnostics)?),
        None => None,
    };
    if settings.node("path").is_none() {
        settings.missing("path", "write the path of a file beside the pipeline", diagnostics);
        return None;
    }
    let path = settings.text("path", diagnostics)?;
    let format = format?;
    let read = (context.read_file)(&path.value)
        .map_err(|reason| format!("the file `{}` cannot be read: {reason}", path.value));
    let values = read.and_then(|text| values_of(&text, &format, &path));
    let kept = values.map(|values| {
        let fits = |value: &String| filter.as_ref().is_none_or(|filter| filter.is_match(value));
        values.into_iter().filter(fits).collect::<Vec<_>>()
    });
    match kept.and_then(|values| bounded(values, &path.value)) {
        Ok(values) => Some(Box::new(FilePlaceholders { names, values })),
        Err(message) => {
            diagnostics.push(Diagnostic::new(CODE, path.span, message));
            None
        }
    }
}

/// A placeholder without a value would find nothing, and too many values are no query.
fn bounded(values: Vec<String>, path: &str) -> Result<Vec<String>, String> {
    match values.len() {
        0 => Err(format!("nothing of the file `{path}` is a value")),
        count if count > MAX_VALUES => {
            Err(format!("the file `{path}` has {count} values, and {MAX_VALUES} are the most"))
        }
        _ => Ok(values),
    }
}

fn parse_format(settings: &Settings, diagnostics: &mut Diagnostics) -> Option<Format> {
    let words = [("plaintext", 0), ("csv", 1), ("json", 2), ("yaml", 3)];
    if settings.node("format").is_none() {
        return Some(Format::Plain);
    }
    match settings.word("format", &words, diagnostics)? {
        0 => Some(Format::Plain),
        1 => parse_csv(settings, diagnostics),
        2 => Some(Format::Json(parse_selector(settings, diagnostics)?)),
        _ => Some(Format::Yaml(parse_selector(settings, diagnostics)?)),
    }
}

fn parse_csv(settings: &Settings, diagnostics: &mut Diagnostics) -> Option<Format> {
    let words = [("true", true), ("false", false)];
    let header = settings.word("csv_has_header", &words, diagnostics).unwrap_or(true);
    let Some(node) = settings.node("csv_column") else {
        settings.missing("csv_column", "name a column, or count from 0", diagnostics);
        return None;
    };
    let mut refuse = |message: &str| {
        diagnostics.push(Diagnostic::new(CODE, node.span, message));
        None
    };
    match node.as_scalar().map(|it| it.resolve()) {
        Some(Resolved::Number(text)) => match text.parse() {
            Ok(place) => Some(Format::Csv { column: Column::Place(place), header }),
            Err(_) => refuse("a column is a whole number from 0, or a name"),
        },
        Some(Resolved::Text(_)) if !header => {
            refuse("a table without a header has no names of columns")
        }
        Some(Resolved::Text(name)) => {
            Some(Format::Csv { column: Column::Name(name.to_owned()), header })
        }
        _ => refuse("a column is a whole number from 0, or a name"),
    }
}

fn parse_selector(settings: &Settings, diagnostics: &mut Diagnostics) -> Option<Selector> {
    let Some(node) = settings.node("jq_expression") else {
        settings.missing("jq_expression", "write a path, such as `.items[].name`", diagnostics);
        return None;
    };
    let text = settings.text("jq_expression", diagnostics)?;
    match Selector::parse(&text.value) {
        Ok(selector) => Some(selector),
        Err(place) => {
            let span: Span = node.inner_span(place, text.value.len().max(place));
            let message = "this part of the expression is not understood";
            diagnostics.push(Diagnostic::new(CODE, span, message).with_help(
                "of jq there are paths (`.a.b`, `.[\"a b\"]`, `[0]`, `[]`, `?`), `|`, and \
                 `select(.a == \"b\")` with `==` or `!=`",
            ));
            None
        }
    }
}

/// The values of a file, in order. The error is one sentence.
fn values_of(text: &str, format: &Format, path: &Spanned<String>) -> Result<Vec<String>, String> {
    let name = &path.value;
    match format {
        Format::Plain => Ok(text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()),
        Format::Csv { column, header } => {
            column_of(text, column, *header).map_err(|reason| format!("`{name}`: {reason}"))
        }
        Format::Json(selector) => {
            let value = serde_json::from_str(text)
                .map_err(|error| format!("`{name}` is no JSON: {error}"))?;
            selector.texts(&value).map_err(|reason| format!("`{name}`: {reason}"))
        }
        Format::Yaml(selector) => {
            let mut found = Vec::new();
            let documents = parse_yaml(path.span.source, text, &mut found);
            let mistake = found.iter().find(|it| it.is_error()).map(|it| it.message.clone());
            let document = match (&*documents, mistake) {
                ([document], None) => to_json(document),
                (_, Some(mistake)) => return Err(format!("`{name}` cannot be read: {mistake}")),
                (documents, None) => {
                    let count = documents.len();
                    return Err(format!("`{name}` has {count} documents, and one is expected"));
                }
            };
            selector.texts(&document).map_err(|reason| format!("`{name}`: {reason}"))
        }
    }
}

impl Transformation for FilePlaceholders {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        fill_in(run, applies, &|_, name, _| {
            if self.names.contain(name) {
                Filling::Texts(self.values.clone())
            } else {
                Filling::Open
            }
        });
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
