//! `isogloss init`: a commented configuration to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use isogloss_templates::CONFIG;

use crate::cli::{Color, Init, MessageFormat};
use crate::config::NAME;
use crate::exit::Exit;
use crate::input::show;
use crate::report::Reporter;

/// Writes the configuration, unless there is one, and says what to do next.
pub(crate) fn run(arguments: &Init) -> Exit {
    let mut reporter = Reporter::of(MessageFormat::Pretty, Color::Auto);
    match write(&arguments.folder) {
        Ok(path) => {
            reporter.line(&format!("{path} is written; every key stands there as a comment"));
            reporter
                .line("next: name your rules in `[rules]`, and what you deploy in `[targets.…]`");
            reporter
                .line("then: `isogloss check RULES` shows mistakes, and what each target loses");
            reporter.line("then: `isogloss build` writes what is deployed");
            Exit::Fine
        }
        Err(message) => {
            reporter.failure(&message);
            Exit::Usage
        }
    }
}

/// Returns the path of the new file. The error is one sentence.
fn write(folder: &Path) -> Result<String, String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", show(folder)))?;
    let path = folder.join(NAME);
    let shown = show(path.strip_prefix(".").unwrap_or(&path));
    let explain = |error: std::io::Error| {
        if error.kind() == ErrorKind::AlreadyExists {
            return format!("{shown} is there already, and stays as it is");
        }
        format!("{shown}: {error}")
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(explain)?;
    file.write_all(CONFIG.as_bytes()).map_err(explain)?;
    Ok(shown)
}
