//! `[defaults]` and `[schedule.<level>]`: what rules say nothing about.

use globset::GlobSet;
use isogloss_compiler::ast::attributes::{Attributes, Elastic, Schedule, Splunk};
use isogloss_compiler::ast::{Level, Logsource, Metadata};
use schemars::JsonSchema;
use serde::Deserialize;

use super::mistake::Mistakes;
use super::overlay::{Entries, table};
use super::placed::Placed;
use super::select::check_logsource;

/// What rules say nothing about.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Defaults {
    /// The licence of rules without one.
    pub(super) license: Option<String>,
    /// The authors of rules without one.
    pub(super) author: Option<Vec<String>>,
    /// As `isogloss.splunk` in a rule.
    splunk: Splunk,
    /// As `isogloss.elastic` in a rule.
    elastic: Elastic,
    /// Defaults for some rules; a later entry wins.
    #[serde(rename = "for")]
    fitting: Entries<For>,
}

table!(Defaults { license, author, splunk, elastic, fitting });

/// Defaults for the rules for which all of `logsource`, `paths` and `tags` hold that are given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct For {
    /// The rules of a log source.
    logsource: Option<Placed<Logsource>>,
    /// Globs of their files, from the folder of isogloss.toml.
    #[serde(default)]
    paths: Vec<Placed<String>>,
    /// Globs over their tags.
    #[serde(default)]
    tags: Vec<Placed<String>>,
    /// As `isogloss.splunk` in a rule.
    #[serde(default)]
    splunk: Splunk,
    /// As `isogloss.elastic` in a rule.
    #[serde(default)]
    elastic: Elastic,
}

/// When rules run, by their level.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Schedules {
    /// Of rules of the level informational.
    informational: OfLevel,
    /// Of rules of the level low.
    low: OfLevel,
    /// Of rules of the level medium.
    medium: OfLevel,
    /// Of rules of the level high.
    high: OfLevel,
    /// Of rules of the level critical.
    critical: OfLevel,
}

table!(Schedules { informational, low, medium, high, critical });

/// When the rules of a level run.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct OfLevel {
    /// As `isogloss.splunk.schedule` in a rule.
    splunk: Schedule,
    /// As the keys of the same names of `isogloss.elastic` in a rule.
    elastic: Interval,
}

table!(OfLevel { splunk, elastic });

/// When a rule of Elastic runs, and how far it looks back.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Interval {
    /// How often the rule runs, such as `5m`.
    interval: Option<String>,
    /// How far a run looks back beyond the interval, such as `4m`.
    lookback: Option<String>,
}

table!(Interval { interval, lookback });

impl Schedules {
    /// What holds for the rules of a level.
    fn of(&self, level: Level) -> Attributes {
        let found = match level {
            Level::Informational => &self.informational,
            Level::Low => &self.low,
            Level::Medium => &self.medium,
            Level::High => &self.high,
            Level::Critical => &self.critical,
        };
        let OfLevel { splunk, elastic } = found.clone();
        let Interval { interval, lookback } = elastic;
        Attributes {
            splunk: Splunk { schedule: splunk, ..Splunk::default() },
            elastic: Elastic { interval, lookback, ..Elastic::default() },
        }
    }
}

impl Defaults {
    /// The entries for some rules, ready to be asked. What is wrong with them is reported.
    pub(super) fn compile(&self, mistakes: &mut Mistakes) -> Vec<Fitting> {
        self.fitting.0.iter().map(|it| it.compile(mistakes)).collect()
    }

    /// What holds for a rule: what it says, else the last fitting entry that says something, else what its
    /// level says, else the defaults of all rules.
    pub(super) fn of_rule(
        &self,
        rule: &Subject,
        fitting: &[Fitting],
        schedules: &Schedules,
    ) -> Attributes {
        let mine = rule.metadata.attributes.clone();
        let fitting = fitting.iter().rev().filter(|it| it.is_about(rule));
        let with_fitting = fitting.fold(mine, |it, fitting| it.over(&fitting.attributes));
        let level = rule.metadata.level.map(|it| schedules.of(it)).unwrap_or_default();
        let all = Attributes { splunk: self.splunk.clone(), elastic: self.elastic.clone() };
        with_fitting.over(&level).over(&all)
    }
}

impl For {
    fn compile(&self, mistakes: &mut Mistakes) -> Fitting {
        if let Some(logsource) = &self.logsource {
            check_logsource(logsource, mistakes);
        }
        let paths = mistakes.glob_set(&self.paths);
        let tags = mistakes.glob_set(&self.tags);
        Fitting {
            logsource: self.logsource.as_ref().map(|it| it.value.clone()),
            paths: (!self.paths.is_empty()).then_some(paths),
            tags: (!self.tags.is_empty()).then_some(tags),
            attributes: Attributes { splunk: self.splunk.clone(), elastic: self.elastic.clone() },
        }
    }
}

/// A rule that defaults are asked for.
pub(super) struct Subject<'s> {
    /// What it says of itself.
    pub(super) metadata: &'s Metadata,
    /// Its log source.
    pub(super) logsource: &'s Logsource,
    /// The path of its file, from the folder of the configuration.
    pub(super) path: &'s str,
}

/// Defaults for some rules.
#[derive(Debug, Clone)]
pub(super) struct Fitting {
    logsource: Option<Logsource>,
    paths: Option<GlobSet>,
    tags: Option<GlobSet>,
    attributes: Attributes,
}

impl Fitting {
    fn is_about(&self, rule: &Subject) -> bool {
        let tags = &rule.metadata.tags;
        self.logsource.as_ref().is_none_or(|it| it.contains(rule.logsource))
            && self.paths.as_ref().is_none_or(|it| it.is_match(rule.path))
            && self.tags.as_ref().is_none_or(|it| tags.iter().any(|tag| it.is_match(tag)))
    }
}
