//! The targets: Splunk SPL, Elastic EQL, Kibana KQL.
//!
//! ```text
//! ir::Rule<Mapped> -lower-> ast::Query -print-> Printed -template-> Artifact
//!                               ^--------parse----'   (every query is read back and compared)
//! ```
//!
//! Every target is the same five files: `ast` (its tree), `lower` (IR to tree: all meaning is decided
//! here), `print` (tree to text: all syntax is decided here), `parse` (text to tree), `evaluate` (the
//! target's documented semantics on an event). No target imports another. `elastic` alone is no language: it
//! asks others by name.

mod address;
pub mod backend;
pub mod capability;
pub mod content;
mod correlation;
pub mod elastic;
pub mod eql;
pub mod kql;
pub mod layout;
mod long;
pub mod loss;
mod lucene;
mod pcre;
pub mod required;
pub mod spl;

pub use backend::{Answers, Backend, Options, OutputFormat, Query, Refusal, TimedTrial, Trial};
pub use capability::Construct;
pub use layout::{Printed, WIDTH};

/// Every language, in the order of listings.
pub const BACKENDS: &[&dyn Backend] = &[&spl::Spl, &eql::Eql, &kql::Kql];

/// Every target: the languages, and behind them what chooses between some of them for each rule.
pub const TARGETS: &[&dyn Backend] = &[&spl::Spl, &eql::Eql, &kql::Kql, &elastic::Elastic];

/// The target of this name.
pub fn find(name: &str) -> Option<&'static dyn Backend> {
    TARGETS.iter().copied().find(|backend| backend.name() == name)
}

/// The names of all targets.
pub fn target_names() -> impl Iterator<Item = &'static str> + Clone {
    TARGETS.iter().map(|backend| backend.name())
}

/// What people call a language.
pub fn title_of(language: &str) -> &str {
    find(language).map_or(language, |backend| backend.title())
}
