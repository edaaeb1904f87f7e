//! The expectations of a repository before something is built of it.

use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::source::SourceMap;

use super::expect::{Suite, run_all};
use super::render::count_checks;
use super::{Settings, all_vias, windows_sources};
use crate::cli::{PipelineChoice, Talk};
use crate::config::Config;
use crate::report::Reporter;

/// What the expectations beside the rules of a configuration say.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// What failed, and what could not be read.
    pub(crate) findings: Vec<Diagnostic>,
    /// True if anything failed.
    pub(crate) is_failed: bool,
    /// How many were asked; empty without any.
    pub(crate) count: String,
}

/// Asks the expectations beside the rules, if the configuration wants it, and in each of the ways that it
/// names. The error is one sentence.
pub(crate) fn expectations(
    config: &Config,
    talk: &Talk,
    sources: &mut SourceMap,
    reporter: &mut Reporter,
) -> Result<Gate, String> {
    if !config.expectations().run() {
        return Ok(Gate::default());
    }
    let choice = PipelineChoice::default();
    let vias = all_vias(&choice, config, sources, reporter)?;
    let mut ways: Vec<Option<&str>> = config.expectations().via().into_iter().map(Some).collect();
    if ways.is_empty() {
        // Each file says itself what answers.
        ways.push(None);
    }
    let mut suites: Vec<Suite> = Vec::new();
    for way in ways {
        let settings = Settings {
            via: way.and_then(|name| vias.get(name).cloned()),
            config: config.clone(),
            policy: config.policy(talk)?,
            given: None,
            time_field: None,
            sources: windows_sources(sources)?,
        };
        let mut failures = Vec::new();
        suites.extend(run_all(&config.rules(), &settings, &vias, sources, &mut failures));
        if let Some(failure) = failures.into_iter().next() {
            return Err(failure);
        }
    }
    Ok(Gate {
        findings: suites.iter().flat_map(Suite::findings).cloned().collect(),
        is_failed: suites.iter().any(Suite::is_failed),
        count: if suites.is_empty() { String::new() } else { count_checks(&suites) },
    })
}
