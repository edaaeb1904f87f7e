//! Keywords as terms of `search`, which find whole tokens of the raw text through the index.
//!
//! Text between two breakers is a whole token; at an end of a keyword, and beside what may or may not
//! be a breaker, a token can go on, so there stands `*`.

use isogloss_compiler::ir::{Origin, Part, Pattern, Regex};

use super::super::ast::{Search, Term};
use crate::required::required;

/// The characters that end a token wherever Splunk cuts events by default (segmenters.conf).
const BREAKERS: &str = "[]<>(){}|!;,'\"*\n\r \t&?+/:=@.-$#%\\_";
/// Escapes of URLs, behind their `%`, that are breakers as a whole.
const ESCAPES: &[&str] = &[
    "2526", "2520", "21", "26", "3b", "7c", "20", "2b", "3d", "5d", "5b", "3a", "0a", "2c", "28",
    "29",
];
/// A shorter piece of a token is in nearly every event.
const MIN_PIECE: usize = 3;
/// A shorter token too.
const MIN_TOKEN: usize = 2;

/// What stands on one side of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// A breaker.
    Breaker,
    /// `%`, which may begin an escape.
    Percent,
    /// Anything.
    Open,
}

/// Terms that hold wherever the pattern stands in the text of an event; `None` if there are none.
pub(super) fn pattern_terms(pattern: &Pattern, origin: &Origin) -> Option<Search> {
    let mut cutter = Cutter::default();
    for part in pattern.parts() {
        match part {
            Part::AnyRun | Part::AnyChar => cutter.cut(Side::Open),
            Part::Text(text) => cutter.push(text),
        }
    }
    cutter.finish(origin)
}

/// Terms that hold wherever the regular expression has a match; `None` if there are none.
pub(super) fn regex_terms(regex: &Regex, origin: &Origin) -> Option<Search> {
    let texts = required(&regex.tree)?;
    let terms = texts.iter().map(|text| {
        let mut cutter = Cutter::default();
        cutter.push(text);
        cutter.finish(origin)
    });
    Search::any(terms.collect::<Option<Vec<_>>>()?)
}

/// Cuts text into pieces of tokens.
#[derive(Debug)]
struct Cutter {
    terms: Vec<String>,
    piece: String,
    left: Side,
}

impl Default for Cutter {
    fn default() -> Self {
        Self { terms: Vec::new(), piece: String::new(), left: Side::Open }
    }
}

impl Cutter {
    fn push(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '%' => self.cut(Side::Percent),
                it if it.is_ascii_alphanumeric() => self.piece.push(it),
                it if BREAKERS.contains(it) => self.cut(Side::Breaker),
                // Whether it ends a token is not documented.
                _ => self.cut(Side::Open),
            }
        }
    }

    /// Ends the piece on the left of `side`.
    fn cut(&mut self, side: Side) {
        let piece = std::mem::take(&mut self.piece);
        let escaped = if self.left == Side::Breaker { 0 } else { escape_tail(&piece) };
        let rest = piece.get(escaped..).unwrap_or_default();
        let open_left = self.left == Side::Open || escaped > 0;
        let open_right = side == Side::Open;
        let least = if open_left || open_right { MIN_PIECE } else { MIN_TOKEN };
        if rest.len() >= least {
            let run = |open: bool| if open { "*" } else { "" };
            let term = format!("{}{rest}{}", run(open_left), run(open_right));
            self.terms.extend((!self.terms.contains(&term)).then_some(term));
        }
        self.left = side;
    }

    fn finish(mut self, origin: &Origin) -> Option<Search> {
        self.cut(Side::Open);
        let term = |text: String| Search::Term(Term { text, origin: origin.clone() });
        Search::all(self.terms.into_iter().map(term).collect::<Vec<_>>())
    }
}

/// How much of the start of a piece can be the end of an escape, at most.
fn escape_tail(piece: &str) -> usize {
    let tails = ESCAPES.iter().flat_map(|it| (0..it.len()).filter_map(|start| it.get(start..)));
    let starts =
        |tail: &&str| piece.get(..tail.len()).is_some_and(|start| start.eq_ignore_ascii_case(tail));
    tails.filter(starts).map(str::len).max().unwrap_or(0)
}
