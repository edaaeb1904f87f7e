//! Values of exact text, numbers, addresses and booleans.
//!
//! A pattern with a space is one value only on a field that is exactly `keyword`; on any other Kibana
//! cuts it there, so spaces become `*`.

use std::net::IpAddr;

use isogloss_compiler::ir::{Direction, FieldKind, LossKind, Number, Part, Pattern, siblings};

use super::super::ast::{Literal, Values, is_trimmed};
use super::Site;
use super::words::lower_words;
use crate::address::{SPELLINGS, network_of_octets};
use crate::long;

/// A pattern on a field of exact text.
pub(super) fn lower_pattern(pattern: &Pattern, site: &mut Site) -> Values {
    // Where values have one spelling, a rule has it for whole values and their beginnings; what stands
    // somewhere in a value, such as `*domain*`, may be spelled as it is elsewhere.
    let at_start = matches!(pattern.parts().first(), Some(Part::Text(_)));
    let spelled = site.field.facts.canonical_case && at_start;
    if has_case(pattern) && !pattern.is_cased() && !spelled {
        lose_case(site);
    }
    lower_spelling(pattern, site)
}

/// True if a text of the pattern can be written in another case.
pub(super) fn has_case(pattern: &Pattern) -> bool {
    pattern.texts().flat_map(str::chars).any(|it| siblings(it).len() > 1)
}

pub(super) fn lose_case(site: &mut Site) {
    site.lose(
        LossKind::Case,
        Direction::Narrower,
        "upper and lower case matter, and only the case as written is found",
    );
}

/// A pattern as it is spelled.
pub(super) fn lower_spelling(pattern: &Pattern, site: &mut Site) -> Values {
    if let Some(text) = pattern.as_text() {
        return site.value(Literal::Quoted(text.to_owned()));
    }
    if pattern.has_any_char() {
        site.lose(
            LossKind::Wildcard,
            Direction::Wider,
            "`?` becomes `*`, which is any number of characters",
        );
    }
    let splits = site.field.facts.kind != FieldKind::Keyword;
    if splits && pattern.texts().any(|text| text.contains(char::is_whitespace)) {
        site.lose(
            LossKind::Tokens,
            Direction::Wider,
            "a space in a pattern becomes `*`, since Kibana splits the pattern there",
        );
    }
    let mut parts = unquoted_parts(pattern, splits);
    if open_ends(&mut parts) {
        site.lose(
            LossKind::Tokens,
            Direction::Wider,
            "a space at the end of a pattern becomes `*`, since Kibana trims it",
        );
    }
    site.value(Literal::Unquoted(parts))
}

/// White space at the ends of an unquoted value is trimmed, escaped or not. True if there was any.
fn open_ends(parts: &mut Vec<Option<String>>) -> bool {
    let mut opened = false;
    if let Some(Some(first)) = parts.first_mut()
        && first.starts_with(is_trimmed)
    {
        *first = first.trim_start_matches(is_trimmed).to_owned();
        parts.insert(0, None);
        opened = true;
    }
    if let Some(Some(last)) = parts.last_mut()
        && last.ends_with(is_trimmed)
    {
        *last = last.trim_end_matches(is_trimmed).to_owned();
        parts.push(None);
        opened = true;
    }
    parts.retain(|part| part.as_deref() != Some(""));
    parts.dedup_by(|next, last| next.is_none() && last.is_none());
    opened
}

/// Texts and runs; no two texts and no two runs are neighbours.
fn unquoted_parts(pattern: &Pattern, splits: bool) -> Vec<Option<String>> {
    let mut parts: Vec<Option<String>> = Vec::new();
    for part in pattern.parts() {
        let Part::Text(text) = part else {
            parts.push(None);
            continue;
        };
        for (index, piece) in text.split(|it: char| splits && it.is_whitespace()).enumerate() {
            parts.extend((index > 0).then_some(None));
            parts.extend((!piece.is_empty()).then(|| Some(piece.to_owned())));
        }
    }
    parts.dedup_by(|next, last| next.is_none() && last.is_none());
    parts
}

/// A pattern on a field that is not text: only a whole value of that type can match, and on addresses
/// what begins with whole octets.
pub(super) fn lower_typed(pattern: &Pattern, site: &mut Site) -> Option<Values> {
    let kind = site.field.facts.kind;
    let Some(text) = pattern.as_text() else {
        let network = match pattern.parts() {
            [Part::Text(start), Part::AnyRun] => network_of_octets(start),
            _ => None,
        };
        return match network.filter(|_| kind == FieldKind::Ip) {
            Some(network) => Some(site.value(Literal::Quoted(network))),
            None => site.refuse_type(),
        };
    };
    match kind {
        FieldKind::Long => match long::value(text) {
            Some(number) => Some(site.value(Literal::word(number.as_str()))),
            None => site.refuse_type(),
        },
        FieldKind::Boolean => match pattern.as_bool() {
            Some(value) => Some(site.value(Literal::word(value.to_string()))),
            None => site.refuse_type(),
        },
        FieldKind::Ip => match text.parse() {
            Ok(address) => Some(lower_address(address, text, site)),
            Err(_) => site.refuse_type(),
        },
        FieldKind::Keyword | FieldKind::Wildcard | FieldKind::Text | FieldKind::Date => {
            site.refuse_type()
        }
    }
}

/// Elasticsearch compares addresses, however they are written.
fn lower_address(address: IpAddr, text: &str, site: &mut Site) -> Values {
    if address.is_ipv6() {
        site.lose(LossKind::Type, Direction::Wider, SPELLINGS);
    }
    site.value(Literal::Quoted(text.to_owned()))
}

pub(super) fn lower_number(number: &Number, site: &mut Site) -> Option<Values> {
    let text = number.as_str();
    match site.field.facts.kind {
        FieldKind::Long if long::value(text).is_some() => Some(site.value(Literal::word(text))),
        FieldKind::Keyword | FieldKind::Wildcard => {
            Some(site.value(Literal::Quoted(text.to_owned())))
        }
        FieldKind::Text => lower_words(&Pattern::text(text), site),
        FieldKind::Long | FieldKind::Ip | FieldKind::Boolean | FieldKind::Date => {
            site.refuse_type()
        }
    }
}
