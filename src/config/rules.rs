//! `[rules]`: where rules and filters are.

use schemars::JsonSchema;
use serde::Deserialize;

use super::overlay::table;

/// Where rules and filters are.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rules {
    /// Files and folders of rules, from the folder of isogloss.toml; without it that folder.
    folders: Option<Vec<String>>,
    /// Files and folders of filters that are read beside the rules.
    filters: Option<Vec<String>>,
}

table!(Rules { folders, filters });

impl Rules {
    /// Files and folders of rules, as written.
    pub(super) fn folders(&self) -> Vec<&str> {
        match &self.folders {
            Some(folders) => folders.iter().map(String::as_str).collect(),
            None => vec!["."],
        }
    }

    /// Files and folders of filters, as written.
    pub(super) fn filters(&self) -> impl Iterator<Item = &str> {
        self.filters.iter().flatten().map(String::as_str)
    }
}
