//! Rules as they reach the content of Elastic.

use isogloss_backends::content::elastic::{Settings, Stack};
use isogloss_backends::content::{Templates, attack};
use isogloss_backends::{Options, WIDTH};

pub(crate) use crate::entries::Built;

/// What templates are unless a user has put others in their place.
static TEMPLATES: std::sync::LazyLock<Templates> = std::sync::LazyLock::new(Templates::default);

pub(crate) fn settings() -> Settings<'static> {
    Settings {
        min_stack: Stack::of(8, 18),
        attack: attack::Version::V18,
        templates: &TEMPLATES,
        license: None,
    }
}

/// How rules become queries of EQL or KQL.
pub(crate) struct Compiler(crate::entries::Compiler);

impl Compiler {
    pub(crate) fn new() -> Self {
        let options = Options::query(Some(WIDTH));
        Self(crate::entries::Compiler::new("elastic", "ecs", options))
    }

    /// Every query of the rules below a folder.
    pub(crate) fn folder(&self, folder: &std::path::Path) -> Vec<Built> {
        self.0.folder(folder, crate::root())
    }

    /// The same of one text.
    pub(crate) fn text(&self, text: &str) -> Vec<Built> {
        self.0.text(text)
    }
}
