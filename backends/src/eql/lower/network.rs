//! Networks, on fields of addresses and on fields of text.

use std::net::IpAddr;

use isogloss_compiler::ir::{self, Direction, Field, FieldKind, Item, LossKind, Polarity};

use super::super::ast::{Call, Expr, FieldPath, Function, Literal, Operand, Operator, Value};
use super::{Place, Tested, present, typed};
use crate::address::{AROUND, INSIDE, Mapped, mapped};
use crate::capability::Construct;
use crate::loss::Ledger;
use crate::lucene;

/// The network as `cidrMatch` takes it, or `None` after it was refused.
pub(super) fn on_addresses(
    place: Place,
    (base, length): (IpAddr, u8),
    ledger: &mut Ledger,
) -> Option<String> {
    let origin = &place.predicate.origin;
    match mapped(base, length) {
        Mapped::Apart => {}
        Mapped::Around => {
            ledger.lose(LossKind::Type, (Direction::Wider, place.polarity), origin, AROUND);
        }
        Mapped::Inside => {
            ledger.refuse(Construct::Network, origin, INSIDE);
            return None;
        }
    }
    Some(format!("{base}/{length}"))
}

/// An address of IPv4 is written in one way, so its text tells its network; one of IPv6 in many.
pub(super) fn on_text((base, length): (IpAddr, u8), field: &Field) -> Tested {
    match field.facts.kind {
        FieldKind::Keyword | FieldKind::Wildcard => match base {
            IpAddr::V4(base) => {
                let pattern = lucene::from_network(base, length);
                Ok((Operator::Regex, Literal::Text(pattern)))
            }
            IpAddr::V6(_) => {
                let message = format!(
                    "`{}` is text, and an address of IPv6 can be written in many ways",
                    field.name
                );
                Err((Construct::NetworkOfText, message))
            }
        },
        FieldKind::Text
        | FieldKind::Long
        | FieldKind::Ip
        | FieldKind::Boolean
        | FieldKind::Date => Err(typed(field)),
    }
}

/// `cidrMatch(field, network, …)`, which is false, not null, where no index has the field.
pub(super) fn test(
    item: &Item<ir::Mapped>,
    field: &FieldPath,
    networks: Vec<Value>,
    polarity: Polarity,
) -> Expr {
    let networks = networks.into_iter().map(Operand::Value);
    let arguments = std::iter::once(Operand::Field(field.clone())).chain(networks).collect();
    let origin = item.origin.clone();
    let call = Expr::Call(Call { function: Function::CidrMatch, arguments, origin });
    if polarity == Polarity::Positive || !field.optional {
        return call;
    }
    Expr::all([present(field.clone(), item.origin.clone()), call])
}
