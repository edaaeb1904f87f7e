//! `--set KEY=VALUE`: one key of the file, from the command line.

use isogloss_compiler::diagnostic::Diagnostic;
use isogloss_compiler::source::{SourceId, SourceMap};

use super::file::{self, File};

/// Reads a setting. The value is TOML, or else text; the error is what is wrong with it.
pub(super) fn parse(setting: &str, sources: &mut SourceMap) -> Result<File, Vec<Diagnostic>> {
    let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
    let as_toml = format!("{key} = {value}");
    let as_text = format!("{key} = {}", toml::Value::from(value));
    let read = |text: &str, source: SourceId| {
        let mut mistakes = Vec::new();
        file::parse(source, text, &mut mistakes).filter(|_| mistakes.is_empty()).ok_or(mistakes)
    };
    let is_toml = toml::from_str::<toml::Table>(&as_toml).is_ok();
    let shown = if is_toml { &as_toml } else { &as_text };
    let source = sources.add("--set", shown.as_str());
    let first = read(shown, source);
    // A number can be meant as text, as in `splunk.version=1.2`.
    let second = || read(&as_text, source).ok();
    first.or_else(|mistakes| second().ok_or(mistakes))
}
