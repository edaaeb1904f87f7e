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
pub mod postprocess;
mod problem;
pub mod raw;
mod template;
pub mod tstats;

pub use artifact::Artifact;
pub use entry::{Correlated, Entry, Facts, Names, TestedField};
pub use problem::Problem;
pub use template::Templates;
