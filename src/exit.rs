//! How the program ends.

use std::process::ExitCode;

/// The exit codes. Of several the highest that happened counts, but for [`Exit::NoRule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Nothing to complain about.
    Fine = 0,
    /// A rule has an error, or something denied happened. All other rules were still written.
    Findings = 1,
    /// Wrong usage, configuration, or a file that cannot be read or written.
    Usage = 2,
    /// No rule where one was looked for.
    NoRule = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
