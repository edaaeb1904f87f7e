//! How a translation is to be written.

use isogloss_compiler::ast::ElasticLanguage;
use isogloss_compiler::ir::Macro;

use crate::content::Names;

/// A form that a translation can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputFormat {
    /// The name on the command line, such as `analytic`.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub summary: &'static str,
    /// The built-in pipeline that is used unless another is named, where it is not that of the target.
    pub pipeline: Option<&'static str>,
}

/// The bare query: every target has it.
pub const QUERY: OutputFormat =
    OutputFormat { name: "query", summary: "the bare query", pipeline: None };

/// How a translation is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name of the format.
    pub format: &'static str,
    /// The columns of a line; `None` puts the query on one line.
    pub width: Option<usize>,
    /// True if macros are replaced by their definitions.
    pub inline_macros: bool,
    /// What the names of macros start with, so that they are nobody else's.
    pub macro_prefix: String,
    /// Definitions in place of those of the pipelines.
    pub definitions: Vec<Macro>,
    /// The names under which the rule is deployed; without them those that its title gives.
    pub names: Option<Names>,
    /// The most bytes that a search may have: beyond it, long lists of values move into tables (SPL).
    pub max_query_bytes: Option<usize>,
    /// The language that a target has to take for the rule, if it could take several.
    pub language: Option<ElasticLanguage>,
}

impl Options {
    /// The bare query, in lines of so many columns, or on one line.
    pub const fn query(width: Option<usize>) -> Self {
        Self::of(QUERY.name, width)
    }

    /// A format, in lines of so many columns, or on one line.
    pub const fn of(format: &'static str, width: Option<usize>) -> Self {
        Self {
            format,
            width,
            inline_macros: false,
            macro_prefix: String::new(),
            definitions: Vec::new(),
            names: None,
            max_query_bytes: None,
            language: None,
        }
    }
}
