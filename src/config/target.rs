//! `[targets.<name>]`: what a target is built from, as what, and where to.

use std::ops::Range;

use indexmap::IndexMap;
use isogloss_backends::content::splunk::MacroSource;
use schemars::JsonSchema;
use serde::Deserialize;

use super::mistake::Mistakes;
use super::overlay::table;
use super::placed::Placed;

/// What the names of our own macros start with.
const MACRO_PREFIX: &str = "sigma_";

/// A target of the repository.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Target {
    /// As with `-p`: built-in names, files, folders, `default`.
    pipelines: Option<Vec<String>>,
    /// As with `--var`: values of variables that the pipelines declare.
    vars: IndexMap<String, String>,
    /// A longer query is warned of.
    max_query_bytes: Option<usize>,
    /// What `build` makes of the target. Of `spl`: `app`, `escu`, `savedsearches`; of the others: `ndjson`,
    /// `toml`.
    formats: Option<Vec<Placed<Format>>>,
    /// The folder that `build` writes to; `{env}` and `{target}` stand for their names.
    output: Option<Placed<String>>,
    /// Of `spl` alone: the form of the searches.
    search: Option<Placed<SearchForm>>,
    /// Of `spl` alone: whose macros the searches call.
    macros: Option<Placed<MacroSource>>,
    /// Of `spl` alone: what the names of our own macros start with.
    macro_prefix: Option<Placed<String>>,
    /// Of `spl` alone: definitions in place of those of the pipelines, by the name of the macro.
    define: IndexMap<Placed<String>, String>,
}

table!(Target {
    pipelines,
    vars,
    max_query_bytes,
    formats,
    output,
    search,
    macros,
    macro_prefix,
    define
});

/// What `build` makes of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// A Splunk app, as a folder and packed.
    App,
    /// Detections of contentctl.
    Escu,
    /// One `savedsearches.conf`.
    Savedsearches,
    /// Rules that Kibana imports.
    Ndjson,
    /// Rules in the tree of custom rules of detection-rules.
    Toml,
}

impl Format {
    /// True for what Splunk takes.
    pub(crate) fn is_of_splunk(self) -> bool {
        match self {
            Self::App | Self::Escu | Self::Savedsearches => true,
            Self::Ndjson | Self::Toml => false,
        }
    }

    /// The word of the configuration.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Escu => "escu",
            Self::Savedsearches => "savedsearches",
            Self::Ndjson => "ndjson",
            Self::Toml => "toml",
        }
    }
}

/// The form of searches that are deployed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SearchForm {
    /// Over events.
    #[default]
    Analytic,
    /// Over the summaries of data models; what has no data model is refused.
    Tstats,
}

impl Target {
    /// The pipelines, as written.
    pub(super) fn pipelines(&self) -> &[String] {
        self.pipelines.as_deref().unwrap_or_default()
    }

    /// Names and values of variables.
    pub(crate) fn vars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.vars.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A longer query is warned of.
    pub(crate) fn max_query_bytes(&self) -> Option<usize> {
        self.max_query_bytes
    }

    /// What `build` makes of the target of this name.
    pub(crate) fn formats(&self, name: &str) -> Vec<Format> {
        match &self.formats {
            Some(formats) => formats.iter().map(|it| it.value).collect(),
            None if name == "spl" => vec![Format::App],
            None => vec![Format::Ndjson],
        }
    }

    /// The format of the searches.
    pub(crate) fn search(&self) -> &'static str {
        match self.search.as_ref().map(|it| it.value).unwrap_or_default() {
            SearchForm::Analytic => "analytic",
            SearchForm::Tstats => "tstats",
        }
    }

    /// Whose macros the searches call.
    pub(crate) fn macros(&self) -> MacroSource {
        self.macros.as_ref().map(|it| it.value).unwrap_or_default()
    }

    /// What the names of our own macros start with.
    pub(crate) fn macro_prefix(&self) -> &str {
        self.macro_prefix.as_ref().map_or(MACRO_PREFIX, |it| &it.value)
    }

    /// Names and definitions of macros in place of those of the pipelines; the names have no prefix.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.define.iter().map(|(name, definition)| (name.value.as_str(), definition.as_str()))
    }

    /// The folder that is written to, from the folder of the configuration.
    pub(super) fn output(&self, name: &str, environment: Option<&str>) -> String {
        let default = if environment.is_some() { "build/{env}/{target}" } else { "build/{target}" };
        let written = self.output.as_ref().map_or(default, |it| &it.value);
        written.replace("{env}", environment.unwrap_or("default")).replace("{target}", name)
    }

    /// Reports values that the target of this name cannot have.
    pub(super) fn check(&self, name: &str, mistakes: &mut Mistakes) {
        for format in self.formats.iter().flatten() {
            if format.value.is_of_splunk() != (name == "spl") {
                let known = if name == "spl" {
                    "`app`, `escu`, `savedsearches`"
                } else {
                    "`ndjson`, `toml`"
                };
                let message = format!("`{name}` has no format `{}`", format.value.as_str());
                mistakes.invalid(&format.range, message, &format!("known here: {known}"));
            }
        }
        if let Some(output) = &self.output {
            check_output(output, mistakes);
        }
        if let Some(prefix) = self.macro_prefix.as_ref().filter(|it| !is_macro_name(&it.value)) {
            let message = "the prefix of a macro has letters, digits and `_` only";
            mistakes.invalid(&prefix.range, message, "");
        }
        for defined in self.define.keys().filter(|it| !is_macro_name(bare_name(&it.value))) {
            let message = "the name of a macro has letters, digits, `_`, `-`, `.` and `:` only";
            mistakes.invalid(&defined.range, message, "");
        }
        if name != "spl" {
            for (key, range) in self.keys_of_spl() {
                mistakes.invalid(range, format!("`{key}` is of `[targets.spl]` alone"), "");
            }
        }
    }

    /// The keys that only Splunk has, as far as they are there, and their places.
    fn keys_of_spl(&self) -> Vec<(&'static str, &Range<usize>)> {
        let search = self.search.as_ref().map(|it| ("search", &it.range));
        let macros = self.macros.as_ref().map(|it| ("macros", &it.range));
        let prefix = self.macro_prefix.as_ref().map(|it| ("macro_prefix", &it.range));
        let define = self.define.keys().next().map(|it| ("define", &it.range));
        [search, macros, prefix, define].into_iter().flatten().collect()
    }
}

/// The name without its number of arguments, such as `(1)`.
fn bare_name(name: &str) -> &str {
    let parts = name.strip_suffix(')').and_then(|it| it.rsplit_once('('));
    match parts {
        Some((name, count)) if count.parse::<u8>().is_ok() => name,
        Some(_) | None => name,
    }
}

fn is_macro_name(name: &str) -> bool {
    let allowed = |it: char| it.is_ascii_alphanumeric() || ['_', '-', '.', ':'].contains(&it);
    !name.is_empty() && name.chars().all(allowed)
}

/// Reports words in braces that stand for nothing, and a folder without a name.
fn check_output(output: &Placed<String>, mistakes: &mut Mistakes) {
    let rest = output.value.replace("{env}", "").replace("{target}", "");
    if rest.contains(['{', '}']) {
        let message = "only `{env}` and `{target}` stand for something here";
        mistakes.invalid(&output.range, message, "");
    }
    if output.value.trim().is_empty() {
        mistakes.invalid(&output.range, "the name of the folder is empty", "");
    }
}
