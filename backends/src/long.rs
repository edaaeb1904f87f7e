//! Bounds on a `long` of Elasticsearch: whole numbers of 64 bits.

use isogloss_compiler::ir::{Comparison, Decimal};

/// The comparison with a whole number that says the same of whole numbers; `None` where no `long` can be the
/// bound.
pub(crate) fn whole_bound(order: Comparison, number: &Decimal) -> Option<(Comparison, i64)> {
    let text = number.to_string();
    let Some((whole, _)) = text.split_once('.') else { return Some((order, text.parse().ok()?)) };
    let toward_zero: i64 = whole.parse().ok()?;
    let (below, above) = if text.starts_with('-') {
        (toward_zero.checked_sub(1)?, toward_zero)
    } else {
        (toward_zero, toward_zero.checked_add(1)?)
    };
    Some(match order {
        Comparison::Less | Comparison::LessEqual => (Comparison::LessEqual, below),
        Comparison::Greater | Comparison::GreaterEqual => (Comparison::GreaterEqual, above),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_become_the_next_whole_number() {
        use Comparison::{Greater, GreaterEqual, Less, LessEqual};
        for (order, text, wanted) in [
            (Less, "7", Some((Less, 7))),
            (Less, "7.5", Some((LessEqual, 7))),
            (LessEqual, "-7.5", Some((LessEqual, -8))),
            (Greater, "-0.5", Some((GreaterEqual, 0))),
            (LessEqual, "-0.5", Some((LessEqual, -1))),
            (GreaterEqual, "7.5", Some((GreaterEqual, 8))),
            (Greater, "9223372036854775807", Some((Greater, i64::MAX))),
            (Greater, "9223372036854775808", None),
            (Greater, "9223372036854775807.5", None),
        ] {
            let number = Decimal::parse(text).unwrap();
            assert_eq!(whole_bound(order, &number), wanted, "{text}");
        }
    }
}
