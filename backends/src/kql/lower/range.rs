//! Ranges of numbers and of addresses. Numbers of a text would go by letters, so there they are refused;
//! an address of IPv4 is written in one way, so a text that begins like those of a network can be one.

use std::net::{IpAddr, Ipv4Addr};

use isogloss_compiler::ir::{Comparison as Order, Decimal, Direction, FieldKind, LossKind};

use super::super::ast::{Literal, Relation, Value, Values};
use super::Site;
use crate::address::{AROUND, INSIDE, Mapped, SPELLINGS_OF_TEXT, mapped};
use crate::capability::Construct;
use crate::long::bound;

/// A comparison of numbers, or `None` after it was refused.
pub(super) fn lower_comparison(
    order: Order,
    number: &Decimal,
    site: &mut Site,
) -> Option<(Relation, Value)> {
    let kind = site.field.facts.kind;
    if kind == FieldKind::Text {
        let reason = "is analysed text, whose words have no order";
        return site.refuse(Construct::AnalysedText, reason);
    }
    if kind.is_string() {
        let reason = "is text, which is compared letter by letter";
        return site.refuse(Construct::Comparison, reason);
    }
    let Some(bound) = bound(number).filter(|_| kind == FieldKind::Long) else {
        return site.refuse_type();
    };
    let relation = match order {
        Order::Less => Relation::Less,
        Order::LessEqual => Relation::LessEqual,
        Order::Greater => Relation::Greater,
        Order::GreaterEqual => Relation::GreaterEqual,
    };
    Some((relation, site.one(Literal::word(bound))))
}

/// An address in a network, or `None` after it was refused.
pub(super) fn lower_network((base, length): (IpAddr, u8), site: &mut Site) -> Option<Values> {
    match site.field.facts.kind {
        FieldKind::Ip => {}
        FieldKind::Keyword | FieldKind::Wildcard => {
            let IpAddr::V4(base) = base else {
                return site.refuse(Construct::NetworkOfText, SPELLINGS_OF_TEXT);
            };
            return on_text(base, length, site);
        }
        FieldKind::Text | FieldKind::Long | FieldKind::Boolean | FieldKind::Date => {
            let reason = "does not hold addresses, and only those are compared with a network";
            return site.refuse(Construct::NetworkOfText, reason);
        }
    }
    match mapped(base, length) {
        Mapped::Apart => {}
        Mapped::Around => {
            site.lose(LossKind::Type, Direction::Wider, AROUND);
        }
        Mapped::Inside => {
            return site.refuse_all(Construct::Network, INSIDE);
        }
    }
    Some(site.value(Literal::Quoted(format!("{base}/{length}"))))
}

/// The texts that begin with the octets of the network; one value for each number of an octet that the
/// network cuts.
fn on_text(base: Ipv4Addr, length: u8, site: &mut Site) -> Option<Values> {
    let octets = base.octets();
    let (whole, rest) = octets.split_at(usize::from(length / 8));
    let start: String = whole.iter().map(|octet| octet.to_string() + ".").collect();
    let cut = rest.first().filter(|_| !length.is_multiple_of(8));
    // Octets that may be any number.
    let open = rest.len() - usize::from(cut.is_some());
    if open > 0 {
        site.lose(
            LossKind::Type,
            Direction::Wider,
            "the field holds text, and what begins like an address of the network is found too",
        );
    }
    let literals = match cut {
        Some(cut) => {
            let last = cut | (u8::MAX >> (length % 8));
            (*cut..=last).map(|octet| beginning(format!("{start}{octet}."), open)).collect()
        }
        None if length == 0 => {
            let dot = Some(".".to_owned());
            vec![Literal::Unquoted(vec![None, dot.clone(), None, dot.clone(), None, dot, None])]
        }
        None => vec![beginning(start, open)],
    };
    Values::any(literals.into_iter().map(|it| site.value(it)).collect::<Vec<_>>())
}

/// Octets with a dot behind each: at the start of an address, or all of it.
fn beginning(octets: String, open: usize) -> Literal {
    if open > 0 {
        return Literal::Unquoted(vec![Some(octets), None]);
    }
    Literal::Quoted(octets.trim_end_matches('.').to_owned())
}
