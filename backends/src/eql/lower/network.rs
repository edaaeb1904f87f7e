//! Networks, on fields of addresses and on fields of text.

use std::net::IpAddr;

use isogloss_compiler::ir::{Direction, FieldKind, LossKind, Origin, Polarity};

use super::super::ast::{Call, Expr, FieldPath, Function, Operand, Value};
use super::{Lowered, Place, present, typed};
use crate::address::{AROUND, INSIDE, Mapped, SPELLINGS_OF_TEXT, mapped};
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
pub(super) fn on_text(
    place: Place,
    (base, length): (IpAddr, u8),
    ledger: &mut Ledger,
) -> Option<Lowered> {
    match place.field.facts.kind {
        FieldKind::Keyword | FieldKind::Wildcard => match base {
            IpAddr::V4(base) => {
                lucene::from_network(base, length).map(|it| Lowered::Programs(vec![it]))
            }
            IpAddr::V6(_) => {
                let message = format!("`{}` {SPELLINGS_OF_TEXT}", place.field.name);
                ledger.refuse(Construct::NetworkOfText, &place.predicate.origin, message);
                None
            }
        },
        FieldKind::Long | FieldKind::Boolean => Some(typed::nothing(place, ledger)),
        FieldKind::Text | FieldKind::Ip | FieldKind::Date => typed::refuse(place, ledger),
    }
}

/// `cidrMatch(field, network, …)`, which is false, not null, where no index has the field.
pub(super) fn test(
    field: &FieldPath,
    key: &Origin,
    networks: Vec<Value>,
    polarity: Polarity,
) -> Expr {
    let networks = networks.into_iter().map(Operand::Value);
    let arguments = std::iter::once(Operand::Field(field.clone())).chain(networks).collect();
    let origin = key.clone();
    let call = Expr::Call(Call { function: Function::CidrMatch, arguments, origin });
    if polarity == Polarity::Positive || !field.optional {
        return call;
    }
    Expr::all([present(field.clone(), key.clone()), call])
}
