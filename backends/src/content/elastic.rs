//! Rules of Kibana's detection engine: NDJSON for its API, and the TOML tree of elastic/detection-rules.
//!
//! ```text
//! Entry -make-> Rule -ndjson-> rules, create, update, delete (, import)
//!                 `---toml---> _config.yaml, etc/, rules/<tactic>_<file>.toml
//! ```

mod check;
mod current;
mod guide;
mod make;
mod ndjson;
mod rule;
mod schedule;
mod sources;
mod stack;
mod tags;
mod toml;

use super::attack;
use super::entry::Entry;
use super::template::Templates;

pub use check::check;
pub use current::Current;
pub use ndjson::{Parts, ndjson};
pub use stack::Stack;
pub use toml::toml;

/// What is the same for all rules of a build.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'s> {
    /// The oldest version that has to take the rules.
    pub min_stack: Stack,
    /// The words of ATT&CK.
    pub attack: attack::Version,
    /// The texts that are filled in.
    pub templates: &'s Templates,
    /// The licence of rules that name none.
    pub license: Option<&'s str>,
}

impl<'s> Settings<'s> {
    /// The licence of a rule.
    fn license_of(&self, entry: &'s Entry) -> Option<&'s str> {
        let own = entry.attributes.elastic.license.as_deref();
        own.or(entry.metadata.license.as_deref()).or(self.license)
    }
}

/// The types of rules that are made. Kibana does not change the type of a rule that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleType {
    /// A query or a sequence of EQL.
    Eql,
    /// A query of KQL.
    Query,
    /// How many events of a query of KQL are too many.
    Threshold,
}

impl RuleType {
    /// The word of Kibana.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eql => "eql",
            Self::Query => "query",
            Self::Threshold => "threshold",
        }
    }
}

/// The type of rule that an entry becomes.
pub fn rule_type(entry: &Entry) -> RuleType {
    match (entry.query.language, &entry.facts.correlation) {
        ("eql", _) => RuleType::Eql,
        (_, Some(_)) => RuleType::Threshold,
        (_, None) => RuleType::Query,
    }
}

/// All that is deployed of a rule but its version, as text: it changes exactly if the rule does. The error is
/// for people.
pub fn digest(entry: &Entry, settings: &Settings) -> Result<String, String> {
    ndjson::line(&make::make(entry, 0, settings)?.to_object()?)
}

/// The name of a rule before what is wrong with it.
fn blame(entry: &Entry, error: &str) -> String {
    format!("{}: {error}", entry.path)
}
