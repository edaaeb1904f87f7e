//! The shape of `-f json`. It is a promise: `docs/convert.schema.json` is made from these types, and
//! every output of the tests is validated against it.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

/// JSON in which hidden characters are escaped, so that it can be looked at on a terminal.
pub(crate) fn to_text(value: &impl Serialize, pretty: bool) -> Result<String, String> {
    let text =
        if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    let text = text.map_err(|error| error.to_string())?;
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        // A line feed stands between values only; in strings it is escaped already.
        if character != '\n' && isogloss_compiler::text::is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _infallible = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(character);
        }
    }
    Ok(shown)
}

/// The output of `convert -f json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Report {
    /// The version that wrote this.
    pub(crate) isogloss: String,
    /// One entry for each target, in the order asked for.
    pub(crate) targets: Vec<Target>,
}

/// All rules for one target.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the name is promised")]
pub(crate) struct Target {
    /// The name of the target.
    pub(crate) target: String,
    /// What the queries take for granted.
    pub(crate) assumes: Vec<String>,
    /// The rules, in path order.
    pub(crate) rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Rule {
    /// The file.
    pub(crate) path: String,
    /// The document in the file, from 0.
    pub(crate) document: usize,
    /// The first line of the document, from 1.
    pub(crate) line: usize,
    /// `id`.
    pub(crate) id: Option<String>,
    /// `title`.
    pub(crate) title: Option<String>,
    /// What kind of document it is.
    pub(crate) kind: Kind,
    /// What became of it.
    pub(crate) status: Status,
    /// How near the queries are to the rule; null if there are none.
    pub(crate) fidelity: Option<Fidelity>,
    /// True if nothing was lost that depends on the environment; false if there is no query.
    pub(crate) bound: bool,
    /// One query for each condition.
    pub(crate) queries: Vec<Query>,
    /// What was lost.
    pub(crate) losses: Vec<Loss>,
    /// What was found.
    pub(crate) diagnostics: Vec<Finding>,
}

/// What kind of document it is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A detection rule.
    Detection,
    /// A correlation.
    Correlation,
    /// A filter with an error; others are not listed.
    Filter,
}

impl From<isogloss_compiler::ast::Kind> for Kind {
    fn from(kind: isogloss_compiler::ast::Kind) -> Self {
        match kind {
            isogloss_compiler::ast::Kind::Detection => Self::Detection,
            isogloss_compiler::ast::Kind::Correlation => Self::Correlation,
            isogloss_compiler::ast::Kind::Filter => Self::Filter,
        }
    }
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// There are queries.
    Converted,
    /// The target cannot say it, or the policy denies what is lost.
    Refused,
    /// The rule has an error.
    Invalid,
    /// The rule is only there for correlations.
    Referenced,
}

/// How near a query is to its rule.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Fidelity {
    /// The same answer for every event.
    Exact,
    /// Finds more.
    Wider,
    /// Finds less.
    Narrower,
    /// Finds more here and less there.
    Mixed,
    /// Not checked.
    Unverified,
}

impl From<isogloss_compiler::ir::Fidelity> for Fidelity {
    fn from(fidelity: isogloss_compiler::ir::Fidelity) -> Self {
        match fidelity {
            isogloss_compiler::ir::Fidelity::Exact => Self::Exact,
            isogloss_compiler::ir::Fidelity::Wider => Self::Wider,
            isogloss_compiler::ir::Fidelity::Narrower => Self::Narrower,
            isogloss_compiler::ir::Fidelity::Mixed => Self::Mixed,
            isogloss_compiler::ir::Fidelity::Unverified => Self::Unverified,
        }
    }
}

/// One query.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Query {
    /// Its text.
    pub(crate) text: String,
    /// What the postprocessing of a pipeline has made of the text; null without any.
    pub(crate) postprocessed: Option<String>,
    /// Its language.
    pub(crate) language: String,
    /// How near it is to the rule.
    pub(crate) fidelity: Fidelity,
}

/// One loss at one place.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Loss {
    /// The kind, such as `case`.
    pub(crate) kind: String,
    /// `language` or `environment`.
    pub(crate) class: String,
    /// `wider`, `narrower` or `mixed`.
    pub(crate) direction: String,
    /// `deny`, `warn`, `note` or `allow`.
    pub(crate) policy: String,
    /// Which query, from 0.
    pub(crate) query: usize,
    /// What is lost.
    pub(crate) message: String,
    /// Where it comes from.
    #[serde(flatten)]
    pub(crate) place: Place,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Finding {
    /// The code, such as `E0301`.
    pub(crate) code: String,
    /// `error`, `warning` or `note`.
    pub(crate) severity: String,
    /// What is wrong.
    pub(crate) message: String,
    /// Where.
    #[serde(flatten)]
    pub(crate) place: Place,
    /// What to do.
    pub(crate) help: Option<String>,
}

/// A place in a file. Lines and columns count from 1, columns in Unicode scalar values; ends are
/// exclusive.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Place {
    /// The file.
    pub(crate) path: String,
    /// The first line.
    pub(crate) line: usize,
    /// The first column.
    pub(crate) column: usize,
    /// The last line.
    pub(crate) end_line: usize,
    /// The column after the last one.
    pub(crate) end_column: usize,
}

impl From<isogloss_compiler::source::Location> for Place {
    fn from(location: isogloss_compiler::source::Location) -> Self {
        let isogloss_compiler::source::Location { path, line, column, end_line, end_column } =
            location;
        Self { path, line, column, end_line, end_column }
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn nothing_hides_in_json() {
        let text = super::to_text(&"a\u{1b}\u{9b}\u{202e}\u{e0041}\n", false).unwrap();
        assert_eq!(text, r#""a\u001b\u009b\u202e\udb40\udc41\n""#);
        assert_eq!(
            serde_json::from_str::<String>(&text).unwrap(),
            "a\u{1b}\u{9b}\u{202e}\u{e0041}\n"
        );
    }

    /// To accept a change: `UPDATE_SCHEMA=1 cargo test schema`.
    #[test]
    fn the_schema_in_the_repository_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/convert.schema.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Report)).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, &schema).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == schema, "{path} is not up to date");
    }
}
