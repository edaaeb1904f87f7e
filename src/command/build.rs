//! `isogloss build`: everything that a SIEM imports, from rules and one `isogloss.toml`.
//!
//! Every environment is built in memory first. Then the lock file is written, and each output folder takes the
//! place of the old one in one step.

mod environment;
mod findings;
mod output;
mod platform;
mod rules;
mod target;

use std::path::Path;

use isogloss_compiler::diagnostic::suggest;
use isogloss_compiler::source::SourceMap;

use crate::cli::Build;
use crate::config::{self, Config};
use crate::exit::Exit;
use crate::lock::{Lock, Relock};
use crate::progress::Progress;
use crate::report::Reporter;
use crate::staging;
use crate::threads;
use environment::Built;

/// The name that stands for every environment.
const ALL: &str = "all";

/// Builds and writes; reports what was found; ends with what was written.
pub(crate) fn run(arguments: &Build) -> Exit {
    let mut reporter = Reporter::new(&arguments.talk);
    let mut sources = SourceMap::new();
    let exit = build(arguments, &mut sources, &mut reporter);
    reporter.finish(&sources);
    exit.unwrap_or_else(|message| {
        reporter.failure(&message);
        Exit::Usage
    })
}

/// What all environments share.
struct Session<'s> {
    arguments: &'s Build,
    sources: &'s mut SourceMap,
    reporter: &'s mut Reporter,
    progress: Progress,
    relock: Relock,
    lock: Lock,
}

fn build(
    arguments: &Build,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Exit, String> {
    let configs = configurations(arguments, sources, reporter)?;
    let lock_file = configs.first().map(Config::lock).unwrap_or_default();
    // Two builds at once would forget what the other one has built.
    let _guard = if arguments.check { None } else { Some(staging::alone_with(&lock_file)?) };
    let before = Lock::read(&lock_file, sources, reporter)?;
    let lock = before.clone();
    threads::start(arguments.talk.jobs)?;
    let relock = Relock::new(arguments.relock.iter().map(String::as_str));
    if let [unknown, ..] = &*lock.unknown(&relock) {
        return Err(format!("no build has seen a rule `{unknown}`, which `--relock` names"));
    }
    let progress = Progress::new(&arguments.talk);
    let mut session = Session { arguments, sources, reporter, progress, relock, lock };
    let mut built = Vec::new();
    for config in &configs {
        built.push(environment::build(config, &mut session)?);
    }
    let configuration = configs.first().map_or(Path::new("."), Config::folder);
    let locks = Locks { file: &lock_file, before: &before, lock: &session.lock };
    finish(&built, &locks, configuration, arguments, session.reporter)
}

/// The lock file before and after a build.
struct Locks<'l> {
    file: &'l Path,
    before: &'l Lock,
    lock: &'l Lock,
}

/// The configuration of each environment that is built for. The error is one sentence.
fn configurations(
    arguments: &Build,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Vec<Config>, String> {
    let config = config::read(&arguments.talk.configuration, sources, reporter)?;
    if !config.is_written() {
        return Err(
            "there is no isogloss.toml here or above: `isogloss init` writes one".to_owned()
        );
    }
    let config = config.with_settings(&arguments.set, sources, reporter)?.for_deployment();
    if config.targets().next().is_none() {
        return Err("isogloss.toml names no target: write `[targets.spl]` or `[targets.elastic]`"
            .to_owned());
    }
    let named: Vec<&str> = match arguments.talk.configuration.env.as_deref() {
        None => return Ok(vec![config]),
        Some(ALL) => config.environments().collect(),
        Some(names) => names.split(',').map(str::trim).collect(),
    };
    if named.is_empty() {
        return Err("isogloss.toml has no environment: write `[env.NAME]`".to_owned());
    }
    named.into_iter().map(|name| config.in_environment(name)).collect()
}

fn suggest_output(unknown: &str, folders: &[&output::Folder]) -> String {
    let help = suggest(unknown, folders.iter().map(|it| it.name.as_str()));
    format!("`--deployed {unknown}=…` names no output of this build; {help}")
}

/// Compares or writes, unless something keeps the whole build from it.
fn finish(
    built: &[Built],
    locks: &Locks,
    configuration: &Path,
    arguments: &Build,
    reporter: &mut Reporter,
) -> Result<Exit, String> {
    let found = built.iter().map(|it| it.exit).max().unwrap_or(Exit::Fine);
    for line in built.iter().flat_map(|it| &it.lines) {
        reporter.line(line);
    }
    if built.iter().any(|it| it.is_held_back) {
        reporter.line("nothing was written: what is deployed stays as it is");
        return Ok(Exit::Findings.max(found));
    }
    let folders: Vec<_> = built.iter().flat_map(|it| &it.folders).collect();
    output::keep_apart(&folders, configuration)?;
    let mut named = arguments.deployed.iter().filter_map(|it| it.output.as_deref());
    if let Some(unknown) = named.find(|name| folders.iter().all(|it| it.name != *name)) {
        return Err(suggest_output(unknown, &folders));
    }
    if arguments.check {
        return Ok(found.max(output::compare(&folders, locks, reporter)?));
    }
    output::write(&folders, locks, reporter)?;
    Ok(found)
}
