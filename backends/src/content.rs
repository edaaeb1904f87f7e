//! Queries and what rules say about themselves, as text and files that a SIEM takes.

pub mod analytic;
mod artifact;
pub mod attack;
mod data_model;
pub mod elastic;
mod entry;
mod escape;
pub mod lookup;
pub mod macros;
mod names;
pub mod postprocess;
mod problem;
pub mod raw;
pub mod splunk;
mod template;
pub mod tstats;

pub use artifact::Artifact;
pub use entry::{Correlated, Entry, Facts, TestedField};
pub use names::{Names, entry_id, is_device};
pub use problem::Problem;
pub use template::Templates;
