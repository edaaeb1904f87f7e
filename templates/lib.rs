//! The text of deployable files, by target: loops and optional fields, no logic.

/// Every template: its path in this crate and its text.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("elastic/note.md.j2", include_str!("elastic/note.md.j2")),
    ("elastic/rule.toml.j2", include_str!("elastic/rule.toml.j2")),
    ("elastic/setup.md.j2", include_str!("elastic/setup.md.j2")),
    ("spl/macros.conf.j2", include_str!("spl/macros.conf.j2")),
];
