//! The text of deployable files, by target: loops and optional fields, no logic.

/// Every template: its path in this crate and its text.
pub const TEMPLATES: &[(&str, &str)] =
    &[("spl/macros.conf.j2", include_str!("spl/macros.conf.j2"))];
