//! The functions of EQL.
//!
//! A network is tested by a query, on any value of a field; the functions of texts by a script, on its first
//! value, and they are null where a value is missing.

use std::net::{IpAddr, Ipv6Addr};

use isogloss_compiler::ir::{Event, Mapped};

use super::super::ast::{Argument, Call, Function, Literal};

/// `None` is null.
pub(super) fn truth(call: &Call, event: &Event<Mapped>) -> Option<bool> {
    if call.function == Function::CidrMatch {
        return cidr_match(call, event);
    }
    let [text, part] = &*call.arguments else { return None };
    let (text, part) = (first(text, event)?, first(part, event)?);
    let (lower_text, lower_part) = (text.to_lowercase(), part.to_lowercase());
    Some(match call.function {
        Function::CidrMatch => false,
        Function::StartsWith => text.starts_with(&part),
        Function::StartsWithFolded => lower_text.starts_with(&lower_part),
        Function::EndsWith => text.ends_with(&part),
        Function::EndsWithFolded => lower_text.ends_with(&lower_part),
        // An empty text is contained in none.
        Function::StringContains => !part.is_empty() && text.contains(&part),
        Function::StringContainsFolded => !part.is_empty() && lower_text.contains(&lower_part),
    })
}

/// The first value of a field, or the text itself. An index keeps the values of a field in order.
fn first(argument: &Argument, event: &Event<Mapped>) -> Option<String> {
    match argument {
        Argument::Field(field) => {
            Some(event.values(&field.name).iter().map(|it| it.text()).min()?.to_owned())
        }
        Argument::Value(value) => match &value.literal {
            Literal::Text(text) => Some(text.clone()),
            Literal::Number(_) | Literal::Bool(_) | Literal::Null => None,
        },
    }
}

fn cidr_match(call: &Call, event: &Event<Mapped>) -> Option<bool> {
    let (Argument::Field(field), networks) = call.arguments.split_first()? else { return None };
    let values = event.values(&field.name);
    if values.is_empty() && field.optional {
        return None;
    }
    let holds = |network: &Argument, address: u128| match network {
        Argument::Field(_) => false,
        Argument::Value(value) => match &value.literal {
            Literal::Text(text) => lies_in(address, text) == Some(true),
            Literal::Number(_) | Literal::Bool(_) | Literal::Null => false,
        },
    };
    let mut addresses = values.iter().filter_map(|value| Some(bits(value.text().parse().ok()?)));
    Some(addresses.any(|address| networks.iter().any(|network| holds(network, address))))
}

/// Elasticsearch keeps all addresses in the form of version 6.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    }
}

fn lies_in(address: u128, network: &str) -> Option<bool> {
    let (base, length) = network.split_once('/')?;
    let base: IpAddr = base.parse().ok()?;
    let length: u32 = length.parse().ok()?;
    let free = if base.is_ipv4() { 32_u32 } else { 128 }.checked_sub(length)?;
    let prefix = |bits: u128| bits.checked_shr(free).unwrap_or_default();
    Some(prefix(address) == prefix(bits(base)))
}
