//! `registry_numbers`: the platform writes the numbers of the registry as numbers, where Sysmon writes
//! `DWORD (0x0000000a)` and `QWORD (0x00000000-0x0000000a)`.
//!
//! A number is always of one width, since the platform does not tell a `DWORD` from a `QWORD`, nor from a
//! text of digits. Rules ask for the decimal and for the hexadecimal form, events get the decimal one.

use super::rewrite_tests::{Outcome, Rewriter, as_pattern, parse_fields, rewrite_values};
use super::{Applies, Context, Entry, Fields, Owner, Replay, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;
use crate::ir::{Direction, Item, Pattern, Places, Sigma, Test, Walk};

#[derive(Debug)]
struct RegistryNumbers {
    fields: Vec<String>,
}

pub(super) const ENTRY: Entry =
    Entry { name: "registry_numbers", owner: Owner::Isogloss, keys: &["fields"], parse };

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let fields = parse_fields(settings, diagnostics)?;
    Some(Box::new(RegistryNumbers { fields }))
}

/// Digits as Sysmon writes them.
const HEXADECIMAL: &str = "0123456789abcdef";
const DECIMAL: &str = "0123456789";
/// The longest decimal number of 64 bits.
const MOST_DIGITS: usize = 20;
/// So many numbers may a pattern stand for.
const MOST_NUMBERS: usize = 32;

/// A piece of the text of a number.
#[derive(Debug, Clone, Copy)]
enum Piece {
    Text(&'static str),
    Digits(usize),
}

const DWORD: &[Piece] = &[Piece::Text("DWORD (0x"), Piece::Digits(8), Piece::Text(")")];
const QWORD: &[Piece] = &[
    Piece::Text("QWORD (0x"),
    Piece::Digits(8),
    Piece::Text("-0x"),
    Piece::Digits(8),
    Piece::Text(")"),
];

/// The numbers that a pattern stands for.
#[derive(Debug, PartialEq, Eq)]
enum Numbers {
    /// Exactly these, each as its digits.
    Known(Vec<String>),
    /// Too many to be listed.
    Many,
}

fn rewrite(item: &Item<Sigma>, test: &Test<Sigma>) -> Outcome {
    match test {
        Test::Null | Test::Cidr(_) | Test::Time { .. } | Test::Query { .. } => Outcome::same(),
        Test::Like(pattern) if pattern.matches_all() => Outcome::same(),
        Test::Like(_) | Test::Number(_) | Test::Bool(_) => as_pattern(test)
            .map_or_else(Outcome::same, |pattern| rewrite_pattern(item, test, &pattern)),
        Test::Compare(..) => Outcome::lost(
            Direction::Wider,
            "the platform writes the numbers of the registry in decimal, and Sysmon as `DWORD (0x…)`, \
             which is no decimal"
                .to_owned(),
        ),
        Test::Regex(_) | Test::FieldRef { .. } | Test::Open(_) => Outcome::lost(
            Direction::Mixed,
            "the platform writes `DWORD (0x0000000a)` as `10` or `0x0000000a`".to_owned(),
        ),
    }
}

fn rewrite_pattern(item: &Item<Sigma>, test: &Test<Sigma>, pattern: &Pattern) -> Outcome {
    let (mut tests, mut narrower) = (Vec::new(), false);
    for shape in [DWORD, QWORD] {
        match numbers_of(pattern, shape) {
            Numbers::Known(numbers) => {
                for digits in numbers {
                    // Platforms do not agree on how the two halves are put together.
                    narrower |= digits.len() > 8 && !digits.starts_with("00000000");
                    tests.extend(spellings(&digits).into_iter().map(Test::Like));
                }
            }
            Numbers::Many => narrower = true,
        }
    }
    // A text of the registry can look like a number too.
    let wider = may_be_decimal(pattern) || !tests.is_empty();
    let is_number = !tests.is_empty() && pattern.as_text().is_some();
    if !is_number && !tests.is_empty() {
        // Other texts match as well.
        tests.insert(0, test.clone());
    }
    Outcome { loss: loss(narrower, wider), ..Outcome::any_of(item, tests) }
}

fn loss(narrower: bool, wider: bool) -> Option<(Direction, String)> {
    let (direction, why) = match (narrower, wider) {
        (false, false) => return None,
        (true, false) => (
            Direction::Narrower,
            "the test is about the text of numbers, such as `DWORD (0x0000000a)`, and the platform \
             writes `10` or `0x0000000a`",
        ),
        (false, true) => (
            Direction::Wider,
            "the platform writes `DWORD (0x0000000a)` as `10`, which looks like the text `10`",
        ),
        (true, true) => (
            Direction::Mixed,
            "the platform writes `DWORD (0x0000000a)` as `10`, and the test matches parts of both",
        ),
    };
    Some((direction, why.to_owned()))
}

/// The numbers of this form that the pattern matches.
fn numbers_of(pattern: &Pattern, shape: &[Piece]) -> Numbers {
    let walk = Walk::new(pattern);
    let mut found = Vec::new();
    let mut open = vec![(walk.start(), shape.to_vec(), String::new())];
    // Only what leads to a match is followed, so that there are few steps for each number.
    while let Some((places, shape, digits)) = open.pop() {
        if !reaches(&walk, places.clone(), &shape) {
            continue;
        }
        match shape.split_first() {
            None => found.push(digits),
            Some((Piece::Text(text), rest)) => {
                open.push((walk.after_text(&places, text), rest.to_vec(), digits));
            }
            Some((Piece::Digits(0), rest)) => open.push((places, rest.to_vec(), digits)),
            Some((Piece::Digits(more), rest)) => {
                for digit in HEXADECIMAL.chars().rev() {
                    let shape = [&[Piece::Digits(more - 1)], rest].concat();
                    open.push((walk.after(&places, digit), shape, format!("{digits}{digit}")));
                }
            }
        }
        if found.len() > MOST_NUMBERS {
            return Numbers::Many;
        }
    }
    Numbers::Known(found)
}

/// True if a text of this form leads from the places to a match.
fn reaches(walk: &Walk, places: Places, shape: &[Piece]) -> bool {
    let end = shape.iter().fold(places, |places, piece| match piece {
        Piece::Text(text) => walk.after_text(&places, text),
        Piece::Digits(number) => {
            (0..*number).fold(places, |places, _| walk.after_any(&places, HEXADECIMAL))
        }
    });
    walk.accepts(&end)
}

/// True if a decimal number matches.
fn may_be_decimal(pattern: &Pattern) -> bool {
    let walk = Walk::new(pattern);
    let mut places = walk.start();
    (0..MOST_DIGITS).any(|_| {
        places = walk.after_any(&places, DECIMAL);
        walk.accepts(&places)
    })
}

/// The decimal and the hexadecimal form.
fn spellings(digits: &str) -> Vec<Pattern> {
    let decimal = decimal(digits).map(Pattern::text);
    decimal.into_iter().chain([Pattern::text(format!("0x{digits}"))]).collect()
}

fn decimal(digits: &str) -> Option<String> {
    u64::from_str_radix(digits, 16).ok().map(|number| number.to_string())
}

/// The number that a text of Sysmon stands for.
fn number_in(text: &str) -> Option<String> {
    let inside = |head: &str| {
        let (start, rest) = (text.get(..head.len())?, text.get(head.len()..)?);
        start.eq_ignore_ascii_case(head).then_some(rest)?.strip_suffix(')')
    };
    let is_half = |it: &str| it.len() == 8 && it.bytes().all(|it| it.is_ascii_hexdigit());
    if let Some(digits) = inside("DWORD (0x") {
        return is_half(digits).then(|| decimal(digits))?;
    }
    let (high, low) = inside("QWORD (0x")?.split_once('-')?;
    let low = low.strip_prefix("0x").or_else(|| low.strip_prefix("0X"))?;
    (is_half(high) && is_half(low)).then(|| decimal(&format!("{high}{low}")))?
}

impl Transformation for RegistryNumbers {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        let rewriter = Rewriter {
            fields: Some(&self.fields),
            rewrite: &rewrite,
            reference: Some((
                Direction::Mixed,
                "the platform writes the numbers of the other field in another way",
            )),
        };
        rewriter.run(run, applies);
    }

    fn replay(&self) -> Replay {
        Replay::OnEvent
    }

    fn on_event(&self, fields: &mut Fields, applies: &Applies) {
        rewrite_values(fields, applies, &self.fields, &number_in);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_pattern;

    fn known(numbers: &[&str]) -> Numbers {
        Numbers::Known(numbers.iter().map(|it| (*it).to_owned()).collect())
    }

    #[test]
    fn patterns_stand_for_numbers() {
        let numbers = |text: &str| numbers_of(&parse_pattern(text), DWORD);
        assert_eq!(numbers("DWORD (0x0000000a)"), known(&["0000000a"]));
        assert_eq!(numbers("dword (0x0000000A)"), known(&["0000000a"]));
        assert_eq!(numbers("*(0x00000001)"), known(&["00000001"]));
        assert_eq!(numbers("*00000001*"), known(&["00000001"]));
        assert_eq!(numbers(r"C:\*.exe"), known(&[]));
        assert_eq!(numbers("DWORD (00000001)"), known(&[]));
        assert_eq!(numbers("DWORD*"), Numbers::Many);
        assert_eq!(numbers("*1*"), Numbers::Many);
        let Numbers::Known(sixteen) = numbers("DWORD (0x0000000?)") else { panic!("known") };
        assert_eq!(sixteen.len(), 16);
        let long = numbers_of(&parse_pattern("QWORD (0x00000001-0x00000002)"), QWORD);
        assert_eq!(long, known(&["0000000100000002"]));
    }

    #[test]
    fn texts_stand_for_numbers() {
        assert_eq!(number_in("DWORD (0x0000000a)").as_deref(), Some("10"));
        assert_eq!(number_in("QWORD (0x00000001-0x00000002)").as_deref(), Some("4294967298"));
        assert_eq!(number_in("DWORD (00000001)"), None);
        assert_eq!(number_in("DWORD (0x1)"), None);
    }

    #[test]
    fn what_may_be_decimal() {
        for (pattern, wanted) in [
            ("1", true),
            ("*1*", true),
            ("6*", true),
            ("DWORD*", false),
            ("*.exe", false),
            ("", false),
        ] {
            assert_eq!(may_be_decimal(&parse_pattern(pattern)), wanted, "{pattern}");
        }
    }
}
