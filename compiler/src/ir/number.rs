//! Numbers as text: no rounding, any length.

/// A number in canonical decimal form: no leading zeros, no `+`, no exponent, no `-0`, no trailing
/// zeros behind the point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// The number, if `text` is canonical.
    pub fn canonical(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) =
            unsigned.split_once('.').map_or((unsigned, None), |(w, f)| (w, Some(f)));
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let whole_fits = digits(whole) && (whole == "0" || !whole.starts_with('0'));
        let fraction_fits = fraction.is_none_or(|it| digits(it) && !it.ends_with('0'));
        let zero = text == "-0";
        (whole_fits && fraction_fits && !zero).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True if the number has no fraction.
    pub fn is_whole(&self) -> bool {
        !self.0.contains('.')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_text_is_a_number() {
        for text in ["0", "7", "-7", "4624", "0.5", "-0.25", "123456789012345678901234567890"] {
            assert!(Number::canonical(text).is_some(), "{text}");
        }
        for text in
            ["", "-", "-0", "00000429", "+5", "1.0", "1.", ".5", "1e5", "0x1F", "1_000", "٣"]
        {
            assert!(Number::canonical(text).is_none(), "{text}");
        }
    }
}
