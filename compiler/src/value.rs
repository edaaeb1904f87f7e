//! Values: the text that an author wrote becomes a pattern or a regular expression.

mod dialect;
mod pattern;
mod regex;

pub use dialect::uncommon_parts;
pub use pattern::parse_pattern;
pub use regex::{RegexMistake, parse_regex};
