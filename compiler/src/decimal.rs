//! Decimal numbers of any length, compared by value.

use std::cmp::Ordering;
use std::fmt;

use bigdecimal::BigDecimal;

/// A decimal number: an optional sign, digits, and an optional fraction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(BigDecimal);

impl Decimal {
    /// The number that a text says. Exponents, hexadecimal digits, a leading `+` and white space make no
    /// decimal; leading and trailing zeros do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
        // With an exponent, a short text could be a number that fills the memory.
        (digits(whole) && digits(fraction)).then(|| text.parse().ok().map(Self))?
    }

    /// The sum of two numbers.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self(&self.0 + &other.0)
    }

    /// The number, `count` times.
    #[must_use]
    pub fn times(&self, count: usize) -> Self {
        Self(&self.0 * BigDecimal::from(u64::try_from(count).unwrap_or(u64::MAX)))
    }

    /// The number zero.
    pub fn zero() -> Self {
        Self(BigDecimal::from(0))
    }
}

impl From<usize> for Decimal {
    fn from(count: usize) -> Self {
        Self(BigDecimal::from(u64::try_from(count).unwrap_or(u64::MAX)))
    }
}

/// The canonical form: no exponent, no trailing zeros behind the point.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.normalized().to_plain_string())
    }
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// `lt`.
    Less,
    /// `lte`.
    LessEqual,
    /// `gt`.
    Greater,
    /// `gte`.
    GreaterEqual,
}

impl Comparison {
    /// All comparisons with the names of their modifiers.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("lt", Self::Less),
        ("lte", Self::LessEqual),
        ("gt", Self::Greater),
        ("gte", Self::GreaterEqual),
    ];

    /// The name of its modifier.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Less => "lt",
            Self::LessEqual => "lte",
            Self::Greater => "gt",
            Self::GreaterEqual => "gte",
        }
    }

    /// True if `left` stands so to `right`.
    pub fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Less => left.cmp(right) == Ordering::Less,
            Self::LessEqual => left.cmp(right) != Ordering::Greater,
            Self::Greater => left.cmp(right) == Ordering::Greater,
            Self::GreaterEqual => left.cmp(right) != Ordering::Less,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_of_any_length_compare_by_value() {
        let ascending = [
            "-100000000000000000000000000000000000000",
            "-1.5",
            "-0.25",
            "0",
            "0.1",
            "9",
            "10",
            "99999999999999999999.1",
        ];
        let numbers: Vec<Decimal> =
            ascending.iter().map(|it| Decimal::parse(it).unwrap()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b));
        assert_eq!(Decimal::parse("007.50"), Decimal::parse("7.5"));
        assert_eq!(Decimal::parse("-0"), Decimal::parse("0"));
    }

    #[test]
    fn other_text_is_no_decimal() {
        for text in ["", "-", "+5", "1e5", "1e999999999", "0x1F", "1_000", ".5", "1.", " 1", "١"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_decimal_is_shown_in_canonical_form() {
        for (text, shown) in [("1.50", "1.5"), ("100", "100"), ("-0.0", "0"), ("007", "7")] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), shown);
        }
    }
}
