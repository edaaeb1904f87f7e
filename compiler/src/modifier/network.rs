//! Networks.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Apply, Modifier, Operand, OperandValue, Site};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

pub(super) const CIDR: Modifier = Modifier {
    name: "cidr",
    input: "a string",
    summary: "the field is an address in the network",
    apply: Apply::Value(cidr),
};

fn cidr(operand: &mut Operand, site: &Site, _: &mut Diagnostics) -> Result<(), Diagnostic> {
    site.needs_field()?;
    let OperandValue::Text { raw, .. } = &operand.value else {
        return Err(site.wrong_type(operand, "a network such as `10.0.0.0/8`", ""));
    };
    let Some(text) = raw else {
        return Err(site.not_first());
    };
    operand.value = OperandValue::Cidr(parse_network(text, operand)?);
    Ok(())
}

/// An address without a length is a network of that one address.
fn parse_network(text: &str, operand: &Operand) -> Result<IpNet, Diagnostic> {
    let address: Option<IpAddr> = text.parse().ok();
    let network = address.map(IpNet::from).or_else(|| text.parse().ok());
    let Some(network) = network else {
        let message = format!("`{text}` is no network");
        return Err(
            Diagnostic::new(Code::InvalidValue, operand.span, message).with_help(remedy(text))
        );
    };
    if network.addr() != network.network() {
        let message = format!("`{text}` has bits of a host behind the length of the network");
        let help = format!("did you mean `{}`?", network.trunc());
        return Err(Diagnostic::new(Code::InvalidValue, operand.span, message).with_help(help));
    }
    Ok(network)
}

/// What to write instead of text that is no network.
fn remedy(text: &str) -> String {
    let (address, length) = text.split_once('/').unwrap_or((text, ""));
    let parts: Vec<&str> = address.split('.').collect();
    let given: Vec<&str> =
        parts.iter().copied().take_while(|it| it.parse::<u8>().is_ok()).collect();
    // `192.168.*` and `10.0.0/8`: the parts that are there say the rest.
    if !given.is_empty() && given.len() < 4 && parts.iter().skip(given.len()).all(|it| *it == "*") {
        let padded: Vec<&str> = given.iter().copied().chain(["0"; 4]).take(4).collect();
        let bits =
            if length.is_empty() { (given.len() * 8).to_string() } else { length.to_owned() };
        return format!("did you mean `{}/{bits}`?", padded.join("."));
    }
    if let Ok(address) = address.parse::<IpAddr>() {
        let most = if address.is_ipv4() { 32 } else { 128 };
        return format!("the length behind the `/` is a number from 0 to {most}");
    }
    "write an address and a length, such as `10.0.0.0/8` or `fe80::/10`".to_owned()
}
