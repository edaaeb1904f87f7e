//! Values of fields that are not text: numbers, addresses, truth values, times. A field of a type holds
//! nothing else, so a value that is not of the type is never found.

use std::net::{IpAddr, Ipv6Addr};

use isogloss_compiler::ir::{Direction, Field, FieldKind, LossKind, Part, Pattern};

use super::super::ast::{Expr, Literal, Operator};
use super::{Lowered, Place};
use crate::address::{SPELLINGS, network_of_octets};
use crate::capability::Construct;
use crate::long;
use crate::loss::Ledger;

/// What is found of a pattern.
enum Found {
    /// This value.
    Value(Literal),
    /// The addresses of these networks.
    Networks(Vec<String>),
    /// Nothing that the field can hold.
    Nothing,
    /// Something that is not put into words here.
    Unsaid,
}

/// A pattern on a field that is not text.
pub(super) fn lower(place: Place, pattern: &Pattern, ledger: &mut Ledger) -> Option<Lowered> {
    let found = match place.field.facts.kind {
        FieldKind::Long => on_long(pattern),
        FieldKind::Boolean => on_boolean(pattern),
        FieldKind::Ip => on_addresses(place, pattern, ledger),
        FieldKind::Keyword | FieldKind::Wildcard | FieldKind::Text | FieldKind::Date => {
            Found::Unsaid
        }
    };
    match found {
        Found::Value(literal) => Some(Lowered::Test(Operator::Equal, literal)),
        Found::Networks(networks) => Some(Lowered::Networks(networks)),
        Found::Nothing => Some(nothing(place, ledger)),
        Found::Unsaid => refuse(place, ledger),
    }
}

/// A number, a truth value: text that is compared as it stands.
pub(super) fn lower_word(place: Place, word: &str, ledger: &mut Ledger) -> Option<Lowered> {
    lower(place, &Pattern::text(word), ledger)
}

fn on_long(pattern: &Pattern) -> Found {
    let foreign = |text: &str| !text.bytes().all(|it| it.is_ascii_digit() || it == b'-');
    match pattern.as_text() {
        Some(text) => match long::value(text) {
            Some(number) => Found::Value(Literal::Number(number.as_str().to_owned())),
            None => Found::Nothing,
        },
        None if pattern.texts().any(foreign) => Found::Nothing,
        None => Found::Unsaid,
    }
}

fn on_boolean(pattern: &Pattern) -> Found {
    match pattern.as_bool() {
        Some(value) => Found::Value(Literal::Bool(value)),
        None if pattern.as_text().is_some() => Found::Nothing,
        None => Found::Unsaid,
    }
}

/// An address, or the start of one where that is the start of a network.
fn on_addresses(place: Place, pattern: &Pattern, ledger: &mut Ledger) -> Found {
    let foreign = |it: char| !(it.is_ascii_hexdigit() || matches!(it, ':' | '.'));
    if pattern.texts().any(|text| text.contains(foreign)) {
        return Found::Nothing;
    }
    match pattern.parts() {
        [Part::Text(text)] => match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => Found::Value(Literal::Text(text.clone())),
            Ok(IpAddr::V6(address)) => {
                let direction = (Direction::Wider, place.polarity);
                ledger.lose(LossKind::Type, direction, &place.predicate.origin, SPELLINGS);
                match address.to_ipv4_mapped() {
                    Some(_) => Found::Value(Literal::Text(text.clone())),
                    None => Found::Networks(vec![format!("{address}/128")]),
                }
            }
            Err(_) => Found::Nothing,
        },
        [Part::Text(start), Part::AnyRun] if !(pattern.is_cased() && has_upper(start)) => {
            networks_of(start).map_or(Found::Unsaid, Found::Networks)
        }
        [] => Found::Nothing,
        _ => Found::Unsaid,
    }
}

fn has_upper(text: &str) -> bool {
    text.bytes().any(|it| it.is_ascii_uppercase())
}

/// The networks whose addresses begin with this text. Addresses of IPv6 are taken in their short form.
fn networks_of(start: &str) -> Option<Vec<String>> {
    if start.contains('.') {
        return Some(vec![network_of_octets(start)?]);
    }
    let open = start.strip_suffix(':');
    let groups: Vec<&str> = open.unwrap_or(start).split(':').collect();
    let (last, first) = groups.split_last()?;
    let fixed = first.iter().map(|it| group(it)).collect::<Option<Vec<u16>>>()?;
    let letter = start.bytes().any(|it| it.is_ascii_alphabetic() || it == b':');
    if !letter || fixed.len() > 6 {
        return None;
    }
    let value = group(last)?;
    let digits = if open.is_some() { 0 } else { 4 - last.len() };
    let network = |more: usize| {
        let mut all = [0; 8];
        for (place, value) in all.iter_mut().zip(fixed.iter().copied().chain([value << (4 * more)]))
        {
            *place = value;
        }
        format!("{}/{}", Ipv6Addr::from(all), 16 * (fixed.len() + 1) - 4 * more)
    };
    Some((0..=digits).rev().map(network).collect())
}

/// A group of an address of IPv6 that is not shortened any further.
fn group(text: &str) -> Option<u16> {
    let plain = !text.is_empty() && text.len() <= 4 && !text.starts_with('0');
    u16::from_str_radix(text, 16).ok().filter(|_| plain)
}

/// Finds nothing. An event with such a value cannot be in the index.
pub(super) fn nothing(place: Place, ledger: &mut Ledger) -> Lowered {
    let message =
        format!("`{}` {}, so this value is never found", place.field.name, holds(place.field));
    let direction = (Direction::Narrower, place.polarity);
    // An item all of whose values are never found is in no part of the query.
    let origin = place.key.join(&place.predicate.origin);
    ledger.lose(LossKind::Type, direction, &origin, &message);
    Lowered::Other(Expr::Constant(false))
}

/// `None`, after the test was refused.
pub(super) fn refuse(place: Place, ledger: &mut Ledger) -> Option<Lowered> {
    let advice = match place.field.facts.kind {
        FieldKind::Ip => {
            "write a network with `|cidr`, or the start of an address up to a `.` or `:`"
        }
        FieldKind::Long => "compare with `|gte` and `|lte`",
        FieldKind::Boolean => "write `true` or `false`",
        FieldKind::Date | FieldKind::Keyword | FieldKind::Wildcard | FieldKind::Text => {
            "only its presence can be asked"
        }
    };
    let message = format!(
        "`{}` {}, which patterns do not search: {advice}",
        place.field.name,
        holds(place.field)
    );
    ledger.refuse(Construct::TypedWildcard, &place.predicate.origin, message);
    None
}

fn holds(field: &Field) -> &'static str {
    match field.facts.kind {
        FieldKind::Long => "holds whole numbers of 64 bits",
        FieldKind::Ip => "holds addresses",
        FieldKind::Boolean => "holds `true` or `false`",
        FieldKind::Date => "holds times",
        FieldKind::Keyword | FieldKind::Wildcard | FieldKind::Text => "holds text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_of_addresses_are_networks() {
        for (start, wanted) in [
            ("10.", Some(vec!["10.0.0.0/8"])),
            ("fe80:", Some(vec!["fe80::/16"])),
            ("fe80", Some(vec!["fe80::/16"])),
            ("2001:db8:", Some(vec!["2001:db8::/32"])),
            ("fd", Some(vec!["fd00::/8", "fd0::/12", "fd::/16"])),
            ("10", None),
            ("10.1", None),
            ("2001:0:", None),
            ("::", None),
            ("0ab:", None),
        ] {
            let wanted = wanted.map(|it| it.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(networks_of(start), wanted, "{start}");
        }
    }

    /// An address lies in a network if and only if its text starts so.
    #[test]
    fn starts_of_addresses_are_all_of_their_networks() {
        let groups: [u16; 14] = [
            0, 1, 0xf, 0xfd, 0xfd0, 0xfd1, 0xfd00, 0xfdff, 0xfe80, 0xfcff, 0xdb8, 0x2001, 0xd, 0x10,
        ];
        for start in ["fd", "fe80", "fe80:", "2001:db8:", "2001:d", "f", "db8:"] {
            let networks: Vec<ipnet::Ipv6Net> =
                networks_of(start).unwrap().iter().map(|it| it.parse().unwrap()).collect();
            for (one, two) in groups.iter().flat_map(|one| groups.map(|two| (*one, two))) {
                for rest in [[0; 6], [0, 0, 0, 0, 0, 1], [1, 0, 0, 2, 0, 0]] {
                    let mut all = [one, two, 0, 0, 0, 0, 0, 0];
                    all[2..].copy_from_slice(&rest);
                    let address = Ipv6Addr::from(all);
                    let text = address.to_string();
                    assert_eq!(
                        networks.iter().any(|it| it.contains(&address)),
                        text.starts_with(start),
                        "{start}: {text}"
                    );
                }
            }
        }
    }
}
