//! Values: the text that an author wrote becomes a pattern or a regular expression.

mod pattern;
mod regex;

pub use pattern::parse_pattern;
pub use regex::{RegexMistake, parse_regex};
