//! A file of deployable content.

/// A file of deployable content: what a build writes, or puts into a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Where it belongs, with `/` between the parts, relative to the folder of its target. Never absolute,
    /// never with `..`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl Artifact {
    /// A file of text.
    pub fn text(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), bytes: text.into().into_bytes() }
    }
}
