//! Content of Splunk: an app for Splunk Enterprise Security, its package, and detections in the form of
//! Splunk's own content.
//!
//! The searches of an app are those of the format `analytic` (of `tstats` for data models). Where such a search
//! fills fields with a word before it counts, the word is taken out of the fields that name risk objects at its
//! end: nobody's risk is that of `unknown`.

mod about;
mod annotation;
mod app;
mod check;
mod contentctl;
mod date;
mod drilldown;
mod escu;
mod hash;
mod notable;
mod pack;
mod plain;
mod published;
mod risk;
mod schedule;
mod shape;
mod source;
mod stanza;
mod story;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attack::Version;
use super::names::Names;
use super::template::Templates;

pub use app::{app, savedsearches};
pub use check::{check, check_app};
pub use contentctl::check_escu;
pub use escu::escu;
pub use pack::pack;
pub use stanza::digest;

/// The app that is built.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct App {
    /// Its folder: letters and digits of ASCII, `.` and `_`.
    pub id: String,
    /// Its name, for people.
    pub label: String,
    /// Three numbers, such as `1.0.0`. Splunk takes an app as newer if its version is higher.
    pub version: String,
    /// Who made it.
    pub author: String,
    /// Where they work.
    pub company: String,
    /// Where they can be asked.
    pub email: String,
    /// What it is.
    pub description: String,
    /// The license of what is in it, as an SPDX id, where a rule names none.
    pub license: Option<String>,
}

impl Default for App {
    fn default() -> Self {
        Self {
            id: "isogloss_detections".to_owned(),
            label: "Detections".to_owned(),
            version: "1.0.0".to_owned(),
            author: "Detection Engineering".to_owned(),
            company: "Detection Engineering".to_owned(),
            email: "detections@example.com".to_owned(),
            description: "Searches that were translated from Sigma rules.".to_owned(),
            license: None,
        }
    }
}

/// The version of Splunk Enterprise Security that an app is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum EnterpriseSecurity {
    /// Notable events with one drilldown, or with several (7.1).
    #[serde(rename = "7")]
    V7,
    /// Findings, which name the entity that they are about.
    #[default]
    #[serde(rename = "8")]
    V8,
}

/// Who defines the macros that searches call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MacroSource {
    /// The app, under names with a prefix.
    #[default]
    Own,
    /// Splunk's own content, as far as it has them; it has to be installed.
    Escu,
    /// Nobody: definitions stand in the searches. Only the filters are macros.
    Inline,
}

/// How content is made.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'s> {
    /// The app.
    pub app: &'s App,
    /// What it is for.
    pub es: EnterpriseSecurity,
    /// Who defines macros.
    pub macros: MacroSource,
    /// What names of macros start with; the queries have been made with it.
    pub macro_prefix: &'s str,
    /// The words of ATT&CK.
    pub attack: Version,
    /// The text of files.
    pub templates: &'s Templates,
}

/// A rule that has left. For one release its saved search stays as a disabled stub, since a customer's
/// changes to it would else be a saved search without a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gone {
    /// The names under which it was deployed.
    pub names: Names,
    /// Its id.
    pub id: String,
    /// Its last title.
    pub title: String,
    /// Its last version.
    pub version: u32,
}
