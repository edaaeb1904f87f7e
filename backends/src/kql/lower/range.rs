//! Ranges of numbers and of addresses. On text they would go by letters, so there they are refused.

use std::net::IpAddr;

use isogloss_compiler::ir::{Comparison as Order, Decimal, Direction, FieldKind, LossKind};

use super::super::ast::{Literal, Relation, Value};
use super::{Site, WRONG_TYPE};
use crate::address::{Mapped, mapped};
use crate::capability::Construct;
use crate::long::bound;

/// A comparison of numbers, or `None` after it was refused.
pub(super) fn lower_comparison(
    order: Order,
    number: &Decimal,
    site: &mut Site,
) -> Option<(Relation, Value)> {
    if site.field.facts.kind.is_string() {
        let reason = "is text, which is compared letter by letter";
        site.refuse(Construct::Comparison, reason);
        return None;
    }
    let long = site.field.facts.kind == FieldKind::Long;
    let Some(bound) = bound(number).filter(|_| long) else {
        site.refuse(Construct::TypedWildcard, WRONG_TYPE);
        return None;
    };
    let relation = match order {
        Order::Less => Relation::Less,
        Order::LessEqual => Relation::LessEqual,
        Order::Greater => Relation::Greater,
        Order::GreaterEqual => Relation::GreaterEqual,
    };
    Some((relation, site.value(Literal::word(bound))))
}

/// An address in a network, or `None` after it was refused.
pub(super) fn lower_network((base, length): (IpAddr, u8), site: &mut Site) -> Option<Value> {
    if site.field.facts.kind != FieldKind::Ip {
        let reason = "does not hold addresses, and only those are compared with a network";
        let construct = if base.is_ipv4() { Construct::Network } else { Construct::NetworkOfText };
        return site.refuse(construct, reason);
    }
    match mapped(base, length) {
        Mapped::Apart => {}
        Mapped::Around => {
            site.lose(LossKind::Type, Direction::Wider, crate::address::AROUND);
        }
        Mapped::Inside => {
            site.ledger.refuse(Construct::Network, &site.predicate.origin, crate::address::INSIDE);
            return None;
        }
    }
    Some(site.value(Literal::Quoted(format!("{base}/{length}"))))
}
