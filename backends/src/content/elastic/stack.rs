//! The version of the Elastic Stack that content is made for.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::content::attack;

/// A version of Kibana and Elasticsearch, such as `8.12.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Stack {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number.
    pub patch: u16,
}

impl Stack {
    /// A first release, such as `8.14`.
    pub const fn of(major: u16, minor: u16) -> Self {
        Self { major, minor, patch: 0 }
    }

    /// The words of ATT&CK that its own rules use (elastic/detection-rules: version 19 from 9.5 on).
    pub fn attack(self) -> attack::Version {
        if self < Self::of(9, 5) { attack::Version::V18 } else { attack::Version::V19 }
    }

    /// Reads two or three numbers with points between them. The error is for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<u16>> = text.split('.').map(number).collect();
        match numbers.as_deref() {
            Some(&[major, minor]) => Ok(Self::of(major, minor)),
            Some(&[major, minor, patch]) => Ok(Self { major, minor, patch }),
            Some(_) | None => {
                Err(format!("`{text}` is no version of the Elastic Stack, such as `8.12.1`"))
            }
        }
    }
}

/// Digits alone: no sign.
fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl TryFrom<String> for Stack {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl Default for Stack {
    /// The oldest version whose queries are told to be right.
    fn default() -> Self {
        Self { major: 8, minor: 12, patch: 1 }
    }
}

impl fmt::Display for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(Stack::parse("8.12.1").unwrap(), Stack::default());
        assert_eq!(Stack::parse("9.2").unwrap().to_string(), "9.2.0");
        assert!(Stack::of(8, 9) < Stack::of(8, 14));
        for text in ["", "8", "8.x", "8.1.2.3", "v8.1", "8.-1", "8.+1", "8.99999"] {
            assert!(Stack::parse(text).is_err(), "{text}");
        }
    }
}
