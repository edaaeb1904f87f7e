//! Numbers and addresses that are kept as text, in Lucene's regular expressions: exactly those texts that
//! stand so to a number, or lie in a network.

use std::net::Ipv4Addr;

use isogloss_compiler::ir::{Comparison, Decimal};

use super::Program;

const DIGIT: &str = "[0-9]";
/// Any fraction, also none.
const FRACTION: &str = r"(\.[0-9]+)?";
/// Decimals without a sign.
const UNSIGNED: &str = r"[0-9]+(\.[0-9]+)?";
const ZERO: &str = r"0+(\.0+)?";
/// Digits that are not all zero.
const NOT_ZERO: &str = "[0-9]*[1-9][0-9]*";
const OCTET: &str = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

/// The texts that are decimals and stand so to `number`. `None` if it has too many digits.
pub(crate) fn from_comparison(order: Comparison, number: &Decimal) -> Option<Program> {
    Program::of_digits(comparison(order, number))
}

/// The texts of the addresses of a network.
pub(crate) fn from_network(base: Ipv4Addr, length: u8) -> Option<Program> {
    Program::of_digits(network(base, length))
}

/// Zeros before and behind do not matter.
fn comparison(order: Comparison, number: &Decimal) -> String {
    let number = number.to_string();
    let negative = number.starts_with('-');
    let magnitude = Magnitude::of(number.trim_start_matches('-'));
    let equals = matches!(order, Comparison::LessEqual | Comparison::GreaterEqual);
    let greater = matches!(order, Comparison::Greater | Comparison::GreaterEqual);
    let mut texts = if greater == negative { magnitude.less() } else { magnitude.greater() };
    texts.extend(equals.then(|| magnitude.equal()));
    if negative {
        texts = texts.into_iter().map(|it| format!("-({it})")).collect();
    }
    // What has the other sign, also zero.
    let zero = magnitude.is_zero();
    texts.extend(match (greater, negative) {
        (true, true) => Some(UNSIGNED.to_owned()),
        (false, false) if zero && !equals => Some(format!("-({})", magnitude.greater().join("|"))),
        (false, false) => Some(format!("-{UNSIGNED}")),
        (true, false) => (zero && equals).then(|| format!("-{ZERO}")),
        (false, true) => None,
    });
    texts.join("|")
}

/// A number without its sign.
struct Magnitude<'n> {
    whole: &'n str,
    /// Without zeros at the end.
    fraction: &'n str,
}

impl<'n> Magnitude<'n> {
    fn of(text: &'n str) -> Self {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        Self { whole, fraction }
    }

    fn is_zero(&self) -> bool {
        self.whole == "0" && self.fraction.is_empty()
    }

    fn equal(&self) -> String {
        let Self { whole, fraction } = self;
        match *fraction {
            "" => format!(r"0*{whole}(\.0+)?"),
            fraction => format!(r"0*{whole}\.{fraction}0*"),
        }
    }

    fn greater(&self) -> Vec<String> {
        let longer = format!("[1-9]{DIGIT}{{{},}}", self.whole.len());
        let same = steps(self.whole).filter_map(|it| Some(it.above()? + &any_digits(it.after)));
        let wholes: Vec<String> = std::iter::once(longer).chain(same).collect();
        let larger = steps(self.fraction).filter_map(|it| Some(it.above()? + DIGIT + "*"));
        let behind = std::iter::once(format!("{}{NOT_ZERO}", self.fraction));
        let fractions: Vec<String> = larger.chain(behind).collect();
        vec![
            format!("0*({}){FRACTION}", wholes.join("|")),
            format!(r"0*{}\.({})", self.whole, fractions.join("|")),
        ]
    }

    fn less(&self) -> Vec<String> {
        let digits = self.whole.len();
        let shorter = (digits > 1).then(|| format!("{DIGIT}{{1,{}}}", digits - 1));
        let same = steps(self.whole).filter_map(|it| Some(it.below()? + &any_digits(it.after)));
        let wholes: Vec<String> = shorter.into_iter().chain(same).collect();
        let mut less = Vec::new();
        if !wholes.is_empty() {
            less.push(format!("0*({}){FRACTION}", wholes.join("|")));
        }
        let smaller = steps(self.fraction).filter_map(|it| Some(it.below()? + DIGIT + "*"));
        let cut = steps(self.fraction).map(|it| it.before.to_owned()).filter(|it| !it.is_empty());
        let fractions: Vec<String> = smaller.chain(cut).collect();
        if !self.fraction.is_empty() {
            less.push(format!("0*{}", self.whole));
        }
        if !fractions.is_empty() {
            less.push(format!(r"0*{}\.({})", self.whole, fractions.join("|")));
        }
        less
    }
}

/// A digit, and what stands around it.
struct Step<'n> {
    before: &'n str,
    digit: u8,
    /// How many digits follow.
    after: usize,
}

fn steps(digits: &str) -> impl Iterator<Item = Step<'_>> {
    digits.bytes().enumerate().map(|(index, byte)| Step {
        before: digits.get(..index).unwrap_or_default(),
        digit: byte.saturating_sub(b'0'),
        after: digits.len() - index - 1,
    })
}

impl Step<'_> {
    /// The same beginning with a larger digit.
    fn above(&self) -> Option<String> {
        (self.digit < 9).then(|| format!("{}{}", self.before, range(self.digit + 1, 9)))
    }

    /// The same beginning with a smaller digit.
    fn below(&self) -> Option<String> {
        let last = self.digit.checked_sub(1)?;
        Some(format!("{}{}", self.before, range(0, last)))
    }
}

fn range(first: u8, last: u8) -> String {
    if first == last { first.to_string() } else { format!("[{first}-{last}]") }
}

fn any_digits(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => DIGIT.to_owned(),
        count => format!("{DIGIT}{{{count}}}"),
    }
}

fn network(base: Ipv4Addr, length: u8) -> String {
    let octets = base.octets();
    let fixed = usize::from(length / 8);
    let parts = octets.iter().enumerate().map(|(index, octet)| {
        if index < fixed {
            octet.to_string()
        } else if index == fixed && !length.is_multiple_of(8) {
            octet_range(*octet, octet | (u8::MAX >> (length % 8)))
        } else {
            OCTET.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join(r"\.")
}

/// The numbers of a range, by the digits before the last one.
fn octet_range(first: u8, last: u8) -> String {
    let tens = (first / 10..=last / 10).map(|tens| {
        let from = if tens == first / 10 { first % 10 } else { 0 };
        let to = if tens == last / 10 { last % 10 } else { 9 };
        let before = if tens == 0 { String::new() } else { tens.to_string() };
        before + &range(from, to)
    });
    format!("({})", tens.collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn whole(pattern: &str) -> regex::Regex {
        regex::Regex::new(&format!(r"\A(?:{pattern})\z")).unwrap()
    }

    #[test]
    fn texts_stand_to_a_number_as_their_decimals_do() {
        let numbers = ["0", "7", "10", "99", "100", "199.5", "0.05", "0.25", "10.205"];
        let signed = numbers.iter().flat_map(|it| [(*it).to_owned(), format!("-{it}")]);
        let mut texts: Vec<String> = (0..1200_u32).map(|it| it.to_string()).collect();
        let fractions = [
            "0", "00", "05", "050", "049", "2", "20", "204", "205", "2050", "2051", "25", "3", "5",
        ];
        texts.extend(
            ["0", "7", "007", "10", "99", "199"]
                .iter()
                .flat_map(|whole| fractions.map(|it| format!("{whole}.{it}"))),
        );
        texts.extend(texts.clone().iter().map(|it| format!("-{it}")));
        texts.extend(
            ["", "-", "+7", "7.", ".7", "7e1", " 7", "7\n", "--7", "7.5.5"].map(str::to_owned),
        );
        for number in signed {
            let number = Decimal::parse(&number).unwrap();
            for (_, order) in Comparison::ALL {
                let pattern = comparison(*order, &number);
                let program = whole(&pattern);
                for text in &texts {
                    let wanted =
                        Decimal::parse(text).is_some_and(|value| order.holds(&value, &number));
                    assert_eq!(
                        program.is_match(text),
                        wanted,
                        "{text} {order:?} {number}: {pattern}"
                    );
                }
            }
        }
    }

    #[test]
    fn texts_of_addresses() {
        for (base, length) in [
            ("0.0.0.0", 0),
            ("10.0.0.0", 8),
            ("172.16.0.0", 12),
            ("192.168.1.128", 25),
            ("192.0.2.8", 29),
            ("192.0.2.1", 32),
        ] {
            let network: ipnet::Ipv4Net = format!("{base}/{length}").parse().unwrap();
            let program = whole(&self::network(base.parse().unwrap(), length));
            let octets = [0, 1, 2, 8, 9, 10, 15, 16, 31, 32, 99, 127, 128, 168, 172, 192, 255, 256];
            for (a, b) in octets.iter().flat_map(|a| octets.map(|b| (*a, b))) {
                for text in [
                    format!("{a}.{b}.2.9"),
                    format!("172.{a}.{b}.1"),
                    format!("192.168.{a}.{b}"),
                    format!("192.0.{a}.{b}"),
                    format!("0{a}.1.2.{b}"),
                ] {
                    let address = text.parse::<IpAddr>().ok();
                    let wanted = address.is_some_and(|it| ipnet::IpNet::V4(network).contains(&it));
                    assert_eq!(program.is_match(&text), wanted, "{text} in {network}");
                }
            }
        }
    }
}
