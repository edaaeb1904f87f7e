//! `isogloss list`.

use isogloss_backends::BACKENDS;
use isogloss_compiler::diagnostic::Code;
use isogloss_compiler::modifier::MODIFIERS;
use isogloss_pipelines::PIPELINES;

use crate::cli::{List, Listing};
use crate::exit::Exit;
use crate::output::Output;

/// Prints one line for each thing there is: its name and what it is.
pub(crate) fn run(arguments: &List) -> Exit {
    let rows: Vec<(String, String)> = match arguments.what {
        Listing::Targets => BACKENDS.iter().map(|it| row(it.name(), it.title())).collect(),
        Listing::Formats => formats(),
        Listing::Pipelines => PIPELINES.iter().map(|it| row(it.name, it.summary)).collect(),
        Listing::Modifiers => MODIFIERS.iter().map(|it| row(it.name, it.summary)).collect(),
        Listing::Codes => Code::ALL.iter().map(|it| row(it.as_str(), it.title())).collect(),
    };
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<String> =
        rows.iter().map(|(name, what)| format!("{name:<width$}  {what}")).collect();
    let text = lines.join(
        "
",
    ) + "
";
    match Output::Stdout.write("", &text) {
        Ok(()) => Exit::Fine,
        Err(_) => Exit::Usage,
    }
}

fn formats() -> Vec<(String, String)> {
    let own = BACKENDS.iter().flat_map(|backend| {
        backend
            .formats()
            .iter()
            .map(|it| row(&format!("{} {}", backend.name(), it.name), it.summary))
    });
    own.chain([row("all json", "one object with queries, losses and findings")]).collect()
}

fn row(name: &str, what: &str) -> (String, String) {
    (name.to_owned(), what.to_owned())
}
