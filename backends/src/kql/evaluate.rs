//! KQL on an event, as Kibana's documents describe it: each test is a query on one field that any of
//! its values may satisfy; `not` is plain complement; case matters.
//!
//! Written from the documentation alone: nothing of the compiler's evaluator is used.

mod threshold;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};

use isogloss_compiler::ir::{Event, Mapped};

use super::ast::{Comparison, Expr, Link, Literal, Query, Relation};

pub use threshold::evaluate_threshold;

/// True if the query finds the event. `scoped` tells whether the log source counts too.
pub fn evaluate(query: &Query, event: &Event<Mapped>, scoped: bool) -> bool {
    let holds = |expr| holds(expr, event, &query.addresses);
    (!scoped || query.scope.iter().all(holds)) && holds(&query.condition)
}

fn holds(expr: &Expr, event: &Event<Mapped>, addresses: &BTreeSet<String>) -> bool {
    match expr {
        Expr::All(operands) => operands.iter().all(|it| holds(it, event, addresses)),
        Expr::Any(operands) => operands.iter().any(|it| holds(it, event, addresses)),
        Expr::Not(operand) => !holds(operand, event, addresses),
        Expr::Comparison(comparison) => {
            compare(comparison, event, addresses.contains(&comparison.field))
        }
    }
}

fn compare(comparison: &Comparison, event: &Event<Mapped>, addresses: bool) -> bool {
    let found: Vec<String> =
        event.values(&comparison.field).iter().map(|it| it.text().to_owned()).collect();
    let holds = |text: &str, literal: &Literal| match literal {
        Literal::Quoted(wanted) if addresses && wanted.contains('/') => {
            lies_in(text, wanted) == Some(true)
        }
        Literal::Quoted(_) | Literal::Unquoted(_) => matches(comparison.relation, text, literal),
    };
    let mut answers =
        comparison.values.iter().map(|value| found.iter().any(|text| holds(text, &value.literal)));
    match comparison.link {
        Link::Any => answers.any(|answer| answer),
        Link::All => answers.all(|answer| answer),
    }
}

/// True for an address in a network. Addresses of IPv4 are kept in the form of IPv6.
fn lies_in(text: &str, network: &str) -> Option<bool> {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    };
    let (base, length) = network.split_once('/')?;
    let (base, address): (IpAddr, IpAddr) = (base.parse().ok()?, text.parse().ok()?);
    let width = if base.is_ipv4() { 32_u32 } else { 128 };
    let free = width.checked_sub(length.parse().ok()?)?;
    Some(bits(base).checked_shr(free) == bits(address).checked_shr(free))
}

fn matches(relation: Relation, text: &str, literal: &Literal) -> bool {
    let wanted = match literal {
        Literal::Quoted(wanted) => vec![Some(wanted.clone())],
        Literal::Unquoted(parts) => parts.clone(),
    };
    if relation == Relation::Is {
        return matches_parts(&wanted, text);
    }
    let wanted: String = wanted.into_iter().flatten().collect();
    let whole = text.parse::<i64>().ok().zip(wanted.parse::<i64>().ok());
    let order = match (whole, text.parse::<f64>(), wanted.parse::<f64>()) {
        (Some((text, wanted)), ..) => Some(text.cmp(&wanted)),
        (None, Ok(text), Ok(wanted)) => text.partial_cmp(&wanted),
        _ => Some(text.cmp(&wanted)),
    };
    order.is_some_and(|order| match relation {
        Relation::Is => false,
        Relation::Less => order.is_lt(),
        Relation::LessEqual => order.is_le(),
        Relation::Greater => order.is_gt(),
        Relation::GreaterEqual => order.is_ge(),
    })
}

/// A text at the start or at the end is fixed there, and those between are found from the left.
fn matches_parts(parts: &[Option<String>], text: &str) -> bool {
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
