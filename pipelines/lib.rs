//! Built-in processing pipelines: field names and log sources of each platform, as data.
//!
//! The files are in the format of pySigma; what that format cannot say stands under the key
//! `isogloss`.

/// A built-in pipeline.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// The name on the command line.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub summary: &'static str,
    /// The text of the file.
    pub text: &'static str,
}

/// Every built-in pipeline.
pub const PIPELINES: &[BuiltIn] = &[
    BuiltIn {
        name: "splunk",
        summary: "Splunk's own content conventions: macros for log sources, fields of the Windows add-ons",
        text: include_str!("splunk.yml"),
    },
    BuiltIn {
        name: "ecs",
        summary: "Elastic Common Schema, as Winlogbeat, Elastic Agent and Elastic Defend fill it",
        text: include_str!("ecs/windows.yml"),
    },
    BuiltIn {
        name: "windows-logsources",
        summary: "the log sources of Windows events, by channel, provider and code; for `isogloss test`",
        text: include_str!("windows-logsources.yml"),
    },
];
