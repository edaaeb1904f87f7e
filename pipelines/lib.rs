//! Built-in processing pipelines: field names and log sources of each platform, as data.
//!
//! The files are in the format of pySigma; what that format cannot say stands under the key
//! `isogloss`.

/// A built-in pipeline.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// The name on the command line.
    pub name: &'static str,
    /// Names of the pipelines of other tools that it stands in for.
    pub aliases: &'static [&'static str],
    /// What it is for, in one sentence.
    pub summary: &'static str,
    /// Its files, in order; each of them is a pipeline.
    pub files: &'static [File],
}

/// A file of a built-in pipeline.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Its path in the project.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The built-in pipeline of this name or alias.
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    PIPELINES.iter().find(|it| it.name == name || it.aliases.contains(&name))
}

macro_rules! file {
    ($path:literal) => {
        File { path: concat!("pipelines/", $path), text: include_str!($path) }
    };
}

/// Every built-in pipeline.
pub const PIPELINES: &[BuiltIn] = &[
    BuiltIn {
        name: "splunk",
        aliases: &["splunk_windows", "splunk_sysmon_acceleration"],
        summary: "Splunk's own content conventions: macros for log sources, fields of the add-ons",
        files: &[
            file!("splunk/windows.yml"),
            file!("splunk/linux.yml"),
            file!("splunk/cloud.yml"),
            file!("splunk/network.yml"),
        ],
    },
    BuiltIn {
        name: "splunk_raw",
        aliases: &[],
        summary: "the same without macros: sources and event codes, for a plain Splunk",
        files: &[
            file!("splunk/windows.yml"),
            file!("splunk/linux.yml"),
            file!("splunk/cloud.yml"),
            file!("splunk/network.yml"),
            file!("splunk/raw.yml"),
        ],
    },
    BuiltIn {
        name: "splunk_cim",
        aliases: &[],
        summary: "Splunk's common information model: tags for log sources, fields of the data models",
        files: &[file!("splunk/cim.yml"), file!("splunk/network.yml")],
    },
    BuiltIn {
        name: "ecs",
        aliases: &[
            "ecs_windows",
            "ecs_windows_old",
            "ecs_zeek_beats",
            "ecs_zeek_corelight",
            "ecs_kubernetes",
            "ecs_macos_esf",
        ],
        summary: "Elastic Common Schema, as Beats, Elastic Agent and Elastic Defend fill it",
        files: &[
            file!("ecs/windows.yml"),
            file!("ecs/linux.yml"),
            file!("ecs/cloud.yml"),
            file!("ecs/network.yml"),
        ],
    },
    BuiltIn {
        name: "sysmon",
        aliases: &[],
        summary: "Sysmon's event codes for categories, for a platform without a scope for them",
        files: &[file!("windows/sysmon.yml")],
    },
    BuiltIn {
        name: "windows-audit",
        aliases: &[],
        summary: "Windows' own audit events for categories, for machines without Sysmon",
        files: &[file!("windows/audit.yml")],
    },
    BuiltIn {
        name: "windows-logsources",
        aliases: &[],
        summary: "the log sources of Windows events, by channel, provider and code",
        files: &[file!("windows/logsources.yml")],
    },
];
