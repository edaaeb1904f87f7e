//! `isogloss.toml`: what a repository of rules says once for every run. Described in
//! `docs/configuration.md`.

#![expect(dead_code, reason = "some of it is only for content that is deployed")]

mod defaults;
pub(crate) mod elastic;
mod file;
mod gates;
mod mistake;
mod outputs;
mod overlay;
mod path;
mod placed;
mod places;
mod policy;
mod rules;
mod select;
mod setting;
pub(crate) mod splunk;
pub(crate) mod target;

use std::path::{Path, PathBuf};

use isogloss_compiler::ast::{Attributes, Document, Kind, Logsource, Metadata, Status};
use isogloss_compiler::diagnostic::suggest;
use isogloss_compiler::source::SourceMap;

use crate::cli::{Configuration, Selecting, Talk};
use crate::lock;
use crate::manifest::sha256;
use crate::policy::Policy;
use crate::report::Reporter;
use elastic::{Attack, Elastic};
use file::File;
pub(crate) use gates::Expectations;
use overlay::Overlay;
use path::{clean, from, relative};
pub(crate) use places::Places;
use select::{Candidate, Selection};
use splunk::Splunk;
pub(crate) use target::{Format, Target};

/// The name of the file.
pub(crate) const NAME: &str = "isogloss.toml";

/// The settings of a repository; without a file, those of the tool.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    /// The hash of the file and of what `--set` gives; none without a file.
    hash: Option<String>,
    /// The file as it is written.
    written: File,
    /// `--set`, laid over everything else.
    settings: Vec<File>,
    /// The environment that is laid over the file.
    environment: Option<String>,
    /// The folder that paths in the file are relative to; absolute.
    folder: PathBuf,
    /// What the command line selects.
    narrowed: Option<Selection>,
    /// True if rules that are out of use are left out unless they are asked for.
    deploys: bool,
    /// What holds: the file with everything that is laid over it.
    file: File,
    selection: Selection,
    fitting: Vec<defaults::Fitting>,
}

/// Reads the file that `--config` names, else the nearest one upwards from the current folder, and lays over
/// it the environment that `--env` names. Reports what is wrong with it; the error is one sentence.
pub(crate) fn load(
    arguments: &Configuration,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Config, String> {
    let config = read(arguments, sources, reporter)?;
    match &arguments.env {
        Some(name) => config.in_environment(name),
        None => Ok(config),
    }
}

/// The same, without an environment.
pub(crate) fn read(
    arguments: &Configuration,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Config, String> {
    let current = std::env::current_dir().map_err(|error| error.to_string())?;
    let path = match &arguments.config {
        Some(path) => path.clone(),
        None if arguments.no_config => return Ok(Config { folder: current, ..Config::default() }),
        None => match find(&current) {
            Some(path) => path,
            None => return Ok(Config { folder: current, ..Config::default() }),
        },
    };
    let shown = relative(&current, &path);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{shown}: {error}"))?;
    let folder = clean(&current.join(&path)).parent().map(Path::to_owned).unwrap_or(current);
    let source = sources.add(shown.as_str(), text.as_str());
    let mut mistakes = Vec::new();
    match file::parse(source, &text, &mut mistakes) {
        Some(written) if mistakes.is_empty() => {
            let hash = Some(sha256(text.as_bytes()));
            Ok(Config { hash, written, folder, ..Config::default() }.settle())
        }
        Some(_) | None => {
            reporter.findings(&mistakes, sources);
            Err(format!("the configuration {shown} cannot be used"))
        }
    }
}

fn find(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file())
}

/// What is laid over the file.
impl Config {
    /// True if there is a file.
    pub(crate) fn is_written(&self) -> bool {
        self.hash.is_some()
    }

    /// The hash of the file and of what `--set` gives.
    pub(crate) fn hash(&self) -> &str {
        self.hash.as_deref().unwrap_or_default()
    }

    /// The environments of the file.
    pub(crate) fn environments(&self) -> impl Iterator<Item = &str> {
        self.written.env.keys().map(|it| it.value.as_str())
    }

    /// The environment that is laid over the file, if one is.
    pub(crate) fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    /// What holds in an environment. The error is one sentence.
    pub(crate) fn in_environment(&self, name: &str) -> Result<Self, String> {
        if self.written.env.contains_key(name) {
            return Ok(Self { environment: Some(name.to_owned()), ..self.clone() }.settle());
        }
        if self.written.env.is_empty() {
            return Err(format!("there is no environment `{name}`: {NAME} has no `[env.{name}]`"));
        }
        let known: Vec<&str> = self.environments().collect();
        Err(format!("there is no environment `{name}`; {}", suggest(name, known.iter().copied())))
    }

    /// What holds with the keys that `--set` gives. What is wrong with them is reported; the error is one
    /// sentence.
    pub(crate) fn with_settings(
        mut self,
        settings: &[String],
        sources: &mut SourceMap,
        reporter: &mut Reporter,
    ) -> Result<Self, String> {
        for text in settings {
            self.hash = self.hash.map(|hash| sha256(format!("{hash}\n{text}").as_bytes()));
            if !text.contains('=') {
                return Err(format!("`--set {text}` has no value: write it as KEY=VALUE"));
            }
            match setting::parse(text, sources) {
                Ok(file) if file.env.is_empty() => self.settings.push(file),
                Ok(_) => return Err("--set is laid over environments: leave out `env`".to_owned()),
                Err(mistakes) => {
                    reporter.findings(&mistakes, sources);
                    return Err(format!("`--set {text}` cannot be used"));
                }
            }
        }
        Ok(self.settle())
    }

    /// What holds if the command line selects rules.
    pub(crate) fn with_selection(mut self, selecting: &Selecting) -> Self {
        self.narrowed = (!selecting.is_empty()).then(|| {
            Selection::of_command_line(&selecting.only, &selecting.status, selecting.min_level)
        });
        self
    }

    /// What holds if content is built: rules that are deprecated or unsupported are left out, unless they
    /// are asked for.
    pub(crate) fn for_deployment(self) -> Self {
        Self { deploys: true, ..self }
    }

    /// Brings what follows from the file up to date. The values were checked where they are written.
    fn settle(mut self) -> Self {
        let environment = self.environment.as_deref();
        let over = environment.and_then(|name| self.written.in_environment(name));
        let mut file = over.unwrap_or_else(|| self.written.clone());
        for setting in &self.settings {
            file.overlay(setting.clone());
        }
        let mut checked = mistake::Mistakes::default();
        self.selection = file.select.compile(&mut checked);
        self.fitting = file.defaults.compile(&mut checked);
        self.file = file;
        self
    }
}

/// Which rules.
impl Config {
    /// True if the document is looked at. The path is relative to the configuration; the log sources are
    /// its own, of a correlation those of its rules.
    pub(crate) fn selects(
        &self,
        path: &str,
        document: &Document,
        logsources: &[&Logsource],
    ) -> bool {
        let candidate = Candidate { path, document, logsources };
        let status = document.metadata.status;
        let is_rule = document.kind != Kind::Filter;
        let retired = status.filter(|it| self.deploys && is_rule && is_retired(*it));
        self.selection.selects(&candidate)
            && self.narrowed.as_ref().is_none_or(|it| it.selects(&candidate))
            && retired.is_none_or(|it| self.names(it))
    }

    /// True if the command line selects rules.
    pub(crate) fn is_narrowed(&self) -> bool {
        self.narrowed.is_some()
    }

    fn names(&self, status: Status) -> bool {
        self.selection.names(status) || self.narrowed.as_ref().is_some_and(|it| it.names(status))
    }

    /// What holds for a rule: its own attributes over the defaults that fit it, those over the schedule of
    /// its level, that over the defaults of all rules. The path is relative to the configuration.
    pub(crate) fn attributes(
        &self,
        metadata: &Metadata,
        logsource: &Logsource,
        path: &str,
    ) -> Attributes {
        let rule = defaults::Subject { metadata, logsource, path };
        self.file.defaults.of_rule(&rule, &self.fitting, &self.file.schedule)
    }

    /// The licence of rules without one.
    pub(crate) fn license(&self) -> Option<&str> {
        self.file.defaults.license.as_deref()
    }

    /// The authors of rules without one.
    pub(crate) fn authors(&self) -> &[String] {
        self.file.defaults.author.as_deref().unwrap_or_default()
    }
}

fn is_retired(status: Status) -> bool {
    match status {
        Status::Deprecated | Status::Unsupported => true,
        Status::Stable | Status::Test | Status::Experimental => false,
    }
}

/// Which files and folders.
impl Config {
    /// The folder of the configuration; absolute.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Files and folders of rules.
    pub(crate) fn rules(&self) -> Vec<PathBuf> {
        self.file.rules.folders().into_iter().map(|it| self.shown(it)).collect()
    }

    /// Files and folders of filters that are read beside the rules.
    pub(crate) fn filters(&self) -> Vec<PathBuf> {
        self.file.rules.filters().map(|it| self.shown(it)).collect()
    }

    /// The paths of a run: those given, and the filters that are read beside them.
    pub(crate) fn places(&self, given: &[PathBuf]) -> Places {
        Places::new(self, given)
    }

    /// The folder of the user's templates.
    pub(crate) fn templates(&self) -> Option<PathBuf> {
        self.file.templates.as_ref().map(|it| self.folder.join(it))
    }

    /// The lock.
    pub(crate) fn lock(&self) -> PathBuf {
        self.shown(self.file.lock.as_deref().unwrap_or(lock::NAME))
    }

    /// The folder that `build` writes a target to.
    pub(crate) fn output(&self, target: &str) -> PathBuf {
        let unset = Target::default();
        let settings = self.target(target).unwrap_or(&unset);
        self.shown(&settings.output(target, self.environment()))
    }

    /// The folders that `build` writes to in any environment.
    fn outputs(&self) -> impl Iterator<Item = PathBuf> {
        let environments = self.environments().filter_map(|name| self.in_environment(name).ok());
        let configs: Vec<Self> = environments.chain([self.clone()]).collect();
        let outputs = configs.into_iter().flat_map(|config| {
            let current = std::env::current_dir().unwrap_or_default();
            let targets = config.targets().map(|name| clean(&current.join(config.output(name))));
            targets.collect::<Vec<_>>()
        });
        outputs.collect::<Vec<_>>().into_iter()
    }

    /// The baseline that `check` compares with.
    pub(crate) fn baseline(&self) -> Option<PathBuf> {
        self.file.check.baseline.as_ref().map(|path| self.folder.join(path))
    }

    /// A path as the policy names it: relative to the configuration, whatever the current folder is.
    pub(crate) fn relative(&self, path: &str) -> String {
        if path == "-" { path.to_owned() } else { from(&self.folder, Path::new(path)) }
    }

    /// A path of the configuration, from the current folder.
    fn shown(&self, path: &str) -> PathBuf {
        let current = std::env::current_dir().unwrap_or_default();
        let shown = relative(&current, &self.folder.join(path));
        if shown.is_empty() { PathBuf::from(".") } else { PathBuf::from(shown) }
    }
}

/// What becomes of them.
impl Config {
    /// The names of the targets of the repository.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &str> {
        self.file.targets.keys().map(|it| it.value.as_str())
    }

    /// What the file says about a target, if it names it.
    pub(crate) fn target(&self, name: &str) -> Option<&Target> {
        self.file.targets.get(name)
    }

    /// The pipelines of a target; files are found from the folder of the configuration.
    pub(crate) fn pipelines(&self, target: &Target) -> Vec<String> {
        let is_name = |name: &str| name == "default" || isogloss_pipelines::find(name).is_some();
        let absolute = |name: &String| {
            let path =
                relative(&std::env::current_dir().unwrap_or_default(), &self.folder.join(name));
            if is_name(name) { name.clone() } else { path }
        };
        target.pipelines().iter().map(absolute).collect()
    }

    /// The policy of the file, and after it that of the command line. The error is one sentence.
    pub(crate) fn policy(&self, talk: &Talk) -> Result<Policy, String> {
        let today = time::OffsetDateTime::now_utc().date();
        Policy::new(self.file.entries(&mut Vec::new()), &talk.policy, today)
    }

    /// The app of Splunk.
    pub(crate) fn splunk(&self) -> &Splunk {
        &self.file.splunk
    }

    /// The stack that rules are imported to.
    pub(crate) fn elastic(&self) -> &Elastic {
        &self.file.elastic
    }

    /// The names of ATT&CK.
    pub(crate) fn attack(&self) -> &Attack {
        &self.file.attack
    }

    /// Whether expectations are run before something is built.
    pub(crate) fn expectations(&self) -> &Expectations {
        &self.file.expectations
    }

    /// True if mistakes are looked for before something is built.
    pub(crate) fn lints(&self) -> bool {
        self.file.lints.check()
    }
}

#[cfg(test)]
mod tests;
