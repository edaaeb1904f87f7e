//! `search` on a row: values without regard to case, `*` as a wildcard, any value of a field.

use std::cmp::Ordering;

use super::super::ast::{Comparison, Literal, Operator, Search};
use super::context::{Context, Defined};
use super::network::holds_address;
use super::row::Row;
use super::token::holds_term;
use super::worth::stands;

/// Macros may call macros this deep (Splunk documentation, "limits.conf", `max_macro_depth`).
const MAX_DEPTH: usize = 100;

impl Context<'_> {
    /// True if the row is found.
    pub(super) fn search(&self, search: &Search, row: &Row) -> bool {
        self.nested(search, row, 0)
    }

    /// True if `tstats` counts the row. It leaves out rows that lack the field of a number that is
    /// negated ("limits.conf", `include_events_omitted_when_filtering_numeric_values`).
    pub(super) fn search_of_tstats(&self, search: &Search, row: &Row) -> bool {
        match search {
            Search::All(operands) => operands.iter().all(|it| self.search_of_tstats(it, row)),
            Search::Any(operands) => operands.iter().any(|it| self.search_of_tstats(it, row)),
            Search::Not(operand) => {
                let lacks = matches!(&**operand, Search::Comparison(it) if names_number(it) && row.lacks(&it.field));
                !lacks && !self.search_of_tstats(operand, row)
            }
            Search::Everything
            | Search::Call(_)
            | Search::Comparison(_)
            | Search::Term(_)
            | Search::Verbatim(_)
            | Search::Subsearch(_) => self.search(search, row),
        }
    }

    fn nested(&self, search: &Search, row: &Row, depth: usize) -> bool {
        match search {
            Search::All(operands) => operands.iter().all(|it| self.nested(it, row, depth)),
            Search::Any(operands) => operands.iter().any(|it| self.nested(it, row, depth)),
            Search::Not(operand) => !self.nested(operand, row, depth),
            Search::Everything => true,
            Search::Call(call) => match self.defined_search(&call.name) {
                Defined::Search(search) => depth < MAX_DEPTH && self.nested(search, row, depth + 1),
                Defined::Otherwise => false,
                Defined::Nowhere => true,
            },
            // No query of ours has these.
            Search::Verbatim(_) | Search::Subsearch(_) => false,
            Search::Comparison(comparison) => compare(comparison, row),
            Search::Term(term) => {
                let raw = row.values("_raw");
                raw.iter().any(|raw| holds_term(raw, &term.text, &is_like_text))
            }
        }
    }
}

fn names_number(comparison: &Comparison) -> bool {
    comparison.values.iter().any(|it| literal_text(&it.literal).parse::<f64>().is_ok())
}

fn compare(comparison: &Comparison, row: &Row) -> bool {
    let found = row.values(&comparison.field);
    let any = |test: &dyn Fn(&str, &Literal) -> bool| {
        found.iter().any(|text| comparison.values.iter().any(|value| test(text, &value.literal)))
    };
    match comparison.operator {
        Operator::Equal => any(&is_like),
        Operator::NotEqual => any(&|text, literal| !is_like(text, literal)),
        Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
            any(&|text, literal| stands(order(text, literal), comparison.operator))
        }
    }
}

/// A value in the form of a subnet finds its addresses too.
fn is_like(text: &str, literal: &Literal) -> bool {
    let wanted = literal_text(literal);
    is_like_text(text, wanted) || holds_address(wanted, text)
}

fn literal_text(literal: &Literal) -> &str {
    match literal {
        Literal::Quoted(text) | Literal::Word(text) => text,
        Literal::Call(call) => &call.name,
    }
}

/// `*` is any run; letters that differ only by case are equal.
fn is_like_text(text: &str, wanted: &str) -> bool {
    let text: Vec<char> = text.chars().map(small).collect();
    let mut pieces = wanted.split('*').map(|piece| piece.chars().map(small).collect::<Vec<char>>());
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first.as_slice()) else { return false };
    let mut pieces: Vec<Vec<char>> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(start) = (0..=rest.len())
            .find(|start| rest.get(*start..).is_some_and(|it| it.starts_with(&piece)))
        else {
            return false;
        };
        rest = rest.get(start + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(&last)
}

/// One small letter for each group of letters that differ by case; ASCII stays among itself.
fn small(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut lower = character.to_lowercase();
    let single = lower.next().filter(|_| lower.next().is_none());
    let lower = single.filter(|it| it.is_ascii() == character.is_ascii()).unwrap_or(character);
    // Three letters have two small forms each.
    match lower {
        'ς' => 'σ',
        'ϐ' => 'β',
        'µ' => 'μ',
        other => other,
    }
}

fn order(text: &str, literal: &Literal) -> Ordering {
    let wanted = literal_text(literal);
    match (text.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(text), Ok(wanted)) => text.total_cmp(&wanted),
        _ => text.cmp(wanted),
    }
}
