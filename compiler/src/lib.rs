//! Sigma rules, from text to meaning.
//!
//! ```text
//! text -yaml-> Node -parse-> ast::Rule -lower-> ir::Rule<Sigma>
//!      -pipeline-> -link-> ir::Rule<Mapped> -pass-> ir::Rule<Mapped>
//! ```
//!
//! Each arrow is a pure function between two types. This crate does no I/O, reads no clock and no
//! environment, and prints nothing.
//!
//! [`Index`] is the way in for a whole repository; the phases are public for those who want one.

pub mod ast;
pub mod comment;
pub mod decimal;
pub mod diagnostic;
pub mod events;
pub mod expectation;
mod index;
pub mod ir;
pub mod lint;
pub mod lower;
mod map;
pub mod modifier;
pub mod parse;
pub mod pass;
pub mod pipeline;
pub mod source;
pub mod text;
pub mod value;
pub mod windows;
pub mod yaml;

pub use index::{File, Index, RuleId};
pub use map::{map_correlation, map_rule};
