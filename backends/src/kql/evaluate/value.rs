//! A value of a query and a value of an event, by the type of the field.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv6Addr};

use super::super::ast::{Kind, Literal, Relation};
use super::words::{holds_any_word, holds_phrase, holds_word_like};

/// True if a value of a query finds the text of an event.
pub(super) fn finds(text: &str, literal: &Literal, kind: Kind) -> bool {
    let parts = match literal {
        Literal::Quoted(wanted) => return finds_text(text, wanted, true, kind),
        Literal::Unquoted(parts) => parts,
    };
    match (parts.as_slice(), kind) {
        ([None], _) => true,
        ([Some(wanted)], _) => finds_text(text, wanted, false, kind),
        (_, Kind::Keyword) => matches(parts, text),
        (_, Kind::Wildcard) => terms(parts).iter().any(|term| matches(term, text)),
        (_, Kind::Words(analyzer)) => {
            terms(parts).iter().any(|term| holds_word_like(text, term, analyzer))
        }
        // A pattern is no number, address, boolean or time.
        (_, Kind::Long | Kind::Ip | Kind::Boolean | Kind::Date) => false,
    }
}

fn finds_text(text: &str, wanted: &str, quoted: bool, kind: Kind) -> bool {
    match kind {
        Kind::Words(analyzer) if quoted => holds_phrase(text, wanted, analyzer),
        Kind::Words(analyzer) => holds_any_word(text, wanted, analyzer),
        Kind::Long => number(text).is_some_and(|it| order(it, wanted) == Some(Ordering::Equal)),
        Kind::Ip if wanted.contains('/') => lies_in(text, wanted) == Some(true),
        Kind::Ip => address(text).is_some_and(|it| Some(it) == address(wanted)),
        Kind::Keyword | Kind::Wildcard | Kind::Boolean | Kind::Date => text == wanted,
    }
}

/// Where a field is not of the type keyword, Lucene's syntax reads the pattern, and white space parts it
/// into terms of which any is enough.
fn terms(parts: &[Option<String>]) -> Vec<Vec<Option<String>>> {
    let mut terms: Vec<Vec<Option<String>>> = vec![Vec::new()];
    for part in parts {
        let Some(text) = part else {
            if let Some(last) = terms.last_mut() {
                last.push(None);
            }
            continue;
        };
        for (index, piece) in text.split([' ', '\t', '\r', '\n', '\u{3000}']).enumerate() {
            if index > 0 {
                terms.push(Vec::new());
            }
            if let Some(last) = terms.last_mut().filter(|_| !piece.is_empty()) {
                last.push(Some(piece.to_owned()));
            }
        }
    }
    terms.retain(|term| !term.is_empty());
    terms
}

/// A text at the start or at the end is fixed there, and those between are found from the left.
pub(super) fn matches(parts: &[Option<String>], text: &str) -> bool {
    let (text, parts) = match parts.split_first() {
        Some((Some(wanted), rest)) => (text.strip_prefix(wanted.as_str()), rest),
        Some((None, _)) | None => (Some(text), parts),
    };
    let (text, parts) = match (text, parts.split_last()) {
        (Some(text), Some((Some(wanted), rest))) => (text.strip_suffix(wanted.as_str()), rest),
        (text, Some((None, _)) | None) | (text @ None, Some(_)) => (text, parts),
    };
    let Some(text) = text else { return false };
    if parts.is_empty() {
        return text.is_empty();
    }
    let wanted = parts.iter().flatten();
    wanted
        .into_iter()
        .try_fold(text, |rest, piece| Some(rest.split_once(piece.as_str())?.1))
        .is_some()
}

/// True if a text of an event lies so to the bound. Text goes by its characters, and a field of unknown type
/// by numbers where both are.
pub(super) fn lies(text: &str, relation: Relation, bound: &Literal, kind: Option<Kind>) -> bool {
    let bound: String = match bound {
        Literal::Quoted(bound) => bound.clone(),
        Literal::Unquoted(parts) => {
            parts.iter().map(|part| part.as_deref().unwrap_or("*")).collect()
        }
    };
    let order = match kind {
        Some(Kind::Long) => number(text).and_then(|it| order(it, &bound)),
        Some(Kind::Ip) => address(text).zip(address(&bound)).map(|(text, it)| text.cmp(&it)),
        Some(Kind::Keyword | Kind::Wildcard | Kind::Words(_) | Kind::Boolean | Kind::Date) => {
            Some(text.cmp(bound.as_str()))
        }
        None => {
            let numbers = number(text).and_then(|it| order(it, &bound));
            Some(numbers.unwrap_or_else(|| text.cmp(bound.as_str())))
        }
    };
    order.is_some_and(|order| match relation {
        Relation::Less => order.is_lt(),
        Relation::LessEqual => order.is_le(),
        Relation::Greater => order.is_gt(),
        Relation::GreaterEqual => order.is_ge(),
    })
}

/// A number of an event: whole where it has no fraction.
#[derive(Clone, Copy)]
enum Number {
    Whole(i64),
    Double(f64),
}

fn number(text: &str) -> Option<Number> {
    let is_of_number = |it: u8| it.is_ascii_digit() || b"+-.eE".contains(&it);
    if !text.bytes().all(is_of_number) {
        return None;
    }
    let whole = text.parse().ok().map(Number::Whole);
    whole.or_else(|| text.parse().ok().map(Number::Double))
}

/// How a number stands to the text of a bound; `None` where that is no number.
fn order(left: Number, bound: &str) -> Option<Ordering> {
    let whole = bound.parse::<i64>().ok();
    match (left, whole) {
        (Number::Whole(left), Some(right)) => Some(left.cmp(&right)),
        #[expect(clippy::cast_precision_loss, reason = "beside a fraction numbers are doubles")]
        (Number::Whole(left), None) => (left as f64).partial_cmp(&bound.parse::<f64>().ok()?),
        (Number::Double(left), _) => left.partial_cmp(&bound.parse::<f64>().ok()?),
    }
}

/// Elasticsearch keeps all addresses in the form of IPv6.
fn address(text: &str) -> Option<u128> {
    Some(match text.parse().ok()? {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    })
}

/// True for an address in a network.
fn lies_in(text: &str, network: &str) -> Option<bool> {
    let (base, length) = network.split_once('/')?;
    let width = if base.contains(':') { 128_u32 } else { 32 };
    let free = width.checked_sub(length.parse().ok()?)?;
    let (base, address) = (address(base)?, address(text)?);
    // A shift by all bits leaves none, as a network of length 0 does.
    Some(base.checked_shr(free) == address.checked_shr(free))
}
