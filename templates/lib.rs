//! The text of deployable files, by target: loops and optional fields, no logic.

macro_rules! templates {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!($path))),*]
    };
}

/// Every template: its path in this crate and its text.
pub const TEMPLATES: &[(&str, &str)] = templates![
    "elastic/note.md.j2",
    "elastic/rule.toml.j2",
    "elastic/setup.md.j2",
    "spl/README.md.j2",
    "spl/analyticstories.conf.j2",
    "spl/app.conf.j2",
    "spl/app.manifest.j2",
    "spl/data_source.yml.j2",
    "spl/default.meta.j2",
    "spl/detection.yml.j2",
    "spl/macro.yml.j2",
    "spl/macros.conf.j2",
    "spl/savedsearches.conf.j2",
    "spl/server.conf.j2",
    "spl/story.yml.j2",
    "spl/transforms.conf.j2",
];

/// A commented sample of `isogloss.toml`. A key without a space behind its `#` can be uncommented.
pub const CONFIG: &str = include_str!("isogloss.toml");
