//! `[select]`: which rules are looked at.

use globset::GlobSet;
use isogloss_compiler::ast::{Document, Kind, Level, Logsource, Metadata, Status};
use isogloss_compiler::diagnostic::Diagnostic;
use schemars::JsonSchema;
use serde::Deserialize;
use time::Date;
use toml::value::Datetime;

use super::mistake::Mistakes;
use super::overlay::table;
use super::placed::Placed;
use super::policy::day;
use crate::input::STDIN;
use crate::policy::parse_date;

/// Which rules are looked at: those for which all given keys hold, and none of `exclude`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Select {
    /// Ids of rules.
    ids: Option<Vec<String>>,
    /// Globs of files, from the folder of isogloss.toml.
    paths: Option<Vec<Placed<String>>>,
    /// The states of rules.
    status: Option<Vec<Status>>,
    /// The levels of rules.
    levels: Option<Vec<Level>>,
    /// The lowest level.
    min_level: Option<Level>,
    /// Globs over tags.
    tags: Option<Vec<Placed<String>>>,
    /// Log sources: `{ product = "windows" }` holds for every rule of Windows.
    logsources: Option<Vec<Placed<Logsource>>>,
    /// The first day on which a rule was modified, or written if it was not modified since.
    #[schemars(with = "Option<String>")]
    modified_since: Option<Placed<Datetime>>,
    /// Rules for which any key of this holds are left out.
    exclude: Exclude,
}

table!(Select { ids, paths, status, levels, min_level, tags, logsources, modified_since, exclude });

/// The rules that are left out: those for which any key holds.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Exclude {
    /// Ids of rules.
    ids: Option<Vec<String>>,
    /// Globs of files, from the folder of isogloss.toml.
    paths: Option<Vec<Placed<String>>>,
    /// The states of rules.
    status: Option<Vec<Status>>,
    /// The levels of rules.
    levels: Option<Vec<Level>>,
    /// The lowest level.
    min_level: Option<Level>,
    /// Globs over tags.
    tags: Option<Vec<Placed<String>>>,
    /// Log sources.
    logsources: Option<Vec<Placed<Logsource>>>,
    /// The first day on which a rule was modified, or written if it was not modified since.
    #[schemars(with = "Option<String>")]
    modified_since: Option<Placed<Datetime>>,
}

table!(Exclude { ids, paths, status, levels, min_level, tags, logsources, modified_since });

impl Select {
    /// What the tables say, ready to be asked. What is wrong with them is reported.
    pub(super) fn compile(&self, mistakes: &mut Mistakes) -> Selection {
        let Self {
            ids,
            paths,
            status,
            levels,
            min_level,
            tags,
            logsources,
            modified_since,
            exclude,
        } = self.clone();
        let include =
            Exclude { ids, paths, status, levels, min_level, tags, logsources, modified_since };
        Selection { include: include.compile(mistakes), exclude: exclude.compile(mistakes) }
    }
}

impl Exclude {
    fn compile(&self, mistakes: &mut Mistakes) -> Criteria {
        let lower = |ids: &Vec<String>| ids.iter().map(|it| it.to_lowercase()).collect();
        for logsource in self.logsources.iter().flatten() {
            check_logsource(logsource, mistakes);
        }
        let logsources =
            |it: &Vec<Placed<Logsource>>| it.iter().map(|it| it.value.clone()).collect();
        let since = self.modified_since.as_ref();
        Criteria {
            ids: self.ids.as_ref().map(lower),
            paths: self.paths.as_ref().map(|it| mistakes.glob_set(it)),
            status: self.status.clone(),
            levels: self.levels.clone(),
            min_level: self.min_level,
            tags: self.tags.as_ref().map(|it| mistakes.glob_set(it)),
            logsources: self.logsources.as_ref().map(logsources),
            modified_since: since.and_then(|it| day(it, "modified_since", mistakes)),
        }
    }
}

/// Reports a log source that is none in particular.
pub(super) fn check_logsource(logsource: &Placed<Logsource>, mistakes: &mut Mistakes) {
    if logsource.value.specificity() == 0 {
        let message = "the log source has neither `category`, `product` nor `service`";
        mistakes.invalid(&logsource.range, message, "");
    }
}

/// Which rules are looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    include: Criteria,
    exclude: Criteria,
}

/// What can be asked of a rule; `None` asks nothing.
#[derive(Debug, Clone, Default)]
struct Criteria {
    ids: Option<Vec<String>>,
    paths: Option<GlobSet>,
    status: Option<Vec<Status>>,
    levels: Option<Vec<Level>>,
    min_level: Option<Level>,
    tags: Option<GlobSet>,
    logsources: Option<Vec<Logsource>>,
    modified_since: Option<Date>,
}

/// A document of which it is asked whether it is selected.
pub(super) struct Candidate<'c> {
    /// The path of its file, from the folder of the configuration.
    pub(super) path: &'c str,
    /// The document.
    pub(super) document: &'c Document,
    /// Its log source; of a correlation, those of its rules.
    pub(super) logsources: &'c [&'c Logsource],
}

impl Selection {
    /// What the command line asks for.
    pub(super) fn of_command_line(
        ids: &[String],
        status: &[Status],
        min_level: Option<Level>,
    ) -> Self {
        let ids = (!ids.is_empty()).then(|| ids.iter().map(|it| it.to_lowercase()).collect());
        let status = (!status.is_empty()).then(|| status.to_vec());
        Self {
            include: Criteria { ids, status, min_level, ..Criteria::default() },
            ..Self::default()
        }
    }

    /// True if the document is selected. A filter is no rule, and always is. So is a document with an error
    /// as far as it cannot be read what is asked for: that it would be left out is not known.
    pub(super) fn selects(&self, candidate: &Candidate) -> bool {
        if candidate.document.kind == Kind::Filter {
            return true;
        }
        let broken = candidate.document.diagnostics.iter().any(Diagnostic::is_error);
        let includes = self.include.answers(candidate).all(|it| it.unwrap_or(broken));
        includes && !self.exclude.answers(candidate).any(|it| it == Some(true))
    }

    /// True if rules of this state are asked for by its name.
    pub(super) fn names(&self, status: Status) -> bool {
        self.include.status.as_ref().is_some_and(|it| it.contains(&status))
    }
}

impl Criteria {
    /// For each thing that is asked whether it holds; `None` if the rule does not say.
    fn answers(&self, candidate: &Candidate) -> impl Iterator<Item = Option<bool>> {
        let Candidate { path, document, logsources } = candidate;
        let Metadata { id, status, level, tags, date, modified, .. } = &*document.metadata;
        let day = modified.as_deref().or(date.as_deref()).and_then(parse_date);
        let tagged = |globs: &GlobSet| tags.iter().any(|tag| globs.is_match(tag));
        let known = |holds: bool, known: bool| known.then_some(holds);
        let of_source = |wanted: &Vec<Logsource>| {
            let holds = wanted.iter().any(|it| logsources.iter().any(|other| it.contains(other)));
            known(holds, !logsources.is_empty())
        };
        // What comes from standard input has no path.
        let paths = self.paths.as_ref().filter(|_| !path.ends_with(STDIN));
        let ids = |ids: &Vec<String>| Some(ids.contains(&id.as_ref()?.to_lowercase()));
        [
            self.ids.as_ref().map(ids),
            paths.map(|globs| Some(globs.is_match(path))),
            self.status.as_ref().map(|wanted| Some(wanted.contains(&(*status)?))),
            self.levels.as_ref().map(|wanted| Some(wanted.contains(&(*level)?))),
            self.min_level.map(|least| Some((*level)? >= least)),
            self.tags.as_ref().map(|globs| known(tagged(globs), !tags.is_empty())),
            self.logsources.as_ref().map(of_source),
            self.modified_since.map(|since| Some(day? >= since)),
        ]
        .into_iter()
        .flatten()
    }
}
