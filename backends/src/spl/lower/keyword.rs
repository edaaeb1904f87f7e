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
/// A shorter piece of a token is in many events: it is searched only if there is nothing better.
const MIN_PIECE: usize = 3;
/// A shorter token too.
const MIN_TOKEN: usize = 2;
/// A shorter piece is never searched.
const MIN_WEAK: usize = 2;

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
    /// For pieces that are too short: the tokens of which an event has one at least.
    weak: Vec<Vec<String>>,
    piece: String,
    left: Side,
}

impl Default for Cutter {
    fn default() -> Self {
        Self { terms: Vec::new(), weak: Vec::new(), piece: String::new(), left: Side::Open }
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
        if let Some(tokens) = tokens(&piece, self.left, side) {
            let escaped = if self.left == Side::Breaker { 0 } else { escape_tail(&piece) };
            let rest = piece.get(escaped..).unwrap_or_default();
            let open_left = self.left == Side::Open || escaped > 0;
            let least = if open_left || side == Side::Open { MIN_PIECE } else { MIN_TOKEN };
            if rest.len() >= least {
                let term = format!("{}{rest}{}", run(open_left), run(side == Side::Open));
                self.terms.extend((!self.terms.contains(&term)).then_some(term));
            } else if tokens.iter().all(|it| is_long_enough(it)) && !self.weak.contains(&tokens) {
                self.weak.push(tokens);
            }
        }
        self.left = side;
    }

    fn finish(mut self, origin: &Origin) -> Option<Search> {
        self.cut(Side::Open);
        let term = |text: String| Search::Term(Term { text, origin: origin.clone() });
        if self.terms.is_empty() {
            let any = |tokens: Vec<String>| Search::any(tokens.into_iter().map(term));
            return Search::all(self.weak.into_iter().filter_map(any).collect::<Vec<_>>());
        }
        Search::all(self.terms.into_iter().map(term).collect::<Vec<_>>())
    }
}

fn run(open: bool) -> &'static str {
    if open { "*" } else { "" }
}

/// A whole token is, or a longer piece of one.
fn is_long_enough(token: &str) -> bool {
    !token.contains('*') || token.trim_matches('*').len() >= MIN_WEAK
}

/// The tokens of which an event with the piece has one at least: the piece may begin with the end of an
/// escape. `None` if it may be nothing but a part of one.
fn tokens(piece: &str, left: Side, right: Side) -> Option<Vec<String>> {
    let end = run(right == Side::Open);
    let mut tokens = vec![format!("{}{piece}{end}", run(left == Side::Open))];
    if piece.is_empty() {
        return None;
    }
    for tail in tails().filter(|_| left != Side::Breaker) {
        if starts(piece, tail) {
            let token = format!("{}{end}", piece.get(tail.len()..).filter(|it| !it.is_empty())?);
            tokens.extend((!tokens.contains(&token)).then_some(token));
        } else if right == Side::Open && starts(tail, piece) {
            return None;
        }
    }
    Some(tokens)
}

/// The ends of all escapes.
fn tails() -> impl Iterator<Item = &'static str> {
    ESCAPES.iter().flat_map(|it| (0..it.len()).filter_map(|start| it.get(start..)))
}

fn starts(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start))
}

/// How much of the start of a piece can be the end of an escape, at most.
fn escape_tail(piece: &str) -> usize {
    tails().filter(|tail| starts(piece, tail)).map(str::len).max().unwrap_or(0)
}
