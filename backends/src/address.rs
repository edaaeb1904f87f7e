//! Addresses as Elasticsearch keeps them: all in the form of IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where addresses of IPv4 are in IPv6.
const MAPPED: Ipv6Addr = Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0);
const MAPPED_LENGTH: u8 = 96;

/// What is lost of an address of IPv6.
pub(crate) const SPELLINGS: &str =
    "an address of IPv6 can be written in many ways, and all of them are found";
/// Why a network of IPv6 is refused on text, behind the name of the field.
pub(crate) const SPELLINGS_OF_TEXT: &str =
    "is text, and an address of IPv6 can be written in many ways";
/// What is lost of a network around all addresses of IPv4.
pub(crate) const AROUND: &str =
    "Elasticsearch keeps addresses of IPv4 as addresses of IPv6, which are in this network";
/// Why a network inside of them is refused.
pub(crate) const INSIDE: &str =
    "Elasticsearch does not tell the two notations of an address of IPv4 apart";

/// How a network stands to the addresses of IPv4 in the form of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mapped {
    /// It holds none of them, or is a network of IPv4 itself.
    Apart,
    /// It holds all of them and more.
    Around,
    /// It holds nothing else.
    Inside,
}

/// How a network stands to the addresses of IPv4 in the form of IPv6.
pub(crate) fn mapped(base: IpAddr, length: u8) -> Mapped {
    let IpAddr::V6(base) = base else { return Mapped::Apart };
    let free = 128 - u32::from(length.min(MAPPED_LENGTH));
    // A shift by all bits leaves none, as a network of length 0 does.
    if base.to_bits().checked_shr(free) != MAPPED.to_bits().checked_shr(free) {
        Mapped::Apart
    } else if length < MAPPED_LENGTH {
        Mapped::Around
    } else {
        Mapped::Inside
    }
}

/// The network of the addresses of IPv4 that begin with these octets, each with a dot behind it: `10.`.
pub(crate) fn network_of_octets(start: &str) -> Option<String> {
    let text = start.strip_suffix('.')?;
    let octets = text.split('.').count();
    let missing = 4_usize.checked_sub(octets).filter(|missing| *missing > 0)?;
    let address: Ipv4Addr = format!("{text}{}", ".0".repeat(missing)).parse().ok()?;
    Some(format!("{address}/{}", 8 * octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_of_addresses_are_networks() {
        for (start, wanted) in [
            ("10.", Some("10.0.0.0/8")),
            ("192.168.", Some("192.168.0.0/16")),
            ("192.168.1.", Some("192.168.1.0/24")),
            ("10", None),
            ("10.1", None),
            ("1.2.3.4.", None),
            ("256.", None),
            ("010.", None),
            ("10..", None),
            (".", None),
            ("", None),
        ] {
            assert_eq!(network_of_octets(start).as_deref(), wanted, "{start}");
        }
    }
}
