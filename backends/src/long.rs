//! A `long` of Elasticsearch: whole numbers of 64 bits. A bound on it may have a fraction, which is then a
//! double.

use isogloss_compiler::ir::{Decimal, Number};

/// The digits that a double keeps.
const DIGITS: usize = 15;

/// The number of a text, if the field can hold it.
pub(crate) fn value(text: &str) -> Option<Number> {
    Number::canonical(text).filter(|number| number.as_str().parse::<i64>().is_ok())
}

/// The bound as it is written; `None` where it would be another number.
pub(crate) fn bound(number: &Decimal) -> Option<String> {
    let text = number.to_string();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let exact = if text.contains('.') { digits <= DIGITS } else { text.parse::<i64>().is_ok() };
    exact.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_64_bits() {
        for (text, kept) in [
            ("7", true),
            ("-9223372036854775808", true),
            ("9223372036854775808", false),
            ("7.5", false),
            ("07", false),
            ("seven", false),
        ] {
            assert_eq!(value(text).is_some(), kept, "{text}");
        }
    }

    #[test]
    fn only_what_elasticsearch_keeps_is_a_bound() {
        for (text, kept) in [
            ("7", true),
            ("-7.5", true),
            ("9223372036854775807", true),
            ("9223372036854775808", false),
            ("9007199254740993.5", false),
        ] {
            assert_eq!(bound(&Decimal::parse(text).unwrap()).is_some(), kept, "{text}");
        }
    }
}
