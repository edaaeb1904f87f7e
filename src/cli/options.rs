//! Options of several commands.

use std::path::PathBuf;

use clap::Args;
use isogloss_compiler::ast::{self, Status};
use isogloss_compiler::diagnostic::suggest;

/// Which pipelines bring a rule to a target.
#[derive(Debug, Default, Args)]
pub(crate) struct PipelineChoice {
    /// Pipelines in place of the target's default: a built-in name, a file, a folder, or `default` to keep it
    #[arg(short, long = "pipeline", value_name = "NAME|PATH")]
    pub(crate) pipelines: Vec<String>,

    /// A choice that the pipelines leave open, such as `process_creation=security`
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = parse_var)]
    vars: Vec<(String, String)>,

    /// Keep Sigma's field names, and search everything
    #[arg(long, conflicts_with_all = ["pipelines", "vars"])]
    pub(crate) without_pipeline: bool,
}

impl PipelineChoice {
    /// Names and values of variables.
    pub(crate) fn vars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.vars.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn parse_var(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Which rules are looked at, beside what the configuration selects.
#[derive(Debug, Args)]
pub(crate) struct Selecting {
    /// Only the rule of this id; can be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) only: Vec<String>,

    /// Only rules of this status: stable, test, experimental, deprecated, unsupported
    #[arg(long, value_delimiter = ',', value_parser = parse_status)]
    pub(crate) status: Vec<Status>,

    /// Only rules of this level or a higher one: informational, low, medium, high, critical
    #[arg(long, value_name = "LEVEL", value_parser = parse_level)]
    pub(crate) min_level: Option<ast::Level>,
}

impl Selecting {
    /// True if nothing is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.only.is_empty() && self.status.is_empty() && self.min_level.is_none()
    }
}

fn parse_status(text: &str) -> Result<Status, String> {
    parse_word(text, Status::ALL)
}

fn parse_level(text: &str) -> Result<ast::Level, String> {
    parse_word(text, ast::Level::ALL)
}

fn parse_word<T: Copy>(text: &str, words: &[(&'static str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| suggest(text, words.iter().map(|(word, _)| *word)))
}

/// A release that was deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deployed {
    /// The output, such as `prod.spl`; without it all.
    pub(crate) output: Option<String>,
    /// Its release.
    pub(crate) release: u32,
}

pub(super) fn parse_release(text: &str) -> Result<Deployed, String> {
    let (output, number) = match text.rsplit_once('=') {
        Some((output, number)) => (Some(output.to_owned()), number),
        None => (None, text),
    };
    let release = number.parse().map_err(|_| "write it as 12, or as elastic=12".to_owned())?;
    Ok(Deployed { output, release })
}

/// Where the configuration is.
#[derive(Debug, Args)]
pub(crate) struct Configuration {
    /// The configuration, in place of the nearest isogloss.toml
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,

    /// Read no configuration
    #[arg(long)]
    pub(crate) no_config: bool,

    /// The environment of the configuration: `[env.NAME]` is laid over everything else; `build` takes several by
    /// commas, and `all`
    #[arg(long, value_name = "NAME", conflicts_with = "no_config")]
    pub(crate) env: Option<String>,
}
