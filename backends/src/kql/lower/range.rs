//! Ranges of numbers and of addresses. Numbers of a text would go by letters, so there they are refused;
//! an address of IPv4 is written in one way, so a text that begins like those of a network can be one.

use std::net::{IpAddr, Ipv4Addr};

use isogloss_compiler::ir::{Comparison as Order, Decimal, Direction, FieldKind, LossKind};

use super::super::ast::{Literal, Relation, Value, Values};
use super::Site;
use crate::address::{Mapped, mapped};
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
                let reason = "is text, and an address of IPv6 can be written in many ways";
                return site.refuse(Construct::NetworkOfText, reason);
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
            site.lose(LossKind::Type, Direction::Wider, crate::address::AROUND);
        }
        Mapped::Inside => {
            return site.refuse_all(Construct::Network, crate::address::INSIDE);
        }
    }
    Some(site.value(Literal::Quoted(format!("{base}/{length}"))))
}

/// The texts that begin with the octets of the network; one value for each value of an octet that the
/// network cuts.
fn on_text(base: Ipv4Addr, length: u8, site: &mut Site) -> Option<Values> {
    if length == 32 {
        return Some(site.value(Literal::Quoted(base.to_string())));
    }
    let whole = usize::from(length / 8);
    let octets: Vec<u8> = base.octets().into_iter().take(whole + 1).collect();
    let (cut, before) = octets.split_last()?;
    let before: String = before.iter().map(|octet| format!("{octet}.")).collect();
    let cuts = !length.is_multiple_of(8);
    let last = cut | (u8::MAX >> (length % 8));
    let starts: Vec<String> = match (cuts, whole) {
        (false, 0) => vec![String::new()],
        (false, _) => vec![before.trim_end_matches('.').to_owned()],
        (true, _) => (*cut..=last).map(|octet| format!("{before}{octet}")).collect(),
    };
    // Each octet that is left is a number behind a dot.
    let left = 4 - whole - usize::from(cuts);
    if left > 0 {
        site.lose(
            LossKind::Type,
            Direction::Wider,
            "the field holds text, and what begins like an address of the network is found too",
        );
    }
    let literals = starts.into_iter().map(|start| match (start.as_str(), left) {
        ("", _) => texts(&["", ".", ".", ".", ""]),
        (_, 0) => Literal::Quoted(start),
        _ => texts(&[&format!("{start}."), ""]),
    });
    Values::any(literals.map(|it| site.value(it)).collect::<Vec<_>>())
}

/// Texts with `*` between them.
fn texts(texts: &[&str]) -> Literal {
    let mut parts = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        parts.extend((index > 0).then_some(None));
        parts.extend((!text.is_empty()).then(|| Some((*text).to_owned())));
    }
    Literal::Unquoted(parts)
}
