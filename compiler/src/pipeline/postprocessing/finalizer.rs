//! `finalizers`: what becomes of all queries of an output together.

use super::template::{self, Template};
use super::{CODE, parse_kind};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::parse::Fields;
use crate::pipeline::parse::DEEPEST;
use crate::pipeline::transformation::Context;

/// What becomes of a list of queries.
#[derive(Debug)]
pub enum Finalizer {
    /// They are joined.
    Concat {
        /// What stands between two of them.
        separator: String,
        /// What stands before all of them.
        prefix: String,
        /// What stands behind all of them.
        suffix: String,
    },
    /// They stand in a template, which knows them as `queries`.
    Template(Template),
    /// They become a list of JSON.
    Json {
        /// The columns of a level; without it everything is one line.
        indent: Option<u8>,
    },
    /// They become a list of YAML.
    Yaml,
    /// Other finalizers run, one on what the other has made.
    Nested(Vec<Finalizer>),
}

const KINDS: &[(&str, &[&str])] = &[
    ("concat", &["separator", "prefix", "suffix"]),
    ("template", template::KEYS),
    ("json", &["indent"]),
    ("yaml", &["indent"]),
    ("nested", &["finalizers"]),
];

/// Reads a list of finalizers.
pub(in crate::pipeline) fn parse_finalizers(
    section: &Fields,
    context: &Context,
    depth: usize,
    diagnostics: &mut Diagnostics,
) -> Vec<Finalizer> {
    let entries = section.maps("finalizers", diagnostics);
    entries.iter().filter_map(|it| parse_finalizer(it, context, depth, diagnostics)).collect()
}

fn parse_finalizer(
    entry: &Fields,
    context: &Context,
    depth: usize,
    diagnostics: &mut Diagnostics,
) -> Option<Finalizer> {
    let (kind, span) = parse_kind(entry, "finalizers", KINDS, &[], diagnostics)?;
    let mut text = |key: &str, default: &str| {
        entry.text(key, diagnostics).map_or_else(|| default.to_owned(), |it| it.value)
    };
    Some(match kind {
        "concat" => Finalizer::Concat {
            separator: text("separator", "\n"),
            prefix: text("prefix", ""),
            suffix: text("suffix", ""),
        },
        "template" => Finalizer::Template(template::parse(entry, context, diagnostics)?),
        "json" => Finalizer::Json { indent: entry.small_number("indent", 16, diagnostics) },
        "yaml" => {
            // A list of texts has one level.
            entry.small_number("indent", 16, diagnostics);
            Finalizer::Yaml
        }
        _ if depth == DEEPEST => {
            let message = format!("finalizers are nested more than {DEEPEST} deep");
            diagnostics.push(Diagnostic::new(CODE, span, message));
            return None;
        }
        _ => {
            if entry.node("finalizers").is_none() {
                entry.missing("finalizers", "`nested` has a list of finalizers", diagnostics);
                return None;
            }
            Finalizer::Nested(parse_finalizers(entry, context, depth + 1, diagnostics))
        }
    })
}
